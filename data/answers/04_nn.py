# %% [markdown]
# Answers to 04_nn as students write them: wrong ones with the checks they fail and what they are told, right ones in
# other styles than the solution's.

# %% wrong="init_model" fails=["init_model_scores"] says="the model ends with SoftMax: CrossEntropyLoss does it itself"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh),
        torch.nn.Tanh(),
        torch.nn.Linear(nh, ny),
        torch.nn.Softmax(dim=1),
    )
    loss = torch.nn.CrossEntropyLoss()
    return model, loss

# %% wrong="init_model" fails=["init_model_scores"] says="the model ends with SoftMax, and over the examples"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny), torch.nn.Softmax(dim=0))
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_scores"] says="there is no activation between the two layers"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Linear(nh, ny))
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_scores", "init_model_loss"] says="you used ReLU; this network uses tanh"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh),
        torch.nn.ReLU(),
        torch.nn.Linear(nh, ny),
        torch.nn.Sigmoid(),
    )
    model = model[:3]
    loss = torch.nn.MSELoss()
    return model, loss

# %% wrong="init_model" fails=["init_model_scores"] says="the model ends with a sigmoid"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny), torch.nn.Sigmoid())
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_scores"] says="the parameters of the model have the shapes"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny)
    )
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_loss"] says="this is the squared error; the cross-entropy was asked for"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    return model, torch.nn.MSELoss()

# %% wrong="init_model" fails=["init_model_loss"] says="the loss sums over the batch; keep the mean"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    return model, torch.nn.CrossEntropyLoss(reduction="sum")

# %% wrong="init_model" fails=["init_model_loss"] says="NLLLoss takes logarithms of probabilities"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny), torch.nn.LogSoftmax(dim=1)
    )
    return model, torch.nn.NLLLoss()

# %% wrong="init_model" fails=["init_model_loss"] says="the loss is a class: make one of it, with parentheses"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    return model, torch.nn.CrossEntropyLoss

# %% wrong="init_model" fails=["init_model_loss"] says="SoftMax is taken twice: this loss applies it"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))

    def loss(Yhat, Y):
        return torch.nn.functional.cross_entropy(torch.softmax(Yhat, 1), Y)

    return model, loss

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_loss", "init_model_fresh"] says="the two values are swapped: the model first, then the loss"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    return torch.nn.CrossEntropyLoss(), model

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_loss", "init_model_fresh"] says="expected {n} values, separated by commas after return"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()
    return model

# %% wrong="init_model" fails=["init_model_fresh"] says="two calls give the same weights"
def init_model(nx, nh, ny):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_fresh"] says="has parameters of {dtype}; keep torch.float32"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny)).double()
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_fresh"] says="has no parameters: layers must be attributes of a Module"
def init_model(nx, nh, ny):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [torch.nn.Linear(nx, nh), torch.nn.Linear(nh, ny)]

        def forward(self, X):
            return self.layers[1](torch.tanh(self.layers[0](X)))

    return Net(), torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_fresh"] says="expected a torch.nn.Module, got {got}"
def init_model(nx, nh, ny):
    first, second = torch.nn.Linear(nx, nh), torch.nn.Linear(nh, ny)
    return lambda X: second(torch.tanh(first(X))), torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_fresh"] says="is on the device {device}; here everything stays on the CPU"
def init_model(nx, nh, ny):
    device = "cuda" if torch.cuda.is_available() else "meta"
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny)).to(device)
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_loss", "init_model_fresh"] says="is None: does the function end with return?"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    loss = torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns"] says="model(X) has no graph"
def init_model(nx, nh, ny):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.f = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))

        def forward(self, X):
            with torch.no_grad():
                return self.f(X)

    return Net(), torch.nn.CrossEntropyLoss()

# %% right="init_model"
def init_model(nx, nh, ny):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = torch.nn.Linear(nx, nh)
            self.act = torch.nn.Tanh()
            self.fc2 = torch.nn.Linear(nh, ny)

        def forward(self, X):
            return self.fc2(self.act(self.fc1(X)))

    model = Net()
    loss = torch.nn.CrossEntropyLoss()
    return model, loss

# %% right="init_model"
import torch.nn as nn
import torch.nn.functional as F


class Mlp(nn.Module):
    def __init__(self, nx, nh, ny):
        super(Mlp, self).__init__()
        self.out = nn.Linear(nh, ny)
        self.hid = nn.Linear(nx, nh)

    def forward(self, x):
        x = F.tanh(self.hid(x))
        return self.out(x)


def init_model(nx, nh, ny):
    return Mlp(nx, nh, ny), F.cross_entropy

# %% right="init_model"
def init_model(nx, nh, ny):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.Wh = torch.nn.Parameter(0.3 * torch.randn(nx, nh))
            self.bh = torch.nn.Parameter(torch.zeros(1, nh))
            self.Wy = torch.nn.Parameter(0.3 * torch.randn(nh, ny))
            self.by = torch.nn.Parameter(torch.zeros(1, ny))

        def forward(self, X):
            return torch.tanh(X @ self.Wh + self.bh) @ self.Wy + self.by

    def loss(Yhat, Y):
        return (torch.logsumexp(Yhat, 1) - (Y * Yhat).sum(1)).mean()

    return [Net(), loss]

# %% right="init_model"
from collections import OrderedDict


