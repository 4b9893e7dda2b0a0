# %% [markdown]
# Answers to 05_optim as students write them: wrong ones with the checks they fail and what they are told, right ones in
# other styles than the solution's.

# %% wrong="init_model" fails=["init_model_optim"] says="the optimiser moves other tensors than the parameters of this model"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.CrossEntropyLoss(), optim

# %% wrong="init_model" fails=["init_model_optim"] says="the optimiser moves other tensors than the parameters of this model"
net = fully_connected([2, 10, 2])
shared = torch.optim.SGD(net.parameters(), lr=0.1)


def init_model(nx, nh, ny, eta):
    shared.param_groups[0]["lr"] = eta
    return fully_connected([nx, nh, ny]), torch.nn.CrossEntropyLoss(), shared

# %% wrong="init_model" fails=["init_model_optim"] says="the optimiser lacks {missing}"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.SGD(model[0].parameters(), lr=eta)
    return model, loss, optim

# %% wrong="init_model" fails=["init_model_optim"] says="the learning rate of the optimiser is {found}"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.SGD(model.parameters(), lr=0.1)
    return model, loss, optim

# %% wrong="init_model" fails=["init_model_optim"] says="the learning rate of the optimiser is {found}"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.SGD(model.parameters())
    return model, loss, optim

# %% wrong="init_model" fails=["init_model_optim"] says="the optimiser has the option {name}"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.SGD(model.parameters(), lr=eta, momentum=0.9)
    return model, loss, optim

# %% wrong="init_model" fails=["init_model_optim"] says="this optimiser is {kind}; SGD was asked for"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    return model, loss, optim

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the third value is no optimiser of torch.optim"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    return model, loss, lambda: sgd_04(model, eta)

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="expected {n} values, separated by commas after return"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    return model, loss

# %% wrong="init_model" fails=["init_model_returns"] says="the model ends with SoftMax: CrossEntropyLoss does it itself"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(fully_connected([nx, nh, ny]), torch.nn.Softmax(dim=1))
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the three values are in another order"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    return model, optim, loss

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the optimiser is a class: make one of it"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    return model, loss, torch.optim.SGD

# %% wrong="init_model" fails=["init_model_returns"] says="the loss sums over the batch; keep the mean"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.CrossEntropyLoss(reduction="sum"), torch.optim.SGD(model.parameters(), lr=eta)

# %% right="init_model"
def init_model(nx, nh, ny, eta):
    model, loss = init_model_04(nx, nh, ny)
    optim = torch.optim.SGD(params=list(model.parameters()), lr=eta, momentum=0)
    return [model, loss, optim]

# %% right="init_model"
import torch.nn as nn
import torch.optim as opt


