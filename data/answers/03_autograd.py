# %% [markdown]
# Answers to 03_autograd as students write them: wrong ones with the checks they fail and what they are told, right ones
# in other styles than the solution's.

# %% wrong="find_leaves" fails=["find_leaves_all"] says="follow every pair of next_functions, to the end"
def find_leaves(result):
    leaves = []
    node = result.grad_fn
    while node is not None:
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        node = node.next_functions[0][0] if node.next_functions else None
    return leaves

# %% wrong="find_leaves" fails=["find_leaves_once"] says="each leaf once was asked for"
def find_leaves(result):
    def walk(node):
        if node is None:
            return []
        if hasattr(node, "variable"):
            return [node.variable]
        found = []
        for source, _ in node.next_functions:
            found += walk(source)
        return found

    return walk(result.grad_fn)

# %% wrong="find_leaves" fails=["find_leaves_all"] says="stumbles over a node that is None"
def find_leaves(result):
    leaves = []

    def walk(node):
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        for source, _ in node.next_functions:
            walk(source)

    walk(result.grad_fn)
    return list(set(leaves))

# %% wrong="find_leaves" fails=["find_leaves_all"] says="what find_leaves returns are not the leaves"
def find_leaves(result):
    nodes, waiting = [], [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in nodes:
            nodes.append(node)
            waiting += [source for source, _ in node.next_functions]
    return [node for node in nodes if not node.next_functions]

# %% wrong="find_leaves" fails=["find_leaves_all", "find_leaves_once"] says="find_leaves returns nothing: end it with return"
def find_leaves(result):
    leaves, waiting = set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if hasattr(node, "variable"):
            leaves.add(node.variable)
        elif node is not None:
            waiting.extend(source for source, _ in node.next_functions)

# %% wrong="find_leaves" fails=["find_leaves_all"] says="follow every pair of next_functions, to the end"
def find_leaves(result):
    leaves = []
    for source, _ in result.grad_fn.next_functions:
        if source is None:
            continue
        if hasattr(source, "variable"):
            leaf = source.variable
            if not any(leaf is other for other in leaves):
                leaves.append(leaf)
        else:
            for inner, _ in source.next_functions:
                if hasattr(inner, "variable") and not any(inner.variable is other for other in leaves):
                    leaves.append(inner.variable)
    return leaves

# %% right="find_leaves"
def find_leaves(result):
    seen, leaves = set(), []

    def walk(node):
        if node is None or node in seen:
            return
        seen.add(node)
        if "AccumulateGrad" in node.name():
            leaves.append(node.variable)
        else:
            for source, _ in node.next_functions:
                walk(source)

    walk(result.grad_fn)
    return leaves

# %% right="find_leaves"
def find_leaves(result):
    level, leaves = [result.grad_fn], {}
    while level:
        sources = [pair[0] for node in level for pair in node.next_functions if pair[0] is not None]
        for node in sources:
            if hasattr(node, "variable"):
                leaves[id(node.variable)] = node.variable
        level = list(dict.fromkeys(sources))
    return list(leaves.values())

# %% right="find_leaves"
def find_leaves(result):
    leaves, waiting = set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if hasattr(node, "variable"):
            leaves.add(node.variable)
        elif node is not None:
            waiting.extend(source for source, _ in node.next_functions)
    return tuple(leaves)

# %% wrong="autoencoder" fails=["autoencoder_value"] says="no mean, no factor 1/2"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1
    xhat = theta.T @ y + b2
    return ((xhat - x) ** 2).mean()

# %% wrong="autoencoder" fails=["autoencoder_value", "autoencoder_graph"] says="you forgot the bias b2"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1
    xhat = theta.T @ y
    return ((xhat - x) ** 2).sum()

# %% wrong="autoencoder" fails=["autoencoder_value", "autoencoder_graph"] says="you returned the norm: the loss is its square"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1
    return torch.norm(theta.T @ y + b2 - x)

# %% wrong="autoencoder" fails=["autoencoder_graph"] says="the loss has no graph"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1
    xhat = theta.T @ y + b2
    return ((xhat - x) ** 2).sum().item()

# %% wrong="autoencoder" fails=["autoencoder_graph"] says="hides how {name} was used"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1
    thetaT = torch.tensor(theta.T.tolist(), dtype=theta.dtype)
    xhat = thetaT @ y + b2
    return ((xhat - x) ** 2).sum()

# %% wrong="autoencoder" fails=["autoencoder_graph"] says="hides how {name} was used"
def autoencoder(theta, b1, b2, x):
    y = (theta @ x + b1).detach()
    xhat = theta.T @ y + b2
    return ((xhat - x) ** 2).sum()

# %% wrong="autoencoder" fails=["autoencoder_graph"] says="the loss has no graph"
def autoencoder(theta, b1, b2, x):
    with torch.no_grad():
        y = theta @ x + b1
        xhat = theta.T @ y + b2
        return ((xhat - x) ** 2).sum()

# %% right="autoencoder"
def autoencoder(theta, b1, b2, x):
    y = theta.mv(x).add(b1)
    error = y.matmul(theta) + b2 - x
    return error.dot(error)

# %% right="autoencoder"
def autoencoder(theta, b1, b2, x):
    F = torch.nn.functional
    y = F.linear(x, theta, b1)
    return F.mse_loss(F.linear(y, theta.T, b2), x, reduction="sum")

# %% right="autoencoder"
def autoencoder(theta, b1, b2, x):
    nh, nx = theta.shape
    y = [b1[i] + sum(theta[i, j] * x[j] for j in range(nx)) for i in range(nh)]
    loss = 0
    for j in range(nx):
        xhat = b2[j] + sum(theta[i, j] * y[i] for i in range(nh))
        loss = loss + (xhat - x[j]) ** 2
    return loss

# %% wrong="theta_paths" fails=["theta_paths_values"] says="the factor 2 of the derivative of the square is missing"
def theta_paths(theta, b1, b2, x):
    y = theta @ x + b1
    delta = theta.T @ y + b2 - x
    return torch.outer(theta @ delta, x), torch.outer(y, delta)

# %% wrong="theta_paths" fails=["theta_paths_values"] says="the two paths are swapped: the encoder first"
def theta_paths(theta, b1, b2, x):
    y = theta @ x + b1
    delta = 2 * (theta.T @ y + b2 - x)
    return torch.outer(y, delta), torch.outer(theta @ delta, x)

# %% wrong="theta_paths" fails=["theta_paths_values"] says="both are the whole gradient, the sum of the two paths"
def theta_paths(theta, b1, b2, x):
    leaf = theta.clone().requires_grad_()
    y = leaf @ x + b1
    ((leaf.T @ y + b2 - x) ** 2).sum().backward()
    return leaf.grad, leaf.grad

# %% wrong="theta_paths" fails=["theta_paths_values"] says="It is transposed."
def theta_paths(theta, b1, b2, x):
    y = theta @ x + b1
    delta = 2 * (theta.T @ y + b2 - x)
    return torch.outer(theta @ delta, x), torch.outer(delta, y)

# %% wrong="theta_paths" fails=["theta_paths_values"] says="the sign is wrong: the derivative is 2 (xhat - x)"
def theta_paths(theta, b1, b2, x):
    y = theta @ x + b1
    delta = 2 * (x - theta.T @ y - b2)
    return torch.outer(theta @ delta, x), torch.outer(y, delta)

# %% wrong="theta_paths" fails=["theta_paths_values"] says="one of the two is right, the other is the sum of both"
def theta_paths(theta, b1, b2, x):
    leaf = theta.clone().requires_grad_()
    y = leaf @ x + b1
    ((leaf.detach().T @ y + b2 - x) ** 2).sum().backward()
    encoder = leaf.grad.clone()
    y = (leaf @ x + b1).detach()
    ((leaf.T @ y + b2 - x) ** 2).sum().backward()
    return encoder, leaf.grad

# %% right="theta_paths"
def theta_paths(theta, b1, b2, x):
    grads = []
    for which in (0, 1):
        leaf = theta.clone().requires_grad_()
        first, second = (leaf, leaf.detach()) if which == 0 else (leaf.detach(), leaf)
        y = first @ x + b1
        loss = ((second.T @ y + b2 - x) ** 2).sum()
        loss.backward()
        grads.append(leaf.grad)
    return grads

# %% right="theta_paths"
def theta_paths(theta, b1, b2, x):
    first, second = theta.clone().requires_grad_(), theta.clone().requires_grad_()
    y = first @ x + b1
    loss = torch.sum((second.T @ y + b2 - x) ** 2)
    return torch.autograd.grad(loss, (first, second))

# %% wrong="predictions" fails=["predictions_hold"] earns=2.5 says="the second backward adds its 6 to the 6 that .grad holds already."
def predictions():
    return {"a": 6, "b": 6, "c": 5, "d": None, "e": 12, "f": "error", "g": "error", "h": "error", "i": False}

# %% wrong="predictions" fails=["predictions_hold"] earns=1.5 says="it is no leaf, and nobody asked it to retain its gradient."
def predictions():
    return {"a": 6, "b": 12, "c": 5, "d": 12, "e": 12, "f": None, "g": 12, "h": "error", "i": True}

# %% wrong="predictions" fails=["predictions_hold"] says="the dict lacks {missing}"
def predictions():
    return {"a": 6.0, "b": 12.0, "c": 5.0, "d": None, "e": 12.0}

# %% right="predictions"
def predictions():
    return dict(a=6.0, b=12.0, c=5.0, d=None, e=2 * 6.0, f="error", g="error", h="error", i=False)

# %% wrong="LinearFunction" fails=["linear_function_arity", "linear_function_backward"] says="as many gradients as forward has inputs"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad.T @ X, grad.sum(0)

# %% wrong="LinearFunction" fails=["linear_function_arity", "linear_function_backward"] says="a gradient has the shape of its input"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad @ W, X.T @ grad, grad.sum(0)

# %% wrong="LinearFunction" fails=["linear_function_backward"] says="you divided by n: the mean is in the loss"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad @ W, grad.T @ X / len(X), grad.mean(0)

# %% wrong="LinearFunction" fails=["linear_function_forward"] says="you forgot the bias b"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad @ W, grad.T @ X, grad.sum(0)

# %% wrong="LinearFunction" fails=["linear_function_backward"] says="backward returns None for {name}"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return None, grad.T @ X, grad.sum(0)

# %% wrong="LinearFunction" fails=["linear_function_arity", "linear_function_backward"] says="not enough values to unpack"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad @ W, grad.T @ X, grad.sum(0)

# %% right="LinearFunction"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.X, ctx.W = X, W
        return torch.addmm(b, X, W.t())

    @staticmethod
    def backward(ctx, grad_output):
        grad_X = grad_W = grad_b = None
        if ctx.needs_input_grad[0]:
            grad_X = grad_output.mm(ctx.W)
        if ctx.needs_input_grad[1]:
            grad_W = grad_output.t().mm(ctx.X)
        if ctx.needs_input_grad[2]:
            grad_b = torch.ones(len(grad_output), dtype=grad_output.dtype) @ grad_output
        return grad_X, grad_W, grad_b

# %% right="LinearFunction"
class LinearFunction(torch.autograd.Function):
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W, b)
        return torch.einsum("ni,oi->no", X, W) + b

    def backward(ctx, g):
        X, W, b = ctx.saved_tensors
        return torch.einsum("no,oi->ni", g, W), torch.einsum("no,ni->oi", g, X), g