def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        OrderedDict(
            [
                ("hidden", torch.nn.Linear(nx, nh)),
                ("tanh", torch.nn.Tanh()),
                ("output", torch.nn.Linear(nh, ny)),
                ("log", torch.nn.LogSoftmax(dim=1)),
            ]
        )
    )
    for value in model.parameters():
        torch.nn.init.normal_(value, 0, 0.3)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return model.to(device), torch.nn.CrossEntropyLoss().to(device)

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss"] says="SoftMax is taken twice: the loss does it already"
def loss_accuracy(loss, Yhat, Y):
    Yhat = torch.softmax(Yhat, dim=1)
    L = loss(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss", "loss_accuracy_rate"] says="SoftMax is taken twice, and over the examples"
def loss_accuracy(loss, Yhat, Y):
    Yhat = torch.softmax(Yhat, dim=0)
    L = loss(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss"] says="the argument loss is not used"
def loss_accuracy(loss, Yhat, Y):
    L = torch.nn.CrossEntropyLoss()(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss"] says="L is cut off from its graph"
def loss_accuracy(loss, Yhat, Y):
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean().item()
    return loss(Yhat, Y).item(), acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss"] says="the two arguments of the loss are swapped"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Y, Yhat)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss"] says="L is divided by the number of examples"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y) / len(Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_rate"] says="compare with argmax(1), not with one half"
def loss_accuracy(loss, Yhat, Y):
    acc = ((Yhat > 0.5).float() == Y).float().mean()
    return loss(Yhat, Y), acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_rate"] says="the accuracy is a rate between 0 and 1, not a percentage"
def loss_accuracy(loss, Yhat, Y):
    acc = 100 * (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return loss(Yhat, Y), acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss", "loss_accuracy_rate"] says="the two values are swapped: the loss first, then the accuracy"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return acc, L

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss", "loss_accuracy_rate"] says="is None: does the function end with return?"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    print(L, acc)

# %% right="loss_accuracy"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y)
    _, indsYhat = torch.max(Yhat, 1)
    _, indsY = torch.max(Y, 1)
    acc = torch.sum(indsYhat == indsY) / len(indsY)
    return L, acc

# %% right="loss_accuracy"
def loss_accuracy(loss, Yhat, Y):
    labels = Y.argmax(dim=1)
    predicted = torch.softmax(Yhat, dim=1).argmax(dim=1)
    right = sum(int(a == b) for a, b in zip(predicted, labels))
    return loss(Yhat, labels), right / Y.shape[0]

# %% wrong="sgd" fails=["sgd_step", "sgd_reset", "sgd_any_model"] says="the update is outside torch.no_grad()"
def sgd(model, eta):
    for param in model.parameters():
        param -= eta * param.grad
    model.zero_grad()
    return model

# %% wrong="sgd" fails=["sgd_reset"] says="the gradients are still there after sgd"
def sgd(model, eta):
    with torch.no_grad():
        for param in model.parameters():
            param -= eta * param.grad
    return model

# %% wrong="sgd" fails=["sgd_step", "sgd_any_model"] says="the reset stands in the loop over the parameters"
def sgd(model, eta):
    with torch.no_grad():
        for param in model.parameters():
            param -= eta * param.grad
            model.zero_grad()

# %% wrong="sgd" fails=["sgd_step", "sgd_any_model"] says="a gradient is None: the update comes after L.backward()"
def sgd(model, eta):
    model.zero_grad()
    with torch.no_grad():
        for param in model.parameters():
            param -= eta * param.grad
    return model

# %% wrong="sgd" fails=["sgd_step", "sgd_any_model"] says="nothing changed: w = w - … gives the name to another tensor"
def sgd(model, eta):
    with torch.no_grad():
        for param in model.parameters():
            param = param - eta * param.grad
    model.zero_grad()
    return model

# %% wrong="sgd" fails=["sgd_step"] says="you walked up the slope"
def sgd(model, eta):
    with torch.no_grad():
        for param in model.parameters():
            param += eta * param.grad
    model.zero_grad()

# %% wrong="sgd" fails=["sgd_step", "sgd_reset"] says="you forgot the learning rate"
def sgd(model, eta):
    with torch.no_grad():
        for param in model.parameters():
            param -= param.grad
    model.zero_grad()

# %% wrong="sgd" fails=["sgd_step", "sgd_reset", "sgd_any_model"] says="only the first parameter moved"
def sgd(model, eta):
    with torch.no_grad():
        for param in model.parameters():
            param -= eta * param.grad
            param.grad.zero_()
            return model

# %% wrong="sgd" fails=["sgd_any_model"] says="some parameters of another network do not move"
def sgd(model, eta):
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, torch.nn.Linear):
                layer.weight -= eta * layer.weight.grad
                if layer.bias is not None:
                    layer.bias -= eta * layer.bias.grad
    model.zero_grad()
    return model

# %% wrong="sgd" fails=["sgd_step"] says="the parameters no longer require gradients"
def sgd(model, eta):
    for param in model.parameters():
        param.requires_grad = False
        param -= eta * param.grad
    model.zero_grad()
    return model

# %% right="sgd"
def sgd(model, eta):
    for param in model.parameters():
        param.data -= eta * param.grad.data
        param.grad.zero_()

# %% right="sgd"
@torch.no_grad()
def sgd(model, eta):
    params = list(model.parameters())
    for param in params:
        param.sub_(param.grad, alpha=eta)
    for param in params:
        param.grad = None
    return model

# %% right="sgd"
def sgd(model, eta):
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    optim.step()
    optim.zero_grad()
    return model

# %% wrong="probabilities" fails=["probabilities_values"] says="SoftMax is taken over the examples"
def probabilities(model, X):
    with torch.no_grad():
        return torch.softmax(model(X), dim=0)

# %% wrong="probabilities" fails=["probabilities_values"] says="SoftMax is taken twice"
def probabilities(model, X):
    softmax = torch.nn.Softmax(dim=1)
    with torch.no_grad():
        return softmax(softmax(model(X)))

# %% wrong="probabilities" fails=["probabilities_values"] says="SoftMax is missing: these are the scores"
def probabilities(model, X):
    with torch.no_grad():
        return model(X)

# %% wrong="probabilities" fails=["probabilities_no_graph"] says="the probabilities still hang on a graph"
def probabilities(model, X):
    return torch.nn.Softmax(dim=1)(model(X))

# %% wrong="probabilities" fails=["probabilities_values"] says="SoftMax is taken over the whole batch"
def probabilities(model, X):
    with torch.no_grad():
        e = torch.exp(model(X))
        return e / e.sum()

# %% right="probabilities"
def probabilities(model, X):
    model.eval()
    Yhat = model(X).detach()
    e = torch.exp(Yhat - Yhat.max(1, keepdim=True).values)
    return e / e.sum(1, keepdim=True)

# %% right="probabilities"
@torch.no_grad()
def probabilities(model, X):
    return torch.nn.Sequential(model, torch.nn.Softmax(dim=-1))(X)

# %% right="probabilities"
def probabilities(model, X):
    with torch.inference_mode():
        return model(X).softmax(dim=-1)

# %% wrong="train" fails=["train_history"] says="train and test are mixed up"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part in ("train", "test"):
                L, acc = loss_accuracy(loss, model(data.Xtrain), data.Ytrain)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history"] says="these are the numbers of the last mini-batch"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        history["loss_train"].append(L.item())
        history["acc_train"].append(acc.item())
        with torch.no_grad():
            L, acc = loss_accuracy(loss, model(data.Xtest), data.Ytest)
        history["loss_test"].append(L.item())
        history["acc_test"].append(acc.item())
    return model, history

# %% wrong="train" fails=["train_history"] says="the history keeps the graph of each loss"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(loss, model(X), Y)
            history[f"loss_{part}"].append(L)
            history[f"acc_{part}"].append(acc)
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="the model is made anew at each epoch"
def train(data, nh, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="no step follows this gradient: call sgd after each L.backward()"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            model.zero_grad()
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="the gradients of earlier mini-batches are still in it"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= eta * p.grad
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop"] says="each training example should be used once an epoch"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain), data.Ytrain)
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="no gradient is ever computed"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="the two values are swapped: the model, then the history"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return history, model

# %% wrong="train" fails=["train_loop"] says="train learns from test examples"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for X, Y in ((data.Xtrain, data.Ytrain), (data.Xtest, data.Ytest)):
            for indices in minibatches(len(X), batch)[::2]:
                L, acc = loss_accuracy(loss, model(X[indices]), Y[indices])
                L.backward()
                sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="the rows of X and Y do not belong together"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows, targets in zip(minibatches(len(data.Xtrain), batch), minibatches(len(data.Ytrain), batch)):
            L, acc = loss_accuracy(loss, model(data.Xtrain[rows]), data.Ytrain[targets])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_learns"] says="training diverged, the weights are NaN or infinite"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            if epoch > 5:
                eta = eta * 10
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    nx, ny = data.Xtrain.size(1), data.Ytrain.size(1)
    model, loss = init_model(nx, nh, ny)
    losses_train, losses_test, accs_train, accs_test = [], [], [], []
    for epoch in range(epochs):
        model.train()
        for idx in minibatches(data.Xtrain.size(0), batch):
            Xb, Yb = data.Xtrain[idx], data.Ytrain[idx]
            Yhat = model.forward(Xb)
            L, _ = loss_accuracy(loss, Yhat, Yb)
            model.zero_grad()
            L.backward()
            model = sgd(model, eta) or model
        model.eval()
        with torch.no_grad():
            L, acc = loss_accuracy(loss, model(data.Xtrain), data.Ytrain)
            losses_train.append(L.item())
            accs_train.append(acc)
            L, acc = loss_accuracy(loss, model(data.Xtest), data.Ytest)
            losses_test.append(L.item())
            accs_test.append(acc)
    return model, dict(loss_train=losses_train, loss_test=losses_test, acc_train=accs_train, acc_test=accs_test)

# %% right="train"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtest.shape[-1], nh, len(data.Ytest[0]))
    history = {key: [] for key in ("loss_train", "loss_test", "acc_train", "acc_test")}
    for _ in range(epochs):
        order = torch.randperm(len(data.Xtrain))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            loss_accuracy(loss, model(data.Xtrain[rows]), data.Ytrain[rows])[0].backward()
            with torch.no_grad():
                for p in model.parameters():
                    p.data = p.data - eta * p.grad
            model.zero_grad()
        with torch.no_grad():
            for part in ("train", "test"):
                X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
                L, acc = loss_accuracy(loss, model(X), Y)
                history["loss_" + part] += [L.item()]
                history["acc_" + part] += [float(acc)]
    return (model, history)

# %% right="train"
from torch.utils.data import DataLoader, TensorDataset


def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    loader = DataLoader(TensorDataset(data.Xtrain, data.Ytrain), batch_size=batch, shuffle=True)
    history = {f"{what}_{part}": [] for what in ("loss", "acc") for part in ("train", "test")}

    def note(part, X, Y):
        with torch.no_grad():
            L, acc = loss_accuracy(loss, model(X), Y)
        history["loss_" + part].append(L.item())
        history["acc_" + part].append(acc.item())

    for epoch in range(epochs):
        for Xb, Yb in loader:
            L = loss(model(Xb), Yb)
            L.backward()
            sgd(model, eta)
        note("train", data.Xtrain, data.Ytrain)
        note("test", data.Xtest, data.Ytest)
    return model, history

# %% wrong="OneHidden" fails=["OneHidden_registers", "OneHidden_scores"] says="__init__ begins with super().__init__()"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        self.hidden = torch.nn.Linear(nx, nh)
        self.output = torch.nn.Linear(nh, ny)

    def forward(self, X):
        return self.output(torch.tanh(self.hidden(X)))

# %% wrong="OneHidden" fails=["OneHidden_scores"] says="the model ends with SoftMax: CrossEntropyLoss does it itself"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.hidden = torch.nn.Linear(nx, nh)
        self.output = torch.nn.Linear(nh, ny)

    def forward(self, X):
        return torch.softmax(self.output(torch.tanh(self.hidden(X))), 1)

# %% wrong="OneHidden" fails=["OneHidden_registers", "OneHidden_scores"] says="has no parameters: layers must be attributes of a Module"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.layers = [torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny)]

    def forward(self, X):
        for layer in self.layers:
            X = layer(X)
        return X

# %% wrong="OneHidden" fails=["OneHidden_registers", "OneHidden_scores"] says="has no parameters: layers must be attributes of a Module"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.nx, self.nh, self.ny = nx, nh, ny

    def forward(self, X):
        hidden, output = torch.nn.Linear(self.nx, self.nh), torch.nn.Linear(self.nh, self.ny)
        return output(torch.tanh(hidden(X))).detach()

# %% wrong="OneHidden" fails=["OneHidden_scores"] says="there is no activation between the two layers"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.hidden = torch.nn.Linear(nx, nh)
        self.act = torch.nn.Tanh()
        self.output = torch.nn.Linear(nh, ny)

    def forward(self, X):
        h = self.hidden(X)
        self.act(h)
        return self.output(h)

# %% right="OneHidden"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super(OneHidden, self).__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))

    def forward(self, X):
        return self.net(X)

# %% right="OneHidden"
class OneHidden(torch.nn.Sequential):
    def __init__(self, nx, nh, ny):
        super().__init__(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))

# %% wrong="Standardise" fails=["Standardise_buffers"] says="{name} is not a buffer"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.mean = X.mean(0)
        self.std = X.std(0)

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="Standardise" fails=["Standardise_buffers"] says="call them mean and std"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("m", X.mean(0))
        self.register_buffer("s", X.std(0))

    def forward(self, X):
        return (X - self.m) / self.s

# %% wrong="Standardise" fails=["Standardise_buffers"] says="descent would change {names}, registered with Parameter"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.mean = torch.nn.Parameter(X.mean(0))
        self.std = torch.nn.Parameter(X.std(0))

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="Standardise" fails=["Standardise_values"] says="forward takes the mean and the deviation of the batch that it gets"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("std", X.std(0))

    def forward(self, X):
        return (X - X.mean(0)) / X.std(0)

# %% wrong="Standardise" fails=["Standardise_values", "Standardise_buffers"] says="one mean and one deviation for all the features"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean())
        self.register_buffer("std", X.std())

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="Standardise" fails=["Standardise_buffers"] says="{name} is not a buffer"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean(0), persistent=False)
        self.register_buffer("std", X.std(0), persistent=False)

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="Standardise" fails=["Standardise_values"] says="you divided by the variance"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("std", X.var(0))

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="Standardise" fails=["Standardise_values"] says="forward changes the examples that it is given"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("std", X.std(0))

    def forward(self, X):
        X -= self.mean
        X /= self.std
        return X

# %% right="Standardise"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        n = X.shape[0]
        mean = X.sum(0, keepdim=True) / n
        self.register_buffer("mean", mean)
        self.register_buffer("std", (((X - mean) ** 2).sum(0, keepdim=True) / n).sqrt())

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="fit_linear" fails=["fit_linear_steps", "fit_linear_converges"] says="reset them with model.zero_grad()"
def fit_linear(X, Y, epochs, eta):
    model, mse = torch.nn.Linear(X.shape[1], 1), torch.nn.MSELoss()
    losses = []
    for _ in range(epochs):
        L = mse(model(X), Y)
        L.backward()
        with torch.no_grad():
            for value in model.parameters():
                value -= eta * value.grad
        losses.append(L.item())
    return model, losses

# %% wrong="fit_linear" fails=["fit_linear_steps", "fit_linear_converges"] says="training diverged, the weights are NaN or infinite"
def fit_linear(X, Y, epochs, eta):
    model, mse = torch.nn.Linear(X.shape[1], 1), torch.nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(epochs):
        L = mse(model(X), Y)
        L.backward()
        with torch.no_grad():
            for value in model.parameters():
                value -= eta * value.grad
        model.zero_grad()
        losses.append(L.item())
    return model, losses

# %% wrong="fit_linear" fails=["fit_linear_steps", "fit_linear_converges"] says="their difference is a table of all pairs"
def fit_linear(X, Y, epochs, eta):
    model = torch.nn.Linear(X.shape[1], 1)
    losses = []
    for _ in range(epochs):
        L = ((model(X).squeeze() - Y) ** 2).mean()
        L.backward()
        with torch.no_grad():
            for value in model.parameters():
                value -= eta * value.grad
        model.zero_grad()
        losses.append(L.item())
    return model, losses

# %% wrong="fit_linear" fails=["fit_linear_steps"] says="note the loss before each step, not after"
def fit_linear(X, Y, epochs, eta):
    model, mse = torch.nn.Linear(X.shape[1], 1), torch.nn.MSELoss()
    losses = []
    for _ in range(epochs):
        mse(model(X), Y).backward()
        with torch.no_grad():
            for value in model.parameters():
                value -= eta * value.grad
            losses.append(float(mse(model(X), Y)))
        model.zero_grad()
    return model, losses

# %% wrong="fit_linear" fails=["fit_linear_steps", "fit_linear_converges"] says="nothing moves: are the parameters changed in place"
def fit_linear(X, Y, epochs, eta):
    model, mse = torch.nn.Linear(X.shape[1], 1), torch.nn.MSELoss()
    losses = []
    for _ in range(epochs):
        L = mse(model(X), Y)
        L.backward()
        with torch.no_grad():
            for value in model.parameters():
                value = value - eta * value.grad
        model.zero_grad()
        losses.append(float(L))
    return model, losses

# %% wrong="fit_linear" fails=["fit_linear_steps"] says="after a single step the fit is already the best"
def fit_linear(X, Y, epochs, eta):
    model, mse = torch.nn.Linear(X.shape[1], 1), torch.nn.MSELoss()
    ones = torch.cat([torch.ones(len(X), 1), X], 1).double()
    best = torch.linalg.lstsq(ones, Y.double(), driver="gelsd").solution.float()
    with torch.no_grad():
        model.bias.copy_(best[0])
        model.weight.copy_(best[1:].T)
    return model, [float(mse(model(X), Y))] * epochs

# %% right="fit_linear"
def fit_linear(X, Y, epochs, eta):
    class Regression(torch.nn.Module):
        def __init__(self, nx):
            super().__init__()
            self.layer = torch.nn.Linear(nx, 1)

        def forward(self, X):
            return self.layer(X)

    model, mse, losses = Regression(X.shape[1]), torch.nn.MSELoss(), []
    for epoch in range(epochs):
        model.zero_grad()
        L = mse(model(X).view(-1, 1), Y.reshape(-1, 1))
        L.backward()
        losses.append(L.item())
        for value in model.parameters():
            value.data -= eta * value.grad.data
    return model, losses

# %% right="fit_linear"
def fit_linear(X, Y, epochs, eta):
    torch.manual_seed(0)
    model = torch.nn.Linear(X.shape[1], 1)
    losses = torch.zeros(epochs)
    for k in range(epochs):
        L = torch.nn.functional.mse_loss(model(X), Y)
        grads = torch.autograd.grad(L, list(model.parameters()))
        losses[k] = L.detach()
        with torch.no_grad():
            for value, grad in zip(model.parameters(), grads):
                value.sub_(eta * grad)
    return model, losses.tolist()

# %% wrong="descend_parts" fails=["descend_parts_step"] says="only the last layer moves: first has parameters too"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    with torch.no_grad():
        for value in second.parameters():
            value -= eta * value.grad
    first.zero_grad()
    second.zero_grad()
    return float(L)

# %% wrong="descend_parts" fails=["descend_parts_step"] says="the gradients add up from step to step"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    with torch.no_grad():
        for value in list(first.parameters()) + list(second.parameters()):
            value -= eta * value.grad
    return float(L)

# %% wrong="descend_parts" fails=["descend_parts_step"] says="the update is outside torch.no_grad()"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    for value in list(first.parameters()) + list(second.parameters()):
        value -= eta * value.grad
        value.grad.zero_()
    return float(L)

# %% wrong="descend_parts" fails=["descend_parts_step"] says="only the weights move: the biases are parameters too"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    with torch.no_grad():
        first.weight -= eta * first.weight.grad
        second.weight -= eta * second.weight.grad
    first.zero_grad()
    second.zero_grad()
    return float(L)

# %% wrong="descend_parts" fails=["descend_parts_step"] says="the activation is missing"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(first(X)), Y)
    L.backward()
    with torch.no_grad():
        for layer in (first, second):
            for value in layer.parameters():
                value -= eta * value.grad
            layer.zero_grad()
    return float(L)

# %% right="descend_parts"
def descend_parts(parts, X, Y, eta):
    *layers, mse = parts
    params = [value for layer in layers for value in layer.parameters()]
    for value in params:
        value.grad = None
    out = X
    for layer in layers:
        out = layer(out)
    L = mse(out, Y)
    L.backward()
    for value in params:
        value.data.add_(value.grad, alpha=-eta)
    return L.item()

# %% right="descend_parts"
import itertools


def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    h = first(X)
    h = act(h)
    L = mse(second(h), Y)
    params = list(itertools.chain(first.parameters(), second.parameters()))
    optim = torch.optim.SGD(params, lr=eta)
    optim.zero_grad()
    L.backward()
    optim.step()
    return L.item()

# %% wrong="as_sequential" fails=["as_sequential_shares"] says="the loss is in the Sequential"
def as_sequential(parts):
    return torch.nn.Sequential(*parts)

# %% wrong="as_sequential" fails=["as_sequential_shares"] says="the parts moved and the model did not"
def as_sequential(parts):
    first, act, second, mse = parts
    nh, nx = first.weight.shape
    return torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, len(second.bias)))

