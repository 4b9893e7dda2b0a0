# %% [markdown]
# Answers to 02_manual as students write them: wrong ones with the checks they fail and what they are told, right ones
# in other styles than the solution's.

# %% wrong="init_params" fails=["init_params_random"] says="has a standard deviation of 1: multiply by 0.3"
def init_params(nx, nh, ny):
    params = {}
    params["Wh"] = torch.randn(nh, nx)
    params["bh"] = torch.zeros(nh)
    params["Wy"] = torch.randn(ny, nh)
    params["by"] = torch.zeros(ny)
    return params

# %% wrong="init_params" fails=["init_params_random"] says="randn, not rand"
def init_params(nx, nh, ny):
    return {
        "Wh": torch.rand(nh, nx) * 0.3,
        "bh": torch.zeros(nh),
        "Wy": torch.rand(ny, nh) * 0.3,
        "by": torch.zeros(ny),
    }

# %% wrong="init_params" fails=["init_params_random"] says="it is the standard deviation that should be 0.3"
def init_params(nx, nh, ny):
    s = 0.3 ** 0.5
    return {
        "Wh": torch.normal(0.0, s, (nh, nx)),
        "bh": torch.zeros(nh),
        "Wy": torch.normal(0.0, s, (ny, nh)),
        "by": torch.zeros(ny),
    }

# %% wrong="init_params" fails=["init_params_random"] says="all the weights are equal"
def init_params(nx, nh, ny):
    return {"Wh": torch.zeros(nh, nx), "bh": torch.zeros(nh), "Wy": torch.zeros(ny, nh), "by": torch.zeros(ny)}

# %% wrong="init_params" fails=["init_params_random"] says="two calls give the same weights"
def init_params(nx, nh, ny):
    torch.manual_seed(42)
    return {
        "Wh": torch.randn(nh, nx) * 0.3,
        "bh": torch.zeros(nh),
        "Wy": torch.randn(ny, nh) * 0.3,
        "by": torch.zeros(ny),
    }

# %% wrong="init_params" fails=["init_params_random"] says="not drawn from a normal distribution"
def init_params(nx, nh, ny):
    def uniform(a, b):
        return (torch.rand(a, b) * 2 - 1) * 0.3 * 3 ** 0.5

    return {"Wh": uniform(nh, nx), "bh": torch.zeros(nh), "Wy": uniform(ny, nh), "by": torch.zeros(ny)}

# %% wrong="init_params" fails=["init_params_shapes"] says="It is transposed."
def init_params(nx, nh, ny):
    return {
        "Wh": torch.randn(nx, nh) * 0.3,
        "bh": torch.zeros(nh),
        "Wy": torch.randn(nh, ny) * 0.3,
        "by": torch.zeros(ny),
    }

# %% wrong="init_params" fails=["init_params_shapes", "init_params_random"] says="is None: does the function end with return?"
def init_params(nx, nh, ny):
    params = {}
    params["Wh"] = torch.randn(nh, nx) * 0.3
    params["bh"] = torch.zeros(nh)
    params["Wy"] = torch.randn(ny, nh) * 0.3
    params["by"] = torch.zeros(ny)

# %% wrong="init_params" fails=["init_params_shapes"] says="the dict lacks {missing}"
def init_params(nx, nh, ny):
    return {"Wh": 0.3 * torch.randn(nh, nx), "Wy": 0.3 * torch.randn(ny, nh)}

# %% right="init_params"
def init_params(nx, nh, ny):
    params = dict()
    params["Wh"] = torch.normal(mean=0.0, std=0.3, size=(nh, nx))
    params["bh"] = torch.normal(mean=0.0, std=0.3, size=(nh,))
    params["Wy"] = torch.normal(mean=0.0, std=0.3, size=(ny, nh))
    params["by"] = torch.normal(mean=0.0, std=0.3, size=(ny,))
    return params

# %% wrong="init_params" fails=["init_params_shapes"] says="expected shape {expected}, got {got}."
def init_params(nx, nh, ny):
    sizes = {"Wh": (nh, nx), "bh": (1, nh), "Wy": (ny, nh), "by": (1, ny)}
    return {name: torch.empty(size).normal_(0, 0.3) for name, size in sizes.items()}