# %% wrong="MSEFunction" fails=["mse_function_backward"] says="you forgot to multiply by grad"
class MSEFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return ((Yhat - Y) ** 2).mean()

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        slope = 2 * (Yhat - Y) / Y.numel()
        return slope, -slope

# %% wrong="MSEFunction" fails=["mse_function_backward"] says="as many gradients as forward has inputs"
class MSEFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return torch.mean((Yhat - Y) ** 2)

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        return grad * 2 * (Yhat - Y) / Y.numel()

# %% wrong="MSEFunction" fails=["mse_function_backward"] says="backward returns None for {name}"
class MSEFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return torch.mean((Yhat - Y) ** 2)

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        return grad * 2 * (Yhat - Y) / Y.numel(), None

# %% wrong="MSEFunction" fails=["mse_function_backward"] says="you averaged over the examples only"
class MSEFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return ((Yhat - Y) ** 2).mean()

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        slope = grad * 2 * (Yhat - Y) / len(Y)
        return slope, -slope

# %% wrong="MSEFunction" fails=["mse_function_forward", "mse_function_backward"] says="you summed instead of averaging"
class MSEFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return ((Yhat - Y) ** 2).sum()

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        return 2 * grad * (Yhat - Y), 2 * grad * (Y - Yhat)

# %% wrong="MSEFunction" fails=["mse_function_backward"] says="the sign is wrong"
class MSEFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return ((Y - Yhat) ** 2).mean()

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        slope = grad * 2 * (Y - Yhat) / Y.numel()
        return slope, -slope

# %% right="MSEFunction"
class MSEFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Yhat, Y):
        error = Yhat - Y
        ctx.save_for_backward(error)
        n, ny = error.shape
        return torch.sum(error * error) / (n * ny)

    @staticmethod
    def backward(ctx, grad):
        (error,) = ctx.saved_tensors
        n, ny = error.shape
        return 2 * error * grad / (n * ny), -2 * error * grad / (n * ny)

# %% wrong="sgd" fails=["sgd_resets"] says="the next backward will add to it: reset it"
def sgd(params, eta):
    with torch.no_grad():
        for name in params:
            params[name] -= eta * params[name].grad
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="take the step under `with torch.no_grad():`"
def sgd(params, eta):
    for name in params:
        params[name] -= eta * params[name].grad
        params[name].grad.zero_()
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_any_network"] says="the leaf was replaced by another tensor instead of changed"
def sgd(params, eta):
    with torch.no_grad():
        for name in params:
            grad = params[name].grad
            params[name] = params[name] - eta * grad
    return params

# %% wrong="sgd" fails=["sgd_step"] says="the leaf was replaced by another tensor instead of changed"
def sgd(params, eta):
    with torch.no_grad():
        return {name: (p - eta * p.grad).requires_grad_() for name, p in params.items()}

# %% wrong="sgd" fails=["sgd_step", "sgd_any_network"] says="the leaf was replaced by another tensor instead of changed"
def sgd(params, eta):
    for name in params:
        params[name] = params[name] - eta * params[name].grad
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_any_network"] says="p = p - … makes a new tensor"
def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            grad = p.grad.clone()
            p.grad.zero_()
            p = p - eta * grad
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_any_network"] says="p = p - … makes a new tensor"
def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            p.grad.zero_()
            p -= eta * p.grad
    return params

# %% wrong="sgd" fails=["sgd_step"] says="you walked up the slope: the gradient is subtracted"
def sgd(params, eta):
    with torch.no_grad():
        for name in params:
            params[name] += eta * params[name].grad
            params[name].grad.zero_()
    return params

# %% wrong="sgd" fails=["sgd_any_network"] says="asks for '{key}', which this dict does not have"
def sgd(params, eta):
    with torch.no_grad():
        for name in ("Wh", "bh", "Wy", "by"):
            params[name] -= eta * params[name].grad
            params[name].grad.zero_()
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="only the first parameter moved: is return inside the loop?"
def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
            p.grad = None
            return params

# %% right="sgd"
def sgd(params, eta):
    for p in params.values():
        p.data = p.data - eta * p.grad
        p.grad = None

# %% right="sgd"
@torch.no_grad()
def sgd(params, eta):
    for name, p in params.items():
        p.sub_(p.grad, alpha=eta)
    for p in params.values():
        p.grad.zero_()
    return params