# %% wrong="as_sequential" fails=["as_sequential_shares"] says="the parts moved and the model did not"
def as_sequential(parts):
    import copy

    return torch.nn.Sequential(*copy.deepcopy(parts[:3]))

# %% wrong="as_sequential" fails=["as_sequential_shares"] says="expected a torch.nn.Module, got {got}"
def as_sequential(parts):
    first, act, second, mse = parts
    return lambda X: second(act(first(X)))

# %% right="as_sequential"
def as_sequential(parts):
    first, act, second, mse = parts
    model = torch.nn.Sequential()
    model.add_module("first", first)
    model.add_module("act", act)
    model.add_module("second", second)
    return model

# %% wrong="registered" fails=["registered_counts"] earns=1 says="a Python list is not looked into"
def registered():
    return {"a": 4, "b": 4, "c": 4, "d": 4, "e": 4, "f": 1, "g": 0, "h": 0, "i": 2}

# %% wrong="registered" fails=["registered_counts"] earns=1.5 says="the same module under two names"
def registered():
    return {"a": 4, "b": 4, "c": 0, "d": 4, "e": 0, "f": 1, "g": 0, "h": 0, "i": 4}

# %% wrong="registered" fails=["registered_counts"] earns=1 says="only Parameter registers"
def registered():
    return {"a": 6, "b": 4, "c": 0, "d": 4, "e": 0, "f": 1, "g": 1, "h": 1, "i": 2}