class Net(nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.hidden = nn.Linear(nx, nh)
        self.out = nn.Linear(nh, ny)

    def forward(self, X):
        return self.out(torch.tanh(self.hidden(X)))


def init_model(nx, nh, ny, eta):
    model = Net(nx, nh, ny)
    groups = [{"params": model.out.parameters()}, {"params": model.hidden.parameters()}]
    return model, nn.functional.cross_entropy, opt.SGD(groups, eta)

# %% wrong="orders" fails=["orders_choices"] earns=1.5 says="the gradients are forgotten just before they are used"
def orders():
    return {"a": "descends", "b": "descends", "c": "descends", "d": "adds up", "e": "stays", "f": "stays"}

# %% wrong="orders" fails=["orders_choices"] earns=1 says="the same circle, entered at another point"
def orders():
    return {"a": "descends", "b": "stays", "c": "stays", "d": "adds up", "e": "descends", "f": "stays"}

# %% right="orders"
def orders():
    answer = dict.fromkeys("cef", "stays") | dict.fromkeys("ab", "descends")
    answer["d"] = "adds up"
    return answer

# %% wrong="train" fails=["train_steps", "train_learns"] says="the gradients of earlier mini-batches are still in it"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(float(L))
                history["acc_" + part].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_learns"] says="zero_grad stands between backward and step"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            optim.zero_grad()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(float(L))
                history["acc_" + part].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_learns"] says="step comes before backward"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            optim.step()
            L.backward()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(float(L))
                history["acc_" + part].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_learns"] says="step comes between the forward pass and backward"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.step()
            optim.zero_grad()
            L.backward()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(float(L))
                history["acc_" + part].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_learns"] says="optim.step() is never called: nothing moves"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(float(L))
                history["acc_" + part].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps"] says="the parameters move twice for each mini-batch"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
            with torch.no_grad():
                for p in model.parameters():
                    p -= eta * p.grad
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(float(L))
                history["acc_" + part].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_learns"] says="optim.step() is called {found} times for {n} mini-batches"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
        optim.step()
        optim.zero_grad()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(float(L))
                history["acc_" + part].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_learns"] says="the model is made anew at each epoch"
def train(data, nh, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(L.item())
                history["acc_" + part].append(acc.item())
    return model, history

# %% wrong="train" fails=["train_history"] says="these are the numbers of the last mini-batch"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        history["loss_train"].append(L.item())
        history["acc_train"].append(acc.item())
        with torch.no_grad():
            L, acc = loss_accuracy(loss, model(data.Xtest), data.Ytest)
        history["loss_test"].append(L.item())
        history["acc_test"].append(acc.item())
    return model, history

# %% wrong="train" fails=["train_history"] says="the history keeps the graph of each loss"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        if True:
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(L)
                history["acc_" + part].append(float(acc))
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            optim.step()
            optim.zero_grad()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(L)
                history["acc_" + part].append(float(acc))
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            model.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part].append(L.item())
                history["acc_" + part].append(float(acc))
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    nx, ny = data.Xtrain.size(1), data.Ytrain.size(1)
    model, loss, optim = init_model(nx=nx, nh=nh, ny=ny, eta=eta)
    log = {}

    def note(part, X, Y):
        L, acc = loss_accuracy(loss, model(X), Y)
        log.setdefault("loss_" + part, []).append(L.item())
        log.setdefault("acc_" + part, []).append(acc.item())

    for _ in range(epochs):
        model.train()
        for i in minibatches(len(data.Xtrain), batch):
            def closure():
                optim.zero_grad(set_to_none=False)
                L, _ = loss_accuracy(loss, model(data.Xtrain[i]), data.Ytrain[i])
                L.backward()
                return L

            optim.step(closure)
        model.eval()
        note("train", data.Xtrain, data.Ytrain)
        note("test", data.Xtest, data.Ytest)
    return model, log

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="only the first layer moves"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(first.parameters(), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="only the last layer moves"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(second.parameters(), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="the gradients add up from step to step"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="step comes between the forward pass and backward"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.step()
        optim.zero_grad()
        L.backward()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="nothing moved: step finds no gradient"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        L.backward()
        optim.zero_grad()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="note the loss before each step, not after"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(mse(second(act(first(X))), Y).item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="the activation is missing"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(first(X)), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="the list keeps the graph of each loss"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L)
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="only the weights move: the biases are parameters too"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD([first.weight, second.weight], lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% right="descend_parts"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(torch.nn.ModuleList(parts).parameters(), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% right="descend_parts"
def descend_parts(parts, X, Y, epochs, eta):
    optim = torch.optim.SGD([p for part in parts for p in part.parameters()], lr=eta)
    model, losses = torch.nn.Sequential(*parts[:-1]), []
    for _ in range(epochs):
        L = parts[-1](model(X), Y)
        losses.append(float(L.detach()))
        L.backward()
        optim.step()
        optim.zero_grad()
    return losses

# %% wrong="accumulate" fails=["accumulate_gradients"] says="the losses are added and not divided"
def accumulate(model, loss, optim, batches, every):
    optim.zero_grad()
    steps = 0
    for i, (X, Y) in enumerate(batches):
        loss(model(X), Y).backward()
        if (i + 1) % every == 0 or i + 1 == len(batches):
            optim.step()
            optim.zero_grad()
            steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_gradients"] says="the last group has fewer batches: divide by their number"
def accumulate(model, loss, optim, batches, every):
    optim.zero_grad()
    steps = 0
    for i, (X, Y) in enumerate(batches):
        (loss(model(X), Y) / every).backward()
        if (i + 1) % every == 0 or i + 1 == len(batches):
            optim.step()
            optim.zero_grad()
            steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_steps"] says="the last, shorter group makes no step"
def accumulate(model, loss, optim, batches, every):
    optim.zero_grad()
    steps = 0
    for i, (X, Y) in enumerate(batches):
        (loss(model(X), Y) / every).backward()
        if (i + 1) % every == 0:
            optim.step()
            optim.zero_grad()
            steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_steps", "accumulate_gradients"] says="the first step comes after a single batch"
def accumulate(model, loss, optim, batches, every):
    optim.zero_grad()
    steps = 0
    for i, (X, Y) in enumerate(batches):
        (loss(model(X), Y) / every).backward()
        if i % every == 0:
            optim.step()
            optim.zero_grad()
            steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_steps", "accumulate_gradients"] says="a step is made after each batch"
def accumulate(model, loss, optim, batches, every):
    optim.zero_grad()
    steps = 0
    for i, (X, Y) in enumerate(batches):
        (loss(model(X), Y) / every).backward()
        optim.step()
        optim.zero_grad()
        steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_gradients"] says="only the last batch of the group is in the gradient"
def accumulate(model, loss, optim, batches, every):
    optim.zero_grad()
    steps = 0
    for i, (X, Y) in enumerate(batches):
        optim.zero_grad()
        loss(model(X), Y).backward()
        if (i + 1) % every == 0 or i + 1 == len(batches):
            optim.step()
            optim.zero_grad()
            steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_gradients"] says="the gradients of earlier groups are still in it"
def accumulate(model, loss, optim, batches, every):
    steps = 0
    for k in range(0, len(batches), every):
        group = batches[k : k + every]
        for X, Y in group:
            (loss(model(X), Y) / len(group)).backward()
        optim.step()
        steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_gradients"] says="zero_grad stands between backward and step"
def accumulate(model, loss, optim, batches, every):
    steps = 0
    for k in range(0, len(batches), every):
        group = batches[k : k + every]
        for X, Y in group:
            (loss(model(X), Y) / len(group)).backward()
        optim.zero_grad()
        optim.step()
        steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_gradients"] says="the losses are divided by the number of all the batches"
def accumulate(model, loss, optim, batches, every):
    optim.zero_grad()
    steps = 0
    for i, (X, Y) in enumerate(batches):
        (loss(model(X), Y) / len(batches)).backward()
        if (i + 1) % every == 0 or i + 1 == len(batches):
            optim.step()
            optim.zero_grad()
            steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_steps"] says="this is the number of batches; the number of steps was asked for"
def accumulate(model, loss, optim, batches, every):
    for k in range(0, len(batches), every):
        group = batches[k : k + every]
        optim.zero_grad()
        for X, Y in group:
            (loss(model(X), Y) / len(group)).backward()
        optim.step()
    return len(batches)

# %% right="accumulate"
def accumulate(model, loss, optim, batches, every):
    model.zero_grad()
    n, steps = 0, 0
    for i, (X, Y) in enumerate(batches, start=1):
        loss(model(X), Y).backward()
        n += 1
        if n == every or i == len(batches):
            for p in model.parameters():
                p.grad /= n
            optim.step()
            optim.zero_grad()
            n, steps = 0, steps + 1
    return steps

# %% wrong="accumulate" fails=["accumulate_steps"] says="all its batches stay in memory; call backward for each"
def accumulate(model, loss, optim, batches, every):
    groups = [batches[k : k + every] for k in range(0, len(batches), every)]
    for group in groups:
        optim.zero_grad()
        L = sum(loss(model(X), Y) for X, Y in group) / len(group)
        L.backward()
        optim.step()
    return torch.tensor(len(groups))

# %% right="accumulate"
def accumulate(model, loss, optim, batches, every):
    left = len(batches)
    for i in range(len(batches)):
        if i % every == 0:
            size = min(every, left)
            optim.zero_grad()
        X, Y = batches[i]
        L = loss(model(X), Y)
        L.backward(gradient=torch.tensor(1 / size))
        left -= 1
        if (i + 1) % every == 0 or left == 0:
            optim.step()
    return math.ceil(len(batches) / every)

# %% wrong="sgd_step" fails=["sgd_step_torch"] says="you walked up the slope"
def sgd_step(w, g, eta):
    return w + eta * g

# %% wrong="sgd_step" fails=["sgd_step_torch"] says="you forgot the learning rate"
def sgd_step(w, g, eta):
    return w - g

# %% wrong="sgd_step" fails=["sgd_step_torch"] says="the gradient g is changed"
def sgd_step(w, g, eta):
    g *= eta
    return w - g

# %% right="sgd_step"
def sgd_step(w, g, eta):
    w -= eta * g

# %% right="sgd_step"
def sgd_step(w, g, eta):
    return torch.add(w, g, alpha=-eta)

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the velocity is forgotten from one step to the next"
def momentum_step(w, g, state, eta, beta):
    state = {'v': beta * state.get('v', 0) + g}
    return w - eta * state['v']

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the gradient is damped by 1 - beta"
def momentum_step(w, g, state, eta, beta):
    state['v'] = beta * state.get('v', 0) + (1 - beta) * g
    return w - eta * state['v']

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="you walked up the slope: eta times the velocity"
def momentum_step(w, g, state, eta, beta):
    state['v'] = beta * state.get('v', 0) + g
    return w + eta * state['v']

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the velocity is subtracted where the gradient is added"
def momentum_step(w, g, state, eta, beta):
    v = g - beta * state.get('v', torch.zeros_like(w))
    state['v'] = v
    return w - eta * v

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="nothing of the velocity is lost"
def momentum_step(w, g, state, eta, beta):
    state['v'] = state.get('v', 0) + g
    return w - eta * state['v']

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="this is Nesterov's form of momentum"
def momentum_step(w, g, state, eta, beta):
    state['v'] = beta * state.get('v', 0) + g
    return w - eta * (g + beta * state['v'])

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="expected {kind}, got {got}"
def momentum_step(w, g, state, eta, beta):
    state['v'] = beta * state.get('v', 0) + g
    return w - eta * state['v'], state

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the gradient g is changed"
def momentum_step(w, g, state, eta, beta):
    if 'v' in state:
        g += beta * state['v']
    state['v'] = g.clone()
    return w - eta * g

# %% right="momentum_step"
def momentum_step(w, g, state, eta, beta):
    v = state.setdefault('velocity', torch.zeros_like(w))
    v.mul_(beta).add_(g)
    w.sub_(eta * v)
    return w

# %% right="momentum_step"
def momentum_step(w, g, state, eta, beta):
    if not state:
        state[0] = -eta * g
    else:
        state[0] = beta * state[0] - eta * g
    w += state[0]

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="eps is inside the root"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state['s'] = alpha * state.get('s', 0) + (1 - alpha) * g**2
    return w - eta * g / torch.sqrt(state['s'] + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the two coefficients of the average are swapped"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state['s'] = (1 - alpha) * state.get('s', 0) + alpha * g**2
    return w - eta * g / (torch.sqrt(state['s']) + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the root is missing"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state['s'] = alpha * state.get('s', 0) + (1 - alpha) * g**2
    return w - eta * g / (state['s'] + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the squares are added up, not averaged"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state['s'] = state.get('s', 0) + g**2
    return w - eta * g / (torch.sqrt(state['s']) + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the average is forgotten from one step to the next"
def rmsprop_step(w, g, state, eta, alpha, eps):
    s = (1 - alpha) * g**2
    return w - eta * g / (torch.sqrt(s) + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="eps is not used"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state['s'] = alpha * state.get('s', 0) + (1 - alpha) * g**2
    return w - eta * g / torch.sqrt(state['s'])

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the average is one of gradients, not of their squares"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state['s'] = alpha * state.get('s', 0) + (1 - alpha) * g.abs()
    return w - eta * g / (torch.sqrt(state['s']) + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the factor 1 - alpha of the new square is missing"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state['s'] = alpha * state.get('s', 0) + g**2
    return w - eta * g / (torch.sqrt(state['s']) + eps)

# %% right="rmsprop_step"
def rmsprop_step(w, g, state, eta, alpha, eps):
    s = state.setdefault('s', torch.zeros_like(g))
    s *= alpha
    s += (1 - alpha) * g * g
    w -= eta * g / (s.sqrt() + eps)
    return w

# %% right="rmsprop_step"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state['mean_square'] = torch.lerp(g.square(), state.get('mean_square', torch.zeros_like(g)), float(alpha))
    return w - eta * g.div(state['mean_square'] ** 0.5 + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the bias correction is missing"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = state.get('t', 0) + 1, state.get('m', 0), state.get('v', 0)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    state.update(t=t, m=m, v=v)
    mhat = m
    vhat = v
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="eps is inside the root"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = state.get('t', 0) + 1, state.get('m', 0), state.get('v', 0)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    state.update(t=t, m=m, v=v)
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    return w - eta * mhat / torch.sqrt(vhat + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the bias correction of v is missing"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = state.get('t', 0) + 1, state.get('m', 0), state.get('v', 0)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    state.update(t=t, m=m, v=v)
    mhat = m / (1 - beta1**t)
    vhat = v
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="t starts at 0, and the correction divides by 0"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = state.get('t', -1) + 1, state.get('m', 0), state.get('v', 0)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    state.update(t=t, m=m, v=v)
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="the averages are forgotten from one step to the next"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = 1, 0, 0
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    state.update(t=t, m=m, v=v)
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="the steps are not counted"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = 1, state.get('m', 0), state.get('v', 0)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    state.update(t=t, m=m, v=v)
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="state keeps the corrected averages"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state['t'] = state.get('t', 0) + 1
    state['m'] = (beta1 * state.get('m', 0) + (1 - beta1) * g) / (1 - beta1**t)
    state['v'] = (beta2 * state.get('v', 0) + (1 - beta2) * g**2) / (1 - beta2**t)
    return w - eta * state['m'] / (state['v'].sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="beta1 and beta2 are swapped"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = state.get('t', 0) + 1, state.get('m', 0), state.get('v', 0)
    m = beta2 * m + (1 - beta2) * g
    v = beta1 * v + (1 - beta1) * g**2
    state.update(t=t, m=m, v=v)
    mhat = m / (1 - beta2**t)
    vhat = v / (1 - beta1**t)
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="you walked up the slope: the step is subtracted"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = state.get('t', 0) + 1, state.get('m', 0), state.get('v', 0)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    state.update(t=t, m=m, v=v)
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    return w + eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the two coefficients of the averages are swapped"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = state.get('t', 0) + 1, state.get('m', 0), state.get('v', 0)
    m = (1 - beta1) * m + beta1 * g
    v = (1 - beta2) * v + beta2 * g**2
    state.update(t=t, m=m, v=v)
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% right="adam_step"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    if not state:
        state.update(step=0, m=torch.zeros_like(w), v=torch.zeros_like(w))
    state['step'] += 1
    state['m'].mul_(beta1).add_(g, alpha=1 - beta1)
    state['v'].mul_(beta2).addcmul_(g, g, value=1 - beta2)
    size = (state['v'] / (1 - beta2 ** state['step'])).sqrt_().add_(eps)
    w -= eta / (1 - beta1 ** state['step']) * state['m'] / size

# %% right="adam_step"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    history = state.setdefault('slopes', [])
    history.append(g.clone())
    m = v = torch.zeros_like(g)
    for one in history:
        m, v = beta1 * m + (1 - beta1) * one, beta2 * v + (1 - beta2) * one**2
    t = len(history)
    return w - eta * (m / (1 - beta1**t)) / (torch.sqrt(v / (1 - beta2**t)) + eps)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="the decay is added to the gradient: that is Adam with weight_decay"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    return adam_step(w, g + decay * w, state, eta, beta1, beta2, eps)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="the decay is not multiplied by the learning rate"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    return adam_step((1 - decay) * w, g, state, eta, beta1, beta2, eps)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="nothing decays: this is Adam"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    return adam_step(w, g, state, eta, beta1, beta2, eps)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="the weights are shrunk after Adam"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    return adam_step(w, g, state, eta, beta1, beta2, eps) * (1 - eta * decay)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="the weights grow instead of shrinking"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    return adam_step(w + eta * decay * w, g, state, eta, beta1, beta2, eps)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="the averages are forgotten from one step to the next"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    return adam_step(w * (1 - eta * decay), g, {}, eta, beta1, beta2, eps)

# %% right="adamw_step"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    return adam_step(w, g, state, eta, beta1, beta2, eps) - eta * decay * w

# %% right="adamw_step"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    w *= 1 - eta * decay
    t = state['t'] = state.get('t', 0) + 1
    state['m'] = beta1 * state.get('m', 0) + (1 - beta1) * g
    state['v'] = beta2 * state.get('v', 0) + (1 - beta2) * g**2
    w -= eta * state['m'] / (1 - beta1**t) / ((state['v'] / (1 - beta2**t)) ** 0.5 + eps)

# %% wrong="variants" fails=["variants_sorted"] earns=1.5 says="it ends where decay and gradient balance"
def variants():
    return {"a": True, "b": True, "c": True, "d": False, "e": True, "f": True, "g": True, "h": False}

# %% wrong="variants" fails=["variants_sorted"] earns=0.5 says="its steps are eta times the gradient"
def variants():
    return dict(a=True, b=True, c=True, d=True, e=False, f=False, g=True, h=True)

# %% right="variants"
def variants():
    return {letter: letter in "abceg" for letter in "abcdefgh"}

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="scheduler.step() is called once an epoch: call it after each step"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
        scheduler.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="scheduler.step() is called once an epoch, for a cycle of as many steps as there are epochs"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, total_steps=epochs)
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
        scheduler.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_rates", "one_cycle_steps"] says="the scheduler is stepped more often than it was told"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, total_steps=epochs)
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
            scheduler.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="the rate never changes: call scheduler.step()"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_rates", "one_cycle_steps"] says="scheduler.step() comes before optim.step()"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            scheduler.step()
            optim.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_steps"] says="these are the rates of the following steps"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            scheduler.step()
            rates.append(optim.param_groups[0]["lr"])
    return rates

# %% wrong="one_cycle" fails=["one_cycle_steps"] says="the gradients of earlier batches are still in it"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
            scheduler.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="the scheduler is made anew in each epoch"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = None
    rates = []
    for _ in range(epochs):
        scheduler = OneCycleLR(optim, max_lr=max_rate, total_steps=len(batches))
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
            scheduler.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="no scheduler changes the rate of the optimiser"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = None
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
    return rates

# %% right="one_cycle"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optim, max_rate, total_steps=epochs * len(batches), cycle_momentum=False)
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(scheduler.get_last_lr()[0])
            optim.step()
            scheduler.step()
    return rates

# %% right="one_cycle"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            L.backward()
            rates += scheduler.get_last_lr()
            optim.step()
            scheduler.step()
            optim.zero_grad()
    return rates

# %% wrong="evaluate" fails=["evaluate_mean"] says="this is the mean over the batches"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item()
            n += 1
    net.train(training)
    return total / n

# %% wrong="evaluate" fails=["evaluate_mean"] says="the losses of the batches are added up"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item()
    net.train(training)
    return total

# %% wrong="evaluate" fails=["evaluate_mean"] says="multiply each by its size first"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item()
            n += len(X)
    net.train(training)
    return total / n

# %% wrong="evaluate" fails=["evaluate_mean", "evaluate_modes"] says="the network is measured in training mode"
def evaluate(net, loss, loader, device):
    training = net.training
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item() * len(X)
            n += len(X)
    net.train(training)
    return total / n

# %% wrong="evaluate" fails=["evaluate_modes"] says="left in evaluation mode: put it back as it was"
def evaluate(net, loss, loader, device):
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item() * len(X)
            n += len(X)

    return total / n

# %% wrong="evaluate" fails=["evaluate_modes"] says="left in training mode: put it back as it was"
def evaluate(net, loss, loader, device):
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item() * len(X)
            n += len(X)
    net.train()
    return total / n

# %% wrong="evaluate" fails=["evaluate_modes"] says="a graph is recorded while measuring"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    total, n = 0.0, 0
    if True:
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item() * len(X)
            n += len(X)
    net.train(training)
    return total / n

# %% wrong="evaluate" fails=["evaluate_device"] says="X stays where it was"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            total += loss(net(X), Y).item() * len(X)
            n += len(X)
    net.train(training)
    return total / n

# %% wrong="evaluate" fails=["evaluate_device"] says="Y stays where it was"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X = X.to(device)
            Y.to(device)
            total += loss(net(X), Y).item() * len(X)
            n += len(X)
    net.train(training)
    return total / n

# %% wrong="evaluate" fails=["evaluate_mean"] says="this is the loss of the first batch"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    with torch.no_grad():
        for X, Y in loader:
            L = loss(net(X.to(device)), Y.to(device)).item()
            net.train(training)
            return L

# %% right="evaluate"
@torch.no_grad()
def evaluate(net, loss, loader, device):
    before = net.training
    net.eval()
    try:
        losses, sizes = [], []
        for batch in loader:
            X, Y = (part.to(device) for part in batch)
            losses.append(loss(net(X), Y))
            sizes.append(X.shape[0])
    finally:
        if before:
            net.train()
    weights = torch.tensor(sizes, dtype=torch.float32) / sum(sizes)
    return (weights * torch.stack(losses).cpu()).sum()

# %% right="evaluate"
def evaluate(net, loss, loader, device):
    mode, total, count = net.training, 0, 0
    net.train(False)
    with torch.inference_mode():
        for X, Y in loader:
            total += len(Y) * float(loss(net(X.to(device=device)), Y.to(device=device)))
            count += len(Y)
    net.train(mode)
    return total / count

# %% right="evaluate"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    total, n = torch.zeros((), device=device), torch.tensor(0, device=device)
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y) * len(X)
            n += len(X)
    net.train(training)
    return (total / n).item()

# %% right="evaluate"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    losses, sizes = [], []
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            losses.append(loss(net(X), Y))
            sizes.append(len(X))
    net.train(training)
    sizes = torch.tensor(sizes, device=device)
    return float((torch.stack(losses) * sizes).sum() / sizes.sum())

# %% wrong="evaluate" fails=["evaluate_device"] says="tensors of two devices are added"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    total, n = torch.tensor(0.0), 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y) * len(X)
            n += len(X)
    net.train(training)
    return total.item() / n

# %% wrong="evaluate" fails=["evaluate_mean"] says="count the examples as you meet them"
def evaluate(net, loss, loader, device):
    training, total = net.training, 0.0
    net.eval()
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item() * len(X)
    net.train(training)
    return total / len(loader.dataset)

# %% wrong="fit" fails=["fit_steps"] says="the gradients of earlier batches are still in it"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_steps"] says="zero_grad stands between backward and step"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            L.backward()
            optim.zero_grad()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_steps"] says="step comes first"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.step()
            optim.zero_grad()
            L.backward()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_steps"] says="the steps are made in evaluation mode"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        pass
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_steps"] says="after the first measure the network stays in evaluation mode"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    net.train()
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        pass
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        net.eval()
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="this is the mean over the batches"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item()
        history["train"].append(total / len(train_loader))
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="multiply each by its size first"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item()
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="the cumulated loss goes on from epoch to epoch"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    total = 0.0
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        n = 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="these losses are measured after the epoch"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(evaluate(net, loss, train_loader, device))
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="the test loss is measured before the steps of the epoch"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        history["test"].append(evaluate(net, loss, test_loader, device))
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="this is measured on the training examples"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, train_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_device"] says="the network stays where it was"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    pass
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_device"] says="X stays where it was"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_device"] says="Y stays where it was"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X = X.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_reports"] says="something is written to the error stream"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1)):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_reports"] says="there is no progress bar of tqdm on sys.stdout"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in range(1, epochs + 1):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_reports"] says="a writer is left open"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    return history

# %% wrong="fit" fails=["fit_reports"] says="count the epochs from 1, not from 0"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(epochs), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_reports"] says="TensorBoard would not show {missing}"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar(part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_reports"] says="there is no scalar in the event files of the folder"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
    writer.close()
    return history

# %% wrong="fit" fails=["fit_reports"] says="there is a point for each batch"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
            writer.add_scalar("loss/train", L.item(), epoch)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        writer.add_scalar("loss/test", history["test"][-1], epoch)
    writer.close()
    return history

# %% right="fit"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net = net.to(device)
    history = {"train": [], "test": [], "epochs": epochs}
    with SummaryWriter(log_dir=folder) as writer, tqdm(total=epochs, file=sys.stdout) as bar:
        for epoch in range(epochs):
            net.train(True)
            losses, sizes = [], []
            for X, Y in train_loader:
                optim.zero_grad()
                L = loss(net(X.to(device)), Y.to(device))
                L.backward()
                optim.step()
                losses.append(L.detach() * len(Y))
                sizes.append(len(Y))
            history["train"].append((sum(losses) / sum(sizes)).item())
            net.eval()
            with torch.no_grad():
                test = [(loss(net(X.to(device)), Y.to(device)).item(), len(Y)) for X, Y in test_loader]
            history["test"].append(sum(L * n for L, n in test) / sum(n for _, n in test))
            writer.add_scalar("loss/train", history["train"][-1], global_step=epoch + 1)
            writer.add_scalar("loss/test", history["test"][-1], global_step=epoch + 1)
            bar.set_postfix(loss=history["test"][-1])
            bar.update()
    return history

# %% right="fit"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    device = torch.device(device)
    net.to(device)
    train_losses, test_losses = [], []
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(epochs), desc="epochs", file=sys.stdout, ascii=True, leave=True):
        net.train()
        cumloss = count = 0
        for xbatch, ybatch in tqdm(train_loader, file=sys.stdout, leave=False):
            xbatch, ybatch = xbatch.to(device), ybatch.to(device)
            outputs = net(xbatch)
            L = loss(outputs, ybatch)
            optim.zero_grad()
            L.backward()
            optim.step()
            cumloss += L.item() * xbatch.size(0)
            count += xbatch.size(0)
        train_losses.append(cumloss / count)
        test_losses.append(evaluate(net, loss, test_loader, device))
        writer.add_scalar("loss/train", train_losses[epoch], epoch + 1)
        writer.add_scalar("loss/test", test_losses[epoch], epoch + 1)
        writer.flush()
    writer.close()
    return dict(train=train_losses, test=test_losses)

# %% wrong="fit" fails=["fit_steps"] says="the steps are made in evaluation mode"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.training = True
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="the history keeps the graph of each loss"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="nothing moved: step finds no gradient, or the optimiser holds other tensors"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD([torch.nn.Parameter(p.detach().clone()) for part in parts for p in part.parameters()], lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="init_model" fails=["init_model_optim"] says="the optimiser has the option {name}"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.SGD(model.parameters(), lr=eta, weight_decay=1e-2)
    return model, loss, optim

# %% right="init_model"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))

    def loss(Yhat, Y):
        return -(Y * torch.log_softmax(Yhat, 1)).sum(1).mean()

    return model, loss, torch.optim.SGD(model.named_parameters(), lr=torch.tensor(eta))

# %% right="adam_step"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    if 't' not in state:
        state['t'], state['m'], state['v'] = torch.tensor(0.0), torch.zeros_like(g), torch.zeros_like(g)
    state['t'] += 1
    state['m'] = state['m'] + (1 - beta1) * (g - state['m'])
    state['v'] = state['v'] + (1 - beta2) * (g * g - state['v'])
    mhat = state['m'] / (1 - beta1 ** state['t'])
    vhat = state['v'] / (1 - beta2 ** state['t'])
    w -= eta * mhat / (torch.sqrt(vhat) + eps)
    return w

# %% right="momentum_step"
def momentum_step(w, g, state, eta, beta):
    if 'v' not in state:
        state['v'] = g
    else:
        state['v'] = state['v'] * beta + g
    return w - eta * state['v']

# %% right="fit"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = torch.zeros((), device=device), 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.detach() * len(X)
            n += len(X)
        history["train"].append((total / n).item())
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_device"] says="tensors of two devices are added"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = torch.tensor(0.0), 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.detach() * len(X)
            n += len(X)
        history["train"].append(total.item() / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="count the examples as you meet them"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / len(train_loader.dataset))
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar("loss/" + part, history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the velocity is the first gradient itself"
def momentum_step(w, g, state, eta, beta):
    if "v" not in state:
        state["v"] = g
    else:
        state["v"].mul_(beta).add_(g)
    return w - eta * state["v"]

# %% right="momentum_step"
def momentum_step(w, g, state, eta, beta):
    if "v" not in state:
        state["v"] = g.clone()
    else:
        state["v"].mul_(beta).add_(g)
    return w - eta * state["v"]

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the square is that of the whole gradient"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state["s"] = alpha * state.get("s", 0) + (1 - alpha) * g.norm() ** 2
    return w - eta * g / (state["s"].sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the square is that of the whole gradient"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * (g**2).sum()
    return w - eta * state["m"] / (1 - beta1**t) / ((state["v"] / (1 - beta2**t)).sqrt() + eps)

# %% right="one_cycle"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_rate, total_steps=epochs * len(batches), cycle_momentum=False)
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            optim.zero_grad()
            loss(model(X), Y).backward()
            rates += scheduler.get_last_lr()
            optim.step()
            scheduler.step()
    return rates

# %% right="descend_parts"
def descend_parts(parts, X, Y, epochs, eta):
    model = torch.nn.Sequential(*parts[:3])
    optim = torch.optim.SGD(model.parameters(), lr=eta)

    def one():
        optim.zero_grad()
        L = parts[3](model(X), Y)
        L.backward()
        optim.step()
        return L.item()

    return tuple(one() for _ in range(epochs))

# %% wrong="init_model" fails=["init_model_returns"] says="the model ends with a sigmoid: the scores are not squeezed, they come"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny), torch.nn.Sigmoid())
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="you used ReLU; this network uses tanh"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.ReLU(), torch.nn.Linear(nh, ny))
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="the model has another activation than tanh between its layers, and"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.ReLU(), torch.nn.Linear(nh, ny), torch.nn.Softmax(dim=1))
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="you used the sigmoid; this network uses tanh"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Sigmoid(), torch.nn.Linear(nh, ny))
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="the model ends with tanh: the scores are not squeezed, they come out"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny), torch.nn.Tanh())
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="the layers have no bias: an affine map has one for each output"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh, bias=False), torch.nn.Tanh(), torch.nn.Linear(nh, ny, bias=False))
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="this is the squared error; the cross-entropy was asked for"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="NLLLoss takes logarithms of probabilities and numbers of classes;"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.NLLLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="this is a binary cross-entropy for each output on its own;"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.BCEWithLogitsLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the optimiser moves other tensors than the parameters of this model:"
def init_model(nx, nh, ny, eta):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny)]
        def forward(self, X):
            for layer in self.layers:
                X = layer(X)
            return X
    model = Net()
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD([p for l in model.layers for p in l.parameters()], lr=eta)

# %% wrong="init_model" fails=["init_model_returns"] says="the loss is a class: make one of it, with parentheses"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.CrossEntropyLoss, torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the three values are in another order: the model, the loss, the"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    return model, torch.optim.SGD(model.parameters(), lr=eta), torch.nn.CrossEntropyLoss()

# %% right="init_model"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    optim = torch.optim.SGD([{"params": [p]} for p in model.parameters()], lr=torch.tensor(eta).float())
    return [model, torch.nn.functional.cross_entropy, optim]

# %% right="init_model"
def init_model(nx, nh, ny, eta):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.Wh = torch.nn.Parameter(torch.randn(nx, nh) / nx**0.5)
            self.bh = torch.nn.Parameter(torch.zeros(1, nh))
            self.Wy = torch.nn.Parameter(torch.randn(nh, ny) / nh**0.5)
            self.by = torch.nn.Parameter(torch.zeros(1, ny))
        def forward(self, X):
            return torch.tanh(X @ self.Wh + self.bh) @ self.Wy + self.by
    model = Net()
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), eta)

# %% right="init_model"
def init_model(nx, nh, ny, eta):
    model = torch.nn.Sequential()
    model.add_module("hidden", torch.nn.Linear(nx, nh))
    model.add_module("act", torch.nn.Tanh())
    model.add_module("out", torch.nn.Linear(nh, ny))
    optim = torch.optim.SGD(model.parameters(), lr=eta, momentum=0, weight_decay=0.0, foreach=False)
    return model, torch.nn.CrossEntropyLoss(reduction="mean"), optim

# %% wrong="init_model" fails=["init_model_returns"] says="two calls give the same weights: make the layers inside init_model,"
def init_model(nx, nh, ny, eta):
    torch.manual_seed(0)
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="train" fails=["train_history"] says="the accuracy is a rate between 0 and 1, not a percentage"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(100 * float(acc))
    return model, history

# %% wrong="train" fails=["train_history"] says="one number an epoch was asked for, not one for each mini-batch"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
            with torch.no_grad():
                for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                    L, acc = loss_accuracy(loss, model(X), Y)
                    history[f"loss_{part}"].append(float(L))
                    history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history", "train_learns"] says="the two values are swapped: the model, then the history"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return history, model

# %% wrong="train" fails=["train_steps"] says="each epoch has the same batches: call minibatches anew in each epoch"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    batches = minibatches(len(data.Xtrain), batch)
    for _ in range(epochs):
        for indices in batches:
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    """zero_grad at the end of each step, history as tensors made of floats, a helper function inside."""
    model, loss, optim = init_model(data.Xtrain.size(1), nh, data.Ytrain.size(1), eta)

    def measure(X, Y):
        model.eval()
        with torch.inference_mode():
            numbers = [number.item() for number in loss_accuracy(loss, model(X), Y)]
        model.train()
        return numbers

    log = []
    for epoch in range(1, epochs + 1):
        for rows in minibatches(data.Xtrain.size(0), batch):
            x, y = data.Xtrain[rows], data.Ytrain[rows]
            loss_accuracy(loss, model(x), y)[0].backward()
            optim.step()
            optim.zero_grad(set_to_none=False)
        log.append(measure(data.Xtrain, data.Ytrain) + measure(data.Xtest, data.Ytest))
    columns = list(map(list, zip(*log)))
    return model, dict(zip(("loss_train", "acc_train", "loss_test", "acc_test"), columns), epochs=epochs)

# %% right="train"
def train(data, nh, epochs, batch, eta):
    """A closure for the optimiser."""
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):

            def closure():
                optim.zero_grad()
                L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
                L.backward()
                return L

            optim.step(closure)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(L.item())
                history[f"acc_{part}"].append(acc.item())
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in tqdm(range(epochs), disable=True):
        for indices in minibatches(len(data.Xtrain), batch):
            L = loss(model(data.Xtrain[indices]), data.Ytrain[indices])
            model.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part in ("train", "test"):
                X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part] += [L.detach()]
                history["acc_" + part] += [acc.detach()]
    return model, history

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="expected a list, got {got}."
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=eta)
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
    return L.item()

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="act comes last: its place is between first and second"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(act(second(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="act is used twice: its place is between first and second, the scores"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(act(second(act(first(X)))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="step comes between the forward pass and backward: it changes weights"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=eta)
    losses = []
    L = mse(second(act(first(X))), Y)
    for _ in range(epochs):
        optim.zero_grad()
        L.backward(retain_graph=True)
        optim.step()
        losses.append(L.item())
    return losses

# %% right="descend_parts"
def descend_parts(parts, X, Y, epochs, eta):
    *layers, mse = parts
    model = torch.nn.Sequential(*layers)
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    losses = torch.zeros(epochs)
    for k in range(epochs):
        optim.zero_grad()
        L = mse(model(X), Y)
        losses[k] = L.detach()
        L.backward()
        optim.step()
    return losses.tolist()

# %% right="descend_parts"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optims = [torch.optim.SGD(module.parameters(), lr=eta) for module in (first, second)]
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        for optim in optims:
            optim.zero_grad()
        L.backward()
        for optim in optims:
            optim.step()
        losses.append(L.detach())
    return tuple(losses)

# %% wrong="accumulate" fails=["accumulate_steps"] says="the last, shorter group makes a step too: count it"
def accumulate(model, loss, optim, batches, every):
    for k in range(0, len(batches), every):
        group = batches[k : k + every]
        optim.zero_grad()
        for X, Y in group:
            (loss(model(X), Y) / len(group)).backward()
        optim.step()
    return len(batches) // every

# %% wrong="accumulate" fails=["accumulate_gradients"] says="the gradients of earlier groups are still in it: call"
def accumulate(model, loss, optim, batches, every):
    steps = 0
    for i, (X, Y) in enumerate(batches):
        L = loss(model(X), Y) / every
        L.backward()
        if (i + 1) % every == 0 or i + 1 == len(batches):
            optim.step()
            steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_steps"] says="the losses of a group are added before one backward: all its batches"
def accumulate(model, loss, optim, batches, every):
    steps = 0
    for k in range(0, len(batches), every):
        group = batches[k : k + every]
        L = sum(loss(model(X), Y) for X, Y in group) / len(group)
        optim.zero_grad()
        L.backward()
        optim.step()
        steps += 1
    return steps

# %% right="accumulate"
def accumulate(model, loss, optim, batches, every):
    """The last group is known in advance; zero_grad comes after each step."""
    n, steps = len(batches), 0
    optim.zero_grad()
    for i, (X, Y) in enumerate(batches, start=1):
        first = every * ((i - 1) // every)
        size = min(every, n - first)
        loss(model(X), Y).div(size).backward()
        if i % every == 0 or i == n:
            optim.step()
            optim.zero_grad()
            steps += 1
    return torch.tensor(steps)

# %% right="accumulate"
def accumulate(model, loss, optim, batches, every):
    """Divide the gradients rather than the losses."""
    groups = [batches[k : k + every] for k in range(0, len(batches), every)]
    for group in groups:
        model.zero_grad()
        for X, Y in group:
            loss(model(X), Y).backward()
        for p in model.parameters():
            p.grad /= len(group)
        optim.step()
    return len(groups)

# %% wrong="sgd_step" fails=["sgd_step_torch"] says="w does not move: return the new w, or change w itself, in place"
def sgd_step(w, g, eta):
    w = w - eta * g

# %% wrong="sgd_step" fails=["sgd_step_torch"] says="this is the step alone: subtract it from w"
def sgd_step(w, g, eta):
    return eta * g

# %% right="sgd_step"
def sgd_step(w, g, eta):
    with torch.no_grad():
        w.sub_(g, alpha=eta)
    return w

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="state is empty before the first step: state.get({key}, 0) gives 0"
def momentum_step(w, g, state, eta, beta):
    state["v"] = beta * state["v"] + g
    return w - eta * state["v"]

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the gradient is multiplied by the learning rate twice: in the"
def momentum_step(w, g, state, eta, beta):
    v = state.get("v", 0)
    v = beta * v + eta * g
    state["v"] = v
    return w - eta * v

# %% right="momentum_step"
def momentum_step(w, g, state, eta, beta):
    """eta in the velocity: the same for a constant eta."""
    v = beta * state.get("v", torch.zeros_like(w)) - eta * g
    state.update(v=v)
    return w + v

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="expected {kind}, got {got}."
def momentum_step(w, g, state, eta, beta):
    v = beta * state.get("v", 0) + g
    state["v"] = v
    return w - eta * v, state

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the step uses the velocity of the step before: change it first"
def momentum_step(w, g, state, eta, beta):
    v = state.get("v", torch.zeros_like(g))
    state["v"] = beta * v + g
    return w - eta * v

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the gradient is multiplied by beta too: only the old velocity is"
def momentum_step(w, g, state, eta, beta):
    state["v"] = beta * (state.get("v", 0) + g)
    return w - eta * state["v"]

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the squares are averaged over the entries: each entry has an average"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state["s"] = alpha * state.get("s", 0) + (1 - alpha) * (g**2).mean()
    return w - eta * g / (state["s"].sqrt() + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="state is empty before the first step: state.get({key}, 0) gives 0"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state["s"] = alpha * state["s"] + (1 - alpha) * g**2
    return w - eta * g / (state["s"].sqrt() + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the step uses the average of the step before: change it first"
def rmsprop_step(w, g, state, eta, alpha, eps):
    s = state.get("s", torch.zeros_like(g))
    state["s"] = alpha * s + (1 - alpha) * g**2
    return w - eta * g / (s.sqrt() + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the average starts with the first square: it starts at 0, as"
def rmsprop_step(w, g, state, eta, alpha, eps):
    s = state.get("s")
    state["s"] = g**2 if s is None else alpha * s + (1 - alpha) * g**2
    return w - eta * g / (state["s"].sqrt() + eps)

# %% right="rmsprop_step"
def rmsprop_step(w, g, state, eta, alpha, eps):
    s = state.setdefault("square_avg", torch.zeros_like(w))
    s.mul_(alpha).addcmul_(g, g, value=1 - alpha)
    w.addcdiv_(g, s.sqrt().add_(eps), value=-eta)

# %% right="rmsprop_step"
def rmsprop_step(w, g, state, eta, alpha, eps):
    if not state:
        state[0] = 0
    state[0] += (1 - alpha) * (g * g - state[0])
    return w - eta * g / (state[0] ** 0.5 + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="state keeps the corrected m: correct it for the step only, and keep m"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    m = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    state["m"] = m / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * state["m"] / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="state keeps the corrected v: correct it for the step only, and keep v"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = (beta2 * state.get("v", 0) + (1 - beta2) * g**2) / (1 - beta2 ** state["t"])
    mhat = state["m"] / (1 - beta1 ** state["t"])
    return w - eta * mhat / (state["v"].sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="beta1 serves for both averages: beta2 goes with the squares"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta1 * state.get("v", 0) + (1 - beta1) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta1 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="v is corrected with beta1: divide it by 1 - beta2**t"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta1 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the average v is made with beta1: beta2 goes with the squares"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta1 * state.get("v", 0) + (1 - beta1) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="v is an average of gradients: it is one of their squares"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the root is missing: divide by the root of the average"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / (vhat + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="beta1 and beta2 are multiplied by t: the correction has their powers,"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 * state["t"])
    vhat = state["v"] / (1 - beta2 * state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="state is empty before the first step: state.get({key}, 0) gives 0"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] += 1
    state["m"] = beta1 * state["m"] + (1 - beta1) * g
    state["v"] = beta2 * state["v"] + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the squares are averaged over the entries: each entry has an average"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * (g**2).mean()
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="the steps are not counted: t grows by 1 at each step"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    if not state:
        state["t"] = 1
        state["m"], state["v"] = torch.zeros_like(w), torch.zeros_like(w)
    state["m"] = beta1 * state["m"] + (1 - beta1) * g
    state["v"] = beta2 * state["v"] + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="t starts at 2: it is 1 at the first step"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 1) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="the step goes along g: it goes along m, the average of the gradients"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * g / (vhat.sqrt() + eps)

# %% right="adam_step"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t, m, v = state.get("all", (0, torch.zeros_like(w), torch.zeros_like(w)))
    t, m, v = t + 1, m.lerp(g, 1 - beta1), v.lerp(g.square(), 1 - beta2)
    state["all"] = t, m, v
    rate = eta / (1 - beta1**t)
    w -= rate * m / ((v / (1 - beta2**t)).sqrt() + eps)

# %% right="adam_step"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    if "t" not in state:
        state.update(t=torch.tensor(0.0), m=torch.zeros_like(w), v=torch.zeros_like(w))
    state["t"] += 1
    state["m"].mul_(beta1).add_(g, alpha=1 - beta1)
    state["v"].mul_(beta2).addcmul_(g, g, value=1 - beta2)
    bias1, bias2 = 1 - beta1 ** state["t"], 1 - beta2 ** state["t"]
    return w - eta * (state["m"] / bias1) / (torch.sqrt(state["v"] / bias2) + eps)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="w does not move: return the new w, or change w itself, in place"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    adam_step(w - eta * decay * w, g, state, eta, beta1, beta2, eps)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="the decay takes the gradient, not the weights: the weights shrink by"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    return adam_step(w, g, state, eta, beta1, beta2, eps) - eta * decay * g

# %% right="adamw_step"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    step = w - adam_step(w.clone(), g, state, eta, beta1, beta2, eps)
    w -= step + eta * decay * w
    return w

# %% right="adamw_step"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    w = w * (1 - eta * decay)
    return w - eta * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + eps)

# %% wrong="one_cycle" fails=["one_cycle_steps"] says="these are the rates of the following steps: note the rate before"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, total_steps=epochs * len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            optim.zero_grad()
            loss(model(X), Y).backward()
            optim.step()
            scheduler.step()
            rates.append(scheduler.get_last_lr()[0])
    return rates

# %% wrong="one_cycle" fails=["one_cycle_steps"] says="is None: does the function end with return?"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, total_steps=epochs * len(batches))
    for _ in range(epochs):
        for X, Y in batches:
            optim.zero_grad()
            loss(model(X), Y).backward()
            optim.step()
            scheduler.step()

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="one_cycle goes through the batches once; it should do so once an epoch"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for X, Y in batches:
        optim.zero_grad()
        loss(model(X), Y).backward()
        rates.append(scheduler.get_last_lr()[0])
        optim.step()
        scheduler.step()
    return rates

# %% right="one_cycle"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    """The last step of the scheduler is left out; rates are one-element lists."""
    scheduler = OneCycleLR(optim, max_rate, total_steps=epochs * len(batches), cycle_momentum=False)
    rates, k = [], 0
    for _ in range(epochs):
        for X, Y in batches:
            if k:
                scheduler.step()
            k += 1
            optim.zero_grad()
            loss(model(X), Y).backward()
            optim.step()
            rates.append(scheduler.get_last_lr()[0])
    return rates

# %% wrong="evaluate" fails=["evaluate_mean"] says="is None: does the function end with return?"
def evaluate(net, loss, loader, device):
    mode = net.training
    net.eval()
    total, n = 0, 0
    with torch.no_grad():
        for X, Y in loader:
            total += loss(net(X.to(device)), Y.to(device)).item() * len(X)
            n += len(X)
    net.train(mode)

# %% wrong="evaluate" fails=["evaluate_mean", "evaluate_modes"] says="the network was in training mode and is left in evaluation mode: put"
def evaluate(net, loss, loader, device):
    mode = net.training
    net.eval()
    losses = []
    with torch.no_grad():
        for X, Y in loader:
            losses.append(loss(net(X.to(device)), Y.to(device)).item() * len(X))
        return sum(losses) / len(losses)
    net.train(mode)

# %% right="evaluate"
def evaluate(net, loss, loader, device):
    was = net.training
    try:
        net.eval()
        with torch.inference_mode():
            pairs = [(loss(net(X.to(device)), Y.to(device)), Y.shape[0]) for X, Y in loader]
        return sum(L.item() * n for L, n in pairs) / sum(n for _, n in pairs)
    finally:
        net.train(was)

# %% right="evaluate"
@torch.no_grad()
def evaluate(net, loss, loader, device):
    training = net.training
    net.train(False)
    Yhat, targets = [], []
    for X, Y in loader:
        Yhat.append(net(X.to(device)))
        targets.append(Y.to(device))
    net.train(training)
    return float(loss(torch.cat(Yhat), torch.cat(targets)))

# %% right="fit"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net = net.to(device)
    history = {"train": [], "test": []}
    with SummaryWriter(log_dir=folder) as writer:
        bar = tqdm(total=epochs, file=sys.stdout)
        for epoch in range(epochs):
            net.train()
            losses, sizes = [], []
            for X, Y in train_loader:
                X, Y = X.to(device), Y.to(device)
                optim.zero_grad()
                L = loss(net(X), Y)
                L.backward()
                optim.step()
                losses.append(L.item() * X.size(0))
                sizes.append(X.size(0))
            history["train"].append(sum(losses) / sum(sizes))
            history["test"].append(evaluate(net, loss, test_loader, device))
            writer.add_scalar("loss/train", history["train"][epoch], global_step=epoch + 1)
            writer.add_scalar("loss/test", history["test"][epoch], global_step=epoch + 1)
            bar.update(1)
            bar.set_postfix(train=history["train"][-1])
        bar.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="expected a dict, got {got}."
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar(f"loss/{part}", history[part][-1], epoch)
    writer.close()
    return net, history

# %% wrong="fit" fails=["fit_reports"] says="TensorBoard would not show {missing}, but it would show {found}"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        writer.add_scalars("loss", {"train": history["train"][-1], "test": history["test"][-1]}, epoch)
    writer.close()
    return history

# %% [markdown]
# What students write who have read too fast: names without parentheses, parentheses that are missing in a formula, the
# wrong object of two.

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the optimiser takes the tensors that it moves"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    optim = torch.optim.SGD(model, lr=eta)
    return model, torch.nn.CrossEntropyLoss(), optim

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the optimiser takes the tensors that it moves"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    optim = torch.optim.SGD(model.parameters, lr=eta)
    return model, torch.nn.CrossEntropyLoss(), optim

# %% wrong="init_model" fails=["init_model_optim"] says="the optimiser has the option {name}"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta, weight_decay=1e-2)

# %% wrong="train" fails=["train_steps", "train_history", "train_learns"] says="backward belongs to the number that the loss gives"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            loss.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_learns"] says="the gradients of earlier mini-batches are still in it"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        optim.zero_grad()
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_learns"] says="optim.step() is never called: nothing moves"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps"] says="the steps are not made by the optimiser that init_model returns"
def train(data, nh, epochs, batch, eta):
    model, loss, _ = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="parameters() gives its tensors one by one"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(first.parameters() + second.parameters(), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% right="descend_parts"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    model = torch.nn.Sequential(first, act, second)
    optim, losses = torch.optim.SGD(model.parameters(), lr=eta), []
    while len(losses) < epochs:
        optim.zero_grad()
        L = mse(model(X), Y)
        losses.append(float(L.detach()))
        L.backward()
        optim.step()
    return losses

# %% right="accumulate"
def accumulate(model, loss, optim, batches, every):
    steps, waiting = 0, 0
    optim.zero_grad()
    for k, (X, Y) in enumerate(batches):
        m = min(every, len(batches) - k + waiting)
        (loss(model(X), Y) / m).backward()
        waiting += 1
        if waiting == m:
            optim.step()
            optim.zero_grad()
            steps, waiting = steps + 1, 0
    return steps

# %% wrong="accumulate" fails=["accumulate_gradients"] says="the losses are added and not divided"
def accumulate(model, loss, optim, batches, every):
    steps = 0
    for k in range(0, len(batches), every):
        group = batches[k : k + every]
        optim.zero_grad()
        for X, Y in group:
            L = loss(model(X), Y)
            L.backward()
            L = L / len(group)
        optim.step()
        steps += 1
    return steps

# %% right="momentum_step"
def momentum_step(w, g, state, eta, beta):
    """The rate is in the velocity already: as long as it stays the same, so do the steps."""
    state["v"] = beta * state.get("v", torch.zeros_like(w)) - eta * g
    return w + state["v"]

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="the step goes along g: it goes along the velocity"
def momentum_step(w, g, state, eta, beta):
    state["v"] = beta * state.get("v", 0) + g
    return w - eta * g

# %% wrong="momentum_step" fails=["momentum_step_torch"] says="you forgot the learning rate"
def momentum_step(w, g, state, eta, beta):
    state["v"] = beta * state.get("v", 0) + g
    return w - state["v"]

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="eps is added after the division"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state["s"] = alpha * state.get("s", 0) + (1 - alpha) * g**2
    return w - eta * g / state["s"].sqrt() + eps

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="eps is added after the division"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state["s"] = alpha * state.get("s", 0) + (1 - alpha) * g**2
    return w - eta * (g / torch.sqrt(state["s"]) + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="you forgot the learning rate"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state["s"] = alpha * state.get("s", 0) + (1 - alpha) * g**2
    return w - g / (state["s"].sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="eps is added after the division"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / vhat.sqrt() + eps

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="you forgot the learning rate"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="the power is that of 1 - beta"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1) ** state["t"]
    vhat = state["v"] / (1 - beta2) ** state["t"]
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="the top of the cycle is the rate that the optimiser had"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    rate = optim.param_groups[0]["lr"]
    scheduler = OneCycleLR(optim, max_lr=rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            optim.zero_grad()
            loss(model(X), Y).backward()
            rates.append(scheduler.get_last_lr()[0])
            optim.step()
            scheduler.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_steps"] says="one_cycle should return a list of {n} rates"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            optim.zero_grad()
            loss(model(X), Y).backward()
            optim.step()
            scheduler.step()
        rates.append(optim.param_groups[0]["lr"])
    return rates

# %% wrong="evaluate" fails=["evaluate_mean"] says="the weighed sum is divided by the number of batches"
def evaluate(net, loss, loader, device):
    before = net.training
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item() * X.shape[0]
            n += 1
    net.train(before)
    return total / n

# %% wrong="fit" fails=["fit_reports"] says="the bar does not count the {n} epochs"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in range(1, epochs + 1):
        net.train()
        total, n = 0.0, 0
        for X, Y in tqdm(train_loader, file=sys.stdout):
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar(f"loss/{part}", history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_reports"] says="every point is at step 0"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for _ in tqdm(range(epochs), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        writer.add_scalar("loss/train", history["train"][-1], 0)
        writer.add_scalar("loss/test", history["test"][-1], 0)
    writer.close()
    return history

# %% right="sweep"
def sweep(kind, rates, epochs, seed):
    def end(eta):
        torch.manual_seed(seed)
        model, loss = init_model(2, 10, 2, 0.1)[:2]
        return curve(model, loss, torch.optim.__dict__[kind](model.parameters(), eta), epochs)[-1]

    return torch.tensor([end(eta) for eta in rates])

# %% right="sweep"
def sweep(kind, rates, epochs, seed):
    make = {"SGD": torch.optim.SGD, "Adam": torch.optim.Adam}[kind]
    losses = {}
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, optim = init_model(2, 10, 2, eta)
        if kind != "SGD":
            optim = make(list(model.parameters()), lr=eta)
        *_, losses[eta] = curve(model, loss, optim, epochs)
    return list(losses.values())

# %% wrong="sweep" fails=["sweep_trainings"] says="each training starts from other weights"
def sweep(kind, rates, epochs, seed):
    torch.manual_seed(seed)
    losses = []
    for eta in rates:
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="the seed comes after the model"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        model, loss, _ = init_model(2, 10, 2, eta)
        torch.manual_seed(seed)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="no seed is set"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="one model goes through all the trainings"
def sweep(kind, rates, epochs, seed):
    torch.manual_seed(seed)
    model, loss, _ = init_model(2, 10, 2, rates[0])
    losses = []
    for eta in rates:
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="one model goes through all the trainings"
def sweep(kind, rates, epochs, seed):
    torch.manual_seed(seed)
    model, loss, _ = init_model(2, 10, 2, rates[0])
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="the optimiser is that of init_model, SGD"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, optim = init_model(2, 10, 2, eta)
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="the optimiser is Adam whatever kind says"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        losses.append(curve(model, loss, torch.optim.Adam(model.parameters(), lr=eta), epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="the optimiser moves another model"
def sweep(kind, rates, epochs, seed):
    torch.manual_seed(seed)
    model, loss, _ = init_model(2, 10, 2, rates[0])
    optim = getattr(torch.optim, kind)(model.parameters(), lr=rates[0])
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim.param_groups[0]["lr"] = eta
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="all the trainings have the same learning rate"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=rates[0])
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="the optimiser keeps the learning rate that torch gives it"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters())
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="this is the loss after the first epoch"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs)[0])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="this is the lowest loss of the training"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(min(curve(model, loss, optim, epochs)))
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="each item is a list, the whole curve"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs))
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="sweep should return a list of {n} losses, one for each rate"
def sweep(kind, rates, epochs, seed):
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        return [curve(model, loss, optim, epochs)[-1]]

# %% right="plan"
def plan():
    rates = {kind: tuple(top * 10 ** (-k / 2) for k in range(5, -1, -1)) for kind, top in (("SGD", 10), ("Adam", 1))}
    return rates, {kind: rates[kind][3] for kind in rates}

# %% right="plan"
def plan():
    return {"SGD": [0.01, 0.1, 0.5, 2, 20], "Adam": [0.001, 0.01, 0.1, 1]}, {"SGD": 0.5, "Adam": 0.1}

# %% wrong="plan" fails=["plan_rates", "plan_choice"] says="the largest rate for {kind} should be at least 100 times the smallest"
def plan():
    return {"SGD": [0.1, 0.2, 0.3, 0.4, 0.5], "Adam": [0.01, 0.02, 0.03, 0.04]}, {"SGD": 0.5, "Adam": 0.03}

# %% wrong="plan" fails=["plan_rates"] says="put the rates for {kind} in increasing order, each once"
def plan():
    return {"SGD": [10, 3, 1, 0.3, 0.1], "Adam": [1, 0.3, 0.1, 0.03, 0.01]}, {"SGD": 1, "Adam": 0.1}

# %% wrong="plan" fails=["plan_rates"] says="a rate for {kind} is not above 0"
def plan():
    return {"SGD": [0, 0.1, 1, 10], "Adam": [0.001, 0.01, 0.1, 1]}, {"SGD": 1, "Adam": 0.1}

# %% wrong="plan" fails=["plan_rates"] says="take four to six"
def plan():
    return {"SGD": [0.1, 1, 10], "Adam": [0.01, 0.1, 1]}, {"SGD": 1, "Adam": 0.1}

# %% wrong="plan" fails=["plan_choice"] says="nothing is chosen yet for {kind}"
def plan():
    return {"SGD": [0.03, 0.1, 0.3, 1, 3], "Adam": [0.003, 0.01, 0.1, 0.3]}, {"SGD": None, "Adam": None}

# %% wrong="plan" fails=["plan_choice"] says="lies at an end of your list"
def plan():
    return {"SGD": [0.01, 0.03, 0.1, 0.3, 1], "Adam": [0.003, 0.01, 0.03, 0.1, 0.3]}, {"SGD": 1, "Adam": 0.1}

# %% wrong="plan" fails=["plan_choice"] says="is not one of your rates for {kind}"
def plan():
    return {"SGD": [0.03, 0.1, 0.3, 1, 3], "Adam": [0.003, 0.01, 0.1, 0.3]}, {"SGD": 0.8, "Adam": 0.1}

# %% wrong="plan" fails=["plan_choice"] says="so small a rate, {kind} has hardly begun"
def plan():
    return {"SGD": [0.01, 0.1, 1, 10], "Adam": [0.001, 0.01, 0.1, 1]}, {"SGD": 0.1, "Adam": 0.1}

# %% wrong="plan" fails=["plan_choice"] says="so small a rate, {kind} has hardly begun"
def plan():
    return {"SGD": [0.1, 0.3, 1, 3, 10], "Adam": [1e-4, 1e-3, 1e-2, 1e-1]}, {"SGD": 1, "Adam": 1e-3}

# %% wrong="plan" fails=["plan_choice"] says="so large a rate, {kind} ends higher"
def plan():
    return {"SGD": [0.1, 1, 10, 100], "Adam": [0.01, 0.1, 1, 10]}, {"SGD": 10, "Adam": 0.1}

# %% wrong="plan" fails=["plan_rates", "plan_choice"] says="the dict lacks {missing}"
def plan():
    return {"SGD": [0.1, 0.3, 1, 3, 10]}, {"SGD": 1}

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the bias correction of m is missing"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * state["m"] / (vhat.sqrt() + eps)

# %% wrong="fit" fails=["fit_history"] says="a loss is measured in training mode"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        total, n = 0.0, 0
        with torch.no_grad():
            for X, Y in test_loader:
                X, Y = X.to(device), Y.to(device)
                total += loss(net(X), Y).item() * len(X)
                n += len(X)
        history["test"].append(total / n)
        for part in history:
            writer.add_scalar(f"loss/{part}", history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="accumulate" fails=["accumulate_steps"] says="there is a step without a batch at the end"
def accumulate(model, loss, optim, batches, every):
    optim.zero_grad()
    steps = 0
    for k in range(len(batches) // every + 1):
        group = batches[k * every:(k + 1) * every]
        for X, Y in group:
            L = loss(model(X), Y) / len(group)
            L.backward()
        optim.step()
        optim.zero_grad()
        steps += 1
    return steps

# %% wrong="accumulate" fails=["accumulate_gradients"] says="the last group has fewer batches"
def accumulate(model, loss, optim, batches, every):
    steps = 0
    for i, (X, Y) in enumerate(batches):
        L = loss(model(X), Y) / every
        L.backward()
        if (i + 1) % every == 0 or i == len(batches) - 1:
            optim.step()
            optim.zero_grad()
            steps += 1
    return steps

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="the cycle has one step more than the training"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    scheduler = OneCycleLR(optim, max_lr=max_rate, total_steps=epochs * len(batches) + 1)
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            optim.zero_grad()
            loss(model(X), Y).backward()
            rates.append(scheduler.get_last_lr()[0])
            optim.step()
            scheduler.step()
    return rates

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the average is squared once more"
def rmsprop_step(w, g, state, eta, alpha, eps):
    state["s"] = alpha * state.get("s", 0) + (1 - alpha) * g**2
    w = w - eta * g / (state["s"] ** 2 + eps)
    return w

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="v averages the squares of m"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * state["m"] ** 2
    return w - eta * state["m"] / (1 - beta1**t) / ((state["v"] / (1 - beta2**t)).sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="parentheses are missing: m / (1 - beta1**t)"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    return w - eta * (m/1-beta1**t) / ((v/(1-beta2**t)).sqrt() + eps)

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the sizes of its layers are nx, nh, ny, in this order"
def init_model(nx, nh, ny, eta):
    model = fully_connected([ny, nh, nx])
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), eta)

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="parameters() gives its tensors one by one"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD([first.parameters(), second.parameters()], lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(Y, second(act(first(X))))
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="kind is the name of a class, a string"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = kind(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses

# %% wrong="sweep" fails=["sweep_trainings"] says="the trainings have another number of epochs"
def sweep(kind, rates, epochs, seed):
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, 15)[-1])
    return losses

# %% wrong="evaluate" fails=["evaluate_mean", "evaluate_modes", "evaluate_device"] says="net.train is a method that sets the mode"
def evaluate(net, loss, loader, device):
    before = net.train
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item() * len(X)
            n += len(X)
    net.train(before)
    return total / n

# %% wrong="init_model" fails=["init_model_returns"] says="the parameters of the model have the shapes {found}"
def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, 10, ny])
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="init_model" fails=["init_model_returns", "init_model_optim"] says="the parameters of the model have the shapes {found}"
def init_model(nx, nh, ny, eta):
    model = fully_connected([2, nh, ny])
    return model, torch.nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=eta)

# %% wrong="accumulate" fails=["accumulate_gradients"] says="each batch is weighed by its size"
def accumulate(model, loss, optim, batches, every):
    steps = 0
    for k in range(0, len(batches), every):
        group = batches[k : k + every]
        n = sum(len(X) for X, _ in group)
        optim.zero_grad()
        for X, Y in group:
            L = loss(model(X), Y) * len(X) / n
            L.backward()
        optim.step()
        steps += 1
    return steps

# %% wrong="evaluate" fails=["evaluate_modes"] says="autograd is left switched off, and the next training would fail"
def evaluate(net, loss, loader, device):
    training = net.training
    net.eval()
    torch.set_grad_enabled(False)
    total, n = 0.0, 0
    for X, Y in loader:
        X, Y = X.to(device), Y.to(device)
        total += loss(net(X), Y).item() * len(X)
        n += len(X)
    net.train(training)
    return total / n

# %% right="evaluate"
def evaluate(net, loss, loader, device):
    training, recording = net.training, torch.is_grad_enabled()
    net.eval()
    torch.set_grad_enabled(False)
    total, n = 0.0, 0
    for X, Y in loader:
        X, Y = X.to(device), Y.to(device)
        total += loss(net(X), Y).item() * len(X)
        n += len(X)
    net.train(training)
    torch.set_grad_enabled(recording)
    return total / n

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="full-batch descent has all the examples in each step"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()), lr=eta)
    losses = []
    for _ in range(epochs):
        for indices in minibatches(len(X), 10):
            L = mse(second(act(first(X[indices]))), Y[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="the optimiser keeps the learning rate that torch gives it"
def descend_parts(parts, X, Y, epochs, eta):
    first, act, second, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()))
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="descend_parts" fails=["descend_parts_steps"] says="the parts are named in another order than they come in"
def descend_parts(parts, X, Y, epochs, eta):
    first, second, act, mse = parts
    optim = torch.optim.SGD(list(first.parameters()) + list(second.parameters()), lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="train" fails=["train_steps", "train_history", "train_learns"] says="loss_accuracy returns two values, the loss and the accuracy"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_steps", "train_history", "train_learns"] says="L has no graph"
def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            with torch.no_grad():
                Yhat = model(data.Xtrain[indices])
                L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="parentheses are missing: v / (1 - beta2**t)"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = m / (1 - beta1**t)
    vhat = v / 1 - beta2**t
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="parentheses are missing in both corrections"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = m / 1 - beta1**t
    vhat = v / 1 - beta2**t
    return w - eta * mhat / (vhat.sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the factor 1 - beta1 of the gradient is missing in m"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    return w - eta * m / (1 - beta1**t) / ((v / (1 - beta2**t)).sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the factor 1 - beta2 of the square is missing in v"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + g**2
    return w - eta * m / (1 - beta1**t) / ((v / (1 - beta2**t)).sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the factors 1 - beta1 and 1 - beta2 are missing in the two averages"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + g
    v = state["v"] = beta2 * state.get("v", 0) + g**2
    return w - eta * m / (1 - beta1**t) / ((v / (1 - beta2**t)).sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_first", "adam_step_torch"] says="the root comes before the correction: divide v by 1 - beta2**t first"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    return w - eta * m / (1 - beta1**t) / (v.sqrt() / (1 - beta2**t) + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="t is not the number of steps: len(state) is how many things state holds, 2"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = len(state) + 1
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    return w - eta * m / (1 - beta1**t) / ((v / (1 - beta2**t)).sqrt() + eps)

# %% wrong="adam_step" fails=["adam_step_torch"] says="t is not the number of steps: len(state) is how many things state holds, 3"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    t = len(state) + 1
    state["t"] = t
    m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    return w - eta * m / (1 - beta1**t) / ((v / (1 - beta2**t)).sqrt() + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="s**1/2 is half of s"
def rmsprop_step(w, g, state, eta, alpha, eps):
    s = state["s"] = alpha * state.get("s", 0) + (1 - alpha) * g**2
    return w - eta * g / (s**1/2 + eps)

# %% wrong="rmsprop_step" fails=["rmsprop_step_torch"] says="the factor 1 - alpha is squared too"
def rmsprop_step(w, g, state, eta, alpha, eps):
    s = state["s"] = alpha * state.get("s", 0) + ((1 - alpha) * g) ** 2
    return w - eta * g / (s.sqrt() + eps)

# %% wrong="adamw_step" fails=["adamw_step_torch"] says="every weight gets smaller by the same number"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    w = w - eta * decay
    return adam_step(w, g, state, eta, beta1, beta2, eps)

# %% wrong="one_cycle" fails=["one_cycle_rates"] says="the scheduler is made anew in each epoch, and its cycle begins again"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    rates = []
    for _ in range(epochs):
        scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
        for X, Y in batches:
            optim.zero_grad()
            loss(model(X), Y).backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
            scheduler.step()
    return rates

# %% wrong="one_cycle" fails=["one_cycle_rates", "one_cycle_steps"] says="the steps are not made by the optimiser that the function was given"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    optim = torch.optim.SGD(model.parameters(), lr=max_rate)
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            optim.zero_grad()
            loss(model(X), Y).backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
            scheduler.step()
    return rates

# %% wrong="fit" fails=["fit_steps", "fit_history"] says="the steps are not made by the optimiser that the function was given"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    optim = torch.optim.SGD(net.parameters(), lr=0.1)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar(f"loss/{part}", history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_history"] says="the sum and the number of examples go on from epoch to epoch"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    total, n = 0, 0
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar(f"loss/{part}", history[part][-1], epoch)
    writer.close()
    return history

# %% wrong="fit" fails=["fit_steps", "fit_history", "fit_device", "fit_reports"] says="add_scalar takes one number, the last of a list"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar(f"loss/{part}", history[part], epoch)
    writer.close()
    return history