# %% right="sgd"
def sgd(params, eta):
    optimizer = torch.optim.SGD(params.values(), lr=eta)
    optimizer.step()
    optimizer.zero_grad()
    return params

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="training diverged"
def regression(data, epochs, batch, eta):
    W = torch.zeros(1, data.Xtrain.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            error = data.Xtrain[indices] @ W.T + b - data.Ytrain[indices]
            L = (error**2).sum()
            L.backward()
            sgd({"W": W, "b": b}, eta)
        history["loss_train"].append(float(((data.Xtrain @ W.T + b - data.Ytrain) ** 2).mean()))
        history["loss_test"].append(float(((data.Xtest @ W.T + b - data.Ytest) ** 2).mean()))
    return {"W": W, "b": b}, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="the gradients add up from step to step"
def regression(data, epochs, batch, eta):
    W = torch.zeros(1, data.Xtrain.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L = ((data.Xtrain[indices] @ W.T + b - data.Ytrain[indices]) ** 2).mean()
            L.backward()
            with torch.no_grad():
                W -= eta * W.grad
                b -= eta * b.grad
        history["loss_train"].append(float(((data.Xtrain @ W.T + b - data.Ytrain) ** 2).mean()))
        history["loss_test"].append(float(((data.Xtest @ W.T + b - data.Ytest) ** 2).mean()))
    return {"W": W, "b": b}, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="Yhat - Y has become a table (n, n)"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = (data.Xtrain[indices] * params["W"]).sum(1) + params["b"]
            ((Yhat - data.Ytrain[indices]) ** 2).mean().backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="nothing moved: call backward on the loss, then sgd"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L = mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices])
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_minibatch", "regression_learns"] says="one step for each mini-batch was asked for, not one for each epoch"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        L = mse(data.Xtrain @ params["W"].T + params["b"], data.Ytrain)
        L.backward()
        sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_minibatch"] says="each epoch has the same batches"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    batches = minibatches(len(data.Xtrain), batch)
    for _ in range(epochs):
        for indices in batches:
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_minibatch"] says="the last, shorter mini-batch of each epoch is not used"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        order = torch.cat(list(minibatches(len(data.Xtrain), batch)))
        for i in range(len(data.Xtrain) // batch):
            indices = order[i * batch : (i + 1) * batch]
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_minibatch"] says="the batches are not those of minibatches"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for i in range(0, len(data.Xtrain), batch):
            X, Y = data.Xtrain[i : i + batch], data.Ytrain[i : i + batch]
            mse(X @ params["W"].T + params["b"], Y).backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_history"] says="train and test are mixed up"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, eta)
        L = mse(data.Xtrain @ params["W"].T + params["b"], data.Ytrain).item()
        history["loss_train"].append(L)
        history["loss_test"].append(L)
    return params, history

# %% wrong="regression" fails=["regression_history"] says="note one number an epoch, not one a step"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, eta)
            history["loss_train"].append(mse(data.Xtrain @ params["W"].T + params["b"], data.Ytrain).item())
            history["loss_test"].append(mse(data.Xtest @ params["W"].T + params["b"], data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_history"] says="measure on all the examples, after the steps of the epoch"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, eta)
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="b has not moved"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain[indices] @ params["W"].T, data.Ytrain[indices]).backward()
            sgd({"W": params["W"]}, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T, Y).item())
    return params, history

# %% right="regression"
def regression(data, epochs, batch, eta):
    n, nx = data.Xtrain.size()
    W = torch.zeros((1, nx)).requires_grad_(True)
    b = torch.tensor([0.0], requires_grad=True)

    def predict(X):
        return torch.mm(X, W.t()) + b

    losses_train, losses_test = [], []
    for epoch in range(epochs):
        for idx in minibatches(n, batch):
            Yhat = predict(data.Xtrain[idx])
            L = torch.mean((data.Ytrain[idx] - Yhat) ** 2)
            W.grad, b.grad = torch.autograd.grad(L, (W, b))
            sgd({"W": W, "b": b}, eta)
        with torch.no_grad():
            losses_train.append(torch.mean((predict(data.Xtrain) - data.Ytrain) ** 2))
            losses_test.append(torch.mean((predict(data.Xtest) - data.Ytest) ** 2))
    return {"b": b, "W": W}, {"loss_test": losses_test, "loss_train": losses_train}

# %% right="regression"
def regression(data, epochs, batch, eta):
    layer = torch.nn.Linear(data.Xtrain.shape[1], 1)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    loss = torch.nn.MSELoss()
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(layer(data.Xtrain[indices]), data.Ytrain[indices]).backward()
            with torch.no_grad():
                for p in layer.parameters():
                    p -= eta * p.grad
                    p.grad.zero_()
        history["loss_train"] += [loss(layer(data.Xtrain), data.Ytrain).item()]
        history["loss_test"] += [loss(layer(data.Xtest), data.Ytest).item()]
    return {"W": layer.weight, "b": layer.bias}, history

# %% wrong="log_curves" fails=["log_curves_events"] says="every point is at step 0"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for name in history:
        for value in history[name]:
            writer.add_scalar(name, value)
    writer.close()

# %% wrong="log_curves" fails=["log_curves_events"] says="count the epochs from 1, not from 0"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for name in history:
        for epoch, value in enumerate(history[name]):
            writer.add_scalar(name, value, epoch)
    writer.close()

# %% wrong="log_curves" fails=["log_curves_events"] says="the first argument of add_scalar is the key in history"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for name in history:
        for epoch in range(len(history[name])):
            writer.add_scalar("loss", history[name][epoch], epoch + 1)
    writer.close()

# %% wrong="log_curves" fails=["log_curves_events"] says="the first argument of add_scalar is the key in history"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for epoch, value in enumerate(history["loss_train"], start=1):
        writer.add_scalar("loss_train", value, epoch)
    writer.close()

# %% wrong="log_curves" fails=["log_curves_events"] says="there is no scalar in the event files of the folder"
def log_curves(history, folder):
    import tempfile

    writer = SummaryWriter(tempfile.mkdtemp())
    for name in history:
        for epoch, value in enumerate(history[name], 1):
            writer.add_scalar(name, value, epoch)
    writer.close()

# %% wrong="log_curves" fails=["log_curves_events"] says="only the last point is there"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        writer.add_scalar(name, values[-1], len(values))
    writer.close()

# %% right="log_curves"
def log_curves(history, folder):
    with SummaryWriter(log_dir=folder) as writer:
        for tag in history:
            for i in range(len(history[tag])):
                writer.add_scalar(tag, torch.tensor(history[tag][i]), global_step=i + 1)

# %% right="log_curves"
def log_curves(history, folder):
    for name, values in history.items():
        writer = SummaryWriter(f"{folder}/{name}")
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name, value, epoch, new_style=True)
        writer.flush()
        writer.close()

# %% wrong="which_clock" fails=["which_clock_choices"] earns=0.5 says="epochs and updates count what the algorithm does"
def which_clock():
    return {"a": "epochs", "b": "updates", "c": "updates", "d": "epochs", "e": "seconds"}

# %% wrong="init_params" fails=["init_params_leaves"] says="{name} gets no gradient, for it is no leaf"
def init_params(nx, nh, ny):
    return {
        "Wh": 0.3 * torch.randn(nh, nx, requires_grad=True),
        "bh": torch.zeros(nh, requires_grad=True),
        "Wy": 0.3 * torch.randn(ny, nh, requires_grad=True),
        "by": torch.zeros(ny, requires_grad=True),
    }

# %% wrong="init_params" fails=["init_params_leaves"] says="{name} does not require a gradient: give it requires_grad=True"
def init_params(nx, nh, ny):
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": torch.zeros(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": torch.zeros(ny),
    }

# %% wrong="init_params" fails=["init_params_leaves"] says="{name} does not require a gradient: give it requires_grad=True"
def init_params(nx, nh, ny):
    params = {"Wh": 0.3 * torch.randn(nh, nx), "Wy": 0.3 * torch.randn(ny, nh)}
    for p in params.values():
        p.requires_grad = True
    params["bh"], params["by"] = torch.zeros(nh), torch.zeros(ny)
    return params