# %% wrong="fully_connected" fails=["fully_connected_scores"] says="the model ends with tanh"
def fully_connected(sizes):
    layers = []
    for i in range(len(sizes) - 1):
        layers.append(torch.nn.Linear(sizes[i], sizes[i + 1]))
        layers.append(torch.nn.Tanh())
    return torch.nn.Sequential(*layers)

# %% wrong="fully_connected" fails=["fully_connected_layers", "fully_connected_scores"] says="has no parameters: layers must be attributes of a Module"
class Net(torch.nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = [torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]

    def forward(self, X):
        for layer in self.layers[:-1]:
            X = torch.tanh(layer(X))
        return self.layers[-1](X)


def fully_connected(sizes):
    return Net(sizes)

# %% wrong="fully_connected" fails=["fully_connected_scores"] says="there is no activation between the layers"
def fully_connected(sizes):
    return torch.nn.Sequential(*[torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])

# %% wrong="fully_connected" fails=["fully_connected_layers", "fully_connected_scores"] says="the parameters of the model have the shapes"
def fully_connected(sizes):
    layers = []
    for nin, nout in zip(sizes[:-2], sizes[1:-1]):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers)

# %% right="fully_connected"
def fully_connected(sizes):
    model = torch.nn.Sequential()
    nin = sizes.pop(0)
    while sizes:
        nout = sizes.pop(0)
        model.append(torch.nn.Linear(nin, nout))
        if sizes:
            model.append(torch.nn.Tanh())
        nin = nout
    return model

# %% right="fully_connected"
class Chain(torch.nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, X):
        for i, layer in enumerate(self.layers):
            X = layer(X)
            if i < len(self.layers) - 1:
                X = torch.tanh(X)
        return X


def fully_connected(sizes):
    return Chain(sizes)

# %% right="fully_connected"
def fully_connected(sizes):
    if len(sizes) == 2:
        return torch.nn.Linear(sizes[0], sizes[1])
    first = torch.nn.Sequential(torch.nn.Linear(sizes[0], sizes[1]), torch.nn.Tanh())
    return torch.nn.Sequential(first, fully_connected(sizes[1:]))

# %% wrong="count_parameters" fails=["count_parameters_value"] says="these are the tensors; add up the numbers in them"
def count_parameters(model):
    return len(list(model.parameters()))

# %% wrong="count_parameters" fails=["count_parameters_value"] says="buffers are counted too"
def count_parameters(model):
    return sum(value.numel() for value in model.state_dict().values())

# %% wrong="count_parameters" fails=["count_parameters_value"] says="the biases are missing"
def count_parameters(model):
    return sum(value.numel() for name, value in model.named_parameters() if "weight" in name)

# %% wrong="count_parameters" fails=["count_parameters_value"] says="these are the outputs of the layers"
def count_parameters(model):
    return sum(len(value) for value in model.parameters())

# %% right="count_parameters"
def count_parameters(model):
    import math

    total = 0
    for value in model.parameters():
        total += math.prod(value.shape)
    return total

# %% wrong="catalogue" fails=["catalogue_choices"] earns=1 says="a square makes an absurd error rule the sum"
def catalogue():
    return {"a": "MSELoss", "b": "L1Loss", "c": "Conv2d", "d": "CrossEntropyLoss", "e": "Tanh", "f": "Flatten"}

# %% wrong="catalogue" fails=["catalogue_choices"] earns=1 says="Conv2d slides the same few weights over the whole picture"
def catalogue():
    return {"a": "L1Loss", "b": "MSELoss", "c": "Linear", "d": "CrossEntropyLoss", "e": "Sigmoid", "f": "Flatten"}

# %% wrong="limits" fails=["limits_sorted"] earns=1 says="it does not know which pixels are neighbours"
def limits():
    return {"a": True, "b": True, "c": False, "d": False, "e": False, "f": False}

# %% wrong="limits" fails=["limits_sorted"] says="with few examples, more layers mean more over-fitting"
def limits():
    return {"a": True, "b": False, "c": True, "d": True, "e": True, "f": True}

# %% [markdown]
# Rarer styles, and mistakes that used to pass or to be misnamed.

# %% wrong="init_model" fails=["init_model_scores"] says="the model ends with SoftMax: CrossEntropyLoss does it itself"
class Net(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.a, self.b = torch.nn.Linear(nx, nh), torch.nn.Linear(nh, ny)

    def forward(self, X):
        return torch.nn.functional.softmax(self.b(torch.tanh(self.a(X))), dim=-1)

def init_model(nx, nh, ny):
    return Net(nx, nh, ny), torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_scores", "init_model_loss"] says="the logarithm of a negative score is NaN"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh),
        torch.nn.Tanh(),
        torch.nn.Linear(nh, ny),
        torch.nn.Softmax(dim=1),
    )
    return model, lambda Yhat, Y: -(Y * torch.log(Yhat)).sum(1).mean()

# %% wrong="init_model" fails=["init_model_scores"] says="you used SoftMax between the layers"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh),
        torch.nn.Softmax(dim=1),
        torch.nn.Linear(nh, ny),
    )
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_scores", "init_model_loss"] says="BCELoss takes a probability for each output on its own"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh),
        torch.nn.Tanh(),
        torch.nn.Linear(nh, ny),
        torch.nn.Sigmoid(),
    )
    return model, torch.nn.BCELoss()

# %% wrong="init_model" fails=["init_model_scores"] says="two calls on the same X give different scores"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh),
        torch.nn.Tanh(), torch.nn.Dropout(0.5),
        torch.nn.Linear(nh, ny),
    )
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns"] says="expected shape {expected}, got {got}."
class Net(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.a, self.b = torch.nn.Linear(nx, nh), torch.nn.Linear(nh, ny)

    def forward(self, X):
        return self.b(torch.tanh(self.a(X))).squeeze()

def init_model(nx, nh, ny):
    return Net(nx, nh, ny), torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_fresh"] says="all the weights are equal"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh),
        torch.nn.Tanh(),
        torch.nn.Linear(nh, ny),
    )
    for p in model.parameters():
        torch.nn.init.zeros_(p)
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns"] says="a part of the graph is cut off, by .detach(), .data or no_grad: no gradient reaches {names}"
class Net(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.a, self.b = torch.nn.Linear(nx, nh), torch.nn.Linear(nh, ny)

    def forward(self, X):
        return self.b(torch.tanh(self.a(X)).detach())

def init_model(nx, nh, ny):
    return Net(nx, nh, ny), torch.nn.CrossEntropyLoss()

# %% right="init_model"
class Net(torch.nn.Sequential):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.add_module("hidden", torch.nn.Linear(in_features=nx, out_features=nh))
        self.add_module("t", torch.nn.Tanh())
        self.add_module("out", torch.nn.Linear(in_features=nh, out_features=ny))

def init_model(nx, nh, ny):
    return Net(nx, nh, ny), lambda Yhat, Y: torch.nn.functional.cross_entropy(Yhat, Y.argmax(1))

# %% right="init_model"
class Loss(torch.nn.Module):
    def forward(self, scores, onehot):
        return torch.nn.functional.nll_loss(scores.log_softmax(1), onehot.argmax(1))

def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.LazyLinear(nh), torch.nn.Tanh(), torch.nn.LazyLinear(ny))
    model(torch.zeros(1, nx))
    return model, Loss()

# %% right="init_model"
def init_model(nx, nh, ny):
    hidden = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh())
    return torch.nn.Sequential(torch.nn.Identity(), hidden, torch.nn.Linear(nh, ny)).eval(), torch.nn.CrossEntropyLoss(reduction="mean")