# %% wrong="forward" fails=["forward_output"] says="SoftMax is taken over the examples"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, dim=0)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="SoftMax is taken over the whole batch"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.exp(ytilde) / torch.exp(ytilde).sum()
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_hidden"] says="you forgot the bias bh"
def forward(params, X):
    htilde = torch.mm(X, params["Wh"].t())
    h = torch.tanh(htilde)
    ytilde = torch.mm(h, params["Wy"].t()) + params["by"]
    yhat = torch.softmax(ytilde, 1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="you forgot the bias by"
def forward(params, X):
    htilde = torch.mm(X, params["Wh"].t()) + params["bh"]
    h = torch.tanh(htilde)
    ytilde = torch.mm(h, params["Wy"].t())
    yhat = torch.softmax(ytilde, 1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_hidden"] says="you used the sigmoid; this network uses tanh"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.sigmoid(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, 1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="you used htilde where h was wanted"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = htilde @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, 1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="you forgot SoftMax: this is ytilde"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    return ytilde, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": ytilde}

# %% wrong="forward" fails=["forward_shapes", "forward_hidden", "forward_output"] says="expected {n} values, separated by commas after return"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    return torch.softmax(ytilde, 1)

# %% wrong="forward" fails=["forward_shapes", "forward_hidden", "forward_output"] says="expected {kind}, got {got}"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, 1)
    return {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}, yhat

# %% right="forward"
def forward(params, X):
    outputs = {}
    outputs["X"] = X
    outputs["htilde"] = torch.mm(X, params["Wh"].t()) + params["bh"].reshape(1, -1)
    outputs["h"] = (torch.exp(outputs["htilde"]) - torch.exp(-outputs["htilde"])) / (
        torch.exp(outputs["htilde"]) + torch.exp(-outputs["htilde"])
    )
    outputs["ytilde"] = torch.mm(outputs["h"], params["Wy"].t()) + params["by"].reshape(1, -1)
    e = torch.exp(outputs["ytilde"])
    outputs["yhat"] = e / torch.sum(e, 1).reshape(-1, 1)
    return outputs["yhat"], outputs

# %% right="forward"
def forward(params, X):
    F = torch.nn.functional
    htilde = F.linear(X, params["Wh"], params["bh"].flatten())
    h = htilde.tanh()
    ytilde = F.linear(h, params["Wy"], params["by"].flatten())
    yhat = F.softmax(ytilde, dim=-1)
    return [yhat, dict(X=X, htilde=htilde, h=h, ytilde=ytilde, yhat=yhat)]

# %% right="forward"
def forward(params, X):
    rows = []
    for x in X:
        htilde = params["Wh"].mv(x) + params["bh"].flatten()
        h = torch.tanh(htilde)
        ytilde = params["Wy"].mv(h) + params["by"].flatten()
        rows.append((htilde, h, ytilde, torch.softmax(ytilde, 0)))
    htilde, h, ytilde, yhat = (torch.stack(column) for column in zip(*rows))
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="loss_accuracy" fails=["loss_value"] says="you summed over the batch instead of averaging"
def loss_accuracy(Yhat, Y):
    L = -torch.sum(Y * torch.log(Yhat))
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_value"] says="you averaged over the classes as well"
def loss_accuracy(Yhat, Y):
    L = -torch.mean(Y * torch.log(Yhat))
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_value"] says="the loss is positive: mind the minus sign"
def loss_accuracy(Yhat, Y):
    L = (Y * torch.log(Yhat)).sum(1).mean()
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_value"] says="did you forget a sum or a mean?"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_value"] says="Yhat holds probabilities already"
def loss_accuracy(Yhat, Y):
    L = torch.nn.functional.cross_entropy(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["accuracy_value"] says="the accuracy is a rate between 0 and 1, not a percentage"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    acc = 100 * (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["accuracy_value"] says="this counts the right predictions"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    _, indsYhat = torch.max(Yhat, 1)
    _, indsY = torch.max(Y, 1)
    acc = torch.sum(indsYhat == indsY)
    return L, acc

# %% wrong="loss_accuracy" fails=["accuracy_value"] says="you compared the columns"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    acc = (Yhat.argmax(0) == Y.argmax(0)).float().mean()
    return L, acc

# %% right="loss_accuracy"
def loss_accuracy(Yhat, Y):
    n = Y.shape[0]
    L = -torch.sum(Y * torch.log(Yhat)).item() / n
    _, predicted = torch.max(Yhat, 1)
    _, wanted = torch.max(Y, 1)
    acc = torch.sum(predicted == wanted).item() / n
    return L, acc

# %% right="loss_accuracy"
def loss_accuracy(Yhat, Y):
    classes = Y.argmax(1)
    L = -torch.log(Yhat[torch.arange(len(Y)), classes]).mean()
    good = 0
    for i in range(len(Y)):
        if Yhat[i].argmax() == classes[i]:
            good += 1
    return L, good / len(Y)

# %% right="loss_accuracy"
def loss_accuracy(Yhat, Y):
    import numpy as np

    L = torch.nn.functional.nll_loss(torch.log(Yhat), Y.argmax(dim=1))
    acc = np.mean(Yhat.numpy().argmax(1) == Y.numpy().argmax(1))
    return L, acc

# %% wrong="backward" fails=["backward_output", "backward_hidden"] says="you summed over the batch: the loss is a mean, divide by n"
def backward(params, outputs, Y):
    delta_y = outputs["yhat"] - Y
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(0).reshape(params["by"].shape),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_output", "backward_hidden"] says="the sign is wrong: it is Yhat - Y"
def backward(params, outputs, Y):
    delta_y = (Y - outputs["yhat"]) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(0).reshape(params["by"].shape),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_hidden"] says="you forgot the derivative of tanh, 1 - h²"
def backward(params, outputs, Y):
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"]
    return {
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(0).reshape(params["by"].shape),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_hidden"] says="with h, not with htilde"
def backward(params, outputs, Y):
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["htilde"] ** 2)
    return {
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(0).reshape(params["by"].shape),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_hidden"] says="h(1 - h) is that of the sigmoid"
def backward(params, outputs, Y):
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * outputs["h"] * (1 - outputs["h"])
    return {
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(0).reshape(params["by"].shape),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_shapes", "backward_output", "backward_hidden"] says="It is transposed."
def backward(params, outputs, Y):
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": outputs["h"].T @ delta_y,
        "by": delta_y.sum(0).reshape(params["by"].shape),
        "Wh": outputs["X"].T @ delta_h,
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_shapes", "backward_output", "backward_hidden"] says="has a number for each example: sum over the examples, sum(0)."
def backward(params, outputs, Y):
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {"Wy": delta_y.T @ outputs["h"], "by": delta_y, "Wh": delta_h.T @ outputs["X"], "bh": delta_h}

# %% wrong="backward" fails=["backward_output"] says="you used htilde; the output layer reads h"
def backward(params, outputs, Y):
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": delta_y.T @ outputs["htilde"],
        "by": delta_y.sum(0).reshape(params["by"].shape),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_by_hand"] says="backward uses autograd"
def backward(params, outputs, Y):
    live = {name: value.clone().requires_grad_() for name, value in params.items()}
    h = torch.tanh(outputs["X"] @ live["Wh"].T + live["bh"].reshape(-1))
    # The intermediate values handed in decide the result, so feed them through the graph.
    h = h + (outputs["h"] - h).detach()
    h.retain_grad()
    ytilde = h @ live["Wy"].T + live["by"].reshape(-1)
    delta_y = (outputs["yhat"] - Y) / len(Y)
    ytilde.backward(delta_y)
    delta_h = h.grad * (1 - outputs["h"] ** 2)
    return {
        "Wy": live["Wy"].grad,
        "by": live["by"].grad,
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }

# %% right="backward"
def backward(params, outputs, Y):
    n = Y.shape[0]
    grads = {}
    deltay = outputs["yhat"] - Y
    deltah = (1 - torch.pow(outputs["h"], 2)) * torch.mm(deltay, params["Wy"])
    grads["Wy"] = torch.mm(deltay.t(), outputs["h"]) / n
    grads["by"] = (torch.sum(deltay, 0) / n).view(params["by"].size())
    grads["Wh"] = torch.mm(deltah.t(), outputs["X"]) / n
    grads["bh"] = (torch.sum(deltah, 0) / n).view(params["bh"].size())
    return grads

# %% right="backward"
def backward(params, outputs, Y):
    grads = {name: torch.zeros_like(value) for name, value in params.items()}
    n = len(Y)
    for x, h, yhat, y in zip(outputs["X"], outputs["h"], outputs["yhat"], Y):
        dy = (yhat - y) / n
        dh = (params["Wy"].T @ dy) * (1 - h * h)
        grads["Wy"] += torch.outer(dy, h)
        grads["by"] += dy.reshape(params["by"].shape)
        grads["Wh"] += torch.outer(dh, x)
        grads["bh"] += dh.reshape(params["bh"].shape)
    return grads

# %% wrong="sgd" fails=["sgd_step"] says="you walked up the slope"
def sgd(params, grads, eta):
    for name in params:
        params[name] += eta * grads[name]
    return params

# %% wrong="sgd" fails=["sgd_any_network"] says="the dict lacks {missing}"
def sgd(params, grads, eta):
    return {name: params[name] - eta * grads[name] for name in ("Wh", "bh", "Wy", "by") if name in params}

# %% wrong="sgd" fails=["sgd_step", "sgd_any_network"] says="nothing changed: compute the step and store it in params"
def sgd(params, grads, eta):
    for name in params:
        w = params[name]
        w = w - eta * grads[name]
    return params

# %% wrong="sgd" fails=["sgd_step"] says="you forgot the learning rate"
def sgd(params, grads, eta):
    for name in params:
        params[name] = params[name] - grads[name]
    return params

# %% wrong="sgd" fails=["sgd_any_network"] says="grads has changed: leave it as it is"
def sgd(params, grads, eta):
    for name in params:
        grads[name] *= eta
        params[name] -= grads[name]
    return params

# %% right="sgd"
def sgd(params, grads, eta):
    return {name: params[name] - eta * grads[name] for name in params}

# %% wrong="sgd" fails=["sgd_any_network"] says="sgd returns nothing, and train goes on with what it returns"
def sgd(params, grads, eta):
    for name, value in params.items():
        value.sub_(grads[name], alpha=eta)

# %% right="sgd"
def sgd(params, grads, eta):
    for name, value in params.items():
        value.sub_(grads[name], alpha=eta)
    return params

# %% wrong="minibatches" fails=["minibatches_random"] says="the indices come in their natural order: shuffle them"
def minibatches(n, batch):
    return [torch.arange(i, min(i + batch, n)) for i in range(0, n, batch)]

# %% wrong="minibatches" fails=["minibatches_cover"] says="the last, shorter batch is missing"
def minibatches(n, batch):
    order = torch.randperm(n)
    return [order[i * batch : (i + 1) * batch] for i in range(n // batch)]

# %% wrong="minibatches" fails=["minibatches_cover"] says="some examples come twice and others never"
def minibatches(n, batch):
    return [torch.randint(0, n, (min(batch, n - i),)) for i in range(0, n, batch)]

# %% wrong="minibatches" fails=["minibatches_random"] says="two calls give the same order"
def minibatches(n, batch):
    torch.manual_seed(0)
    return list(torch.randperm(n).split(batch))

# %% wrong="minibatches" fails=["minibatches_cover", "minibatches_random"] says="each batch holds neighbours"
def minibatches(n, batch):
    import random

    batches = [torch.arange(i, min(i + batch, n)) for i in range(0, n, batch)]
    random.shuffle(batches)
    return batches

# %% right="minibatches"
def minibatches(n, batch):
    import random

    indices = list(range(n))
    random.shuffle(indices)
    return [indices[i : i + batch] for i in range(0, n, batch)]

# %% right="minibatches"
def minibatches(n, batch):
    import numpy as np

    order = np.random.permutation(n)
    return [torch.from_numpy(order[i : i + batch]) for i in range(0, n, batch)]

# %% wrong="train" fails=["train_history"] says="these are the numbers of the last mini-batch"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat, outputs = forward(params, data.Xtrain[indices])
            L, acc = loss_accuracy(Yhat, data.Ytrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        history["loss_train"].append(float(L))
        history["acc_train"].append(float(acc))
        L, acc = loss_accuracy(forward(params, data.Xtest)[0], data.Ytest)
        history["loss_test"].append(float(L))
        history["acc_test"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="one step for each mini-batch was asked for, not one for each epoch"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat, outputs = forward(params, data.Xtrain[indices])
        params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="the parameters are drawn anew at each epoch"
def train(data, nh, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="train learns from test examples"
def train(data, nh, epochs, batch, eta):
    X, Y = torch.cat([data.Xtrain, data.Xtest]), torch.cat([data.Ytrain, data.Ytest])
    params = init_params(X.shape[1], nh, Y.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            indices = torch.as_tensor(indices) + 200
            Yhat, outputs = forward(params, X[indices])
            params = sgd(params, backward(params, outputs, Y[indices]), eta)
        for part, A, B in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, A)[0], B)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_history"] says="train and test are mixed up"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        L, acc = loss_accuracy(forward(params, data.Xtrain)[0], data.Ytrain)
        history["loss_train"].append(float(L))
        history["acc_train"].append(float(acc))
        history["loss_test"].append(float(L))
        history["acc_test"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="train goes through the data once"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for indices in minibatches(len(data.Xtrain), batch):
        _, outputs = forward(params, data.Xtrain[indices])
        params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
    for _ in range(epochs):
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop"] says="the learning rate eta is not passed on to sgd"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), 0.3)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    nx, ny = data.Xtrain.size(1), data.Ytrain.size(1)
    params = init_params(nx, nh, ny)
    losses_train, losses_test, accs_train, accs_test = [], [], [], []
    for epoch in range(epochs):
        for idx in minibatches(data.Xtrain.size(0), batch):
            Xb, Yb = data.Xtrain[idx], data.Ytrain[idx]
            Yhat, outs = forward(params, Xb)
            L, acc = loss_accuracy(Yhat, Yb)
            grads = backward(params, outs, Yb)
            new = sgd(params, grads, eta)
            if new is not None:
                params = new
        L, acc = loss_accuracy(forward(params, data.Xtrain)[0], data.Ytrain)
        losses_train.append(L)
        accs_train.append(acc)
        L, acc = loss_accuracy(forward(params, data.Xtest)[0], data.Ytest)
        losses_test.append(L)
        accs_test.append(acc)
    return params, {
        "acc_test": accs_test,
        "acc_train": accs_train,
        "loss_test": losses_test,
        "loss_train": losses_train,
    }

# %% right="train"
def note(history, params, data):
    for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
        L, acc = loss_accuracy(forward(params, X)[0], Y)
        history["loss_" + part] += [float(L)]
        history["acc_" + part] += [float(acc)]


def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {key: [] for key in ("loss_train", "loss_test", "acc_train", "acc_test")}
    epoch = 0
    while epoch < epochs:
        for indices in minibatches(len(data.Ytrain), batch):
            grads = backward(params, forward(params, data.Xtrain[indices])[1], data.Ytrain[indices])
            for name in params:
                params[name] = params[name] - eta * grads[name]
        note(history, params, data)
        epoch += 1
    return params, history

# %% wrong="why_shuffle" fails=["why_shuffle_sorted"] earns=1 says="in whatever order, an epoch uses every example once."
def why_shuffle():
    return {"a": True, "b": True, "c": True, "d": True}

# %% wrong="why_shuffle" fails=["why_shuffle_sorted"] says="answer with one of {options}"
def why_shuffle():
    return {"a": "True", "b": "True", "c": "False", "d": "True"}

# %% wrong="count_steps" fails=["count_steps_value"] says="the last, shorter mini-batch of each epoch is a step too"
def count_steps(n, batch, epochs):
    return epochs * (n // batch)

# %% wrong="count_steps" fails=["count_steps_value"] says="round up once an epoch, not once at the end"
def count_steps(n, batch, epochs):
    import math

    return math.ceil(epochs * n / batch)

# %% right="count_steps"
def count_steps(n, batch, epochs):
    import math

    return epochs * math.ceil(n / batch)

# %% right="count_steps"
def count_steps(n, batch, epochs):
    steps = 0
    for _ in range(epochs):
        steps += len(range(0, n, batch))
    return steps

# %% wrong="compare_descents" fails=["compare_descents_choices"] earns=1.5 says="one example alone may point anywhere"
def compare_descents():
    answers = dict(a="batch", b="batch", c="batch", d="mini-batch")
    return answers | dict(e="mini-batch", f="stochastic", g="batch")

# %% wrong="compare_descents" fails=["compare_descents_choices"] earns=1 says="200 steps are 200 examples with batch = 1"
def compare_descents():
    answers = dict(a="batch", b="batch", c="batch", d="stochastic")
    return answers | dict(e="mini-batch", f="batch", g="mini-batch")

# %% wrong="descent_path" fails=["descent_path_points"] says="the factor 2 of the gradient is missing"
def descent_path(x, y, w, eta, steps):
    path = [w]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w = w - eta * torch.stack([error.mean(), (error * x).mean()])
        path.append(w)
    return torch.stack(path)

# %% wrong="descent_path" fails=["descent_path_points"] says="every row is the last point"
def descent_path(x, y, w, eta, steps):
    w = w.clone()
    path = [w]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w -= eta * 2 * torch.stack([error.mean(), (error * x).mean()])
        path.append(w)
    return torch.stack(path)

# %% wrong="descent_path" fails=["descent_path_points"] says="the starting point is missing"
def descent_path(x, y, w, eta, steps):
    path = []
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w = w - eta * 2 * torch.stack([error.mean(), (error * x).mean()])
        path.append(w)
    return torch.stack(path)

# %% wrong="descent_path" fails=["descent_path_points"] says="w has changed: work on a copy"
def descent_path(x, y, w, eta, steps):
    path = [w.clone()]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w -= eta * 2 * torch.stack([error.mean(), (error * x).mean()])
        path.append(w.clone())
    return torch.stack(path)

# %% right="descent_path"
def descent_path(x, y, w, eta, steps):
    n = len(x)
    w0, w1 = float(w[0]), float(w[1])
    path = [[w0, w1]]
    for _ in range(steps):
        e = w0 + w1 * x - y
        w0, w1 = w0 - eta * 2 / n * float(e.sum()), w1 - eta * 2 / n * float((e * x).sum())
        path.append([w0, w1])
    return torch.tensor(path)

# %% right="descent_path"
def descent_path(x, y, w, eta, steps):
    A = torch.stack([torch.ones_like(x), x], 1)
    path = torch.empty(steps + 1, 2)
    path[0] = w
    for k in range(steps):
        path[k + 1] = path[k] - eta * 2 / len(x) * A.T @ (A @ path[k] - y)
    return path

# %% wrong="two_spaces" fails=["two_spaces_sorted"] earns=1 says="the learning rate changes the path, not the ground"
def two_spaces():
    return {"a": True, "b": True, "c": True, "d": True, "e": True}

# %% [markdown]
# More of what students hand in.

# %% wrong="init_params" fails=["init_params_shapes"] says="expected {kind}, got {got}"
def init_params(nx, nh, ny):
    return {"Wh": 0.3 * torch.randn(nh, nx), "bh": [0.0] * nh, "Wy": 0.3 * torch.randn(ny, nh), "by": [0.0] * ny}

# %% wrong="forward" fails=["forward_shapes", "forward_hidden", "forward_output"] says="your code uses {name}, which is not defined here"
def forward(params, X):
    htilde = X @ numbers_of_mine["Wh"].T + numbers_of_mine["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ numbers_of_mine["Wy"].T + numbers_of_mine["by"]
    yhat = torch.softmax(ytilde, 1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_shapes", "forward_hidden", "forward_output"] says="the columns of the first matrix are to be as many as the rows of the second"
def forward(params, X):
    htilde = X @ params["Wh"] + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"] + params["by"]
    yhat = torch.softmax(ytilde, 1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="this is ytilde: what stands under yhat is Yhat again"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    return torch.softmax(ytilde, 1), {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": ytilde}

# %% wrong="loss_accuracy" fails=["loss_value"] says="divide by the number of examples, not by the number of classes"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum() / Y.shape[1]
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_value", "accuracy_value"] says="the two values are swapped"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return acc, L

# %% wrong="backward" fails=["backward_output", "backward_hidden"] says="you divided by n twice"
def backward(params, outputs, Y):
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.mean(0).reshape(params["by"].shape),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.mean(0).reshape(params["bh"].shape),
    }

# %% wrong="sgd" fails=["sgd_step"] says="is return inside the loop?"
def sgd(params, grads, eta):
    for name in params:
        params[name] = params[name] - eta * grads[name]
        return params

# %% wrong="minibatches" fails=["minibatches_cover", "minibatches_random"] says="only the first mini-batch came"
def minibatches(n, batch):
    order = torch.randperm(n)
    for start in range(0, n, batch):
        return order[start : start + batch]

# %% wrong="minibatches" fails=["minibatches_cover"] says="only the first mini-batch came"
def minibatches(n, batch):
    batches, order = [], torch.randperm(n)
    for start in range(0, n, batch):
        batches.append(order[start : start + batch])
        return batches

# %% wrong="minibatches" fails=["minibatches_cover"] says="batch is the size of a batch, not their number"
def minibatches(n, batch):
    return list(torch.randperm(n).chunk(batch))

# %% wrong="train" fails=["train_loop", "train_learns"] says="the steps are never taken"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain[indices])
            grads = backward(params, outputs, data.Ytrain[indices])
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_history"] says="loss and accuracy are swapped"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            acc, L = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop"] says="in one mini-batch"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain)
            params = sgd(params, backward(params, outputs, data.Ytrain), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="descent_path" fails=["descent_path_points"] says="w1 was updated with the new w0"
def descent_path(x, y, w, eta, steps):
    w0, w1 = float(w[0]), float(w[1])
    path = [[w0, w1]]
    for _ in range(steps):
        w0 = w0 - eta * 2 * float((w0 + w1 * x - y).mean())
        w1 = w1 - eta * 2 * float(((w0 + w1 * x - y) * x).mean())
        path.append([w0, w1])
    return torch.tensor(path)

# %% wrong="train" fails=["train_history"] says="measure after the steps of the epoch, not before"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
    return params, history

# %% wrong="train" fails=["train_loop"] says="each epoch has the same batches"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    batches = minibatches(len(data.Xtrain), batch)
    for _ in range(epochs):
        for indices in batches:
            _, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_history"] says="X and Y are not of the same half of the data"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytrain)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history

# %% wrong="count_steps" fails=["count_steps_value"] says="the last, shorter mini-batch of each epoch is a step too"
def count_steps(n, batch, epochs):
    return epochs * round(n / batch)

# %% wrong="sgd" fails=["sgd_step"] says="the gradient of another parameter was taken"
def sgd(params, grads, eta):
    for p, g in zip(params.values(), grads.values()):
        p -= eta * g
    return params

# %% wrong="backward" fails=["backward_by_hand"] says="backward uses autograd"
def backward(params, outputs, Y):
    from torch.autograd import grad

    live = [value.clone().requires_grad_() for value in params.values()]
    copies = dict(zip(params, live))
    h = torch.tanh(outputs["X"] @ copies["Wh"].T + copies["bh"].flatten())
    Yhat = torch.softmax(h @ copies["Wy"].T + copies["by"].flatten(), 1)
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    return dict(zip(params, grad(L, live)))

# %% right="train"
@torch.no_grad()
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[1]["yhat"], Y)
            history[f"loss_{part}"].append(L)
            history[f"acc_{part}"].append(acc)
    return params, history

# %% right="forward"
import numpy as np


def scores(W, b, X):
    return X @ W.T + b.reshape(1, -1)


def forward(params, X):
    Wh, bh, Wy, by = (value.double().numpy() for value in params.values())
    htilde = scores(Wh, bh, X.numpy())
    h = np.tanh(htilde)
    ytilde = scores(Wy, by, h)
    e = np.exp(ytilde)
    yhat = e / e.sum(axis=1, keepdims=True)
    outputs = {"htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}
    outputs = {name: torch.from_numpy(value) for name, value in outputs.items()}
    outputs["X"] = X
    return outputs["yhat"], outputs

# %% right="backward"
def backward(params, outputs, Y):
    h = torch.tanh(outputs["X"] @ params["Wh"].T + params["bh"].flatten())
    ytilde = h @ params["Wy"].T + params["by"].flatten()
    dy = (torch.softmax(ytilde, 1) - Y) / len(Y)
    dh = dy @ params["Wy"] * (1 - h**2)
    grads = {"by": dy.sum(0), "Wy": dy.T @ h, "bh": dh.sum(0), "Wh": dh.T @ outputs["X"]}
    return {name: grads[name].reshape(params[name].shape) for name in grads}

# %% wrong="init_params" fails=["init_params_shapes", "init_params_random"] says="is None: compute it and store it."
def init_params(nx, nh, ny):
    params = dict.fromkeys(("Wh", "bh", "Wy", "by"))
    return params

# %% right="init_params"
def init_params(nx, nh, ny):
    def layer(inputs, units):
        return 0.3 * torch.randn(units, inputs), torch.zeros(units)

    Wh, bh = layer(nx, nh)
    Wy, by = layer(nh, ny)
    return {"by": by, "Wy": Wy, "bh": bh, "Wh": Wh, "sizes": (nx, nh, ny)}

# %% wrong="forward" fails=["forward_shapes", "forward_hidden", "forward_output"] says="is None: compute it and store it."
def forward(params, X):
    kept = {"X": None, "htilde": None, "h": None, "ytilde": None, "yhat": None}
    return kept["yhat"], kept

# %% wrong="forward" fails=["forward_shapes"] says="It is transposed."
def forward(params, X):
    columns = params["Wh"] @ X.T + params["bh"].reshape(-1, 1)
    scores = columns.tanh().T @ params["Wy"].T + params["by"].reshape(1, -1)
    probabilities = scores.softmax(1)
    outputs = {"X": X, "ytilde": scores, "yhat": probabilities}
    outputs["htilde"], outputs["h"] = columns, columns.tanh()
    return probabilities, outputs

# %% wrong="forward" fails=["forward_shapes"] says="the dict lacks {missing}"
def forward(params, X):
    outputs = {"htilde": X @ params["Wh"].T + params["bh"].reshape(-1)}
    outputs["h"] = outputs["htilde"].tanh()
    outputs["ytilde"] = outputs["h"] @ params["Wy"].T + params["by"].reshape(-1)
    outputs["yhat"] = outputs["ytilde"].softmax(1)
    return outputs["yhat"], outputs

# %% wrong="forward" fails=["forward_shapes", "forward_hidden"] says="the dict lacks {missing}"
def forward(params, X):
    hidden = torch.tanh(X @ params["Wh"].T + params["bh"].reshape(-1))
    scores = hidden @ params["Wy"].T + params["by"].reshape(-1)
    return scores.softmax(1), {"X": X, "ytilde": scores, "yhat": scores.softmax(1)}

# %% wrong="forward" fails=["forward_output"] says="this is the exponential of ytilde: keep ytilde as it was before SoftMax"
def forward(params, X):
    kept = {"X": X}
    kept["htilde"] = X @ params["Wh"].T + params["bh"].reshape(-1)
    kept["h"] = kept["htilde"].tanh()
    kept["ytilde"] = kept["h"] @ params["Wy"].T + params["by"].reshape(-1)
    kept["ytilde"] = torch.exp(kept["ytilde"])
    kept["yhat"] = kept["ytilde"] / kept["ytilde"].sum(1, keepdim=True)
    return kept["yhat"], kept

# %% wrong="forward" fails=["forward_shapes", "forward_hidden", "forward_output"] says="your code uses {name}, which is not defined here"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1).expand(len(X), number_of_units)
    h = htilde.tanh()
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    yhat = ytilde.softmax(1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="loss_accuracy" fails=["loss_value", "accuracy_value"] says="these are squared errors, added up; the cross-entropy was asked for"
def loss_accuracy(Yhat, Y):
    guess = torch.zeros_like(Y)
    guess[torch.arange(len(Y)), Yhat.argmax(1)] = 1
    return (Yhat - Y).pow(2).sum(), guess.eq(Y).float().mean()

# %% wrong="loss_accuracy" fails=["accuracy_value"] says="you compared the one-hot rows, entry by entry"
def loss_accuracy(Yhat, Y):
    chosen = torch.eye(Y.shape[1])[Yhat.argmax(1)]
    return -(Y * Yhat.log()).sum() / len(Y), (chosen == Y).sum() / Y.numel()

# %% wrong="loss_accuracy" fails=["accuracy_value"] says="probabilities are never exactly 0 or 1"
def loss_accuracy(Yhat, Y):
    right = Yhat == Y
    return -(Y * Yhat.log()).sum(1).mean(), 100 * right.sum() / len(Y)

# %% right="loss_accuracy"
def loss_accuracy(Yhat, Y):
    n, chosen = len(Y), Y.argmax(dim=1)
    L = -sum(float(Yhat[k, chosen[k]].log()) for k in range(n)) / n
    return [L, sum(int(Yhat[k].argmax() == chosen[k]) for k in range(n)) / n]

# %% wrong="backward" fails=["backward_shapes", "backward_output", "backward_hidden"] says="has a number for each example: sum over the examples, sum(0)."
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / Y.shape[0]
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    columns = {"by": slope_y.t(), "bh": slope_h.t()}
    return columns | {"Wy": slope_y.t() @ outputs["h"], "Wh": slope_h.t() @ outputs["X"]}

# %% wrong="backward" fails=["backward_shapes", "backward_hidden"] says="is one number for all the units: sum over the examples only, sum(0)."
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / Y.shape[0]
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    grads = {"Wy": slope_y.T @ outputs["h"], "Wh": slope_h.T @ outputs["X"]}
    grads["by"] = slope_y.sum(0).reshape(params["by"].shape)
    grads["bh"] = slope_h.sum()
    return grads

# %% wrong="backward" fails=["backward_shapes", "backward_output", "backward_hidden", "backward_by_hand"] says="is None: compute it and store it."
def backward(params, outputs, Y):
    grads = {}
    for name in ("Wh", "bh", "Wy", "by"):
        grads[name] = None
    return grads

# %% wrong="backward" fails=["backward_shapes", "backward_output", "backward_hidden", "backward_by_hand"] says="backward uses autograd"
def backward(params, outputs, Y):
    L = -(Y * torch.log(outputs["yhat"])).sum(1).mean()
    L.backward()
    return {name: tensor.grad for name, tensor in params.items()}

# %% wrong="backward" fails=["backward_by_hand"] says="backward uses autograd"
def backward(params, outputs, Y):
    def scores(h):
        return h @ params["Wy"].T + params["by"].reshape(-1)

    slope_y = (outputs["yhat"] - Y) / len(Y)
    _, back = torch.func.vjp(scores, outputs["h"])
    slope_h = back(slope_y)[0] * (1 - outputs["h"] ** 2)
    grads = {"Wy": slope_y.T @ outputs["h"], "Wh": slope_h.T @ outputs["X"]}
    for name, slope in (("by", slope_y), ("bh", slope_h)):
        grads[name] = slope.sum(0).reshape(params[name].shape)
    return grads

# %% wrong="backward" fails=["backward_by_hand"] says="backward uses autograd" unseen="a visible test of each size would tell which sizes are looked at"
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    if len(Y) == 5:
        leaf = outputs["h"].clone().requires_grad_()
        ((leaf @ params["Wy"].T) * slope_y).sum().backward()
        slope_h = leaf.grad * (1 - outputs["h"] ** 2)
    return {
        "Wy": slope_y.T @ outputs["h"],
        "by": slope_y.sum(0).reshape(params["by"].shape),
        "Wh": slope_h.T @ outputs["X"],
        "bh": slope_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_shapes", "backward_hidden"] says="you used h; the hidden layer reads X"
def backward(params, outputs, Y):
    n, h = len(Y), outputs["h"]
    slope_y = (outputs["yhat"] - Y) / n
    slope_h = (slope_y @ params["Wy"]) * (1 - h * h)
    grads = {"Wy": slope_y.T @ h, "Wh": slope_h.T @ h}
    grads["by"] = slope_y.sum(0).view_as(params["by"])
    grads["bh"] = slope_h.sum(0).view_as(params["bh"])
    return grads

# %% wrong="backward" fails=["backward_shapes", "backward_output", "backward_hidden", "backward_by_hand"] says="the columns of the first matrix are to be as many as the rows of the second"
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    grads = {"Wy": slope_y.T @ outputs["h"], "by": slope_y.sum(0).reshape(params["by"].shape)}
    return grads | {"Wh": slope_h @ outputs["X"], "bh": slope_h.sum(0).reshape(params["bh"].shape)}

# %% wrong="sgd" fails=["sgd_step", "sgd_any_network"] says="is None: compute it and store it."
def sgd(params, grads, eta):
    return dict.fromkeys(params)

# %% wrong="sgd" fails=["sgd_any_network"] says="asks for '{key}', which this dict does not have"
def sgd(params, grads, eta):
    for name in ["by", "Wy", "bh", "Wh"]:
        params[name] = params[name] - eta * grads[name]
    return params

# %% wrong="sgd" fails=["sgd_any_network"] says="does not move along its own gradient"
def sgd(params, grads, eta):
    known = {"Wh", "bh", "Wy", "by"}
    for name in params:
        params[name] = params[name] - eta * (grads[name] if name in known else grads[name].mean())
    return params

# %% wrong="minibatches" fails=["minibatches_cover", "minibatches_random"] says="expected whole numbers, got {got}."
def minibatches(n, batch):
    return list(torch.randperm(n).float().split(batch))

# %% right="minibatches"
def minibatches(n, batch):
    order = torch.randperm(n).tolist()
    for start in range(0, n, batch):
        yield order[start : start + batch]

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="is None: does the function end with return?"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)

# %% wrong="train" fails=["train_history"] says="expected {kind}, got {got}."
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(f"{float(L):.3f}")
            history["acc_" + part].append(float(acc))
    return params, history

# %% [markdown]
# What readers of the notebook found, and the measured gradient.

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="divide by the distance between the two points, 2 eps, not by eps"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = (losses[0] - losses[1]) / eps
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="divide by the distance between the two points, 2 eps"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = losses[0] - losses[1]
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="divide by 2 eps: in Python, a / 2 * eps is (a / 2) * eps"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = (losses[0] - losses[1]) / 2 * eps
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="the sign is wrong: L at w + eps, minus L at w - eps"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = (losses[1] - losses[0]) / (2 * eps)
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="dict(params) is a new dict with the same tensors"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = dict(params)
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = (losses[0] - losses[1]) / (2 * eps)
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="move one number at a time: all of them moved at once"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = (losses[0] - losses[1]) / (2 * eps)
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="this is the slope of the accuracy"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[1])
        grad[place] = (losses[0] - losses[1]) / (2 * eps)
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="is None: does the function end with return?"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = (losses[0] - losses[1]) / (2 * eps)

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="this looks to one side only"
def numeric_gradient(params, X, Y, name, eps):
    w, grad = params[name], torch.zeros_like(params[name])
    before = loss_accuracy(forward(params, X)[0], Y)[0]
    for place in places(w):
        w[place] += eps
        grad[place] = (loss_accuracy(forward(params, X)[0], Y)[0] - before) / eps
        w[place] -= eps
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="after w - eps, add eps"
def numeric_gradient(params, X, Y, name, eps):
    w, grad = params[name], torch.zeros_like(params[name])
    for place in places(w):
        w[place] += eps
        above = loss_accuracy(forward(params, X)[0], Y)[0]
        w[place] -= 2 * eps
        below = loss_accuracy(forward(params, X)[0], Y)[0]
        grad[place] = (above - below) / (2 * eps)
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="each number has to be back in its place before the next one moves"
def numeric_gradient(params, X, Y, name, eps):
    moved, grad = {**params, name: params[name].clone()}, torch.zeros_like(params[name])
    for place in places(grad):
        moved[name][place] -= eps
        below = loss_accuracy(forward(moved, X)[0], Y)[0]
        moved[name][place] += 2 * eps
        above = loss_accuracy(forward(moved, X)[0], Y)[0]
        grad[place] = (above - below) / (2 * eps)
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="numeric_gradient calls backward, which it is to judge"
def numeric_gradient(params, X, Y, name, eps):
    backward_of_part_5 = globals()["backward"]
    return backward_of_part_5(params, forward(params, X)[1], Y)[name]

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="this comes from the formula of the derivative"
def numeric_gradient(params, X, Y, name, eps):
    w = params[name].clone().requires_grad_()
    L = loss_accuracy(forward(params | {name: w}, X)[0], Y)[0]
    return torch.autograd.grad(L, w)[0]

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="nothing was stored: fill the tensor at each place"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        slope = (losses[0] - losses[1]) / (2 * eps)
    return grad

# %% right="numeric_gradient"
def numeric_gradient(params, X, Y, name, eps):
    w = params[name]
    grad = w.clone()
    for place in places(w):
        kept = w[place].item()
        w[place] = kept + eps
        above = float(loss_accuracy(forward(params, X)[0], Y)[0])
        w[place] = kept - eps
        below = float(loss_accuracy(forward(params, X)[0], Y)[0])
        w[place] = kept
        grad[place] = (above - below) / 2 / eps
    return grad

# %% right="numeric_gradient"
def numeric_gradient(params, X, Y, name, eps):
    def L(change):
        Yhat, _ = forward({**params, name: params[name] + change}, X)
        return float(loss_accuracy(Yhat, Y)[0])

    slopes = []
    for i in range(params[name].numel()):
        e = torch.zeros(params[name].numel())
        e[i] = eps
        e = e.reshape(params[name].shape)
        slopes.append((L(e) - L(-e)) / (2 * eps))
    return torch.tensor(slopes).reshape(params[name].shape)

# %% right="numeric_gradient"
import copy


def numeric_gradient(params, X, Y, name, eps):
    higher, lower = torch.empty(params[name].shape), torch.empty(params[name].shape)
    for where in places(params[name]):
        for table, sign in ((higher, 1), (lower, -1)):
            changed = copy.deepcopy(params)
            changed[name][where] = changed[name][where] + sign * eps
            table[where] = loss_accuracy(forward(changed, X)[0], Y)[0]
    return (higher - lower) / (2 * eps)

# %% wrong="backward" fails=["backward_shapes", "backward_output"] says="has a number for each example: sum over the examples, sum(0)."
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": slope_y.T @ outputs["h"],
        "by": slope_y.sum(1),
        "Wh": slope_h.T @ outputs["X"],
        "bh": slope_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_shapes", "backward_hidden"] says="has a number for each example: sum over the examples, sum(0)."
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": slope_y.T @ outputs["h"],
        "by": slope_y.sum(0).reshape(params["by"].shape),
        "Wh": slope_h.T @ outputs["X"],
        "bh": slope_h.sum(dim=1),
    }

# %% wrong="backward" fails=["backward_hidden"] says="the derivative of tanh is 1 - h², not 1 - h"
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"])
    return {
        "Wy": slope_y.T @ outputs["h"],
        "by": slope_y.sum(0).reshape(params["by"].shape),
        "Wh": slope_h.T @ outputs["X"],
        "bh": slope_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_output", "backward_hidden"] says="the gradient of SoftMax is already in Yhat - Y"
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) * outputs["yhat"] * (1 - outputs["yhat"]) / len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": slope_y.T @ outputs["h"],
        "by": slope_y.sum(0).reshape(params["by"].shape),
        "Wh": slope_h.T @ outputs["X"],
        "bh": slope_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_output", "backward_hidden"] says="divide by the number of examples n, not by the number of classes"
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / Y.shape[1]
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": slope_y.T @ outputs["h"],
        "by": slope_y.sum(0).reshape(params["by"].shape),
        "Wh": slope_h.T @ outputs["X"],
        "bh": slope_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="backward" fails=["backward_shapes", "backward_output", "backward_hidden", "backward_by_hand"] says="the dict lacks {missing}"
def backward(params, outputs, Y):
    slope_y = (outputs["yhat"] - Y) / len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {"Wy": slope_y.T @ outputs["h"], "Wh": slope_h.T @ outputs["X"]}

# %% wrong="backward" fails=["backward_output", "backward_hidden", "backward_by_hand"] says="backward does not use what forward kept"
def backward(params, outputs, Y):
    return {name: 0.01 * torch.ones_like(value) for name, value in params.items()}

# %% wrong="forward" fails=["forward_shapes", "forward_hidden", "forward_output"] says="Perhaps a sum lacks keepdim=True"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    yhat = ytilde.exp() / ytilde.exp().sum(1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_hidden"] says="you used ReLU; this network uses tanh"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.relu(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    yhat = ytilde.softmax(1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="you used the sigmoid; the output uses SoftMax"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    yhat = torch.sigmoid(ytilde)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="you took the exponential but did not divide by the sum of the row"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    yhat = torch.exp(ytilde)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="loss_accuracy" fails=["loss_value"] says="the logarithm is the natural one, torch.log, not in base 10"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log10(Yhat)).sum(1).mean()
    return L, (Yhat.argmax(1) == Y.argmax(1)).float().mean()

# %% wrong="loss_accuracy" fails=["loss_value", "accuracy_value"] says="torch takes no mean of True and False"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    return L, (Yhat.argmax(1) == Y.argmax(1)).mean()

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="forward and loss_accuracy return two values each"
def numeric_gradient(params, X, Y, name, eps):
    slopes = torch.zeros_like(params[name])
    for i in range(slopes.numel()):
        above, below = ({key: value.clone() for key, value in params.items()} for _ in range(2))
        above[name].view(-1)[i] += eps
        below[name].view(-1)[i] -= eps
        rise = loss_accuracy(forward(above, X)[0], Y) - loss_accuracy(forward(below, X)[0], Y)
        slopes.view(-1)[i] = rise / (2 * eps)
    return slopes

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="forward and loss_accuracy return two values each"
def numeric_gradient(params, X, Y, name, eps):
    slopes = torch.zeros_like(params[name])
    for i in range(slopes.numel()):
        above, below = ({key: value.clone() for key, value in params.items()} for _ in range(2))
        above[name].view(-1)[i] += eps
        below[name].view(-1)[i] -= eps
        rise = loss_accuracy(forward(above, X), Y)[0] - loss_accuracy(forward(below, X), Y)[0]
        slopes.view(-1)[i] = rise / (2 * eps)
    return slopes

# %% wrong="loss_accuracy" fails=["accuracy_value"] says="this is the rate of errors, not of right predictions"
def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    return L, (Yhat.argmax(1) != Y.argmax(1)).float().mean()

# %% wrong="count_steps" fails=["count_steps_value"] says="an epoch has a whole number of steps"
def count_steps(n, batch, epochs):
    return epochs * n // batch

# %% wrong="count_steps" fails=["count_steps_value"] says="where batch divides n, there is no shorter mini-batch to add"
def count_steps(n, batch, epochs):
    return (n // batch + 1) * epochs

# %% wrong="count_steps" fails=["count_steps_value"] says="these are the steps of one epoch"
def count_steps(n, batch, epochs):
    return -(-n // batch)

# %% right="count_steps"
def count_steps(n, batch, epochs):
    whole, rest = divmod(n, batch)
    return epochs * (whole + (rest > 0))

# %% wrong="train" fails=["train_history"] says="note them once an epoch, after the loop over its mini-batches"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(forward(params, X)[0], Y)
                history["loss_" + part].append(float(L))
                history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_history"] says="these are the numbers of one epoch"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
    for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
        L, acc = loss_accuracy(forward(params, X)[0], Y)
        history["loss_" + part].append(float(L))
        history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_history", "train_loop"] says="the number of epochs is the argument epochs"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(10):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop"] says="batch is the size of a mini-batch: pass it to minibatches"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), 10):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="train learns from test examples"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtest[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytest[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="the rows of X and Y do not belong together"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[: len(rows)]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="the params that train returns are not those whose accuracy it noted last"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    first = {name: value.clone() for name, value in params.items()}
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return first, history

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="the two values are swapped"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return history, params

# %% wrong="minibatches" fails=["minibatches_cover", "minibatches_random"] says="is None: does the function end with return?"
def minibatches(n, batch):
    order = torch.randperm(n)
    batches = list(order.split(batch))

# %% wrong="descent_path" fails=["descent_path_points"] says="you summed over the examples instead of averaging"
def descent_path(x, y, w, eta, steps):
    path = [w]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w = w - 2 * eta * torch.stack([error.sum(), (error * x).sum()])
        path.append(w)
    return torch.stack(path)

# %% wrong="forward" fails=["forward_output"] says="exp is missing"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    e = ytilde
    yhat = e / e.sum(1, keepdim=True)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="SoftMax takes exp(ytilde), not exp(-ytilde)"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    e = torch.exp(-ytilde)
    yhat = e / e.sum(1, keepdim=True)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="powers of e, not of 2"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    e = 2**ytilde
    yhat = e / e.sum(1, keepdim=True)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="these are squares"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    e = ytilde**2
    yhat = e / e.sum(1, keepdim=True)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_output"] says="these are sigmoids"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    e = torch.sigmoid(ytilde)
    yhat = e / e.sum(1, keepdim=True)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="forward" fails=["forward_shapes", "forward_hidden"] says="what stands under X is the batch, as it was given"
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"].reshape(-1)
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"].reshape(-1)
    yhat = torch.softmax(ytilde, 1)
    return yhat, {"X": htilde, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}

# %% wrong="descent_path" fails=["descent_path_points"] says="both 2 and 1/n are missing"
def descent_path(x, y, w, eta, steps):
    path = [w]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w = w - eta * torch.stack([error.sum(), (error * x).sum()])
        path.append(w)
    return torch.stack(path)

# %% wrong="descent_path" fails=["descent_path_points"] says="the second slope lacks its factor x"
def descent_path(x, y, w, eta, steps):
    path = [w]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w = w - 2 * eta * torch.stack([error.mean(), error.mean()])
        path.append(w)
    return torch.stack(path)

# %% wrong="descent_path" fails=["descent_path_points"] says="after the start, every row is the last point"
def descent_path(x, y, w, eta, steps):
    path = [w.clone()]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w -= 2 * eta * torch.stack([error.mean(), (error * x).mean()])
        path.append(w)
    return torch.stack(path)

# %% wrong="descent_path" fails=["descent_path_points"] says="the first row is the last point"
def descent_path(x, y, w, eta, steps):
    path = [w]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w -= 2 * eta * torch.stack([error.mean(), (error * x).mean()])
        path.append(w.clone())
    return torch.stack(path)

# %% wrong="count_steps" fails=["count_steps_value"] says="what is left over makes one mini-batch"
def count_steps(n, batch, epochs):
    return (n // batch + n % batch) * epochs

# %% wrong="count_steps" fails=["count_steps_value"] says="a whole number was asked for"
def count_steps(n, batch, epochs):
    return n / batch * epochs

# %% wrong="count_steps" fails=["count_steps_value"] says="a whole number was asked for"
import math


def count_steps(n, batch, epochs):
    return math.ceil(n / batch) * float(epochs)

# %% wrong="init_params" fails=["init_params_shapes"] says="Drop the last dimension"
def init_params(nx, nh, ny):
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": torch.zeros(nh, 1),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": torch.zeros(ny, 1),
    }

# %% wrong="init_params" fails=["init_params_random"] says="starts far from 0"
def init_params(nx, nh, ny):
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": 100 * torch.ones(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": 100 * torch.ones(ny),
    }

# %% wrong="init_params" fails=["init_params_random"] says="starts far from 0"
def init_params(nx, nh, ny):
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": 100 * torch.randn(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": 100 * torch.randn(ny),
    }

# %% wrong="backward" fails=["backward_shapes"] says="x -= y writes into the old one"
def backward(params, outputs, Y):
    slope_y = outputs["yhat"]
    slope_y -= Y
    slope_y /= len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": slope_y.T @ outputs["h"],
        "by": slope_y.sum(0).reshape(params["by"].shape),
        "Wh": slope_h.T @ outputs["X"],
        "bh": slope_h.sum(0).reshape(params["bh"].shape),
    }

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="is a view"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        w = params[name][place]
        params[name][place] = w + eps
        above = loss_accuracy(forward(params, X)[0], Y)[0]
        params[name][place] = w - eps
        below = loss_accuracy(forward(params, X)[0], Y)[0]
        params[name][place] = w
        grad[place] = (above - below) / (2 * eps)
    return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="only the first number was measured"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = (losses[0] - losses[1]) / (2 * eps)
        return grad

# %% wrong="numeric_gradient" fails=["numeric_gradient_values"] says="does not end as it began"
def numeric_gradient(params, X, Y, name, eps):
    grad = torch.zeros_like(params[name])
    kept = params[name].clone()
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            params[name] = kept.clone()
            params[name][place] += step
            losses.append(loss_accuracy(forward(params, X)[0], Y)[0])
        grad[place] = (losses[0] - losses[1]) / (2 * eps)
    return grad

# %% wrong="train" fails=["train_loop"] says="nx and ny are not always 2"
def train(data, nh, epochs, batch, eta):
    params = init_params(2, nh, 2)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_loop"] says="there are not always 200 examples"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(200, batch):
            outputs = forward(params, data.Xtrain[rows])[1]
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="loss_accuracy takes the first of them, backward the second"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs = forward(params, data.Xtrain[rows])
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="loss_accuracy takes the first of them, backward the second"
def train(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(len(data.Xtrain), batch):
            outputs, _ = forward(params, data.Xtrain[rows])
            params = sgd(params, backward(params, outputs, data.Ytrain[rows]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history["loss_" + part].append(float(L))
            history["acc_" + part].append(float(acc))
    return params, history

# %% wrong="backward" fails=["backward_by_hand"] says="backward measures the gradient"
def backward(params, outputs, Y):
    def loss(moved):
        h = torch.tanh(outputs["X"] @ moved["Wh"].T + moved["bh"].reshape(-1))
        scores = h @ moved["Wy"].T + moved["by"].reshape(-1)
        return -(Y * scores.log_softmax(1)).sum(1).mean()

    params = {name: value.double() for name, value in params.items()}
    outputs, Y = {"X": outputs["X"].double()}, Y.double()
    grads = {}
    for name, value in params.items():
        grads[name] = torch.zeros_like(value)
        for place in places(value):
            sides = []
            for step in (1e-5, -1e-5):
                moved = {**params, name: value.clone()}
                moved[name][place] += step
                sides.append(loss(moved))
            grads[name][place] = (sides[0] - sides[1]) / 2e-5
    return {name: grad.float() for name, grad in grads.items()}

# %% right="backward"
def backward(params, outputs, Y):
    h = torch.tanh(outputs["X"] @ params["Wh"].T + params["bh"].reshape(-1))
    slope_y = (outputs["ytilde"].softmax(1) - Y) / len(Y)
    slope_h = slope_y @ params["Wy"] * (1 - h**2)
    return {
        "Wy": slope_y.T @ h,
        "by": slope_y.sum(0).reshape(params["by"].shape),
        "Wh": slope_h.T @ outputs["X"],
        "bh": slope_h.sum(0).reshape(params["bh"].shape),
    }
