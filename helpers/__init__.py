"""What a Gradus notebook imports: data sets, pictures, checks and the setup of the notebook."""