# %% right="init_model"
class Net(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.params = torch.nn.ParameterDict({"Wh": 0.3 * torch.randn(nh, nx), "bh": torch.zeros(nh), "Wy": 0.3 * torch.randn(ny, nh), "by": torch.zeros(ny)})

    def forward(self, X):
        h = torch.tanh(torch.einsum("ni,hi->nh", X, self.params["Wh"]) + self.params["bh"])
        return torch.einsum("nh,yh->ny", h, self.params["Wy"]) + self.params["by"]

def init_model(nx, nh, ny):
    return Net(nx, nh, ny), torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_loss"] says="SoftMax and logarithm are missing from this loss"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny), torch.nn.LogSoftmax(1))
    return model, lambda Yhat, Y: -(Y * Yhat).sum(1).mean()

# %% wrong="loss_accuracy" fails=["loss_accuracy_rate"] says="argmax() looks at the whole table"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y)
    acc = (Yhat.argmax() == Y.argmax()).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_rate"] says="divide by the number of examples"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).sum() / Y.numel()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss"] says="the logarithm of a negative score is NaN"
def loss_accuracy(loss, Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss"] says="L is cut off from its graph"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat.detach(), Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss"] says="without a sigmoid"
def loss_accuracy(loss, Yhat, Y):
    L = loss(torch.sigmoid(Yhat), Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc

# %% right="loss_accuracy"
def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y)
    acc = float((Yhat.detach().numpy().argmax(1) == Y.numpy().argmax(1)).mean())
    return L, acc

# %% right="loss_accuracy"
def loss_accuracy(loss, Yhat, Y):
    acc = Y.gather(1, Yhat.max(dim=1, keepdim=True).indices).mean()
    return [loss(input=Yhat, target=Y), acc]

# %% right="loss_accuracy"
def loss_accuracy(loss, Yhat, Y):
    right = 0
    for guess, true in zip(Yhat.tolist(), Y.tolist()):
        right += guess.index(max(guess)) == true.index(1)
    return loss(Yhat, Y), right / len(Y)

# %% wrong="sgd" fails=["sgd_step", "sgd_reset", "sgd_any_model"] says="your code asks .grad of tensors that have none"
def sgd(model, eta):
    with torch.no_grad():
        for p in model.state_dict().values():
            p -= eta * p.grad
    model.zero_grad()
    return model

# %% wrong="sgd" fails=["sgd_step", "sgd_any_model"] says="only the weights move: the biases are parameters too"
def sgd(model, eta):
    with torch.no_grad():
        for layer in model:
            if hasattr(layer, "weight"):
                layer.weight -= eta * layer.weight.grad
    model.zero_grad()

# %% wrong="sgd" fails=["sgd_step", "sgd_any_model"] says="or the gradients were reset before the step"
def sgd(model, eta):
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    optim.zero_grad()
    optim.step()

# %% wrong="sgd" fails=["sgd_step"] says="after the step, PyTorch no longer notes operations"
def sgd(model, eta):
    torch.set_grad_enabled(False)
    for p in model.parameters():
        p -= eta * p.grad
    model.zero_grad()

# %% wrong="sgd" fails=["sgd_step", "sgd_reset"] says="with eta = 0, no parameter may change"
def sgd(model, eta):
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.1 * p.grad
    model.zero_grad()
    return model

# %% right="sgd"
def sgd(model, eta):
    new = {name: p.detach() - eta * p.grad for name, p in model.named_parameters()}
    model.load_state_dict(new, strict=False)
    for p in model.parameters():
        p.grad = None
    return model

# %% right="sgd"
def sgd(model, eta):
    from torch.nn.utils import parameters_to_vector, vector_to_parameters
    ps = list(model.parameters())
    with torch.no_grad():
        v = parameters_to_vector(ps) - eta * parameters_to_vector([p.grad for p in ps])
        vector_to_parameters(v, model.parameters())
    model.zero_grad()

# %% right="sgd"
def sgd(model, eta):
    with torch.no_grad():
        for m in model.modules():
            for p in m.parameters(recurse=False):
                if p.grad is not None:
                    p.subtract_(p.grad.mul(eta))
                    p.grad.mul_(0)
    return None

# %% wrong="probabilities" fails=["probabilities_values", "probabilities_no_graph"] says="is a numpy array; return a torch tensor"
def probabilities(model, X):
    with torch.no_grad():
        return torch.softmax(model(X), 1).numpy()

# %% right="probabilities"
def probabilities(model, X):
    with torch.no_grad():
        return torch.stack([torch.softmax(model(x[None])[0], 0) for x in X])

# %% right="probabilities"
def probabilities(model, X):
    s = model(X).detach().numpy()
    import numpy as np
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return torch.from_numpy(e / e.sum(axis=1, keepdims=True))

# %% wrong="train" fails=["train_history"] says="SoftMax is taken of the scores before the loss"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, torch.softmax(model(X), 1), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="SoftMax is taken of the scores before the loss"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = torch.softmax(model(data.Xtrain[indices]), 0)
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="train does not use the loss that init_model made"
def train(data, nh, epochs, batch, eta):
    model, _ = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    loss = torch.nn.CrossEntropyLoss()
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history", "train_loop"] says="no step follows this gradient: call sgd after each L.backward()"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            sgd(model, eta)
            L.backward()
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="is not that of the loss that init_model made"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L = torch.nn.functional.cross_entropy(Yhat, data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history"] says="this is the mean over the mini-batches"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        losses, accs = [], []
        for indices in minibatches(len(data.Xtrain), batch):
            L, acc = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
            losses.append(L.item())
            accs.append(acc.item())
        history["loss_train"].append(sum(losses) / len(losses))
        history["acc_train"].append(sum(accs) / len(accs))
        with torch.no_grad():
            L, acc = loss_accuracy(loss, model(data.Xtest), data.Ytest)
        history["loss_test"].append(L.item())
        history["acc_test"].append(acc.item())
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="no step follows this gradient"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            model.zero_grad()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history"] says="measure after the steps of the epoch, not before"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
    return model, history

# %% wrong="train" fails=["train_history"] says="every number is the last one"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, {k: [v[-1]] * epochs for k, v in history.items()}

# %% wrong="train" fails=["train_loop"] says="backward is also called on the losses that are only measured"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        if True:
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                L.backward()
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(nx=data.Xtrain.shape[1], nh=nh, ny=data.Ytrain.shape[1])
    opt = torch.optim.SGD(model.parameters(), lr=eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for rows in minibatches(n=len(data.Xtrain), batch=batch):
            opt.zero_grad()
            L, acc = loss_accuracy(loss=loss, Ytilde=model(data.Xtrain[rows]), Y=data.Ytrain[rows])
            L.backward()
            opt.step()
        with torch.inference_mode():
            for part in "train", "test":
                L, acc = loss_accuracy(loss, model(vars(data)["X" + part]), vars(data)["Y" + part])
                history["loss_" + part].append(L.item())
                history["acc_" + part].append(acc.item())
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, {k: torch.tensor(v) for k, v in history.items()}

# %% wrong="OneHidden" fails=["OneHidden_scores"] says="you used the sigmoid; this network uses tanh"
class OneHidden(torch.nn.Module):

    def __init__(self, nx, nh, ny):
        super().__init__()
        self.hidden = torch.nn.Linear(nx, nh)
        self.output = torch.nn.Linear(nh, ny)

    def forward(self, X):
        return self.output(torch.sigmoid(self.hidden(X)))

# %% wrong="OneHidden" fails=["OneHidden_scores"] says="two calls on the same X give different scores"
class OneHidden(torch.nn.Module):

    def __init__(self, nx, nh, ny):
        super().__init__()
        self.hidden = torch.nn.Linear(nx, nh)
        self.output = torch.nn.Linear(nh, ny)

    def forward(self, X):
        return self.output(torch.dropout(torch.tanh(self.hidden(X)), 0.5, True))

# %% right="OneHidden"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.layers = torch.nn.ModuleDict(dict(out=torch.nn.Linear(nh, ny), hid=torch.nn.Linear(nx, nh)))

    def forward(self, X):
        return (self.layers["hid"](X)).tanh() @ self.layers["out"].weight.t() + self.layers.out.bias

# %% right="OneHidden"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        torch.nn.Module.__init__(self)
        self.register_parameter("Wh", torch.nn.Parameter(torch.randn(nx, nh)))
        self.register_parameter("bh", torch.nn.Parameter(torch.zeros(nh, 1)))
        self.register_parameter("Wy", torch.nn.Parameter(torch.randn(nh, ny)))
        self.register_parameter("by", torch.nn.Parameter(torch.zeros(ny)))

    def forward(self, X):
        return torch.addmm(self.by, torch.tanh(torch.mm(X, self.Wh) + self.bh.T), self.Wy)

# %% wrong="Standardise" fails=["Standardise_buffers"] says="descent would change {names}, registered with Parameter"
class Standardise(torch.nn.Module):

    def __init__(self, X):
        super().__init__()
        self.mean = torch.nn.Parameter(X.mean(0), requires_grad=False)
        self.register_buffer("std", X.std(0))

    def forward(self, X):
        return (X - self.mean) / self.std

# %% right="Standardise"
class Standardise(torch.nn.Module):

    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean(dim=0, keepdim=True))
        self.register_buffer("std", X.std(dim=0, keepdim=True) + 1e-8)

    def forward(self, X):
        return (X - self.mean) / self.std

# %% right="Standardise"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", torch.as_tensor(X.numpy().mean(axis=0)))
        self.register_buffer("std", torch.as_tensor(X.numpy().std(axis=0)))

    def forward(self, X):
        return (X - self.mean[None]) * self.std.reciprocal()

# %% wrong="fit_linear" fails=["fit_linear_steps"] says="the history keeps the graph of each loss"
def fit_linear(X, Y, epochs, eta):
    model, loss = torch.nn.Linear(X.shape[1], 1), torch.nn.MSELoss()
    losses = []
    for _ in range(epochs):
        L = loss(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
        model.zero_grad()
        losses.append(L)
    return model, losses

# %% wrong="fit_linear" fails=["fit_linear_steps", "fit_linear_converges"] says="their difference is a table of all pairs"
def fit_linear(X, Y, epochs, eta):
    model, loss = torch.nn.Linear(X.shape[1], 1), torch.nn.MSELoss()
    losses = []
    for _ in range(epochs):
        L = ((model(X) - Y.squeeze()) ** 2).mean()
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
        model.zero_grad()
        losses.append(L.item())
    return model, losses

# %% right="fit_linear"
def fit_linear(X, Y, epochs, eta):
    model = torch.nn.Sequential(torch.nn.Linear(X.size(1), Y.size(1)))
    opt = torch.optim.SGD(model.parameters(), eta)
    losses = []
    while len(losses) < epochs:
        opt.zero_grad()
        e = model(X) - Y
        L = (e.T @ e / len(e)).squeeze()
        L.backward()
        opt.step()
        losses.append(float(L))
    return [model, losses]

# %% wrong="descend_parts" fails=["descend_parts_step"] says="this is the loss after the step"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    with torch.no_grad():
        for part in parts:
            for p in part.parameters():
                p -= eta * p.grad
            part.zero_grad()
    return mse(second(act(first(X))), Y).item()

# %% right="descend_parts"
def descend_parts(parts, X, Y, eta):
    *chain, mse = parts
    model = torch.nn.Sequential(*chain)
    L = mse(model(X), Y)
    ps = [*model.parameters()]
    with torch.no_grad():
        for p, g in zip(ps, torch.autograd.grad(L, ps)):
            p -= eta * g
    return L.item()

# %% wrong="as_sequential" fails=["as_sequential_shares"] says="the model cannot be called on X"
def as_sequential(parts):
    return torch.nn.ModuleList(parts[:3])

# %% right="as_sequential"
from collections import OrderedDict
def as_sequential(parts):
    return torch.nn.Sequential(OrderedDict(zip(["first", "act", "second"], parts)))

# %% wrong="fully_connected" fails=["fully_connected_layers", "fully_connected_scores"] says="the parameters of the model have the shapes"
def fully_connected(sizes):
    layers = [torch.nn.Linear(sizes[0], sizes[1])] + [torch.nn.Tanh(), torch.nn.Linear(sizes[1], sizes[1])] * (len(sizes) - 3)
    return torch.nn.Sequential(*layers, torch.nn.Tanh(), torch.nn.Linear(sizes[-2], sizes[-1]))

# %% wrong="fully_connected" fails=["fully_connected_scores"] says="the model ends with SoftMax, and over the examples"
def fully_connected(sizes):
    layers = []
    for nin, nout in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1], torch.nn.Softmax(0))