# %% wrong="init_params" fails=["init_params_values"] says="has a standard deviation of 1: multiply by 0.3"
def init_params(nx, nh, ny):
    return {
        "Wh": torch.randn(nh, nx, requires_grad=True),
        "bh": torch.zeros(nh, requires_grad=True),
        "Wy": torch.randn(ny, nh, requires_grad=True),
        "by": torch.zeros(ny, requires_grad=True),
    }

# %% right="init_params"
def init_params(nx, nh, ny):
    shapes = {"Wh": (nh, nx), "bh": (1, nh), "Wy": (ny, nh), "by": (1, ny)}
    return {name: torch.nn.Parameter(0.3 * torch.randn(shape)) for name, shape in shapes.items()}

# %% right="init_params"
def init_params(nx, nh, ny):
    params = {}
    params["Wh"] = torch.randn(nh, nx) * 0.3
    params["Wh"].requires_grad = True
    params["bh"] = torch.zeros(nh, requires_grad=True)
    params["Wy"] = torch.tensor(torch.normal(0.0, 0.3, (ny, nh)).tolist(), requires_grad=True)
    params["by"] = torch.zeros(ny).requires_grad_(True)
    return params

# %% [markdown]
# More of what students hand in.

# %% wrong="init_params" fails=["init_params_values"] says="two calls give the same weights"
def init_params(nx, nh, ny):
    torch.manual_seed(0)
    params = {"Wh": torch.randn(nh, nx), "bh": torch.zeros(nh), "Wy": torch.randn(ny, nh), "by": torch.zeros(ny)}
    return {name: (0.3 * value).requires_grad_() for name, value in params.items()}

# %% wrong="regression" fails=["regression_history"] says="every number is the last one"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, eta)
    L_train = mse(data.Xtrain @ params["W"].T + params["b"], data.Ytrain).item()
    L_test = mse(data.Xtest @ params["W"].T + params["b"], data.Ytest).item()
    return params, {"loss_train": [L_train] * epochs, "loss_test": [L_test] * epochs}

# %% wrong="regression" fails=["regression_batch", "regression_minibatch"] says="W and b should still be 0, where they start"
def regression(data, epochs, batch, eta):
    params = {"W": (0.3 * torch.randn(1, data.Xtrain.shape[1])).requires_grad_(), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="you walked up the slope"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            (-mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices])).backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_history", "regression_learns"] says="the loss has no graph when backward is called"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            with torch.no_grad():
                L = mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices])
            L.backward()
            sgd(params, eta)
        history["loss_train"].append(mse(data.Xtrain @ params["W"].T + params["b"], data.Ytrain).item())
        history["loss_test"].append(mse(data.Xtest @ params["W"].T + params["b"], data.Ytest).item())
    return params, history

# %% right="sgd"
def sgd(params, eta):
    with torch.no_grad():
        for name in params.keys():
            params[name].copy_(params[name] - eta * params[name].grad)
            params[name].grad = torch.zeros_like(params[name])

# %% right="LinearFunction"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(X, W, b):
        return torch.nn.functional.linear(X, W, b)

    @staticmethod
    def setup_context(ctx, inputs, output):
        X, W, b = inputs
        ctx.save_for_backward(X, W)

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad @ W, (X.T @ grad).T, grad.sum(dim=0)

