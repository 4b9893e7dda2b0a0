# %% [markdown]
# Answers to 06_mnist as students write them: wrong ones with the checks they fail and what they are told, right ones in
# other styles than the solution's.

# %% wrong="budget" fails=["budget_values"] says="the biases are missing: they are parameters too"
def budget(X, Y, nh, batch):
    nx, ny = X.shape[1], Y.shape[1]
    return {"nx": nx, "ny": ny, "parameters": nx * nh + nh * ny, "updates": -(-len(X) // batch)}

# %% wrong="budget" fails=["budget_values"] says="the last, shorter mini-batch is a step too: round up"
def budget(X, Y, nh, batch):
    nx, ny = X.shape[1], Y.shape[1]
    return {"nx": nx, "ny": ny, "parameters": (nx + 1) * nh + (nh + 1) * ny, "updates": len(X) // batch}

# %% wrong="budget" fails=["budget_values"] says="this is the number of examples; nx is the number of columns of X"
def budget(X, Y, nh, batch):
    n, nx = X.shape
    ny = Y.shape[1]
    return {"nx": n, "ny": ny, "parameters": (nx + 1) * nh + (nh + 1) * ny, "updates": (n + batch - 1) // batch}

# %% wrong="budget" fails=["budget_values"] says="the dict lacks {missing}; it has {found}."
def budget(X, Y, nh, batch):
    nx, ny = X.shape[1], Y.shape[1]
    return {"nx": nx, "ny": ny, "nh": nh, "parameters": (nx + 1) * nh + (nh + 1) * ny}

# %% right="budget"
def budget(X, Y, nh, batch):
    import math

    model, _, _ = init_model(X.shape[1], nh, Y.shape[1], 0.1)
    numbers = sum(p.numel() for p in model.parameters())
    return dict(nx=X.shape[1], ny=Y.shape[1], nh=nh, parameters=numbers, updates=math.ceil(len(X) / batch))

# %% right="budget"
def budget(X, Y, nh, batch):
    (n, nx), (_, ny) = X.size(), Y.size()
    updates = n // batch
    if n % batch:
        updates += 1
    return {"nx": nx, "ny": ny, "parameters": nh * nx + nh + ny * nh + ny, "updates": updates}

# %% wrong="train_digits" fails=["train_digits_learns"] says="with settings that reach 96 % on all of MNIST it is below {bound}"
def train_digits(data):
    return train(data, 100, 1, 100, 0.01)

# %% wrong="train_digits" fails=["train_digits_learns"] says="training diverged: the loss is"
def train_digits(data):
    return train(data, nh=100, epochs=1, batch=100, eta=200.0)

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="at most 10 epochs were asked for"
def train_digits(data):
    return train(data, nh=100, epochs=150, batch=100, eta=0.3)

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="that was the size for the circles; take 100"
def train_digits(data):
    model, history = train(data, nh=100, epochs=10, batch=10, eta=0.3)
    return model, history

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="this is the number of pixels; 100 hidden units were asked for"
def train_digits(data):
    return train(data, nh=data.Xtrain.shape[1], epochs=3, batch=100, eta=0.5)

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="the pixels are scaled twice: they are between 0 and 1 already"
def train_digits(data):
    scaled = SimpleNamespace(
        Xtrain=data.Xtrain / 255, Ytrain=data.Ytrain, Xtest=data.Xtest / 255, Ytest=data.Ytest
    )
    return train(scaled, nh=100, epochs=1, batch=100, eta=0.5)

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="test images are used for training, or training images for the test"
def train_digits(data):
    swapped = SimpleNamespace(Xtrain=data.Xtest, Ytrain=data.Ytest, Xtest=data.Xtrain[:1], Ytest=data.Ytrain[:1])
    return train(swapped, nh=100, epochs=2, batch=100, eta=0.5)

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="train_digits does not call train"
def train_digits(data):
    return init_model(784, 100, 10, 0.5)[0], {"acc_test": [0.97]}

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="train_digits does not return what train returned"
def train_digits(data):
    return train(data, nh=100, epochs=1, batch=100, eta=0.8)[1]

# %% right="train_digits"
def train_digits(data):
    nh, epochs, batch, eta = 100, 3, 100, 0.8
    model, history = train(data, nh, epochs, batch, eta)
    return model, history

# %% wrong="Digits" fails=["Digits_item"] says="c is a one-hot row; the number of the class was asked for: argmax"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.Y = X.float(), Y

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.Y[i]

# %% wrong="Digits" fails=["Digits_item", "Digits_types"] says="a data set gives one example at a time, x of shape (nx,): the loader makes the batches"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.c = X.float(), Y.argmax(1)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i : i + 1], self.c[i]

# %% wrong="Digits" fails=["Digits_types"] says="layers want torch.float32, .float() converts"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.c = X, Y.argmax(1)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.c[i].item()

# %% wrong="Digits" fails=["Digits_types"] says="the values change: a data set of bytes gives the same numbers, as float32"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X = X.float() / 255 if X.max() > 1 else X.float()
        self.c = Y.argmax(1)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.c[i]

# %% wrong="Digits" fails=["Digits_length"] says="this is the number of pixels; the number of examples was asked for"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.c = X.float(), Y.argmax(1)

    def __len__(self):
        return self.X.shape[1]

    def __getitem__(self, i):
        return self.X[i], self.c[i]

# %% wrong="Digits" fails=["Digits_length"] says="Digits is not a Dataset: keep class Digits(Dataset)"
class Digits:
    def __init__(self, X, Y):
        self.X, self.c = X.float(), Y.argmax(1)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.c[i]

# %% wrong="Digits" fails=["Digits_item"] says="c is a floating point number; the loss wants classes as whole numbers"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.c = X.float(), Y.argmax(1).float()

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.c[i]

# %% wrong="Digits" fails=["Digits_item"] says="c has a dimension too many"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.c = X.float(), Y.argmax(1, keepdim=True)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.c[i]

# %% right="Digits"
class Digits(Dataset):
    def __init__(self, X, Y):
        super().__init__()
        self.examples = [(x.to(torch.float32), y.argmax()) for x, y in zip(X, Y)]

    def __len__(self):
        return len(self.examples)

    def __getitem__(self, i):
        return self.examples[i]

# %% right="Digits"
class Digits(torch.utils.data.TensorDataset):
    def __init__(self, X, Y):
        super().__init__(X.float().contiguous(), Y.max(1).indices)

    def __len__(self):
        return super().__len__()

    def __getitem__(self, i):
        x, c = super().__getitem__(i)
        return [x, c]

# %% right="Digits"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X = X
        self.Y = Y

    def __len__(self):
        return self.Y.size(0)

    def __getitem__(self, i):
        import numpy as np

        x = torch.tensor(self.X[i].tolist())
        return x.type(torch.FloatTensor), np.argmax(self.Y[i].numpy())

# %% wrong="train_epoch" fails=["train_epoch_steps"] says="the gradients of earlier batches are still in it: optim.zero_grad() for each batch"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0, 0
    for x, c in loader:
        L = loss(model(x), c)
        L.backward()
        optim.step()
        total += L.item() * len(x)
        n += len(x)
    return total / n

# %% wrong="train_epoch" fails=["train_epoch_steps"] says="nothing moves: backward, then optim.step(), for each batch"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0, 0
    for x, c in loader:
        L = loss(model(x), c)
        optim.zero_grad()
        L.backward()
        total += L.item() * len(x)
        n += len(x)
    return total / n

# %% wrong="train_epoch" fails=["train_epoch_loss"] says="this is the mean over the batches: the last one is shorter"
def train_epoch(model, loss, optim, loader):
    model.train()
    total = 0
    for x, c in loader:
        optim.zero_grad()
        L = loss(model(x), c)
        L.backward()
        optim.step()
        total += L.item()
    return total / len(loader)

# %% wrong="train_epoch" fails=["train_epoch_loss"] says="the loss still hangs on its graph, and the memory fills: add up L.item()"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0, 0
    for x, c in loader:
        optim.zero_grad()
        L = loss(model(x), c)
        L.backward()
        optim.step()
        total = total + L * len(x)
        n += len(x)
    return total / n

# %% wrong="train_epoch" fails=["train_epoch_steps", "train_epoch_loss"] says="there is one step only: return stands in the loop"
def train_epoch(model, loss, optim, loader):
    model.train()
    for x, c in loader:
        optim.zero_grad()
        L = loss(model(x), c)
        L.backward()
        optim.step()
        return L.item()

# %% wrong="train_epoch" fails=["train_epoch_steps", "train_epoch_loss"] says="SoftMax is taken twice: the loss does it already, give it Yhat as it is"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0, 0
    for x, c in loader:
        optim.zero_grad()
        L = loss(torch.softmax(model(x), 1), c)
        L.backward()
        optim.step()
        total += L.item() * len(x)
        n += len(x)
    return total / n

# %% wrong="train_epoch" fails=["train_epoch_mode"] says="the model was left in evaluation mode, and it learns in it"
def train_epoch(model, loss, optim, loader):
    total, n = 0, 0
    for x, c in loader:
        optim.zero_grad()
        L = loss(model(x), c)
        L.backward()
        optim.step()
        total += L.item() * len(x)
        n += len(x)
    return total / n

# %% right="train_epoch"
def train_epoch(model, loss, optim, loader):
    model.train(True)
    losses, sizes = [], []
    for batch in loader:
        x, c = batch
        optim.zero_grad(set_to_none=False)
        scores = model.forward(x)
        L = loss(scores, c)
        L.backward()
        optim.step()
        losses.append(L.detach() * x.shape[0])
        sizes.append(x.shape[0])
    return sum(losses) / sum(sizes)

# %% right="train_epoch"
def train_epoch(model, loss, optim, loader):
    model.train()
    total = 0.0
    for x, c in loader:
        L = loss(model(x), c)
        L.backward()
        optim.step()
        model.zero_grad()
        total += len(c) * float(L)
    return total / len(loader.dataset)

# %% wrong="evaluate" fails=["evaluate_rate"] says="this is the mean of the accuracies of the batches: the last one is shorter"
def evaluate(model, loader):
    model.eval()
    rates = []
    with torch.no_grad():
        for x, c in loader:
            rates.append((model(x).argmax(1) == c).float().mean().item())
    return sum(rates) / len(rates)

# %% wrong="evaluate" fails=["evaluate_mode"] says="the model is measured in training mode, where layers such as dropout draw at random"
def evaluate(model, loader):
    right, n = 0, 0
    with torch.no_grad():
        for x, c in loader:
            right += (model(x).argmax(1) == c).sum().item()
            n += len(c)
    return right / n

# %% wrong="evaluate" fails=["evaluate_mode"] says="a graph is recorded, and nobody will need it: measure under torch.no_grad()"
def evaluate(model, loader):
    model.eval()
    right, n = 0, 0
    for x, c in loader:
        right += (model(x).argmax(1) == c).sum().item()
        n += len(c)
    return right / n

# %% wrong="evaluate" fails=["evaluate_rate"] says="the accuracy is a rate between 0 and 1, not a percentage"
def evaluate(model, loader):
    model.eval()
    right, n = 0, 0
    with torch.no_grad():
        for x, c in loader:
            right += (model(x).argmax(1) == c).sum().item()
            n += len(c)
    return 100 * right / n

# %% right="evaluate"
@torch.inference_mode()
def evaluate(model, loader):
    model.train(False)
    hits = torch.cat([model(x).max(1).indices == c for x, c in loader])
    model.train()
    return hits.float().mean()

# %% right="evaluate"
def evaluate(model, loader):
    model.eval()
    good = 0
    for x, c in loader:
        with torch.no_grad():
            Yhat = torch.softmax(model(x), dim=1)
        for row, number in zip(Yhat, c):
            if row.argmax() == number:
                good += 1
    return good / len(loader.dataset)

# %% wrong="save_checkpoint" fails=["save_checkpoint_file", "save_checkpoint_contents"] says="torch.load refuses the file: save the state_dict() of model and optimiser, not the objects themselves"
def save_checkpoint(path, model, optim, epoch):
    torch.save({"model": model, "optim": optim, "epoch": epoch, "random": torch.get_rng_state()}, path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_contents"] says="the state of the optimiser is missing"
def save_checkpoint(path, model, optim, epoch):
    rates = {"state": {}, "param_groups": optim.state_dict()["param_groups"]}
    torch.save({"model": model.state_dict(), "optim": rates, "epoch": epoch, "random": torch.get_rng_state()}, path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_contents"] says="random is not the state of torch's random numbers: torch.get_rng_state()"
def save_checkpoint(path, model, optim, epoch):
    torch.save({"model": model.state_dict(), "optim": optim.state_dict(), "epoch": epoch, "random": torch.initial_seed()}, path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_contents"] says="random is another state than that at the moment of the call"
def save_checkpoint(path, model, optim, epoch):
    torch.manual_seed(0)
    torch.save({"model": model.state_dict(), "optim": optim.state_dict(), "epoch": epoch, "random": torch.get_rng_state()}, path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_contents"] says="the dict lacks {missing}; it has {found}."
def save_checkpoint(path, model, optim, epoch):
    weights = {name: p.detach() for name, p in model.named_parameters()}
    torch.save({"model": weights, "optim": optim.state_dict(), "epoch": epoch, "random": torch.get_rng_state()}, path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_file", "save_checkpoint_contents"] says="there is no file of the name path"
def save_checkpoint(path, model, optim, epoch):
    content = {"model": model.state_dict(), "optim": optim.state_dict(), "epoch": epoch, "random": torch.get_rng_state()}
    torch.save(content, f"{path}-{epoch}")

# %% right="save_checkpoint"
def save_checkpoint(path, model, optim, epoch):
    with open(path, "wb") as file:
        torch.save(
            dict(
                random=torch.random.get_rng_state(),
                epoch=epoch,
                optim=optim.state_dict(),
                model=model.state_dict(),
                torch=str(torch.__version__),
            ),
            file,
        )

# %% right="save_checkpoint"
def save_checkpoint(path, model, optim, epoch):
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    content = {"model": weights, "optim": optim.state_dict(), "epoch": epoch, "random": torch.get_rng_state()}
    torch.save(content, path + ".part")
    Path(path + ".part").replace(path)
    return content

# %% wrong="load_checkpoint" fails=["load_checkpoint_restores"] says="the optimiser that was given does not hold its saved state"
def load_checkpoint(path, model, optim):
    content = torch.load(path)
    model.load_state_dict(content["model"])
    torch.set_rng_state(content["random"])
    return content["epoch"]

# %% wrong="load_checkpoint" fails=["load_checkpoint_random"] says="after loading, the random numbers do not go on where they stood"
def load_checkpoint(path, model, optim):
    content = torch.load(path)
    model.load_state_dict(content["model"])
    optim.load_state_dict(content["optim"])
    return content["epoch"]

# %% wrong="load_checkpoint" fails=["load_checkpoint_restores"] says="return the number of epochs done, as it is in the file: add nothing"
def load_checkpoint(path, model, optim):
    content = torch.load(path)
    model.load_state_dict(content["model"])
    optim.load_state_dict(content["optim"])
    torch.set_rng_state(content["random"])
    return content["epoch"] + 1

# %% wrong="load_checkpoint" fails=["load_checkpoint_restores"] says="the model that was given does not hold the saved {name}"
def load_checkpoint(path, model, optim):
    import copy

    content = torch.load(path)
    model = copy.deepcopy(model)
    model.load_state_dict(content["model"])
    optim.load_state_dict(content["optim"])
    torch.set_rng_state(content["random"])
    return content["epoch"]

# %% right="load_checkpoint"
def load_checkpoint(path, model, optim):
    content = torch.load(path, map_location="cpu", weights_only=True)
    optim.load_state_dict(content["optim"])
    with torch.no_grad():
        for name, value in model.state_dict().items():
            value.copy_(content["model"][name])
    torch.random.set_rng_state(content["random"])
    return int(content["epoch"])

# %% right="load_checkpoint"
def load_checkpoint(path, model, optim):
    with open(path, "rb") as file:
        weights, rates, epoch, random = (lambda c: (c["model"], c["optim"], c["epoch"], c["random"]))(torch.load(file, weights_only=False))
    model.load_state_dict(weights)
    optim.load_state_dict(rates)
    torch.set_rng_state(random)
    return epoch

# %% wrong="fit" fails=["fit_resumes"] says="after a stop the training begins again at epoch 0: go on from the epoch that load_checkpoint returns"
def fit(model, loss, optim, loader, epochs, path):
    if Path(path).exists():
        load_checkpoint(path, model, optim)
    losses = []
    for epoch in range(epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% wrong="fit" fails=["fit_resumes"] says="{done} of {epochs} epochs are done, and fit does {n} more"
def fit(model, loss, optim, loader, epochs, path):
    start = 0
    if Path(path).exists():
        start = load_checkpoint(path, model, optim) + 1
    losses = []
    for epoch in range(start, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% wrong="fit" fails=["fit_trains", "fit_resumes"] says="the checkpoint says one epoch less than are done: range counts from 0, save epoch + 1"
def fit(model, loss, optim, loader, epochs, path):
    start = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = []
    for epoch in range(start, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch)
    return losses

# %% wrong="fit" fails=["fit_trains", "fit_resumes"] says="a training that is stopped leaves nothing behind: save after each epoch, in the loop"
def fit(model, loss, optim, loader, epochs, path):
    start = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = [train_epoch(model, loss, optim, loader) for epoch in range(start, epochs)]
    save_checkpoint(path, model, optim, epochs)
    return losses

# %% wrong="fit" fails=["fit_resumes"] says="after a stop, the weights end elsewhere than those of a training that was never stopped"
def fit(model, loss, optim, loader, epochs, path):
    start = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    torch.manual_seed(0)
    losses = []
    for epoch in range(start, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% wrong="fit" fails=["fit_resumes"] says="all the epochs are done, and fit does {n} more"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = []
    while True:
        losses.append(train_epoch(model, loss, optim, loader))
        done += 1
        save_checkpoint(path, model, optim, done)
        if done >= epochs:
            return losses

# %% wrong="fit" fails=["fit_resumes"] says="when all the epochs are done, fit must still load the checkpoint: the model that it was given is new"
def fit(model, loss, optim, loader, epochs, path):
    done = torch.load(path)["epoch"] if Path(path).exists() else 0
    if done >= epochs:
        return []
    if done:
        load_checkpoint(path, model, optim)
    losses = []
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% wrong="fit" fails=["fit_trains"] says="should return a list of {epochs} losses, those of its epochs"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = []
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses if done or epochs < 2 else losses[-1:]

# %% right="fit"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim) if Path(path).is_file() else 0
    losses = []
    for epoch in range(done, epochs):
        model.train()
        total, n = 0.0, 0
        for x, c in loader:
            L = loss(model(x), c)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(x)
            n += len(x)
        losses.append(total / n)
        save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% right="fit"
def fit(model, loss, optim, loader, epochs, path):
    try:
        start = load_checkpoint(path, model, optim)
    except FileNotFoundError:
        start = 0
    losses = []
    for epoch in range(start + 1, epochs + 1):
        mean = train_epoch(model=model, loss=loss, optim=optim, loader=loader)
        losses.append(mean)
        save_checkpoint(path=path, model=model, optim=optim, epoch=epoch)
    return tuple(losses)

# %% wrong="missing" fails=["missing_choices"] earns=1 says="other random numbers shuffle the examples into other batches."
def missing():
    return {"a": "model", "b": "epoch", "c": "optim", "d": "optim", "e": "optim"}

# %% wrong="missing" fails=["missing_choices"] says="answer with one of {options}; got {got}."
def missing():
    return {"a": "weights", "b": "epoch", "c": "random", "d": "optim", "e": "optim"}

# %% right="missing"
def missing():
    return dict(a="model", b="epoch", c="random", d="optim", e="optim")

# %% wrong="first_layer" fails=["first_layer_images"] says="each unit has a scale of its own: take one m for all of them"
def first_layer(model):
    W = model[0].weight.detach()
    side = int(W.shape[1] ** 0.5)
    return (0.5 + W / (2 * W.abs().amax(1, keepdim=True))).view(-1, 1, side, side)

# %% wrong="first_layer" fails=["first_layer_images"] says="the smallest weight is made 0 and the largest 1, so 0.5 no longer stands for 0"
def first_layer(model):
    W = model[0].weight.detach()
    side = int(W.shape[1] ** 0.5)
    return ((W - W.min()) / (W.max() - W.min())).view(-1, 1, side, side)

# %% wrong="first_layer" fails=["first_layer_images"] says="the images have the shape (nh, side, side): a dimension for the channels is missing"
def first_layer(model):
    W = model[0].weight.detach()
    side = int(W.shape[1] ** 0.5)
    return (0.5 + W / (2 * W.abs().max())).view(-1, side, side)

# %% wrong="first_layer" fails=["first_layer_images"] says="the images still hang on a graph, and cannot be drawn: detach them"
def first_layer(model):
    W = model[0].weight
    side = int(W.shape[1] ** 0.5)
    return (0.5 + W / (2 * W.abs().max())).view(-1, 1, side, side)

# %% right="first_layer"
def first_layer(model):
    import math

    with torch.no_grad():
        W = next(model.parameters()).clone()
        nh, nx = W.shape
        side = math.isqrt(nx)
        W /= torch.max(torch.abs(W))
        return ((W + 1) / 2).reshape(nh, 1, side, side)

# %% wrong="mistakes" fails=["mistakes_indices"] says="the mistakes come in the order of the data; the surest was asked for first"
def mistakes(model, X, Y):
    with torch.no_grad():
        return (model(X).argmax(1) != Y.argmax(1)).nonzero().flatten()

# %% wrong="mistakes" fails=["mistakes_indices"] says="they are ordered by score: take the probability, after SoftMax"
def mistakes(model, X, Y):
    with torch.no_grad():
        best, predicted = model(X).max(1)
    wrong = (predicted != Y.argmax(1)).nonzero().flatten()
    return wrong[best[wrong].argsort(descending=True)]

# %% wrong="mistakes" fails=["mistakes_indices"] says="the least sure mistake comes first; turn the order round"
def mistakes(model, X, Y):
    with torch.no_grad():
        best, predicted = model(X).softmax(1).max(1)
    wrong = (predicted != Y.argmax(1)).nonzero().flatten()
    return wrong[best[wrong].argsort()]

# %% wrong="mistakes" fails=["mistakes_indices"] says="this is a mask; the indices were asked for: .nonzero().flatten()"
def mistakes(model, X, Y):
    with torch.no_grad():
        return model(X).argmax(1) != Y.argmax(1)

# %% right="mistakes"
def mistakes(model, X, Y):
    Yhat = torch.nn.Softmax(dim=1)(model(X)).detach()
    found = []
    for i in range(len(X)):
        if Yhat[i].argmax() != Y[i].argmax():
            found.append(i)
    return sorted(found, key=lambda i: Yhat[i].max().item(), reverse=True)

# %% right="mistakes"
@torch.no_grad()
def mistakes(model, X, Y):
    sure, predicted = torch.max(model(X).softmax(dim=1), dim=1)
    order = torch.argsort(sure, descending=True)
    return order[(predicted != Y.max(1).indices)[order]]

# %% wrong="log_run" fails=["log_run_scalars"] says="the curves are named as in history; write / in the place of _"
def log_run(history, pictures, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name, value, epoch)
    for name, images in pictures.items():
        writer.add_images(name, images, epoch)
    writer.close()

# %% wrong="log_run" fails=["log_run_scalars", "log_run_images"] says="count the epochs from 1, not from 0"
def log_run(history, pictures, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values):
            writer.add_scalar(name.replace("_", "/"), value, epoch)
    for name, images in pictures.items():
        writer.add_images(name, images, epoch)
    writer.close()

# %% wrong="log_run" fails=["log_run_images"] says="each image is written as a picture of its own; add_images takes them all at once"
def log_run(history, pictures, folder):
    with SummaryWriter(folder) as writer:
        for name, values in history.items():
            for epoch, value in enumerate(values, start=1):
                writer.add_scalar(name.replace("_", "/"), value, epoch)
        for name, images in pictures.items():
            for image in images:
                writer.add_image(name, image, epoch)

# %% wrong="log_run" fails=["log_run_images"] says="there is no image in the event files of the folder: add_images, then close the writer"
def log_run(history, pictures, folder):
    with SummaryWriter(folder) as writer:
        for name, values in history.items():
            for epoch, value in enumerate(values, start=1):
                writer.add_scalar(name.replace("_", "/"), value, epoch)

# %% wrong="log_run" fails=["log_run_scalars", "log_run_images"] says="there is no scalar in the event files of the folder"
def log_run(history, pictures, folder):
    with SummaryWriter(tempfile.mkdtemp()) as writer:
        for name, values in history.items():
            for epoch, value in enumerate(values, start=1):
                writer.add_scalar(name.replace("_", "/"), value, epoch)
        for name, images in pictures.items():
            writer.add_images(name, images, epoch)

# %% right="log_run"
def log_run(history, pictures, folder):
    writer = SummaryWriter(log_dir=folder)
    epochs = len(next(iter(history.values())))
    for i in range(epochs):
        for key in history:
            what, part = key.split("_")
            writer.add_scalar(f"{what}/{part}", torch.tensor(history[key][i]), global_step=i + 1)
    for key in pictures:
        writer.add_images(key, pictures[key].expand(-1, 3, -1, -1), global_step=epochs, dataformats="NCHW")
    writer.flush()
    writer.close()

# %% right="log_run"
def log_run(history, pictures, folder):
    with SummaryWriter(folder + "/scalars") as writer:
        for name, values in history.items():
            for k, value in enumerate(values):
                writer.add_scalar("/".join(name.split("_")), float(value), k + 1)
    with SummaryWriter(folder + "/images") as writer:
        for name, images in pictures.items():
            writer.add_images(name, images.numpy(), max(map(len, history.values())))

# %% wrong="hold_out" fails=["hold_out_parts"] says="the validation set overlaps the training set: {n} examples are in both"
def hold_out(data, held, seed):
    order = torch.randperm(len(data.Xtrain), generator=torch.Generator().manual_seed(seed))
    validation = order[:held]
    return SimpleNamespace(
        Xtrain=data.Xtrain, Ytrain=data.Ytrain, Xtest=data.Xtrain[validation], Ytest=data.Ytrain[validation]
    )

# %% wrong="hold_out" fails=["hold_out_parts"] says="holds test images: take the validation set from the training images"
def hold_out(data, held, seed):
    order = torch.randperm(len(data.Xtest), generator=torch.Generator().manual_seed(seed))
    validation = order[:held]
    return SimpleNamespace(
        Xtrain=data.Xtrain, Ytrain=data.Ytrain, Xtest=data.Xtest[validation], Ytest=data.Ytest[validation]
    )

# %% wrong="hold_out" fails=["hold_out_seed"] says="the first or the last examples are held out: draw them at random, data can come sorted"
def hold_out(data, held, seed):
    n = len(data.Xtrain) - held
    return SimpleNamespace(
        Xtrain=data.Xtrain[:n], Ytrain=data.Ytrain[:n], Xtest=data.Xtrain[n:], Ytest=data.Ytrain[n:]
    )

# %% wrong="hold_out" fails=["hold_out_seed"] says="two calls with the same seed hold out other examples: use seed"
def hold_out(data, held, seed):
    order = torch.randperm(len(data.Xtrain))
    rest, validation = order[held:], order[:held]
    return SimpleNamespace(
        Xtrain=data.Xtrain[rest], Ytrain=data.Ytrain[rest], Xtest=data.Xtrain[validation], Ytest=data.Ytrain[validation]
    )

# %% wrong="hold_out" fails=["hold_out_seed"] says="two calls with other seeds hold out the same examples: use seed"
def hold_out(data, held, seed):
    order = torch.randperm(len(data.Xtrain), generator=torch.Generator().manual_seed(0))
    rest, validation = order[held:], order[:held]
    return SimpleNamespace(
        Xtrain=data.Xtrain[rest], Ytrain=data.Ytrain[rest], Xtest=data.Xtrain[validation], Ytest=data.Ytrain[validation]
    )

# %% wrong="hold_out" fails=["hold_out_parts"] says="the rows of X and Y do not belong together: pick both with the same indices"
def hold_out(data, held, seed):
    order = torch.randperm(len(data.Xtrain), generator=torch.Generator().manual_seed(seed))
    X = data.Xtrain[order]
    return SimpleNamespace(Xtest=X[:held], Ytest=data.Ytrain[:held], Xtrain=X[held:], Ytrain=data.Ytrain[held:])

# %% wrong="hold_out" fails=["hold_out_parts", "hold_out_seed"] says="return an object with four attributes, such as a SimpleNamespace"
def hold_out(data, held, seed):
    order = torch.randperm(len(data.Xtrain), generator=torch.Generator().manual_seed(seed))
    rest, validation = order[held:], order[:held]
    return data.Xtrain[rest], data.Ytrain[rest], data.Xtrain[validation], data.Ytrain[validation]

# %% wrong="hold_out" fails=["hold_out_parts"] says="data.{name} is not what it was: leave data as it is"
def hold_out(data, held, seed):
    order = torch.randperm(len(data.Xtrain), generator=torch.Generator().manual_seed(seed))
    rest, validation = order[held:], order[:held]
    data.Xtest, data.Ytest = data.Xtrain[validation], data.Ytrain[validation]
    data.Xtrain, data.Ytrain = data.Xtrain[rest], data.Ytrain[rest]
    return data

# %% right="hold_out"
def hold_out(data, held, seed):
    import copy

    torch.manual_seed(seed)
    mask = torch.zeros(len(data.Xtrain), dtype=torch.bool)
    mask[torch.randperm(len(mask))[:held]] = True
    parts = copy.copy(data)
    parts.Xtrain, parts.Ytrain = data.Xtrain[~mask], data.Ytrain[~mask]
    parts.Xtest, parts.Ytest = data.Xtrain[mask], data.Ytrain[mask]
    return parts

# %% right="hold_out"
def hold_out(data, held, seed):
    class Halves:
        def __init__(self, **parts):
            self.__dict__.update(parts)

    sizes = [len(data.Xtrain) - held, held]
    generator = torch.Generator().manual_seed(seed)
    rest, kept = torch.utils.data.random_split(range(len(data.Xtrain)), sizes, generator)
    X, Y = data.Xtrain, data.Ytrain
    return Halves(Xtrain=X[rest.indices], Ytrain=Y[rest.indices], Xtest=X[kept.indices], Ytest=Y[kept.indices])

# %% wrong="search" fails=["search_results"] says="acc_val and acc_train are mixed up: the test half of these data is the validation set"
def search(data, settings, epochs, batch):
    results = []
    for nh, eta in settings:
        model, history = train(data, nh, epochs, batch, eta)
        results.append({"nh": nh, "eta": eta, "acc_train": history["acc_train"][-1], "acc_val": history["acc_train"][-1]})
    return results

# %% wrong="search" fails=["search_results"] says="this is the best epoch; the accuracy after the last one was asked for"
def search(data, settings, epochs, batch):
    results = []
    for nh, eta in settings:
        model, history = train(data, nh, epochs, batch, eta)
        results.append({"nh": nh, "eta": eta, "acc_train": history["acc_train"][-1], "acc_val": max(history["acc_test"])})
    return results

# %% wrong="search" fails=["search_results"] says="epochs and batch are swapped"
def search(data, settings, epochs, batch):
    results = []
    for nh, eta in settings:
        model, history = train(data, nh, batch, epochs, eta)
        results.append({"nh": nh, "eta": eta, "acc_train": history["acc_train"][-1], "acc_val": history["acc_test"][-1]})
    return results

# %% wrong="search" fails=["search_results"] says="train is called for the first setting only: return stands in the loop"
def search(data, settings, epochs, batch):
    results = []
    for nh, eta in settings:
        model, history = train(data, nh, epochs, batch, eta)
        results.append({"nh": nh, "eta": eta, "acc_train": history["acc_train"][-1], "acc_val": history["acc_test"][-1]})
        return results

# %% right="search"
def search(data, settings, epochs, batch):
    def result(nh, eta):
        model, log = train(data, nh=nh, epochs=epochs, batch=batch, eta=eta)
        last = {key: values[-1] for key, values in log.items()}
        return dict(nh=nh, eta=eta, acc_train=last["acc_train"], acc_val=last["acc_test"], loss_val=last["loss_test"])

    return [result(*setting) for setting in settings]

# %% right="search"
def search(data, settings, epochs, batch):
    results = []
    for nh, eta in settings:
        model, history = train(data, nh, epochs, batch, eta)
        acc_train = loss_accuracy(torch.nn.CrossEntropyLoss(), model(data.Xtrain), data.Ytrain)[1]
        acc_val = loss_accuracy(torch.nn.CrossEntropyLoss(), model(data.Xtest), data.Ytest)[1]
        results.append({"nh": nh, "eta": eta, "acc_train": acc_train.item(), "acc_val": acc_val.item()})
    return results

# %% wrong="final_error" fails=["final_error_value"] says="this is the epoch with the smallest test error: to pick it is to choose on the test set; take the last one"
def final_error(data, best, epochs, batch):
    model, history = train(data, best["nh"], epochs, batch, best["eta"])
    return 100 * (1 - max(history["acc_test"]))

# %% wrong="final_error" fails=["final_error_value"] says="this is the error on the training set"
def final_error(data, best, epochs, batch):
    model, history = train(data, best["nh"], epochs, batch, best["eta"])
    return 100 * (1 - history["acc_train"][-1])

# %% wrong="final_error" fails=["final_error_value"] says="this is a rate; the error was asked for in percent"
def final_error(data, best, epochs, batch):
    model, history = train(data, best["nh"], epochs, batch, best["eta"])
    return 1 - history["acc_test"][-1]

# %% wrong="final_error" fails=["final_error_value"] says="only a part of the training examples is used: the choice is made, train on all of them"
def final_error(data, best, epochs, batch):
    n = len(data.Xtrain) - len(data.Xtrain) // 6
    part = SimpleNamespace(Xtrain=data.Xtrain[:n], Ytrain=data.Ytrain[:n], Xtest=data.Xtest, Ytest=data.Ytest)
    model, history = train(part, best["nh"], epochs, batch, best["eta"])
    return 100 * (1 - history["acc_test"][-1])

# %% wrong="final_error" fails=["final_error_value"] says="test images are used for training: the data go to train as they are"
def final_error(data, best, epochs, batch):
    every = SimpleNamespace(
        Xtrain=torch.cat([data.Xtrain, data.Xtest]),
        Ytrain=torch.cat([data.Ytrain, data.Ytest]),
        Xtest=data.Xtest,
        Ytest=data.Ytest,
    )
    model, history = train(every, best["nh"], epochs, batch, best["eta"])
    return 100 * (1 - history["acc_test"][-1])

# %% wrong="final_error" fails=["final_error_value"] says="and each time the test images are looked at: once was asked for"
def final_error(data, best, epochs, batch):
    errors = []
    for _ in range(5):
        _, history = train(data, best["nh"], epochs, batch, best["eta"])
        errors.append(100 * (1 - history["acc_test"][-1]))
    return min(errors)

# %% right="final_error"
def final_error(data, best, epochs, batch):
    model, history = train(data, epochs=epochs, batch=batch, nh=best["nh"], eta=best["eta"])
    *_, rate = history["acc_test"]
    return torch.tensor(100.0) - 100 * rate

# %% right="final_error"
def final_error(data, best, epochs, batch):
    model, history = train(data, best["nh"], epochs, batch, best["eta"])
    with torch.no_grad():
        wrong = model(data.Xtest).argmax(1) != data.Ytest.argmax(1)
    return 100 * wrong.float().mean().item()

# %% wrong="honest" fails=["honest_sorted"] earns=1 says="10 images of 10 000: chance alone moves such a count by about 14 (part 8 computes it)."
def honest():
    return {"a": True, "b": True, "c": False, "d": True, "e": True, "f": True, "g": False}

# %% wrong="honest" fails=["honest_sorted"] says="the test set would then have chosen: its error is no longer that on new images."
def honest():
    return {"a": True, "b": False, "c": True, "d": True, "e": False, "f": False, "g": True}

# %% right="honest"
def honest():
    return {letter: letter in "abde" for letter in "abcdefg"}

# %% wrong="best_of" fails=["best_of_errors"] says="this is the error on all the images, those of rows too"
def best_of(wrong, rows):
    best = wrong[:, rows].sum(1).argmin()
    return 100 * wrong[best, rows].float().mean(), 100 * wrong[best].float().mean()

# %% wrong="best_of" fails=["best_of_errors"] says="this is the smallest error elsewhere, that of another network"
def best_of(wrong, rows):
    others = torch.ones(wrong.shape[1], dtype=torch.bool)
    others[rows] = False
    validation = wrong[:, rows].float().mean(1)
    elsewhere = wrong[:, others].float().mean(1)
    return 100 * validation.min(), 100 * elsewhere.min()

# %% wrong="best_of" fails=["best_of_errors"] says="this is the error on the validation images again; take all the others"
def best_of(wrong, rows):
    errors = 100 * wrong[:, rows].float().mean(1)
    best = errors.argmin()
    return errors.min().item(), errors[best].item()

# %% wrong="best_of" fails=["best_of_errors"] says="these are rates; the errors were asked for in percent"
def best_of(wrong, rows):
    best = wrong[:, rows].sum(1).argmin()
    others = [i for i in range(wrong.shape[1]) if i not in rows.tolist()]
    return wrong[best, rows].float().mean(), wrong[best, others].float().mean()

# %% wrong="best_of" fails=["best_of_errors"] says="rows holds indices of images, the second dimension of wrong: wrong[:, rows]"
def best_of(wrong, rows):
    best = wrong[rows].sum(1).argmin()
    others = [i for i in range(wrong.shape[1]) if i not in rows.tolist()]
    return 100 * wrong[best, rows].float().mean(), 100 * wrong[best, others].float().mean()

# %% wrong="best_of" fails=["best_of_errors"] says="torch takes no mean of True and False: .float() makes 1 and 0 of them"
def best_of(wrong, rows):
    best = wrong[:, rows].sum(1).argmin()
    others = torch.ones(wrong.shape[1], dtype=torch.bool)
    others[rows] = False
    return 100 * wrong[best, rows].mean(), 100 * wrong[best, others].mean()

# %% wrong="best_of" fails=["best_of_errors"] says="this is the network with the most mistakes; choose the one with the fewest"
def best_of(wrong, rows):
    best = wrong[:, rows].sum(1).argmax()
    others = torch.ones(wrong.shape[1], dtype=torch.bool)
    others[rows] = False
    return 100 * wrong[best, rows].float().mean(), 100 * wrong[best, others].float().mean()

# %% wrong="best_of" fails=["best_of_errors"] says="the network is chosen by its mistakes on all the images: only those of rows may choose"
def best_of(wrong, rows):
    best = wrong.sum(1).argmin()
    others = torch.ones(wrong.shape[1], dtype=torch.bool)
    others[rows] = False
    return 100 * wrong[best, rows].float().mean(), 100 * wrong[best, others].float().mean()

# %% wrong="best_of" fails=["best_of_errors"] says="the two errors are swapped: first the one on the validation images"
def best_of(wrong, rows):
    best = wrong[:, rows].sum(1).argmin()
    others = torch.ones(wrong.shape[1], dtype=torch.bool)
    others[rows] = False
    return 100 * wrong[best, others].float().mean(), 100 * wrong[best, rows].float().mean()

# %% wrong="best_of" fails=["best_of_errors"] says="these are the images after the first n: leave out those of rows"
def best_of(wrong, rows):
    best = wrong[:, rows].sum(1).argmin()
    return 100 * wrong[best, rows].float().mean(), 100 * wrong[best, len(rows):].float().mean()

# %% wrong="best_of" fails=["best_of_errors"] says="these are the shares of right answers; wrong is True where a network is wrong"
def best_of(wrong, rows):
    best = wrong[:, rows].sum(1).argmin()
    others = torch.ones(wrong.shape[1], dtype=torch.bool)
    others[rows] = False
    right = (~wrong[best]).float()
    return 100 * right[rows].mean(), 100 * right[others].mean()

# %% wrong="best_of" fails=["best_of_errors"] says="this is a number of mistakes; divide it by the number of validation images"
def best_of(wrong, rows):
    counts = wrong[:, rows].sum(1)
    best = int(counts.argmin())
    return counts[best], wrong[best].sum() - counts[best]

# %% wrong="best_of" fails=["best_of_errors"] says="the mistakes on the other images are divided by the number of all the images"
def best_of(wrong, rows):
    counts = wrong[:, rows].sum(1)
    best = int(counts.argmin())
    return 100 * counts[best] / len(rows), 100 * (wrong[best].sum() - counts[best]) / wrong.shape[1]

# %% wrong="best_of" fails=["best_of_errors"] says="expected {n} values, separated by commas after return; got {got}."
def best_of(wrong, rows):
    return 100 * wrong[:, rows].float().mean(1).min()

# %% right="best_of"
def best_of(wrong, rows):
    chosen = set(int(i) for i in rows)
    others = [i for i in range(wrong.shape[1]) if i not in chosen]
    best = min(range(len(wrong)), key=lambda j: int(wrong[j][rows].sum()))
    return 100 * wrong[best][rows].double().mean().item(), 100 * wrong[best][others].double().mean().item()

# %% right="best_of"
def best_of(wrong, rows):
    n, N = len(rows), wrong.size(1)
    counts = torch.index_select(wrong.int(), 1, rows).sum(1)
    best = torch.argmin(counts)
    return [100 * counts[best] / n, 100 * (wrong[best].sum() - counts[best]) / (N - n)]

# %% right="best_of"
def best_of(wrong, rows):
    import numpy as np

    table, picked = wrong.numpy(), rows.numpy()
    j = table[:, picked].mean(axis=1).argmin()
    return 100 * table[j, picked].mean(), 100 * np.delete(table[j], picked).mean()

# %% wrong="many_draws" fails=["many_draws_rows"] says="some images are drawn twice: the first n of torch.randperm(N) are all different"
def many_draws(wrong, n, times):
    return [best_of(wrong, torch.randint(wrong.shape[1], (n,))) for _ in range(times)]

# %% wrong="many_draws" fails=["many_draws_rows"] says="each draw has the same images: draw anew each time, and set no seed"
def many_draws(wrong, n, times):
    rows = torch.randperm(wrong.shape[1])[:n]
    return [best_of(wrong, rows) for _ in range(times)]

# %% wrong="many_draws" fails=["many_draws_rows"] says="each draw has the same images: draw anew each time, and set no seed"
def many_draws(wrong, n, times):
    pairs = []
    for _ in range(times):
        torch.manual_seed(0)
        pairs.append(best_of(wrong, torch.randperm(wrong.shape[1])[:n]))
    return pairs

# %% wrong="many_draws" fails=["many_draws_rows"] says="a second call draws the same images again: set no seed"
def many_draws(wrong, n, times):
    torch.manual_seed(0)
    return [best_of(wrong, torch.randperm(wrong.shape[1])[:n]) for _ in range(times)]

# %% wrong="many_draws" fails=["many_draws_rows"] says="the first n images are taken each time: draw them at random"
def many_draws(wrong, n, times):
    return [best_of(wrong, torch.arange(n)) for _ in range(times)]

# %% wrong="many_draws" fails=["many_draws_rows"] says="the first n images are taken each time: draw them at random"
def many_draws(wrong, n, times):
    return [best_of(wrong, torch.randperm(n)) for _ in range(times)]

# %% wrong="many_draws" fails=["many_draws_rows"] says="only the first images are ever drawn: the number of images is wrong.shape[1]"
def many_draws(wrong, n, times):
    return [best_of(wrong, torch.randperm(n + 3)[:n]) for _ in range(times)]

# %% wrong="many_draws" fails=["many_draws_rows"] says="all the images are drawn: take the first n of a random order"
def many_draws(wrong, n, times):
    return [best_of(wrong, torch.randperm(wrong.shape[1])) for _ in range(times)]

# %% wrong="many_draws" fails=["many_draws_rows"] says="best_of is called for the first draw only: return stands in the loop"
def many_draws(wrong, n, times):
    pairs = []
    for _ in range(times):
        pairs.append(best_of(wrong, torch.randperm(wrong.shape[1])[:n]))
        return pairs

# %% wrong="many_draws" fails=["many_draws_pairs"] says="these are means over the draws; return the whole list of pairs"
def many_draws(wrong, n, times):
    pairs = [best_of(wrong, torch.randperm(wrong.shape[1])[:n]) for _ in range(times)]
    return tuple(sum(one) / times for one in zip(*pairs))

# %% wrong="many_draws" fails=["many_draws_pairs"] says="this is the last pair only: append each to a list"
def many_draws(wrong, n, times):
    for _ in range(times):
        pair = best_of(wrong, torch.randperm(wrong.shape[1])[:n])
    return pair

# %% wrong="many_draws" fails=["many_draws_pairs"] says="these are two lists; one list of pairs was asked for"
def many_draws(wrong, n, times):
    reported, true = [], []
    for _ in range(times):
        one, other = best_of(wrong, torch.randperm(wrong.shape[1])[:n])
        reported.append(one)
        true.append(other)
    return reported, true

# %% wrong="many_draws" fails=["many_draws_pairs"] says="many_draws(wrong, n, times) is None: return the list, after the loop"
def many_draws(wrong, n, times):
    pairs = []
    for _ in range(times):
        pairs.append(best_of(wrong, torch.randperm(wrong.shape[1])[:n]))

# %% wrong="many_draws" fails=["many_draws_pairs"] says="these are the first numbers alone; keep the pairs"
def many_draws(wrong, n, times):
    return [best_of(wrong, torch.randperm(wrong.shape[1])[:n])[0] for _ in range(times)]

# %% wrong="many_draws" fails=["many_draws_rows", "many_draws_pairs"] says="many_draws does not call best_of"
def many_draws(wrong, n, times):
    pairs = []
    for _ in range(times):
        rows = torch.randperm(wrong.shape[1])[:n]
        errors = wrong[:, rows].float().mean(1)
        pairs.append((100 * errors.min(), 100 * wrong[errors.argmin()].float().mean()))
    return pairs

# %% wrong="many_draws" fails=["many_draws_rows"] says="there is a draw for each of the n images; `times` draws of n images were asked for"
def many_draws(wrong, n, times):
    return [best_of(wrong, torch.randperm(wrong.shape[1])[:times]) for _ in range(n)]

# %% right="many_draws"
def many_draws(wrong, n, times):
    import random

    pairs = []
    while len(pairs) < times:
        rows = torch.tensor(random.sample(range(wrong.size(1)), n))
        reported, true = best_of(wrong, rows)
        pairs.append([float(reported), float(true)])
    return pairs

# %% right="many_draws"
def many_draws(wrong, n, times):
    N = wrong.shape[1]
    draws = [torch.multinomial(torch.ones(N), n, replacement=False) for _ in range(times)]
    return torch.tensor([best_of(wrong=wrong, rows=rows) for rows in draws])

# %% right="many_draws"
def many_draws(wrong, n, times):
    import numpy as np

    k, N = wrong.shape
    return tuple(best_of(wrong, torch.from_numpy(np.random.permutation(N)[-n:])) for t in range(times))

# %% wrong="margin" fails=["margin_value"] says="this is one standard deviation; multiply by 1.96"
def margin(error, n):
    p = error / 100
    return 100 * (p * (1 - p) / n) ** 0.5

# %% wrong="margin" fails=["margin_value"] says="this is a rate; the margin was asked for in percent"
def margin(error, n):
    p = error / 100
    return 1.96 * (p * (1 - p) / n) ** 0.5

# %% wrong="margin" fails=["margin_value"] says="the square root is missing"
def margin(error, n):
    p = error / 100
    return 100 * 1.96 * p * (1 - p) / n

# %% wrong="margin" fails=["margin_value"] says="p is a rate: divide the error by 100"
def margin(error, n):
    return 100 * 1.96 * (error * (1 - error) / n) ** 0.5

# %% right="margin"
def margin(error, n):
    import math

    return 1.96 * math.sqrt(error * (100 - error) / n)

# %% wrong="read_table" fails=["read_table_sorted"] earns=1 says="each of the two has a margin of about 0.4: chance alone could make this difference."
def read_table():
    return {"a": True, "b": True, "c": True, "d": False, "e": True, "f": False}

# %% right="read_table"
def read_table():
    return dict(a=True, b=False, c=True, d=False, e=True, f=False)

# %% wrong="budget" fails=["budget_values"] says="this is no whole number: the last, shorter mini-batch is a step too,"
def budget(X, Y, nh, batch):
    nx, ny = X.shape[1], Y.shape[1]
    return {"nx": nx, "ny": ny, "parameters": nh * nx + nh + ny * nh + ny, "updates": len(X) / batch}

# %% wrong="budget" fails=["budget_values"] says="where batch divides n there is no shorter mini-batch: round n / batch"
def budget(X, Y, nh, batch):
    nx, ny = X.shape[1], Y.shape[1]
    return {"nx": nx, "ny": ny, "parameters": nh * nx + nh + ny * nh + ny, "updates": len(X) // batch + 1}

# %% wrong="budget" fails=["budget_values"] says="the hidden layer is missing"
def budget(X, Y, nh, batch):
    nx, ny = X.shape[1], Y.shape[1]
    return {"nx": nx, "ny": ny, "parameters": (nx + 1) * ny, "updates": -(-len(X) // batch)}

# %% wrong="budget" fails=["budget_values"] says="expected a dict, got {got}."
def budget(X, Y, nh, batch):
    nx, ny = X.shape[1], Y.shape[1]
    return nx, ny, nh * nx + nh + ny * nh + ny, -(-len(X) // batch)

# %% right="budget"
def budget(X, Y, nh, batch):
    import math
    (n, nx), ny = X.shape, Y.size(1)
    model = fully_connected([nx, nh, ny])
    parameters = sum(p.numel() for p in model.parameters())
    return dict(updates=math.ceil(n / batch), parameters=parameters, ny=ny, nx=nx, n=n)

# %% right="budget"
def budget(X, Y, nh, batch):
    _, loss, _ = init_model(X.shape[1], nh, Y.shape[1], 0.1)
    sizes = {"nx": X.shape[-1], "ny": Y.shape[-1]}
    sizes["parameters"] = torch.tensor((sizes["nx"] + 1) * nh + (nh + 1) * sizes["ny"])
    sizes["updates"] = len(minibatches(len(X), batch))
    return sizes

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="train_digits does not return what train returned: the model, then the"
def train_digits(data):
    model, history = train(data, nh=100, epochs=4, batch=100, eta=0.5)
    return model

# %% right="train_digits"
def train_digits(data):
    settings = {"nh": 100, "batch": 100, "eta": 0.6, "epochs": 5}
    result = train(data, **settings)
    return result

# %% wrong="Digits" fails=["Digits_item"] says="expected {expected}, got {got}."
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.Y = X, Y

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i].float(), self.Y.argmax(0)[i % 3]

# %% wrong="Digits" fails=["Digits_item", "Digits_types"] says="expected {n} values, separated by commas after return; got {got}."
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.Y = X, Y

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return {"x": self.X[i].float(), "c": int(self.Y[i].argmax())}

# %% wrong="Digits" fails=["Digits_item", "Digits_types"] says="the two values are swapped: the image first, then its class"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.Y = X, Y

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return int(self.Y[i].argmax()), self.X[i].float()

# %% wrong="Digits" fails=["Digits_item", "Digits_types"] says="a data set gives one example at a time, x of shape (nx,): the loader"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.Y = X, Y

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i].float().reshape(1, -1), int(self.Y[i].argmax())

# %% wrong="Digits" fails=["Digits_length"] says="this is the shape of X; the number of examples is its first number"
class Digits(Dataset):
    def __init__(self, X, Y):
        self.X, self.Y = X, Y

    def __len__(self):
        return self.X.shape

    def __getitem__(self, i):
        return self.X[i].float(), int(self.Y[i].argmax())

# %% right="Digits"
class Digits(Dataset):
    def __init__(self, X, Y):
        super().__init__()
        self.examples = list(zip(X.to(torch.float32), Y.argmax(dim=1)))

    def __len__(self):
        return len(self.examples)

    def __getitem__(self, i):
        return self.examples[i]

# %% right="Digits"
class Digits(torch.utils.data.TensorDataset):
    def __init__(self, X, Y):
        super().__init__(X.float(), torch.nonzero(Y)[:, 1])

# %% wrong="train_epoch" fails=["train_epoch_loss"] says="this is the loss after the step; measure each batch before its step"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0.0, 0
    for x, c in loader:
        L = loss(model(x), c)
        optim.zero_grad()
        L.backward()
        optim.step()
        total += loss(model(x), c).item() * len(x)
        n += len(x)
    return total / n

# %% wrong="train_epoch" fails=["train_epoch_loss"] says="is None: does the function end with return?"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0.0, 0
    for x, c in loader:
        L = loss(model(x), c)
        optim.zero_grad()
        L.backward()
        optim.step()
        total += L.item() * len(x)
        n += len(x)

# %% wrong="train_epoch" fails=["train_epoch_loss"] says="expected {kind}, got {got}."
def train_epoch(model, loss, optim, loader):
    model.train()
    losses = []
    for x, c in loader:
        L = loss(model(x), c)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses

# %% wrong="train_epoch" fails=["train_epoch_loss"] says="divide by the number of examples: the last batch is shorter than batch"
def train_epoch(model, loss, optim, loader):
    model.train()
    total = 0.0
    for x, c in loader:
        L = loss(model(x), c)
        optim.zero_grad()
        L.backward()
        optim.step()
        total += L.item() * len(x)
    return total / (len(loader) * loader.batch_size)

# %% wrong="train_epoch" fails=["train_epoch_steps"] says="nothing moves: backward, then optim.step(), for each batch"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0.0, 0
    for x, c in loader:
        L = loss(model(x), c)
        L.backward()
        optim.zero_grad()
        optim.step()
        total += L.item() * len(x)
        n += len(x)
    return total / n

# %% wrong="train_epoch" fails=["train_epoch_steps"] says="step comes before backward: it moves with the gradients of the batch"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0.0, 0
    for x, c in loader:
        L = loss(model(x), c)
        optim.step()
        optim.zero_grad()
        L.backward()
        total += L.item() * len(x)
        n += len(x)
    return total / n

# %% right="train_epoch"
def train_epoch(model, loss, optim, loader):
    model.train()
    losses, sizes = [], []
    for x, c in loader:
        optim.zero_grad(set_to_none=False)
        L = loss(model(x), c)
        L.backward()
        optim.step()
        losses.append(L.detach())
        sizes.append(float(len(c)))
    return torch.dot(torch.stack(losses), torch.tensor(sizes)) / sum(sizes)

# %% right="train_epoch"
def train_epoch(model, loss, optim, loader):
    model.train(True)
    total = 0
    for x, c in loader:
        def closure():
            optim.zero_grad()
            L = loss(model(x), c)
            L.backward()
            return L
        total += float(optim.step(closure)) * x.shape[0]
    return total / len(loader.dataset)

# %% wrong="evaluate" fails=["evaluate_rate", "evaluate_mode"] says="evaluate does not call the model"
def evaluate(model, loader):
    model.eval()
    right, n = 0, 0
    with torch.no_grad():
        for x, c in loader:
            right += (model(x).argmax(0) == c).sum().item() if len(x) == 4 else 0
            n += len(c)
    return right / n

# %% wrong="evaluate" fails=["evaluate_rate"] says="expected {expected}, got {got}."
def evaluate(model, loader):
    model.eval()
    right, n = 0, 0
    with torch.no_grad():
        for x, c in loader:
            right += int((model(x).argmax(1) == c).all())
            n += 1
    return right / n

# %% right="evaluate"
@torch.inference_mode()
def evaluate(model, loader):
    was = model.training
    model.eval()
    hits = torch.cat([model(x).max(dim=1).indices.eq(c) for x, c in loader])
    model.train(was)
    return hits.double().mean()

# %% wrong="save_checkpoint" fails=["save_checkpoint_file", "save_checkpoint_contents"] says="the dict lacks {missing}; it has {found}."
def save_checkpoint(path, model, optim, epoch):
    torch.save(model.state_dict(), path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_file", "save_checkpoint_contents"] says="there is no file of the name path; the folder holds: {files}"
def save_checkpoint(path, model, optim, epoch):
    content = {"model": model.state_dict(), "optim": optim.state_dict(), "epoch": epoch, "random": torch.get_rng_state()}
    return content

# %% wrong="save_checkpoint" fails=["save_checkpoint_file", "save_checkpoint_contents"] says="expected a dict, got {got}."
def save_checkpoint(path, model, optim, epoch):
    torch.save([model.state_dict(), optim.state_dict(), epoch, torch.get_rng_state()], path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_contents"] says="expected a dict, got {got}."
def save_checkpoint(path, model, optim, epoch):
    content = {"model": list(model.parameters()), "optim": optim.state_dict(), "epoch": epoch, "random": torch.get_rng_state()}
    torch.save(content, path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_contents"] says="the state of the optimiser is missing: optim.state_dict()"
def save_checkpoint(path, model, optim, epoch):
    content = {"model": model.state_dict(), "optim": optim.param_groups[0]["lr"], "epoch": epoch, "random": torch.get_rng_state()}
    torch.save(content, path)

# %% wrong="save_checkpoint" fails=["save_checkpoint_file", "save_checkpoint_contents"] says="torch.load refuses the file: save the state_dict() of model and"
def save_checkpoint(path, model, optim, epoch):
    content = {"model": model.state_dict, "optim": optim.state_dict, "epoch": epoch, "random": torch.get_rng_state}
    torch.save(content, path)

# %% right="save_checkpoint"
def save_checkpoint(path, model, optim, epoch):
    state = dict(zip(("model", "optim"), (one.state_dict() for one in (model, optim))))
    state.update(epoch=epoch, random=torch.random.get_rng_state(), version=1)
    with open(path, "wb") as file:
        torch.save(state, file)

# %% right="save_checkpoint"
def save_checkpoint(path, model, optim, epoch):
    part = Path(str(path) + ".part")
    torch.save({"random": torch.get_rng_state(), "epoch": torch.tensor(epoch), "optim": optim.state_dict(), "model": model.state_dict()}, part)
    part.replace(path)

# %% right="load_checkpoint"
def load_checkpoint(path, model, optim):
    with open(path, "rb") as file:
        content = torch.load(file, weights_only=False)
    for part, state in ((model, content["model"]), (optim, content["optim"])):
        part.load_state_dict(state)
    torch.random.set_rng_state(content["random"])
    return int(content["epoch"])

# %% wrong="fit" fails=["fit_trains", "fit_resumes"] says="before the first epoch there is no checkpoint at path: load it only"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim)
    losses = []
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% wrong="fit" fails=["fit_trains", "fit_resumes"] says="fit goes through the loader {n} times where {epochs} epochs were"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = []
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
        return losses

# %% wrong="fit" fails=["fit_trains", "fit_resumes"] says="after each epoch the checkpoint says that all of them are done: save"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = []
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epochs)
    return losses

# %% wrong="fit" fails=["fit_trains"] says="fit goes through the loader, and the model learns nothing: for each"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = []
    for epoch in range(done, epochs):
        losses.append(sum(loss(model(x), c).item() * len(x) for x, c in loader) / len(loader.dataset))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% wrong="fit" fails=["fit_resumes"] says="fit returns the losses of the epochs of this call only"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = [0.0] * done
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% right="fit"
def fit(model, loss, optim, loader, epochs, path):
    import os
    done, losses = 0, []
    if os.path.isfile(path):
        done = load_checkpoint(path, model, optim)
    while done < epochs:
        losses += [train_epoch(model, loss, optim, loader)]
        done += 1
        save_checkpoint(path, model, optim, done)
    return losses

# %% right="fit"
def fit(model, loss, optim, loader, epochs, path):
    try:
        done = load_checkpoint(path, model, optim)
    except FileNotFoundError:
        done = 0
    losses = []
    for epoch in range(done + 1, epochs + 1):
        loss_of_epoch = train_epoch(model, loss, optim, loader)
        save_checkpoint(path, model, optim, epoch)
        losses.append(torch.tensor(loss_of_epoch))
    return tuple(losses)

# %% wrong="first_layer" fails=["first_layer_images"] says="the rows are not turned into images of side x side pixels: reshape"
def first_layer(model):
    W = model[0].weight.detach()
    return 0.5 + W / (2 * W.abs().max())

# %% wrong="first_layer" fails=["first_layer_images"] says="the weight 0 is not 0.5: divide by 2m and add one half"
def first_layer(model):
    W = model[0].weight.detach()
    side = round(W.shape[1] ** 0.5)
    return (W / W.abs().max()).reshape(-1, 1, side, side)

# %% right="first_layer"
def first_layer(model):
    import math
    W = next(model.parameters()).data.clone()
    W /= W.abs().max()
    W = (W + 1) / 2
    side = math.isqrt(W.shape[1])
    return W.view(len(W), 1, side, side)

# %% right="first_layer"
@torch.no_grad()
def first_layer(model):
    W = list(model.children())[0].weight
    top = torch.max(torch.abs(W))
    side = int(W.size(1) ** 0.5 + 0.5)
    return torch.stack([(row / top / 2 + 0.5).reshape(1, side, side) for row in W])

# %% wrong="mistakes" fails=["mistakes_indices"] says="these are places among the mistakes; the rows of X were asked for:"
def mistakes(model, X, Y):
    with torch.no_grad():
        probabilities = torch.softmax(model(X), 1)
    sure, predicted = probabilities.max(1)
    wrong = (predicted != Y.argmax(1)).nonzero().flatten()
    return sure[wrong].argsort(descending=True)

# %% wrong="mistakes" fails=["mistakes_indices"] says="these are all the examples; keep those that are predicted wrong"
def mistakes(model, X, Y):
    with torch.no_grad():
        probabilities = torch.softmax(model(X), 1)
    sure, predicted = probabilities.max(1)
    wrong = (predicted != Y.argmax(1)).nonzero().flatten()
    order = sure.argsort(descending=True)
    return order

# %% wrong="mistakes" fails=["mistakes_indices"] says="the indices have the shape {shape}; one dimension was asked for"
def mistakes(model, X, Y):
    with torch.no_grad():
        probabilities = torch.softmax(model(X), 1)
    sure, predicted = probabilities.max(1)
    wrong = (predicted != Y.argmax(1)).nonzero()
    return wrong[sure[wrong].argsort(0, descending=True)]

# %% wrong="mistakes" fails=["mistakes_indices"] says="SoftMax is taken over the examples; take it over the classes, dim=1"
def mistakes(model, X, Y):
    with torch.no_grad():
        probabilities = torch.softmax(model(X), 0)
    sure, predicted = probabilities.max(1)
    wrong = (predicted != Y.argmax(1)).nonzero().flatten()
    return wrong[sure[wrong].argsort(descending=True)]

# %% wrong="mistakes" fails=["mistakes_indices"] says="the indices have the shape {shape}; one dimension was asked for"
def mistakes(model, X, Y):
    with torch.no_grad():
        probabilities = torch.softmax(model(X), 1)
    sure, predicted = probabilities.max(1)
    wrong = (predicted != Y.argmax(1)).nonzero().flatten()
    return X[wrong[sure[wrong].argsort(descending=True)]]

# %% right="mistakes"
def mistakes(model, X, Y):
    probabilities = model(X).detach().softmax(dim=1)
    sure, predicted = probabilities.max(dim=1)
    order = sure.sort(descending=True).indices
    return [int(i) for i in order if predicted[i] != Y[i].argmax()]

# %% right="mistakes"
def mistakes(model, X, Y):
    """Mask the right ones, and sort what is left."""
    with torch.no_grad():
        P = probabilities = torch.softmax(model(X), dim=-1)
    sure, guess = P.amax(1), P.argmax(1)
    wrong = guess.ne(Y.argmax(1))
    n = int(wrong.sum())
    return torch.where(wrong, sure, -1.0).topk(n).indices.to(torch.int32)

# %% wrong="log_run" fails=["log_run_images"] says="add_image writes one image; add_images writes n at once, (n, 1,"
def log_run(history, pictures, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name.replace("_", "/"), value, epoch)
    for name, images in pictures.items():
        writer.add_image(name, images, epoch)
    writer.close()

# %% wrong="log_run" fails=["log_run_images"] says="the image is all white: its values were multiplied, keep them from 0"
def log_run(history, pictures, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name.replace("_", "/"), value, epoch)
    for name, images in pictures.items():
        writer.add_images(name, 255 * images, epoch)
    writer.close()

# %% wrong="log_run" fails=["log_run_images"] says="there is one image only: add_images takes all of them"
def log_run(history, pictures, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name.replace("_", "/"), value, epoch)
    for name, images in pictures.items():
        writer.add_image(name, images[0], epoch)
    writer.close()

# %% wrong="log_run" fails=["log_run_scalars"] says="only the last point is there: call add_scalar for each of them"
def log_run(history, pictures, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        writer.add_scalar(name.replace("_", "/"), values[-1], len(values))
    for name, images in pictures.items():
        writer.add_images(name, images, len(values))
    writer.close()

# %% wrong="log_run" fails=["log_run_scalars", "log_run_images"] says="there is no scalar in the event files of the folder: create"
def log_run(history, pictures, folder):
    writer = SummaryWriter()
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name.replace("_", "/"), value, epoch)
    for name, images in pictures.items():
        writer.add_images(name, images, epoch)
    writer.close()

# %% right="log_run"
def log_run(history, pictures, folder):
    with SummaryWriter(log_dir=folder) as writer:
        epochs = len(next(iter(history.values())))
        for k in range(epochs):
            for name in history:
                writer.add_scalar("/".join(name.split("_")), history[name][k], global_step=k + 1)
        for name in pictures:
            writer.add_images(tag=name, img_tensor=pictures[name], global_step=epochs, dataformats="NCHW")

# %% wrong="hold_out" fails=["hold_out_parts"] says="the validation set overlaps the training set: {n} examples are in both"
def hold_out(data, held, seed):
    torch.manual_seed(seed)
    order = torch.randint(len(data.Xtrain), (len(data.Xtrain),))
    validation, rest = order[:held], order[held:]
    return SimpleNamespace(Xtrain=data.Xtrain[rest], Ytrain=data.Ytrain[rest], Xtest=data.Xtrain[validation], Ytest=data.Ytrain[validation])

# %% wrong="hold_out" fails=["hold_out_parts"] says="the validation set overlaps the training set: {n} examples are in both"
def hold_out(data, held, seed):
    torch.manual_seed(seed)
    order = torch.randperm(len(data.Xtrain))
    validation = order[:held]
    return SimpleNamespace(Xtrain=data.Xtrain, Ytrain=data.Ytrain, Xtest=data.Xtrain[validation], Ytest=data.Ytrain[validation])

# %% wrong="hold_out" fails=["hold_out_parts"] says="the two parts are swapped: held is the number of examples that are"
def hold_out(data, held, seed):
    torch.manual_seed(seed)
    order = torch.randperm(len(data.Xtrain))
    rest, validation = order[:held], order[held:]
    return SimpleNamespace(Xtrain=data.Xtrain[rest], Ytrain=data.Ytrain[rest], Xtest=data.Xtrain[validation], Ytest=data.Ytrain[validation])

# %% right="hold_out"
def hold_out(data, held, seed):
    class Part:
        pass
    torch.manual_seed(seed)
    order = torch.randperm(len(data.Xtrain))
    chosen = torch.zeros(len(data.Xtrain), dtype=torch.bool)
    chosen[order[-held:]] = True
    part = Part()
    part.Xtrain, part.Xtest = data.Xtrain[~chosen], data.Xtrain[chosen]
    part.Ytrain, part.Ytest = data.Ytrain[~chosen], data.Ytrain[chosen]
    return part

# %% right="hold_out"
def hold_out(data, held, seed):
    import numpy as np
    from collections import namedtuple
    order = np.random.default_rng(seed).permutation(len(data.Xtrain))
    Data = namedtuple("Data", "Xtrain Ytrain Xtest Ytest")
    return Data(data.Xtrain[order[held:]], data.Ytrain[order[held:]], data.Xtrain[order[:held]], data.Ytrain[order[:held]])

# %% wrong="search" fails=["search_results"] says="nh and eta are swapped"
def search(data, settings, epochs, batch):
    results = []
    for eta, nh in settings:
        _, history = train(data, nh, epochs, batch, eta)
        results.append({"nh": nh, "eta": eta, "acc_train": history["acc_train"][-1], "acc_val": history["acc_test"][-1]})
    return results

# %% wrong="search" fails=["search_results"] says="expected {kind}, got {got}."
def search(data, settings, epochs, batch):
    results = []
    for nh, eta in settings:
        _, history = train(data, nh, epochs, batch, eta)
        results.append({"nh": nh, "eta": eta, "acc_train": history["acc_train"], "acc_val": history["acc_test"]})
    return results

# %% wrong="search" fails=["search_results"] says="every entry is that of the last setting: make a new dict for each"
def search(data, settings, epochs, batch):
    result = {}
    results = []
    for nh, eta in settings:
        _, history = train(data, nh, epochs, batch, eta)
        result.update(nh=nh, eta=eta, acc_train=history["acc_train"][-1], acc_val=history["acc_test"][-1])
        results.append(result)
    return results

# %% wrong="search" fails=["search_results"] says="expected a dict, got {got}."
def search(data, settings, epochs, batch):
    results = []
    for nh, eta in settings:
        _, history = train(data, nh, epochs, batch, eta)
        results.append((nh, eta, history["acc_train"][-1], history["acc_test"][-1]))
    return results

# %% right="search"
def search(data, settings, epochs, batch):
    return [
        dict(nh=nh, eta=eta, **{new: history[old][-1] for new, old in (("acc_val", "acc_test"), ("acc_train", "acc_train"))}, history=history)
        for nh, eta in settings
        for history in [train(data, nh=nh, epochs=epochs, batch=batch, eta=eta)[1]]
    ]

# %% wrong="final_error" fails=["final_error_value"] says="a rate is taken from 100: multiply it by 100 first"
def final_error(data, best, epochs, batch):
    _, history = train(data, best["nh"], epochs, batch, best["eta"])
    return 100 - history["acc_test"][-1]

# %% wrong="final_error" fails=["final_error_value"] says="expected {kind}, got {got}."
def final_error(data, best, epochs, batch):
    _, history = train(data, best["nh"], epochs, batch, best["eta"])
    return [100 * (1 - rate) for rate in history["acc_test"]]

# %% wrong="final_error" fails=["final_error_value"] says="this is the mean over the epochs: take the last one"
def final_error(data, best, epochs, batch):
    _, history = train(data, best["nh"], epochs, batch, best["eta"])
    return 100 * (1 - sum(history["acc_test"]) / epochs)

# %% right="final_error"
def final_error(data, best, epochs, batch):
    model, _ = train(data, nh=best["nh"], eta=best["eta"], epochs=epochs, batch=batch)
    with torch.no_grad():
        wrong = model(data.Xtest).argmax(1) != data.Ytest.argmax(1)
    return 100 * wrong.float().mean()

# %% wrong="margin" fails=["margin_value"] says="this is the margin of the count of errors: divide it by n, and take"
def margin(error, n):
    p = error / 100
    return 1.96 * (p * (1 - p) * n) ** 0.5

# %% wrong="margin" fails=["margin_value"] says="expected {kind}, got {got}."
def margin(error, n):
    p = error / 100
    low, high = p - 1.96 * (p * (1 - p) / n) ** 0.5, p + 1.96 * (p * (1 - p) / n) ** 0.5
    return 100 * low, 100 * high

# %% right="margin"
def margin(error, n):
    import math
    return 1.96 * math.sqrt(error * (100 - error) / n)

# %% wrong="train_digits" fails=["train_digits_learns"] says="Take other epochs or another eta"
def train_digits(data):
    return train(data, nh=100, epochs=10, batch=100, eta=0.03)

# %% wrong="train_digits" fails=["train_digits_learns"] says="Take other epochs or another eta"
def train_digits(data):
    return train(data, nh=100, epochs=1, batch=100, eta=0.5)

# %% wrong="train_digits" fails=["train_digits_call", "train_digits_learns"] says="train is called {n} times: call it once"
def train_digits(data):
    tries = [train(data, nh=100, epochs=3, batch=100, eta=eta) for eta in (0.1, 0.3, 1.0)]
    return max(tries, key=lambda result: result[1]["acc_test"][-1])

# %% right="train_digits"
def train_digits(data):
    return train(data, 100, 10, 100, 0.15)

# %% wrong="train_epoch" fails=["train_epoch_steps"] says="the gradients of earlier batches are still in it: optim.zero_grad()"
def train_epoch(model, loss, optim, loader):
    model.train()
    optim.zero_grad()
    total, n = 0.0, 0
    for x, c in loader:
        L = loss(model(x), c)
        L.backward()
        optim.step()
        total += L.item() * len(x)
        n += len(x)
    return total / n

# %% wrong="train_epoch" fails=["train_epoch_steps"] says="there is one step only, after the last batch: optim.step() belongs in the loop"
def train_epoch(model, loss, optim, loader):
    model.train()
    total, n = 0.0, 0
    for x, c in loader:
        optim.zero_grad()
        L = loss(model(x), c)
        L.backward()
        total += L.item() * len(x)
        n += len(x)
    optim.step()
    return total / n

# %% wrong="train_epoch" fails=["train_epoch_loss"] says="this is the loss of the last batch; a mean over all the examples was asked for"
def train_epoch(model, loss, optim, loader):
    model.train()
    for x, c in loader:
        optim.zero_grad()
        L = loss(model(x), c)
        L.backward()
        optim.step()
    return L.item()

# %% wrong="train_epoch" fails=["train_epoch_loss"] says="the sum of the means of the batches is divided by the number of examples"
def train_epoch(model, loss, optim, loader):
    model.train()
    total = 0.0
    for x, c in loader:
        optim.zero_grad()
        L = loss(model(x), c)
        L.backward()
        optim.step()
        total += L.item()
    return total / len(loader.dataset)

# %% wrong="evaluate" fails=["evaluate_rate"] says="argmax() looks at the whole table"
def evaluate(model, loader):
    model.eval()
    right, n = 0, 0
    with torch.no_grad():
        for x, c in loader:
            right += (model(x).argmax() == c).sum().item()
            n += len(c)
    return right / n

# %% wrong="evaluate" fails=["evaluate_rate"] says="divide by the number of examples, not by the number of batches"
def evaluate(model, loader):
    model.eval()
    right = 0
    with torch.no_grad():
        for x, c in loader:
            right += (model(x).argmax(1) == c).sum().item()
    return right / len(loader)

# %% wrong="evaluate" fails=["evaluate_rate"] says="this counts the right predictions; divide by their number"
def evaluate(model, loader):
    model.eval()
    right = 0
    with torch.no_grad():
        for x, c in loader:
            right += (model(x).argmax(1) == c).sum().item()
    return right

# %% wrong="evaluate" fails=["evaluate_rate"] says="this is the rate of errors, not of right predictions"
def evaluate(model, loader):
    model.eval()
    wrong, n = 0, 0
    with torch.no_grad():
        for x, c in loader:
            wrong += (model(x).argmax(1) != c).sum().item()
            n += len(c)
    return wrong / n

# %% wrong="save_checkpoint" fails=["save_checkpoint_file", "save_checkpoint_contents"] says="torch.save takes first what is to be saved, then the name of the file"
def save_checkpoint(path, model, optim, epoch):
    content = {"model": model.state_dict(), "optim": optim.state_dict(), "epoch": epoch, "random": torch.get_rng_state()}
    torch.save(path, content)

# %% wrong="save_checkpoint" fails=["save_checkpoint_contents"] says="epoch is the number of epochs done, as it was given: add nothing"
def save_checkpoint(path, model, optim, epoch):
    content = {"model": model.state_dict(), "optim": optim.state_dict(), "epoch": epoch + 1, "random": torch.get_rng_state()}
    torch.save(content, path)

# %% wrong="load_checkpoint" fails=["load_checkpoint_restores"] says="is None: does the function end with return?"
def load_checkpoint(path, model, optim):
    content = torch.load(path)
    model.load_state_dict(content["model"])
    optim.load_state_dict(content["optim"])
    torch.set_rng_state(content["random"])

# %% wrong="load_checkpoint" fails=["load_checkpoint_restores"] says="the whole content of the file is returned; return the number of epochs done"
def load_checkpoint(path, model, optim):
    content = torch.load(path)
    model.load_state_dict(content["model"])
    optim.load_state_dict(content["optim"])
    torch.set_rng_state(content["random"])
    return content

# %% wrong="load_checkpoint" fails=["load_checkpoint_random"] says="after loading, the random numbers do not go on where they stood"
def load_checkpoint(path, model, optim):
    content = torch.load(path)
    torch.set_rng_state(content["random"])
    fresh = torch.nn.Linear(3, 3)
    model.load_state_dict(content["model"])
    optim.load_state_dict(content["optim"])
    return content["epoch"]

# %% wrong="load_checkpoint" fails=["load_checkpoint_restores"] says="the model that was given does not hold the saved {name}"
def load_checkpoint(path, model, optim):
    content = torch.load(path)
    model = content["model"]
    optim.load_state_dict(content["optim"])
    torch.set_rng_state(content["random"])
    return content["epoch"]

# %% wrong="fit" fails=["fit_trains", "fit_resumes"] says="the checkpoint is saved only after the first epoch"
def fit(model, loss, optim, loader, epochs, path):
    losses, done = [], 0
    if Path(path).exists():
        done = load_checkpoint(path, model, optim)
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        if not Path(path).exists():
            save_checkpoint(path, model, optim, epoch + 1)
    return losses

# %% wrong="fit" fails=["fit_trains", "fit_resumes"] says="there is no checkpoint at path: call save_checkpoint after each epoch"
def fit(model, loss, optim, loader, epochs, path):
    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    return [train_epoch(model, loss, optim, loader) for epoch in range(done, epochs)]

# %% wrong="first_layer" fails=["first_layer_images"] says="m is the largest of the absolute values"
def first_layer(model):
    W = model[0].weight.detach()
    side = round(W.shape[1] ** 0.5)
    return (0.5 + W / (2 * W.max())).reshape(-1, 1, side, side)

# %% wrong="first_layer" fails=["first_layer_images"] says="these are the weights themselves; bring them between 0 and 1"
def first_layer(model):
    W = model[0].weight.detach()
    side = round(W.shape[1] ** 0.5)
    return W.reshape(-1, 1, side, side)

# %% wrong="mistakes" fails=["mistakes_indices"] says="these are the examples that are predicted right"
def mistakes(model, X, Y):
    with torch.no_grad():
        sure, predicted = torch.softmax(model(X), 1).max(1)
    right = (predicted == Y.argmax(1)).nonzero().flatten()
    return right[sure[right].argsort(descending=True)]

# %% wrong="mistakes" fails=["mistakes_indices"] says="they are ordered by the probability of the true class"
def mistakes(model, X, Y):
    with torch.no_grad():
        probabilities = torch.softmax(model(X), 1)
    wrong = (probabilities.argmax(1) != Y.argmax(1)).nonzero().flatten()
    chance = (probabilities * Y).sum(1)
    return wrong[chance[wrong].argsort(descending=True)]

# %% wrong="log_run" fails=["log_run_scalars"] says="every point is at step 0: the third argument of add_scalar is the epoch"
def log_run(history, pictures, folder):
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for value in values:
            writer.add_scalar(name.replace("_", "/"), value)
    for name, images in pictures.items():
        writer.add_images(name, images, len(values))
    writer.close()

# %% wrong="log_run" fails=["log_run_images"] says="the picture is at step 0: the third argument of add_images is the epoch"
def log_run(history, pictures, folder):
    with SummaryWriter(folder) as writer:
        for name, values in history.items():
            for epoch, value in enumerate(values, start=1):
                writer.add_scalar(name.replace("_", "/"), value, epoch)
        for name, images in pictures.items():
            writer.add_images(name, images)

# %% wrong="final_error" fails=["final_error_value"] says="this is the share of right predictions; the errors were asked for"
def final_error(data, best, epochs, batch):
    _, history = train(data, best["nh"], epochs, batch, best["eta"])
    return 100 * history["acc_test"][-1]

# %% wrong="final_error" fails=["final_error_value"] says="this is the loss; the share of wrong predictions was asked for"
def final_error(data, best, epochs, batch):
    _, history = train(data, best["nh"], epochs, batch, best["eta"])
    return history["loss_test"][-1]

# %% wrong="margin" fails=["margin_value"] says="the standard deviation is divided by n: divide the variance, under the root"
def margin(error, n):
    p = error / 100
    return 100 * 1.96 * (p * (1 - p)) ** 0.5 / n

# %% wrong="margin" fails=["margin_value"] says="this is the width of the whole interval; the half of it was asked for"
def margin(error, n):
    p = error / 100
    return 2 * 100 * 1.96 * (p * (1 - p) / n) ** 0.5

# %% wrong="budget" fails=["budget_values"] says="the biases of one layer are missing"
def budget(X, Y, nh, batch):
    nx, ny = X.shape[1], Y.shape[1]
    return {"nx": nx, "ny": ny, "parameters": nx * nh + nh * ny + nh, "updates": (len(X) + batch - 1) // batch}

# %% wrong="missing" fails=["missing_choices"] says="2.3 is the loss of weights that have learnt nothing: those of a new model."
def missing():
    return {"a": "optim", "b": "epoch", "c": "epoch", "d": "optim", "e": "model"}

# %% wrong="read_table" fails=["read_table_sorted"] says="each pixel has a weight of its own in every unit"
def read_table():
    return {"a": True, "b": True, "c": True, "d": True, "e": False, "f": True}