# %% wrong="fully_connected" fails=["fully_connected_scores"] says="you used the sigmoid; this network uses tanh"
def fully_connected(sizes):
    layers = []
    for nin, nout in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Sigmoid()]
    return torch.nn.Sequential(*layers[:-1])

# %% right="fully_connected"
class FC(torch.nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            setattr(self, f"layer{i}", torch.nn.Linear(a, b))
        self.depth = len(sizes) - 1

    def forward(self, X):
        for i in range(self.depth - 1):
            X = getattr(self, f"layer{i}")(X).tanh()
        return getattr(self, f"layer{self.depth - 1}")(X)

def fully_connected(sizes):
    return FC(*sizes)

# %% right="fully_connected"
def fully_connected(sizes):
    layers = [torch.nn.Linear(*sizes[-2:])]
    for k in range(len(sizes) - 2, 0, -1):
        layers[:0] = [torch.nn.Linear(sizes[k - 1], sizes[k]), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers)

# %% right="count_parameters"
def count_parameters(model):
    return torch.tensor([p.nelement() for _, p in model.named_parameters()]).sum()

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss", "loss_accuracy_rate"] says="Y is one-hot: compare with Y.argmax(1)"
def loss_accuracy(loss, Yhat, Y):
    right = Yhat.argmax(1) == Y
    return loss(Yhat, Y), right.sum() / len(Y)

# %% wrong="init_model" fails=["init_model_scores"] says="the layers have no bias"
def init_model(nx, nh, ny):
    layers = torch.nn.Linear(nx, nh, bias=False), torch.nn.Tanh(), torch.nn.Linear(nh, ny, bias=False)
    return torch.nn.Sequential(*layers), torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_loss"] says="cannot be called as loss(Ytilde, Y)"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    return model, "CrossEntropyLoss"

# %% right="init_model"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential()
    model.append(torch.nn.Linear(nx, nh))
    model.append(torch.nn.Tanh())
    model.append(torch.nn.Linear(nh, ny))
    return [model, torch.nn.functional.cross_entropy]

# %% [markdown]
# What visible checks used to let through, and what they named wrongly.

# %% wrong="train" fails=["train_history"] says="the measurements on all the examples record a graph"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        if True:
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history"] says="the measurements on all the examples record a graph"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        model.eval()
        if True:
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="no gradient is ever computed"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="no step follows this gradient"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
        sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop"] says="each epoch has the same batches"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    batches = minibatches(len(data.Xtrain), batch)
    for _ in range(epochs):
        for indices in batches:
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_history", "train_loop", "train_learns"] says="is None: does the function end with return?"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))

# %% wrong="train" fails=["train_history"] says="loss and accuracy are swapped"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                acc, L = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop", "train_learns"] says="the learning rate eta is not passed on to sgd"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, 0.3)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% right="train"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            model.zero_grad()
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="sgd" fails=["sgd_step", "sgd_reset", "sgd_any_model"] says="go through parameters()"
def sgd(model, eta):
    with torch.no_grad():
        for p in model.parameters():
            p.data -= eta * p.data.grad
    model.zero_grad()

# %% wrong="sgd" fails=["sgd_step", "sgd_reset", "sgd_any_model"] says="the update is outside torch.no_grad()"
def sgd(model, eta):
    with torch.no_grad():
        params = list(model.parameters())
    for p in params:
        p -= eta * p.grad
    model.zero_grad()
    return model

# %% wrong="sgd" fails=["sgd_step", "sgd_reset"] says="the learning rate is always 0.1"
def sgd(model, eta=0.1):
    eta = 0.1
    with torch.no_grad():
        for p in model.parameters():
            p -= eta * p.grad
    model.zero_grad()

# %% wrong="init_model" fails=["init_model_returns"] says="expected shape {expected}, got {got}."
class Flat(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.body = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny))

    def forward(self, X):
        scores = self.body(X)
        return scores[0] if len(X) == 1 else scores

def init_model(nx, nh, ny):
    return Flat(nx, nh, ny), torch.nn.CrossEntropyLoss()

# %% wrong="OneHidden" fails=["OneHidden_scores"] says="the model ends with tanh"
class OneHidden(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.hidden = torch.nn.Linear(nx, nh)
        self.output = torch.nn.Linear(nh, ny)

    def forward(self, X):
        for layer in (self.hidden, self.output):
            X = torch.tanh(layer(X))
        return X

# %% wrong="Standardise" fails=["Standardise_values", "Standardise_buffers"] says="__init__ begins with super().__init__()"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("std", X.std(0))

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="Standardise" fails=["Standardise_values"] says="the mean is not subtracted"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("std", X.std(0))

    def forward(self, X):
        return X / self.std

# %% wrong="descend_parts" fails=["descend_parts_step"] says="you walked up the slope"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    with torch.no_grad():
        for part in parts:
            for p in part.parameters():
                p += eta * p.grad
            part.zero_grad()
    return L.item()

# %% wrong="descend_parts" fails=["descend_parts_step"] says="the update comes after L.backward(), and the reset only after it"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    for part in parts:
        part.zero_grad()
    with torch.no_grad():
        for part in parts:
            for p in part.parameters():
                p -= eta * p.grad
    return L.item()

# %% wrong="as_sequential" fails=["as_sequential_shares"] says="the activation is missing: first, act, second, in this order"
def as_sequential(parts):
    return torch.nn.Sequential(parts[0], parts[2])

# %% wrong="count_parameters" fails=["count_parameters_value"] says="the biases are missing"
def count_parameters(model):
    return sum(p.shape[0] * p.shape[1] for p in model.parameters() if p.ndim == 2) + sum(
        p.numel() for p in model.parameters() if p.ndim == 4
    )

# %% right="count_parameters"
def count_parameters(model):
    return int(torch.nn.utils.parameters_to_vector(model.parameters()).shape[0]) if list(model.parameters()) else 0

# %% wrong="fully_connected" fails=["fully_connected_layers", "fully_connected_scores"] says="__init__ begins with super().__init__()"
class Deep(torch.nn.Module):
    def __init__(self, sizes):
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, X):
        for layer in self.layers[:-1]:
            X = torch.tanh(layer(X))
        return self.layers[-1](X)


