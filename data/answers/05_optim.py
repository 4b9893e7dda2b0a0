# %% [markdown]
# Answers to 05_optim as students write them: wrong ones with the checks they fail and what they are told, right ones in
# other styles than the solution's.
