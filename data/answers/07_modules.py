# %% [markdown]
# Answers to 07_modules as students write them: wrong ones with the checks they fail and what they are told, right ones in
# other styles than the solution's.

# %% right="step"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    out = module.forward(X)
    value = loss.forward(Y, out)
    d = loss.backward(y=Y, yhat=out)
    module.backward_update_gradient(input=X, delta=d)
    module.backward_delta(X, d)
    module.update_parameters(gradient_step=eta)
    return value