def fully_connected(sizes):
    return Deep(sizes)

# %% wrong="symptoms" fails=["symptoms_matched"] earns=1 says="the mean of all is the best answer"
def symptoms():
    return {"a": 1, "b": 2, "c": 3, "d": 5, "e": 4}

# %% wrong="symptoms" fails=["symptoms_matched"] earns=1.5 says="a Python list is not looked into"
def symptoms():
    return {"a": 7, "b": 2, "c": 3, "d": 4, "e": 5}

# %% [markdown]
# The five programs: left as they were, repaired the wrong way, repaired in other ways.

# %% wrong="Stack" fails=["Stack_layers"] says="the layers in the middle are still not registered"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.first = torch.nn.Linear(nx, nh)
        self.middle = [torch.nn.Linear(nh, nh), torch.nn.Linear(nh, nh)]
        self.last = torch.nn.Linear(nh, ny)

    def forward(self, X):
        h = torch.tanh(self.first(X))
        for layer in self.middle:
            h = torch.tanh(layer(h))
        return self.last(h)

# %% wrong="Stack" fails=["Stack_layers"] says="the layers in the middle are still not registered"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.first = torch.nn.Linear(nx, nh)
        self.middle = (torch.nn.Linear(nh, nh), torch.nn.Linear(nh, nh))
        self.last = torch.nn.Linear(nh, ny)

    def forward(self, X):
        h = torch.tanh(self.first(X))
        for layer in self.middle:
            h = torch.tanh(layer(h))
        return self.last(h)

# %% wrong="Stack" fails=["Stack_layers"] says="the middle holds the same layer twice"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.first = torch.nn.Linear(nx, nh)
        self.middle = torch.nn.ModuleList([torch.nn.Linear(nh, nh)] * 2)
        self.last = torch.nn.Linear(nh, ny)

    def forward(self, X):
        h = torch.tanh(self.first(X))
        for layer in self.middle:
            h = torch.tanh(layer(h))
        return self.last(h)

# %% wrong="Stack" fails=["Stack_layers"] says="there is no activation between the layers in the middle"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.first = torch.nn.Linear(nx, nh)
        self.middle = torch.nn.Sequential(torch.nn.Linear(nh, nh), torch.nn.Linear(nh, nh))
        self.last = torch.nn.Linear(nh, ny)

    def forward(self, X):
        h = torch.tanh(self.first(X))
        return self.last(self.middle(h))

# %% wrong="Stack" fails=["Stack_layers"] says="no gradient reaches {names}"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.first = torch.nn.Linear(nx, nh)
        self.middle = torch.nn.ModuleList([torch.nn.Linear(nh, nh), torch.nn.Linear(nh, nh)])
        self.last = torch.nn.Linear(nh, ny)

    def forward(self, X):
        return self.last(torch.tanh(self.middle[0](torch.tanh(self.first(X)))))

# %% wrong="Stack" fails=["Stack_layers"] says="__init__ begins with super().__init__()"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        self.first = torch.nn.Linear(nx, nh)
        self.middle = torch.nn.ModuleList([torch.nn.Linear(nh, nh), torch.nn.Linear(nh, nh)])
        self.last = torch.nn.Linear(nh, ny)

    def forward(self, X):
        h = torch.tanh(self.first(X))
        for layer in self.middle:
            h = torch.tanh(layer(h))
        return self.last(h)

# %% right="Stack"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.last = torch.nn.Linear(nh, ny)
        self.one = torch.nn.Linear(nh, nh)
        self.two = torch.nn.Linear(nh, nh)
        self.first = torch.nn.Linear(nx, nh)
        self.middle = [self.one, self.two]

    def forward(self, X):
        h = torch.tanh(self.first(X))
        for layer in self.middle:
            h = torch.tanh(layer(h))
        return self.last(h)

# %% right="Stack"
class Stack(torch.nn.Sequential):
    def __init__(self, nx, nh, ny):
        layers = []
        for a, b in ((nx, nh), (nh, nh), (nh, nh)):
            layers += [torch.nn.Linear(a, b), torch.nn.Tanh()]
        super().__init__(*layers, torch.nn.Linear(nh, ny))

# %% right="Stack"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.first = torch.nn.Linear(nx, nh)
        self.middle = [torch.nn.Linear(nh, nh), torch.nn.Linear(nh, nh)]
        for k, layer in enumerate(self.middle):
            self.add_module(f"middle{k}", layer)
        self.last = torch.nn.Linear(nh, ny)

    def forward(self, X):
        h = torch.tanh(self.first(X))
        for layer in self.middle:
            h = torch.tanh(layer(h))
        return self.last(h)

# %% wrong="class_loss" fails=["class_loss_value"] says="SoftMax is taken twice: this loss applies it"
def class_loss(model, X, Y):
    Yhat = torch.softmax(model(X), 1)
    return torch.nn.CrossEntropyLoss()(Yhat, Y)

# %% wrong="class_loss" fails=["class_loss_value"] says="the loss sums over the batch; keep the mean"
def class_loss(model, X, Y):
    Yhat = torch.softmax(model(X), 1)
    return -(Y * torch.log(Yhat)).sum()

# %% wrong="class_loss" fails=["class_loss_value"] says="the mean runs over the classes too"
def class_loss(model, X, Y):
    return -(Y * torch.log_softmax(model(X), 1)).mean()

# %% wrong="class_loss" fails=["class_loss_value"] says="the logarithm is missing"
def class_loss(model, X, Y):
    Yhat = torch.softmax(model(X), 1)
    return -(Y * Yhat).sum(1).mean()

# %% wrong="class_loss" fails=["class_loss_value"] says="SoftMax and logarithm are missing from this loss"
def class_loss(model, X, Y):
    return torch.nn.NLLLoss()(model(X), Y.argmax(1))

# %% wrong="class_loss" fails=["class_loss_value"] says="L is cut off from its graph"
def class_loss(model, X, Y):
    return torch.nn.CrossEntropyLoss()(model(X), Y).item()

# %% wrong="class_loss" fails=["class_loss_value"] says="the logarithm of a negative score is NaN"
def class_loss(model, X, Y):
    return -(Y * torch.log(model(X))).sum(1).mean()

# %% right="class_loss"
def class_loss(model, X, Y):
    Yhat = torch.softmax(model(X), 1)
    return -(Y * torch.log(Yhat)).sum(1).mean()

# %% right="class_loss"
def class_loss(model, X, Y):
    return torch.nn.functional.nll_loss(model(X).log_softmax(-1), Y.argmax(1))

# %% right="class_loss"
def class_loss(model, X, Y):
    s = model(X)
    return (torch.logsumexp(s, dim=1) - s.gather(1, Y.argmax(1)[:, None])[:, 0]).sum() / len(X)

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="the gradients of earlier mini-batches are still in it"
def run_epoch(model, batches, eta):
    model.zero_grad()
    for X, Y in batches:
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="the gradients of earlier mini-batches are still in it"
def run_epoch(model, batches, eta):
    for X, Y in batches:
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
    model.zero_grad()

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="the update comes after L.backward(), and the reset only after it"
def run_epoch(model, batches, eta):
    for X, Y in batches:
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        model.zero_grad()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="the reset stands in the loop over the parameters"
def run_epoch(model, batches, eta):
    for X, Y in batches:
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
                model.zero_grad()

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="one step for each mini-batch was asked for, not one for each epoch"
def run_epoch(model, batches, eta):
    model.zero_grad()
    for X, Y in batches:
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= eta * p.grad

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="only the first mini-batch is used"
def run_epoch(model, batches, eta):
    for X, Y in batches:
        model.zero_grad()
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
        return model

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="the update is outside torch.no_grad()"
def run_epoch(model, batches, eta):
    for X, Y in batches:
        model.zero_grad()
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        for p in model.parameters():
            p -= eta * p.grad

# %% right="run_epoch"
def run_epoch(model, batches, eta):
    for X, Y in batches:
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
        model.zero_grad()

# %% right="run_epoch"
def run_epoch(model, batches, eta):
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    loss = torch.nn.CrossEntropyLoss()
    for X, Y in batches:
        optim.zero_grad()
        loss(model(X), Y).backward()
        optim.step()
    return model

# %% right="run_epoch"
def run_epoch(model, batches, eta):
    for X, Y in batches:
        L = torch.nn.functional.cross_entropy(model(X), Y.argmax(1))
        params = list(model.parameters())
        for p, grad in zip(params, torch.autograd.grad(L, params)):
            p.data -= eta * grad