# %% right="regression"
def regression(data, epochs, batch, eta):
    nx = data.Xtrain.shape[1]
    params = {"b": torch.zeros((1,), requires_grad=True), "W": torch.zeros((1, nx), requires_grad=True)}
    history = {"loss_train": [], "loss_test": []}
    for epoch in range(epochs):
        for rows in minibatches(len(data.Ytrain), batch):
            X, Y = data.Xtrain[rows], data.Ytrain[rows]
            Yhat = (X * params["W"]).sum(1, keepdim=True) + params["b"]
            L = torch.sum(torch.pow(Yhat - Y, 2)) / len(rows)
            L.backward()
            params = sgd(params, eta) or params
        with torch.no_grad():
            W, b = params["W"], params["b"]
            history["loss_train"].append(float(torch.mean((data.Xtrain @ W.T + b - data.Ytrain) ** 2)))
            history["loss_test"].append(float(torch.mean((data.Xtest @ W.T + b - data.Ytest) ** 2)))
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="W and b should still be 0, where they start"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, 1.0)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_history", "regression_learns"] says="replace the leaf by a tensor that is none"
def regression(data, epochs, batch, eta):
    W = torch.zeros(1, data.Xtrain.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L = ((data.Xtrain[indices] @ W.T + b - data.Ytrain[indices]) ** 2).mean()
            L.backward()
            W = W - eta * W.grad
            b = b - eta * b.grad
        history["loss_train"].append(float(((data.Xtrain @ W.T + b - data.Ytrain) ** 2).mean()))
        history["loss_test"].append(float(((data.Xtest @ W.T + b - data.Ytest) ** 2).mean()))
    return {"W": W, "b": b}, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_history", "regression_learns"] says="take the step under `with torch.no_grad():`"
def regression(data, epochs, batch, eta):
    W = torch.zeros(1, data.Xtrain.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L = ((data.Xtrain[indices] @ W.T + b - data.Ytrain[indices]) ** 2).mean()
            L.backward()
            W -= eta * W.grad
            b -= eta * b.grad
            W.grad.zero_()
            b.grad.zero_()
        history["loss_train"].append(float(((data.Xtrain @ W.T + b - data.Ytrain) ** 2).mean()))
        history["loss_test"].append(float(((data.Xtest @ W.T + b - data.Ytest) ** 2).mean()))
    return {"W": W, "b": b}, history

# %% [markdown]
# Rarer styles, and mistakes that used to pass or to be misnamed.

# %% wrong="find_leaves" fails=["find_leaves_all"] says="besides the leaves, find_leaves returns other things"
def walk(node, leaves=[]):
    if node is None:
        return leaves
    if hasattr(node, "variable"):
        if not any(node.variable is l for l in leaves):
            leaves.append(node.variable)
    for n, _ in node.next_functions:
        walk(n, leaves)
    return leaves

def find_leaves(result):
    return walk(result.grad_fn)

# %% right="find_leaves"
def find_leaves(result):
    seen, todo = set(), [result.grad_fn]
    while todo:
        node = todo.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            yield node.variable
        todo += [n for n, _ in node.next_functions]

# %% wrong="find_leaves" fails=["find_leaves_all"] says="follow every pair of next_functions, to the end"
def find_leaves(result):
    leaves, seen, waiting = [], set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node.name() in seen:
            continue
        seen.add(node.name())
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        for source, _ in node.next_functions:
            waiting.append(source)
    return leaves

# %% wrong="find_leaves" fails=["find_leaves_all", "find_leaves_once"] says="what find_leaves returns are not the leaves"
def find_leaves(result):
    leaves, seen, waiting = [], set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.append(node.variable.clone())
        for source, _ in node.next_functions:
            waiting.append(source)
    return leaves

# %% right="find_leaves"
from collections import deque
def find_leaves(result):
    queue, leaves = deque([result.grad_fn]), {}
    while queue:
        if (node := queue.popleft()) is None:
            continue
        if type(node).__name__ == "AccumulateGrad":
            leaves[node] = node.variable
        queue.extend(n for n, _ in node.next_functions)
    return [*leaves.values()]

# %% right="find_leaves"
def find_leaves(result, seen=None):
    node = getattr(result, "grad_fn", result)
    seen = set() if seen is None else seen
    if node is None or node in seen:
        return []
    seen.add(node)
    if hasattr(node, "variable"):
        return [node.variable]
    return [leaf for source, _ in node.next_functions for leaf in find_leaves(source, seen)]

# %% right="autoencoder"
def autoencoder(theta, b1, b2, x):
    x = x.reshape(-1, 1)
    y = theta @ x + b1.reshape(-1, 1)
    e = theta.T @ y + b2.reshape(-1, 1) - x
    return e.T @ e

# %% wrong="autoencoder" fails=["autoencoder_value", "autoencoder_graph"] says="reshape and view do not transpose"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1
    xhat = theta.reshape(theta.shape[1], theta.shape[0]) @ y + b2
    return ((xhat - x) ** 2).sum()

# %% wrong="autoencoder" fails=["autoencoder_graph"] says="hides how {name} was used"
def autoencoder(theta, b1, b2, x):
    t, x_, c1, c2 = (v.detach().numpy() for v in (theta, x, b1, b2))
    y = t @ x_ + c1
    return torch.tensor(((t.T @ y + c2 - x_) ** 2).sum(), requires_grad=True)

# %% wrong="autoencoder" fails=["autoencoder_value", "autoencoder_graph"] says="there is no activation here"
def autoencoder(theta, b1, b2, x):
    y = torch.tanh(theta @ x + b1)
    xhat = theta.T @ y + b2
    return ((xhat - x) ** 2).sum()

# %% wrong="autoencoder" fails=["autoencoder_value", "autoencoder_graph"] says="square each difference, then add up"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1
    xhat = theta.T @ y + b2
    return (xhat - x).sum() ** 2

# %% wrong="theta_paths" fails=["theta_paths_values"] says="both paths got the same gradient"
def theta_paths(theta, b1, b2, x):
    leaf = theta.clone().requires_grad_()
    y = leaf @ x + b1
    ((leaf.detach().T @ y + b2 - x) ** 2).sum().backward()
    encoder = leaf.grad
    leaf.grad.zero_()
    y = (leaf @ x + b1).detach()
    ((leaf.T @ y + b2 - x) ** 2).sum().backward()
    return encoder, leaf.grad

# %% right="theta_paths"
def theta_paths(theta, b1, b2, x):
    leaf = theta.clone().requires_grad_(True)
    whole, = torch.autograd.grad(((leaf.T @ (leaf @ x + b1) + b2 - x) ** 2).sum(), leaf)
    y = theta @ x + b1
    decoder = 2 * y[:, None] * (theta.T @ y + b2 - x)[None, :]
    return [whole - decoder, decoder]

# %% wrong="theta_paths" fails=["theta_paths_values"] says="makes a leaf of the caller's own tensor"
def theta_paths(theta, b1, b2, x):
    theta.requires_grad_()
    y = theta @ x + b1
    loss = torch.sum((theta.detach().T @ y + b2 - x) ** 2)
    enc = torch.autograd.grad(loss, theta)[0]
    loss = torch.sum((theta.T @ y.detach() + b2 - x) ** 2)
    dec = torch.autograd.grad(loss, theta)[0]
    return enc, dec

# %% right="predictions"
def predictions():
    return {"a": torch.tensor(6.0), "b": torch.tensor(12.0), "c": 5, "d": None, "e": 12, "f": "error", "g": "error", "h": "error", "i": False}

# %% wrong="predictions" fails=["predictions_hold"] says="predict a number, None, True, False"
def predictions():
    return {"a": "6", "b": "12", "c": "5", "d": "None", "e": "12", "f": "error", "g": "error", "h": "error", "i": "False"}

# %% right="LinearFunction"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return torch.from_numpy(X.detach().numpy() @ W.detach().numpy().T + b.detach().numpy())

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        g = grad.numpy()
        return torch.from_numpy(g @ W.detach().numpy()), torch.from_numpy(g.T @ X.detach().numpy()), torch.from_numpy(g.sum(0))

# %% right="LinearFunction"
from torch.autograd.function import once_differentiable
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W, b)
        return torch.nn.functional.linear(X, W) + b.unsqueeze(0)

    @staticmethod
    @once_differentiable
    def backward(ctx, *grads):
        X, W, b = ctx.saved_tensors
        return torch.matmul(grads[0], W), torch.matmul(X.T, grads[0]).T, grads[0].sum(0, keepdim=True)

# %% right="LinearFunction"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W, b)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        with torch.enable_grad():
            live = [t.detach().requires_grad_() for t in ctx.saved_tensors]
            out = live[0] @ live[1].T + live[2]
        return torch.autograd.grad(out, live, grad)

# %% wrong="LinearFunction" fails=["linear_function_arity", "linear_function_backward"] says="with commas between them and no list around"
class LinearFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return [grad @ W, grad.T @ X, grad.sum(0)]

# %% wrong="LinearFunction" fails=["linear_function_arity", "linear_function_backward"] says="they come in the order of the inputs"
class LinearFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad.T @ X, grad @ W, grad.sum(0)

# %% right="MSEFunction"
class MSEFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return ((Yhat - Y) ** 2).mean().reshape(1)

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        slope = grad * 2 * (Yhat - Y) / Y.numel()
        return slope, -slope

# %% wrong="MSEFunction" fails=["mse_function_backward"] says="forward should return a tensor, without .item() or float()"
class MSEFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return ((Yhat - Y) ** 2).mean().item()

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        slope = grad * 2 * (Yhat - Y) / Y.numel()
        return slope, -slope

# %% wrong="MSEFunction" fails=["mse_function_backward"] says="the sign is wrong"
class MSEFunction(torch.autograd.Function):

    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return ((Yhat - Y) ** 2).mean()

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        slope = grad * 2 * (Yhat - Y) / Y.numel()
        return slope, slope

# %% right="sgd"
@torch.no_grad()
def sgd(params, eta):
    leaves = list(params.values())
    torch._foreach_sub_(leaves, [eta * p.grad for p in leaves])
    for p in leaves:
        p.grad *= 0

# %% right="sgd"
def sgd(params, eta):
    torch.set_grad_enabled(False)
    for p in params.values():
        p[...] = p - eta * p.grad
        p.grad = None
    torch.set_grad_enabled(True)
    return params

# %% right="sgd"
def sgd(params, eta):
    with torch.inference_mode():
        for p in params.values():
            p.add_(p.grad, alpha=-eta)
            p.grad.fill_(0)
    return {name: p for name, p in params.items()}

# %% right="sgd"
def sgd(params, eta):
    for name, p in params.items():
        g, p.grad = p.grad, None
        p.requires_grad_(False)
        p -= eta * g
        p.requires_grad_(True)
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="after sgd, PyTorch no longer notes operations"
def sgd(params, eta):
    torch.set_grad_enabled(False)
    for p in params.values():
        p -= eta * p.grad
        p.grad.zero_()
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="sgd meets a gradient that is None"
def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            p.grad = None
            p -= eta * p.grad
    return params

# %% wrong="sgd" fails=["sgd_resets"] says="the next backward will add to it: reset it"
def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
        p.grad.zero_()
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="take the step under `with torch.no_grad():`"
def sgd(params, eta):
    torch.no_grad()
    for p in params.values():
        p -= eta * p.grad
        p.grad.zero_()
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="expected a dict, got {got}"
def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
            p.grad.zero_()
    return list(params.values())

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="sgd meets a gradient that is None"
def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            p.data -= eta * p.data.grad
            p.grad.zero_()
    return params

# %% wrong="sgd" fails=["sgd_step"] says="the leaf was replaced by another tensor instead of changed"
def sgd(params, eta):
    for name in params:
        p = params[name].detach()
        p = p - eta * params[name].grad
        params[name] = p.requires_grad_(True)
    return params

# %% right="regression"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, 1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% right="regression"
def regression(data, epochs, batch, eta):
    nx = data.Xtrain.shape[-1]
    params = dict(W=torch.zeros(1, nx), b=torch.zeros(1))
    [p.requires_grad_() for p in params.values()]
    model = lambda X: torch.einsum("ni,oi->no", X, params["W"]) + params["b"]
    history = dict(loss_train=[], loss_test=[])
    while len(history["loss_train"]) < epochs:
        for rows in minibatches(n=len(data.Xtrain), batch=batch):
            e = model(data.Xtrain[rows]).flatten() - data.Ytrain[rows].flatten()
            (e @ e / len(e)).backward()
            sgd(params=params, eta=eta)
        for part in ("train", "test"):
            e = (model(getattr(data, "X" + part)) - getattr(data, "Y" + part)).detach()
            history["loss_" + part].append(e.pow(2).mean().item())
    return params, history

# %% right="regression"
def regression(data, epochs, batch, eta):
    W = torch.nn.Parameter(torch.zeros(1, data.Xtrain.shape[1]))
    b = torch.nn.Parameter(torch.zeros(1))
    opt = torch.optim.SGD([W, b], lr=eta)
    h = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for i in minibatches(len(data.Xtrain), batch):
            opt.zero_grad()
            ((data.Xtrain[i] @ W.T + b - data.Ytrain[i]) ** 2).mean().backward()
            opt.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                h["loss_" + part].append(((X @ W.T + b - Y) ** 2).mean())
    return {"W": W, "b": b}, h

# %% wrong="regression" fails=["regression_minibatch"] says="the batches are not those of minibatches"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_minibatch", "regression_learns"] says="the gradients of the mini-batches add up"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
        sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_minibatch", "regression_learns"] says="only the last mini-batch of each epoch makes a step"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L = loss(data.Xtrain[indices], data.Ytrain[indices])
        L.backward()
        sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="the steps are computed from test examples"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtest), batch):
            loss(data.Xtest[indices], data.Ytest[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_history"] says="measure on all the examples, after the steps of the epoch"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        total = []
        for indices in minibatches(len(data.Xtrain), batch):
            L = loss(data.Xtrain[indices], data.Ytrain[indices])
            L.backward()
            sgd(params, eta)
            total = (total + [L.item()])
        history["loss_train"].append(sum(total) / len(total))
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_history"] says="one number too many"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [loss(data.Xtrain, data.Ytrain).item()], "loss_test": [loss(data.Xtest, data.Ytest).item()]}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_history"] says="the loss has no factor 1/2"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return 0.5 * ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_history", "regression_learns"] says="the loss has no graph when backward is called"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    torch.set_grad_enabled(False)
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="It is transposed."
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(data.Xtrain.shape[1], 1, requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"] + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="log_curves" fails=["log_curves_events"] says="value and step are swapped"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name, epoch, value)
    writer.close()

# %% wrong="log_curves" fails=["log_curves_events"] says="the first argument of add_scalar is the key in history"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalars('losses', {name: value}, epoch)
    writer.close()

# %% right="log_curves"
def log_curves(history, folder):
    w = SummaryWriter(folder)
    for epoch, row in enumerate(zip(*history.values()), 1):
        for name, value in zip(history, row):
            w.add_scalar(name, value, epoch)
    w.close()

# %% right="init_params"
def init_params(nx, nh, ny):
    new = lambda *s: torch.empty(*s).normal_(0, 0.3).requires_grad_()
    return {"Wh": new(nh, nx), "bh": new(nh), "Wy": new(ny, nh), "by": new(ny)}

# %% right="init_params"
def init_params(nx, nh, ny):
    params = {}
    for name, size in dict(Wh=(nh, nx), bh=(nh, 1), Wy=(ny, nh), by=(ny, 1)).items():
        params[name] = torch.normal(0.0, 0.3, size, requires_grad=True)
    return params

# %% wrong="init_params" fails=["init_params_leaves"] says="{name} gets no gradient, for it is no leaf"
def init_params(nx, nh, ny):
    params = {
        "Wh": 0.3 * torch.randn(nh, nx).requires_grad_(),
        "bh": torch.zeros(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": torch.zeros(ny),
    }
    return params

# %% wrong="init_params" fails=["init_params_values"] says="keep torch.float32, the type of X"
def init_params(nx, nh, ny):
    params = {
        "Wh": 0.3 * torch.randn(nh, nx, dtype=torch.float64),
        "bh": torch.zeros(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": torch.zeros(ny),
    }
    for p in params.values():
        p.requires_grad_()
    return params

# %% right="log_curves"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for epoch in range(1, len(history["loss_train"]) + 1):
        for name in history:
            writer.add_scalar(name, history[name][epoch - 1], epoch)
    writer.close()

# %% wrong="regression" fails=["regression_batch", "regression_minibatch"] says="sgd is called too early"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L = loss(data.Xtrain[indices], data.Ytrain[indices])
            sgd(params, eta)
            L.backward()
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="W should be a matrix with one row"
def regression(data, epochs, batch, eta):
    params = {
        "W": torch.zeros(data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return (((X @ params["W"] + params["b"])[:, None] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history

# %% wrong="find_leaves" fails=["find_leaves_all", "find_leaves_once"] says="find_leaves returns nothing: end it with return"
def find_leaves(result):
    leaves = []

    def visit(node):
        if node is not None and hasattr(node, "variable"):
            leaves.append(node.variable)

    visit(result.grad_fn)

# %% wrong="sgd" fails=["sgd_resets", "sgd_any_network"] says="the next backward will add to it: reset it"
def sgd(params, eta):
    with torch.no_grad():
        for name in ("by", "bh", "Wy", "Wh"):
            params[name].sub_(eta * params[name].grad)
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="tensors have no method zeros_"
def sgd(params, eta):
    with torch.no_grad():
        for leaf in params.values():
            leaf.sub_(eta * leaf.grad)
            leaf.grad.zeros_()
    return params

# %% wrong="sgd" fails=["sgd_step", "sgd_resets", "sgd_any_network"] says="is None: compute it and store it."
def sgd(params, eta):
    return {name: None for name in params}

# %% right="sgd"
def sgd(params, eta):
    def step(leaf):
        leaf.data.add_(leaf.grad, alpha=-eta)
        leaf.grad = None

    list(map(step, params.values()))

# %% wrong="init_params" fails=["init_params_leaves"] says="is no leaf: it was computed after requires_grad=True"
def init_params(nx, nh, ny):
    params = {
        "Wh": torch.randn(nh, nx, requires_grad=True) * 0.3,
        "bh": torch.zeros(nh, requires_grad=True),
        "Wy": torch.randn(ny, nh, requires_grad=True) * 0.3,
        "by": torch.zeros(ny, requires_grad=True),
    }
    params["Wh"].retain_grad()
    params["Wy"].retain_grad()
    return params

# %% wrong="init_params" fails=["init_params_values"] says="is not drawn from a normal distribution: its tails are missing"
def init_params(nx, nh, ny):
    def draw(*shape):
        return (torch.rand(shape) - 0.5) * 0.6 * 3**0.5

    params = {"Wh": draw(nh, nx), "Wy": draw(ny, nh), "bh": torch.zeros(nh), "by": torch.zeros(ny)}
    return {name: value.requires_grad_(True) for name, value in params.items()}

# %% wrong="init_params" fails=["init_params_values", "init_params_leaves"] says="is None: compute it and store it."
def init_params(nx, nh, ny):
    return dict.fromkeys(["Wh", "bh", "Wy", "by"])

# %% right="init_params"
def init_params(nx, nh, ny):
    leaf = torch.nn.Parameter
    return {
        "by": leaf(torch.zeros(1, ny)),
        "bh": leaf(torch.zeros(1, nh)),
        "Wy": leaf(torch.normal(0.0, 0.3, (ny, nh))),
        "Wh": leaf(torch.normal(0.0, 0.3, (nh, nx))),
    }

# %% [markdown]
# The walk back, and mistakes that used to pass the checks in the notebook.

# %% right="walk_back"
def walk_back(result):
    readers, waiting, seen = {}, [result.grad_fn], {result.grad_fn}
    while waiting:
        node = waiting.pop()
        for source, _ in node.next_functions:
            if source is not None:
                readers[source] = readers.get(source, 0) + 1
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
    grads, sums, ready = {}, {result.grad_fn: torch.tensor(1.0)}, [result.grad_fn]
    while ready:
        node = ready.pop()
        if hasattr(node, "variable"):
            grads[node.variable] = sums[node]
            continue
        for (source, _), part in zip(node.next_functions, hand_back(node, sums[node])):
            if source is None:
                continue
            sums[source] = sums[source] + part if source in sums else part
            readers[source] -= 1
            if readers[source] == 0:
                ready.append(source)
    return grads

# %% right="walk_back"
from collections import defaultdict
def walk_back(result):
    order = []

    def visit(node):
        if node in order:
            return
        for n, _ in node.next_functions:
            if n is not None:
                visit(n)
        order.append(node)

    visit(result.grad_fn)
    sums = defaultdict(float)
    sums[result.grad_fn] = torch.ones_like(result)
    grads = {}
    while order:
        node = order.pop()
        if "AccumulateGrad" in node.name():
            grads[node.variable] = sums[node]
        else:
            slopes = hand_back(node, sums[node])
            for i in range(len(slopes)):
                if node.next_functions[i][0]:
                    sums[node.next_functions[i][0]] += slopes[i]
    return grads

# %% right="walk_back"
def walk_back(result):
    depth = {}

    def deepen(node, d):
        if node is not None and depth.get(node, -1) < d:
            depth[node] = d
            for source, _ in node.next_functions:
                deepen(source, d + 1)

    deepen(result.grad_fn, 0)
    sums = {node: 0 for node in depth}
    sums[result.grad_fn] = torch.ones(result.shape)
    for node in sorted(depth, key=depth.get):
        if not hasattr(node, "variable"):
            for (source, _), part in zip(node.next_functions, hand_back(node, sums[node])):
                if source is not None:
                    sums[source] = sums[source] + part
    return {node.variable: grad for node, grad in sums.items() if hasattr(node, "variable")}

# %% wrong="walk_back" fails=["walk_back_gradients"] says="all of it must have arrived when the node is called"
def walk_back(result):
    grads, seen, arrived, waiting = {}, set(), {result.grad_fn: torch.ones_like(result)}, [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            grads[node.variable] = arrived[node]
            continue
        for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
            if source is not None:
                arrived[source] = arrived.get(source, 0) + slope
                waiting.append(source)
    return grads

# %% wrong="walk_back" fails=["walk_back_gradients"] says="all of it must have arrived when the node is called"
def walk_back(result):
    grads, seen, arrived, waiting = {}, set(), {result.grad_fn: torch.ones_like(result)}, [result.grad_fn]
    for node in waiting:
        if hasattr(node, "variable"):
            continue
        for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
            if source is not None:
                arrived[source] = arrived.get(source, 0) + slope
                if source not in seen:
                    seen.add(source)
                    waiting.append(source)
    return {node.variable: grad for node, grad in arrived.items() if hasattr(node, "variable")}

# %% wrong="walk_back" fails=["walk_back_gradients"] says="what arrives at a node by several ways is added"
def walk_back(result):
    order, seen = [], set()

    def visit(node):
        if node is None or node in seen:
            return
        seen.add(node)
        for source, _ in node.next_functions:
            visit(source)
        order.append(node)

    visit(result.grad_fn)
    arrived, grads = {result.grad_fn: torch.ones_like(result)}, {}
    for node in reversed(order):
        if hasattr(node, "variable"):
            grads[node.variable] = arrived[node]
            continue
        for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
            if source is not None:
                arrived[source] = slope
    return grads

# %% wrong="walk_back" fails=["walk_back_once"] says="each once, not once for each way, and no leaves"
def walk_back(result):
    grads = {}

    def walk(node, grad):
        if node is None:
            return
        if hasattr(node, "variable"):
            grads[node.variable] = grads.get(node.variable, 0) + grad
            return
        for (source, _), slope in zip(node.next_functions, hand_back(node, grad)):
            walk(source, slope)

    walk(result.grad_fn, torch.ones_like(result))
    return grads

# %% wrong="walk_back" fails=["walk_back_gradients", "walk_back_once"] says="walk_back starts PyTorch's own way back"
def walk_back(result):
    leaves, seen, waiting = [], set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        waiting += [source for source, _ in node.next_functions]
    result.backward()
    return {leaf: leaf.grad for leaf in leaves}

# %% wrong="walk_back" fails=["walk_back_gradients", "walk_back_once"] says="walk_back starts PyTorch's own way back"
def walk_back(result):
    leaves, seen, waiting = [], set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        waiting += [source for source, _ in node.next_functions]
    return dict(zip(leaves, torch.autograd.grad(result, leaves)))

# %% wrong="walk_back" fails=["walk_back_gradients", "walk_back_once"] says="leaves are not called, their gradients go into the dict"
def walk_back(result):
    order, seen = [], set()

    def visit(node):
        if node is None or node in seen:
            return
        seen.add(node)
        for source, _ in node.next_functions:
            visit(source)
        order.append(node)

    visit(result.grad_fn)
    arrived, grads = {result.grad_fn: torch.ones_like(result)}, {}
    for node in reversed(order):
        for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
            if source is not None:
                arrived[source] = arrived.get(source, 0) + slope
        if hasattr(node, "variable"):
            hand_back(node, arrived[node])
            grads[node.variable] = arrived[node]
    return grads

# %% wrong="walk_back" fails=["walk_back_gradients"] says="the gradient of {name} is 0: the walk starts at the result"
def walk_back(result):
    order = []

    def visit(node):
        if node is not None and node not in order:
            for source, _ in node.next_functions:
                visit(source)
            order.append(node)

    visit(result.grad_fn)
    arrived = {node: torch.zeros(()) for node in order}
    for node in reversed(order):
        if not hasattr(node, "variable"):
            for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
                if source is not None:
                    arrived[source] = arrived[source] + slope
    return {node.variable: arrived[node] for node in order if hasattr(node, "variable")}

# %% wrong="walk_back" fails=["walk_back_gradients"] says="the walk starts with the value of the result"
def walk_back(result):
    order = []

    def visit(node):
        if node is not None and node not in order:
            for source, _ in node.next_functions:
                visit(source)
            order.append(node)

    visit(result.grad_fn)
    arrived, grads = {result.grad_fn: result.detach()}, {}
    for node in reversed(order):
        if hasattr(node, "variable"):
            grads[node.variable] = arrived[node]
            continue
        for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
            if source is not None:
                arrived[source] = arrived.get(source, 0) + slope
    return grads

# %% wrong="walk_back" fails=["walk_back_gradients"] says="the keys of the dict should be the leaves alone"
def walk_back(result):
    order = []

    def visit(node):
        if node is not None and node not in order:
            for source, _ in node.next_functions:
                visit(source)
            order.append(node)

    visit(result.grad_fn)
    arrived = {result.grad_fn: torch.ones_like(result)}
    for node in reversed(order):
        if not hasattr(node, "variable"):
            for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
                if source is not None:
                    arrived[source] = arrived.get(source, 0) + slope
    return arrived

# %% wrong="walk_back" fails=["walk_back_gradients"] says="walk_back returns nothing: end it with return"
def walk_back(result):
    order = []

    def visit(node):
        if node is not None and node not in order:
            for source, _ in node.next_functions:
                visit(source)
            order.append(node)

    visit(result.grad_fn)
    arrived, grads = {result.grad_fn: torch.ones_like(result)}, {}
    for node in reversed(order):
        if hasattr(node, "variable"):
            grads[node.variable] = arrived[node]
        else:
            for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
                if source is not None:
                    arrived[source] = arrived.get(source, 0) + slope

# %% wrong="walk_back" fails=["walk_back_gradients", "walk_back_once"] says="the walk ends too early"
def walk_back(result):
    grads, node, grad = {}, result.grad_fn, torch.ones_like(result)
    while node is not None:
        slopes = hand_back(node, grad)
        following = None
        for (source, _), slope in zip(node.next_functions, slopes):
            if source is not None and hasattr(source, "variable"):
                grads[source.variable] = grads.get(source.variable, 0) + slope
            elif source is not None:
                following, grad = source, slope
        node = following
    return grads

# %% wrong="walk_back" fails=["walk_back_gradients", "walk_back_once"] says="hand_back is never called"
def walk_back(result):
    order = []

    def visit(node):
        if node is not None and node not in order:
            for source, _ in node.next_functions:
                visit(source)
            order.append(node)

    visit(result.grad_fn)
    arrived, grads = {result.grad_fn: torch.ones_like(result)}, {}
    for node in reversed(order):
        if hasattr(node, "variable"):
            grads[node.variable] = arrived[node].detach()
            continue
        slopes = node(arrived[node])
        slopes = slopes if isinstance(slopes, tuple) else (slopes,)
        for (source, _), slope in zip(node.next_functions, slopes):
            if source is not None:
                arrived[source] = arrived.get(source, 0) + slope
    return grads

# %% wrong="broken_steps" fails=["broken_steps_causes"] earns=1 says="so the second loss has no graph"
def broken_steps():
    return {"a": "reset", "b": "nothing", "c": "no_grad", "d": "graph", "e": "nothing", "f": "graph"}

# %% wrong="broken_steps" fails=["broken_steps_causes"] says="answer with one of {options}"
def broken_steps():
    return {"a": "reset", "b": "leaf", "c": "no_grad", "d": "no_graph", "e": "right", "f": "leaf"}

# %% wrong="around_the_node" fails=["around_the_node_choices"] earns=0.5 says="its gradient is the sum in the formula"
def around_the_node():
    return {"a": True, "b": True, "c": True, "d": True, "e": True, "f": True}

# %% wrong="around_the_node" fails=["around_the_node_choices"] says="answer with one of {options}"
def around_the_node():
    return {"a": "f", "b": "g", "c": "L", "d": "g", "e": "f", "f": "L"}

# %% wrong="theta_paths" fails=["theta_paths_values"] says="one of the two is right, the other is the sum of both"
def theta_paths(theta, b1, b2, x):
    leaf = theta.clone().requires_grad_()
    y = (leaf @ x + b1).detach()
    ((leaf.T @ y + b2 - x) ** 2).sum().backward()
    decoder = leaf.grad.clone()
    y = leaf @ x + b1
    ((leaf.detach().T @ y + b2 - x) ** 2).sum().backward()
    return leaf.grad, decoder

# %% wrong="theta_paths" fails=["theta_paths_values"] says="both are the whole gradient, the sum of the two paths"
def theta_paths(theta, b1, b2, x):
    leaf = theta.clone().requires_grad_()
    y = leaf @ x + b1
    ((leaf.detach().T @ y + b2 - x) ** 2).sum().backward()
    encoder = leaf.grad
    y = (leaf @ x + b1).detach()
    ((leaf.T @ y + b2 - x) ** 2).sum().backward()
    return encoder, leaf.grad

# %% wrong="theta_paths" fails=["theta_paths_values"] says="the factor 2 of the derivative of the square is missing"
def theta_paths(theta, b1, b2, x):
    y = theta @ x + b1
    delta = theta.T @ y + b2 - x
    return (theta @ delta)[:, None] * x, y[:, None] * delta

# %% wrong="theta_paths" fails=["theta_paths_values"] says="It is transposed."
def theta_paths(theta, b1, b2, x):
    y = theta @ x + b1
    delta = 2 * (theta.T @ y + b2 - x)
    return torch.outer(x, theta @ delta), torch.outer(delta, y)

# %% wrong="autoencoder" fails=["autoencoder_graph"] says="hides how {name} was used"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1
    xhat = theta.T @ y + b2
    return ((xhat - x.detach()) ** 2).sum()

# %% wrong="autoencoder" fails=["autoencoder_graph"] says="hides how {name} was used"
def autoencoder(theta, b1, b2, x):
    y = theta @ x + b1.data
    xhat = theta.T @ y + b2
    return ((xhat - x) ** 2).sum()

# %% wrong="LinearFunction" fails=["linear_function_backward"] says="you divided by n: the mean is in the loss"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad @ W, grad.T @ X, grad.mean(0)

# %% wrong="LinearFunction" fails=["linear_function_arity", "linear_function_backward"] says="a gradient has the shape of its input"
class LinearFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, W, b):
        ctx.save_for_backward(X, W)
        return X @ W.T + b

    @staticmethod
    def backward(ctx, grad):
        X, W = ctx.saved_tensors
        return grad @ W, grad.T @ X, grad.sum(1)

# %% wrong="MSEFunction" fails=["mse_function_backward"] says="the factor 2 of the derivative of the square is missing"
class MSEFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, Yhat, Y):
        ctx.save_for_backward(Yhat, Y)
        return ((Yhat - Y) ** 2).mean()

    @staticmethod
    def backward(ctx, grad):
        Yhat, Y = ctx.saved_tensors
        slope = grad * (Yhat - Y) / Y.numel()
        return slope, -slope

# %% wrong="sgd" fails=["sgd_step", "sgd_any_network"] says="you forgot the learning rate"
def sgd(params, eta):
    with torch.no_grad():
        for p in params.values():
            p -= p.grad
            p.grad.zero_()
    return params

# %% wrong="log_curves" fails=["log_curves_events"] says="the writer is still open when log_curves returns"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name, value, epoch)

# %% wrong="log_curves" fails=["log_curves_events"] says="the writer is still open when log_curves returns"
def log_curves(history, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name, value, epoch)
    writer.close

# %% right="find_leaves"
def find_leaves(result):
    leaves, waiting = set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if hasattr(node, "variable"):
            leaves.add(node.variable)
        elif node is not None:
            waiting.extend(source for source, _ in node.next_functions)
    return leaves

# %% wrong="regression" fails=["regression_history"] says="measure on all the examples, after the steps of the epoch"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L = mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices])
            L.backward()
            sgd(params, eta)
        history["loss_train"].append(L.item())
        history["loss_test"].append(mse(data.Xtest @ params["W"].T + params["b"], data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_history"] says="these are the numbers of the last mini-batch"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            mse(X @ params["W"].T + params["b"], Y).backward()
            sgd(params, eta)
        history["loss_train"].append(mse(X @ params["W"].T + params["b"], Y).item())
        history["loss_test"].append(mse(data.Xtest @ params["W"].T + params["b"], data.Ytest).item())
    return params, history

# %% wrong="regression" fails=["regression_minibatch"] says="each step uses all the examples"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain @ params["W"].T + params["b"], data.Ytrain).backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_learns"] says="Yhat - Y has become a table (n, n)"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = data.Xtrain[indices] @ params["W"].squeeze() + params["b"]
            ((Yhat - data.Ytrain[indices]) ** 2).mean().backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(((X @ params["W"].T + params["b"] - Y) ** 2).mean().item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_history", "regression_learns"] says="W and b were made without requires_grad=True"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1]), "b": torch.zeros(1)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
            sgd(params, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            history["loss_" + part].append(mse(X @ params["W"].T + params["b"], Y).item())
    return params, history

# %% wrong="regression" fails=["regression_batch", "regression_minibatch", "regression_history", "regression_learns"] says="regression goes through the data once"
def regression(data, epochs, batch, eta):
    params = {"W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    mse = torch.nn.functional.mse_loss
    history = {"loss_train": [], "loss_test": []}
    for indices in minibatches(len(data.Xtrain), batch):
        mse(data.Xtrain[indices] @ params["W"].T + params["b"], data.Ytrain[indices]).backward()
        sgd(params, eta)
    for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
        history["loss_" + part] = [mse(X @ params["W"].T + params["b"], Y).item()] * epochs
    return params, history

# %% wrong="init_params" fails=["init_params_values"] says="no weight of {name} is negative: randn, not rand"
def init_params(nx, nh, ny):
    params = {"Wh": 0.3 * torch.rand(nh, nx), "bh": torch.zeros(nh), "Wy": 0.3 * torch.rand(ny, nh), "by": torch.zeros(ny)}
    return {name: p.requires_grad_() for name, p in params.items()}

# %% wrong="init_params" fails=["init_params_values"] says="two calls give the same weights"
def init_params(nx, nh, ny):
    torch.manual_seed(0)
    params = {"Wh": 0.3 * torch.randn(nh, nx), "bh": torch.zeros(nh), "Wy": 0.3 * torch.randn(ny, nh), "by": torch.zeros(ny)}
    return {name: p.requires_grad_() for name, p in params.items()}