# %% wrong="fit_linear" fails=["fit_linear_steps", "fit_linear_converges"] says="their difference is a table of all pairs"
def fit_linear(X, Y, epochs, eta):
    model, losses = torch.nn.Linear(X.shape[1], 1), []
    for _ in range(epochs):
        L = ((model(X).squeeze(1) - Y) ** 2).mean()
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
        model.zero_grad()
        losses.append(L.item())
    return model, losses

# %% right="fit_linear"
def fit_linear(X, Y, epochs, eta):
    model, losses = torch.nn.Linear(X.shape[1], 1), []
    for _ in range(epochs):
        L = ((model(X).squeeze(1) - Y.squeeze(1)) ** 2).mean()
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
        model.zero_grad()
        losses.append(L.item())
    return model, losses

# %% wrong="Affine" fails=["Affine_bias"] says="the bias is registered, and forward still does not use it"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))
        self.bias = torch.nn.Parameter(torch.zeros(ny))

    def forward(self, X):
        return X @ self.weight.T

# %% wrong="Affine" fails=["Affine_bias"] says="the bias is no parameter of the module"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))

    def forward(self, X):
        return X @ self.weight.T

# %% wrong="Affine" fails=["Affine_bias"] says="the bias is no parameter of the module"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))
        self.bias = torch.zeros(ny, requires_grad=True)

    def forward(self, X):
        return X @ self.weight.T + self.bias

# %% wrong="Affine" fails=["Affine_bias"] says="the bias is subtracted: add it"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))
        self.bias = torch.nn.Parameter(torch.zeros(ny))

    def forward(self, X):
        return X @ self.weight.T - self.bias

# %% wrong="Affine" fails=["Affine_bias"] says="no gradient reaches {names}"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))
        self.bias = torch.nn.Parameter(torch.zeros(ny))

    def forward(self, X):
        return X @ self.weight.T + self.bias.data

# %% wrong="Affine" fails=["Affine_bias"] says="__init__ begins with super().__init__()"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))
        self.bias = torch.nn.Parameter(torch.zeros(ny))

    def forward(self, X):
        return X @ self.weight.T + self.bias

# %% right="Affine"
class Affine(torch.nn.Linear):
    def __init__(self, nx, ny):
        super().__init__(nx, ny)
        torch.nn.init.zeros_(self.bias)

# %% wrong="Affine" fails=["Affine_bias"] says="the bias does not begin at 0"
class Affine(torch.nn.Linear):
    pass

# %% wrong="Affine" fails=["Affine_bias"] says="the bias does not begin at 0"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))
        self.bias = torch.nn.Parameter(torch.ones(ny))

    def forward(self, X):
        return X @ self.weight.T + self.bias

# %% wrong="Affine" fails=["Affine_bias"] says="the weight is the same number everywhere"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(ny, nx))
        self.bias = torch.nn.Parameter(torch.zeros(ny))

    def forward(self, X):
        return X @ self.weight.T + self.bias

# %% right="Affine"
class Affine(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.register_parameter("bias", torch.nn.Parameter(torch.zeros(ny)))
        self.register_parameter("weight", torch.nn.Parameter(torch.randn(ny, nx)))

    def forward(self, X):
        return torch.nn.functional.linear(X, self.weight, self.bias)

# %% [markdown]
# Sizes that are not those of the example, and what PyTorch says by itself.

# %% wrong="fully_connected" fails=["fully_connected_layers", "fully_connected_scores"] says="of two sizes there is one affine map"
def fully_connected(sizes):
    layers = [torch.nn.Linear(sizes[0], sizes[1]), torch.nn.Tanh()]
    for nin, nout in zip(sizes[1:-2], sizes[2:-1]):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-2], sizes[-1]))

# %% wrong="fully_connected" fails=["fully_connected_layers", "fully_connected_scores"] says="put a star before the list"
def fully_connected(sizes):
    layers = []
    for nin, nout in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Tanh()]
    return torch.nn.Sequential(layers[:-1])

# %% wrong="train" fails=["train_loop"] says="the sizes of the network are those of the data"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(2, nh, 2)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="train" fails=["train_loop"] says="the sizes of the network are those of the data"
def train(data, nh, epochs, batch, eta):
    model, loss = init_model(data.Xtrain.shape[1], nh, 2)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])
            L.backward()
            sgd(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history

# %% wrong="descend_parts" fails=["descend_parts_step"] says="the loss that comes back still hangs on its graph"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    with torch.no_grad():
        for part in parts:
            for p in part.parameters():
                p -= eta * p.grad
            part.zero_grad()
    return L

# %% wrong="descend_parts" fails=["descend_parts_step"] says="the reset stands in the loop over the parameters"
def descend_parts(parts, X, Y, eta):
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    with torch.no_grad():
        for part in parts:
            for p in part.parameters():
                p -= eta * p.grad
                part.zero_grad()
    return L.item()

# %% wrong="count_parameters" fails=["count_parameters_value"] says="only the layers Linear are counted"
def count_parameters(model):
    return sum(
        layer.in_features * layer.out_features + layer.out_features
        for layer in model
        if isinstance(layer, torch.nn.Linear)
    )

# %% wrong="count_parameters" fails=["count_parameters_value"] says="only the first tensor is counted"
def count_parameters(model):
    n = 0
    for p in model.parameters():
        n += p.numel()
        return n
    return n

# %% wrong="sgd" fails=["sgd_step", "sgd_any_model"] says="your code goes through params"
params = {"Wh": torch.zeros(2, 2)}


def sgd(model, eta):
    with torch.no_grad():
        for p in params.values():
            p -= eta * torch.ones(2, 2)
    model.zero_grad()
    return model

# %% wrong="Stack" fails=["Stack_layers"] says="there is no activation between the layers in the middle"
class Stack(torch.nn.Module):
    def __init__(self, nx, nh, ny):
        super().__init__()
        self.first = torch.nn.Linear(nx, nh)
        self.middle = torch.nn.Sequential(torch.nn.Linear(nh, nh), torch.nn.Linear(nh, nh))
        self.last = torch.nn.Linear(nh, ny)

    def forward(self, X):
        h = torch.tanh(self.first(X))
        h = torch.tanh(self.middle(h))
        return self.last(h)

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="the loss sums over the batch; keep the mean"
def run_epoch(model, batches, eta):
    for X, Y in batches:
        model.zero_grad()
        L = torch.nn.CrossEntropyLoss(reduction="sum")(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad

# %% wrong="Standardise" fails=["Standardise_values", "Standardise_buffers"] says="one mean for all the features: take one for each column, X.mean(0)"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean())
        self.register_buffer("std", X.std(0))

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="Standardise" fails=["Standardise_values", "Standardise_buffers"] says="one deviation for all the features: take one for each column, X.std(0)"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("std", X.std())

    def forward(self, X):
        return (X - self.mean) / self.std

# %% wrong="Standardise" fails=["Standardise_values"] says="put X - mean in parentheses"
class Standardise(torch.nn.Module):
    def __init__(self, X):
        super().__init__()
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("std", X.std(0))

    def forward(self, X):
        return X - self.mean / self.std

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores"] says="the parameters of the model have the shapes"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nh, nx), torch.nn.Tanh(), torch.nn.Linear(nh, ny))
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_loss", "init_model_fresh"] says="make a module of it, with parentheses"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential(torch.nn.Linear(nx, nh), torch.nn.Tanh, torch.nn.Linear(nh, ny))
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="init_model" fails=["init_model_returns", "init_model_scores", "init_model_loss", "init_model_fresh"] says="put a star before the list"
def init_model(nx, nh, ny):
    model = torch.nn.Sequential([torch.nn.Linear(nx, nh), torch.nn.Tanh(), torch.nn.Linear(nh, ny)])
    return model, torch.nn.CrossEntropyLoss()

# %% wrong="as_sequential" fails=["as_sequential_shares"] says="put a star before the list"
def as_sequential(parts):
    return torch.nn.Sequential(parts[:3])

# %% wrong="loss_accuracy" fails=["loss_accuracy_loss", "loss_accuracy_rate"] says="a comparison gives booleans, which have no mean"
def loss_accuracy(loss, Ytilde, Y):
    return loss(Ytilde, Y), (Ytilde.argmax(1) == Y.argmax(1)).mean()

# %% wrong="descend_parts" fails=["descend_parts_step"] says="a gradient is None: the update comes after L.backward()"
def descend_parts(parts, X, Y, eta):
    first, act, second, loss = parts
    L = loss(second(act(first(X))), Y)
    first.zero_grad()
    second.zero_grad()
    with torch.no_grad():
        for part in (first, second):
            for p in part.parameters():
                p -= eta * p.grad
    L.backward()
    return L.item()

# %% wrong="run_epoch" fails=["run_epoch_steps"] says="your code asks .grad of tensors that have none"
def run_epoch(model, batches, eta):
    for x, y in batches:
        model.zero_grad()
        L = -(y * model(x).log_softmax(1)).sum(1).mean()
        L.backward()
        with torch.no_grad():
            for p in model.state_dict().values():
                p -= eta * p.grad
    return model
