# %% [markdown]
# Answers to 08_training as students write them: wrong ones with the checks they fail and what they are told, right ones
# in other styles than the solution's.

# %% wrong="one_hot" fails=["one_hot_values"] says="there is one column for each class of the argument K"
def one_hot(labels, K):
    return torch.nn.functional.one_hot(labels).float()

# %% wrong="one_hot" fails=["one_hot_values"] says="holds {dtype}; expected floating point numbers"
def one_hot(labels, K):
    return torch.nn.functional.one_hot(labels, K)

# %% wrong="one_hot" fails=["one_hot_values"] says="rows and columns are swapped"
def one_hot(labels, K):
    Y = torch.zeros(K, len(labels))
    Y[labels, torch.arange(len(labels))] = 1
    return Y

# %% wrong="one_hot" fails=["one_hot_values"] says="torch.float32"
def one_hot(labels, K):
    return (labels[:, None] == torch.arange(K)).double()

# %% right="one_hot"
def one_hot(labels, K):
    Y = torch.zeros(len(labels), K)
    for i, k in enumerate(labels):
        Y[i, k] = 1
    return Y

# %% right="one_hot"
def one_hot(labels, K):
    return torch.zeros(labels.shape[0], K).scatter_(1, labels.unsqueeze(1), 1.0)

# %% wrong="mse_grad" fails=["mse_grad_values"] says="1/n is missing: the error is a mean over the examples"
def mse_grad(Ytilde, Y):
    Yhat = torch.softmax(Ytilde, dim=1)
    g = 2 * (Yhat - Y)
    return Yhat * (g - (g * Yhat).sum(1, keepdim=True))

# %% wrong="mse_grad" fails=["mse_grad_values"] says="this is the gradient in the probabilities"
def mse_grad(Ytilde, Y):
    return 2 * (torch.softmax(Ytilde, dim=1) - Y) / len(Y)

# %% wrong="mse_grad" fails=["mse_grad_values"] says="this is the derivative of a sigmoid"
def mse_grad(Ytilde, Y):
    Yhat = torch.softmax(Ytilde, dim=1)
    return 2 * (Yhat - Y) * Yhat * (1 - Yhat) / len(Y)

# %% wrong="mse_grad" fails=["mse_grad_values"] says="the error is averaged over the classes too"
def mse_grad(Ytilde, Y):
    Z = Ytilde.clone().requires_grad_()
    loss = torch.nn.functional.mse_loss(torch.softmax(Z, 1), Y)
    loss.backward()
    return Z.grad

# %% right="mse_grad"
def mse_grad(Ytilde, Y):
    Z = Ytilde.detach().clone().requires_grad_(True)
    error = ((torch.softmax(Z, dim=1) - Y) ** 2).sum(dim=1).mean()
    (grad,) = torch.autograd.grad(error, Z)
    return grad

# %% right="mse_grad"
def mse_grad(Ytilde, Y):
    n, K = Ytilde.shape
    out = torch.zeros_like(Ytilde)
    for i in range(n):
        p = torch.softmax(Ytilde[i], dim=0)
        jacobian = torch.diag(p) - torch.outer(p, p)
        out[i] = jacobian @ (2 * (p - Y[i])) / n
    return out

# %% wrong="mse_or_ce" fails=["mse_or_ce_sorted"] earns=1 says="b is an example against it"
def mse_or_ce():
    return {"a": True, "b": True, "c": True, "d": True, "e": False, "f": True}

# %% wrong="log_softmax" fails=["log_softmax_large"] says="an exponential overflows: subtract the largest score of each row first"
def log_softmax(Ytilde):
    return Ytilde - torch.exp(Ytilde).sum(1, keepdim=True).log()

# %% wrong="log_softmax" fails=["log_softmax_large"] says="minus infinity: a probability was rounded to 0"
def log_softmax(Ytilde):
    e = torch.exp(Ytilde - Ytilde.max(dim=1, keepdim=True)[0])
    return torch.log(e / e.sum(dim=1, keepdim=True))

# %% wrong="log_softmax" fails=["log_softmax_large"] says="a sum of exponentials was rounded to 0: subtract from each row its own largest score"
def log_softmax(Ytilde):
    shifted = Ytilde - Ytilde.max()
    return shifted - shifted.exp().sum(1, keepdim=True).log()

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="SoftMax is taken over the examples"
def log_softmax(Ytilde):
    Z = Ytilde - Ytilde.max(dim=0).values
    return Z - Z.exp().sum(dim=0).log()

# %% wrong="log_softmax" fails=["log_softmax_values"] says="write it yourself: torch's {name} is not allowed here"
def log_softmax(Ytilde):
    return torch.nn.functional.log_softmax(Ytilde, dim=1)

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="the max was subtracted once only"
def log_softmax(Ytilde):
    m = Ytilde.max(dim=1, keepdim=True).values
    return Ytilde - torch.exp(Ytilde - m).sum(dim=1, keepdim=True).log()

# %% right="log_softmax"
def log_softmax(Ytilde):
    m = torch.amax(Ytilde, dim=1).unsqueeze(1)
    logsum = m + torch.log(torch.sum(torch.exp(Ytilde - m), dim=1)).unsqueeze(1)
    return Ytilde - logsum

# %% right="log_softmax"
def log_softmax(Ytilde):
    rows = []
    for row in Ytilde:
        z = row - max(row)
        rows.append(z - torch.log(sum(torch.exp(z))))
    return torch.stack(rows)

# %% wrong="cross_entropy" fails=["cross_entropy_values"] says="the mean over the examples is missing: this is the sum"
def cross_entropy(Ytilde, Y):
    return -(Y * log_softmax(Ytilde)).sum()

# %% wrong="cross_entropy" fails=["cross_entropy_values"] says="this is the mean over examples and classes"
def cross_entropy(Ytilde, Y):
    return -(Y * log_softmax(Ytilde)).mean()

# %% wrong="cross_entropy" fails=["cross_entropy_values"] says="logarithms of probabilities are negative, the loss is positive"
def cross_entropy(Ytilde, Y):
    return (Y * log_softmax(Ytilde)).sum(dim=1).mean()

# %% wrong="cross_entropy" fails=["cross_entropy_values"] says="SoftMax is taken twice"
def cross_entropy(Ytilde, Y):
    Yhat = torch.softmax(Ytilde, 1)
    return -(Y * log_softmax(Yhat)).sum(1).mean()

# %% wrong="cross_entropy" fails=["cross_entropy_values"] says="expected {expected}, got {got}"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    return -logs[torch.arange(len(Y)), Y.argmax(1)].mean()

# %% right="cross_entropy"
def cross_entropy(Ytilde, Y):
    n = Y.shape[0]
    return torch.sum(-Y * log_softmax(Ytilde)) / n

# %% right="cross_entropy"
def cross_entropy(Ytilde, Y):
    m = Ytilde.max(1, keepdim=True).values
    logsum = m[:, 0] + (Ytilde - m).exp().sum(1).log()
    return (logsum - (Y * Ytilde).sum(1)).mean()

# %% wrong="cross_entropy_grad" fails=["cross_entropy_grad_values"] says="1/n is missing: the loss is a mean over the examples"
def cross_entropy_grad(Ytilde, Y):
    return torch.softmax(Ytilde, 1) - Y

# %% wrong="cross_entropy_grad" fails=["cross_entropy_grad_values"] says="these are logarithms of probabilities; take exp"
def cross_entropy_grad(Ytilde, Y):
    return (log_softmax(Ytilde) - Y) / len(Y)

# %% wrong="cross_entropy_grad" fails=["cross_entropy_grad_values"] says="the sign is wrong: prediction minus target"
def cross_entropy_grad(Ytilde, Y):
    return (Y - log_softmax(Ytilde).exp()) / len(Y)

# %% wrong="cross_entropy_grad" fails=["cross_entropy_grad_values"] says="write the formula: autograd is not allowed here"
def cross_entropy_grad(Ytilde, Y):
    Z = Ytilde.detach().clone().requires_grad_()
    torch.nn.functional.cross_entropy(Z, Y).backward()
    return Z.grad

# %% wrong="cross_entropy_grad" fails=["cross_entropy_grad_values"] says="divide by the number of examples alone"
def cross_entropy_grad(Ytilde, Y):
    return (log_softmax(Ytilde).exp() - Y) / Y.numel()

# %% right="cross_entropy_grad"
def cross_entropy_grad(Ytilde, Y):
    Yhat = torch.softmax(Ytilde, dim=1)
    grad = Yhat.clone()
    grad -= Y
    grad /= Y.shape[0]
    return grad

# %% wrong="bce" fails=["bce_large"] says="the sigmoid was rounded to 0 or 1 before the logarithm"
def bce(Ytilde, Y):
    p = torch.sigmoid(Ytilde)
    return -(Y * p.log() + (1 - Y) * (1 - p).log()).mean()

# %% wrong="bce" fails=["bce_values", "bce_large"] says="this is the sum over the outputs; take the mean over them too"
def bce(Ytilde, Y):
    a = Ytilde
    return (torch.relu(a) - a * Y + torch.log1p(torch.exp(-a.abs()))).sum(1).mean()

# %% wrong="bce" fails=["bce_values", "bce_large"] says="the second term is missing: a label that is off counts too"
def bce(Ytilde, Y):
    return -(Y * torch.nn.functional.logsigmoid(Ytilde)).mean()

# %% wrong="bce" fails=["bce_large"] says="the logarithm is cut off: an error of 1000 must cost 1000"
def bce(Ytilde, Y):
    p = torch.sigmoid(Ytilde).clamp(1e-7, 1 - 1e-7)
    return -(Y * p.log() + (1 - Y) * (1 - p).log()).mean()

# %% wrong="bce" fails=["bce_values"] says="write it yourself: torch's {name} is not allowed here"
def bce(Ytilde, Y):
    return torch.nn.functional.binary_cross_entropy_with_logits(Ytilde, Y)

# %% wrong="bce" fails=["bce_values", "bce_large"] says="this is SoftMax and cross-entropy, for one label"
def bce(Ytilde, Y):
    Z = Ytilde - Ytilde.max(1, keepdim=True).values
    logs = Z - Z.exp().sum(1, keepdim=True).log()
    return -(Y * logs).sum(1).mean()

# %% wrong="bce" fails=["bce_large"] says="L is right, but its gradient holds NaN: torch.where computes both its branches"
def bce(Ytilde, Y):
    a = Ytilde
    loss = torch.where(a > 0, a + torch.log(1 + torch.exp(-a)), torch.log(1 + torch.exp(a))) - a * Y
    return loss.mean()

# %% right="bce"
def bce(Ytilde, Y):
    n, K = Y.shape
    positive = torch.maximum(Ytilde, torch.zeros_like(Ytilde))
    total = (positive - Ytilde * Y + torch.log(1 + torch.exp(-torch.abs(Ytilde)))).sum()
    return total / (n * K)

# %% right="bce"
def bce(Ytilde, Y):
    logsigmoid = torch.nn.functional.logsigmoid
    return -(Y * logsigmoid(Ytilde) + (1 - Y) * logsigmoid(-Ytilde)).mean()

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="gradients from before are counted too: reset them first"
def gradient_norms(model, X, Y):
    L = torch.nn.functional.cross_entropy(model(X), Y)
    L.backward()
    return [p.grad.norm().item() for p in model.parameters() if p.dim() == 2]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="the biases are counted too"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [p.grad.norm().item() for p in model.parameters()]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="these are means of absolute values; the norm was asked for"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [p.grad.abs().mean().item() for p in model.parameters() if p.ndim == 2]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="the order is reversed"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [p.grad.norm().item() for p in reversed(list(model.parameters())) if p.ndim == 2]

# %% right="gradient_norms"
def gradient_norms(model, X, Y):
    weights = [p for name, p in model.named_parameters() if "weight" in name]
    L = torch.nn.CrossEntropyLoss()(model(X), Y)
    return [g.norm() for g in torch.autograd.grad(L, weights)]

# %% right="gradient_norms"
def gradient_norms(model, X, Y):
    for p in model.parameters():
        p.grad = None
    L = torch.nn.CrossEntropyLoss()(model(X), Y)
    L.backward()
    norms = []
    for layer in model:
        if isinstance(layer, torch.nn.Linear):
            norms.append((layer.weight.grad**2).sum().sqrt().item())
    return norms

# %% wrong="vanishing" fails=["vanishing_sorted"] earns=1 says="the last layers, whose gradient is not small"
def vanishing():
    return {"a": True, "b": True, "c": True, "d": True, "e": False}

# %% wrong="clip_gradients" fails=["clip_gradients_long", "clip_gradients_rest"] says="each tensor is clipped by its own norm"
def clip_gradients(model, limit):
    for p in model.parameters():
        if p.grad is not None:
            norm = p.grad.norm()
            if norm > limit:
                p.grad *= limit / norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_rest"] says="a short gradient is made longer: leave it as it is"
def clip_gradients(model, limit):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    for g in grads:
        g.mul_(limit / (norm + 1e-8))
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_rest"] says="return the norm before clipping, not after"
def clip_gradients(model, limit):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.cat([g.flatten() for g in grads]).norm()
    if norm > limit:
        for g in grads:
            g *= limit / norm
    return torch.cat([g.flatten() for g in grads]).norm()

# %% wrong="clip_gradients" fails=["clip_gradients_long"] says="each entry is clipped by itself"
def clip_gradients(model, limit):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.cat([g.flatten() for g in grads]).norm()
    if norm > limit:
        for g in grads:
            g.clamp_(-limit, limit)
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_long", "clip_gradients_rest"] says="the norm of the whole is not the sum of the norms"
def clip_gradients(model, limit):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum(g.norm() for g in grads)
    if norm > limit:
        for g in grads:
            g *= limit / norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_rest"] says="write it yourself: torch's {name} is not allowed here"
def clip_gradients(model, limit):
    return torch.nn.utils.clip_grad_norm_(model.parameters(), limit)

# %% wrong="clip_gradients" fails=["clip_gradients_rest"] says="a parameter without gradient, .grad is None, must be left out"
def clip_gradients(model, limit):
    norm = sum(p.grad.pow(2).sum() for p in model.parameters()) ** 0.5
    if norm > limit:
        for p in model.parameters():
            p.grad = p.grad * limit / norm
    return norm

# %% right="clip_gradients"
def clip_gradients(model, limit):
    total = 0.0
    for p in model.parameters():
        if p.grad is not None:
            total += p.grad.norm().item() ** 2
    norm = total**0.5
    factor = min(1.0, limit / norm) if norm > 0 else 1.0
    for p in model.parameters():
        if p.grad is not None:
            p.grad = p.grad * factor
    return norm

# %% wrong="condition_number" fails=["condition_number_values"] says="the bias is missing: X gets a column of ones"
def condition_number(X):
    X = X.double()
    values = torch.linalg.eigvalsh(2 / len(X) * X.T @ X)
    return values.max() / values.min()

# %% wrong="condition_number" fails=["condition_number_values"] says="these are singular values of A"
def condition_number(X):
    A = torch.cat([X.double(), torch.ones(len(X), 1, dtype=torch.float64)], 1)
    return torch.linalg.cond(A)

# %% wrong="condition_number" fails=["condition_number_values"] says="the ratio is upside down"
def condition_number(X):
    A = torch.cat([X.double(), torch.ones(len(X), 1, dtype=torch.float64)], 1)
    values = torch.linalg.eigvalsh(A.T @ A)
    return (values[0] / values[-1]).item()

# %% right="condition_number"
def condition_number(X):
    A = torch.hstack([torch.ones((X.shape[0], 1)), X]).to(torch.float64)
    return torch.linalg.cond(2 / A.shape[0] * A.T @ A)

# %% wrong="standardise" fails=["standardise_values"] says="the test inputs are standardised by their own statistics"
def standardise(Xtrain, Xtest):
    def scale(X):
        std = X.std(0)
        std[std == 0] = 1
        return (X - X.mean(0)) / std

    return scale(Xtrain), scale(Xtest)

# %% wrong="standardise" fails=["standardise_values"] says="those of the test set leak in"
def standardise(Xtrain, Xtest):
    X = torch.cat([Xtrain, Xtest])
    mean, std = X.mean(0), X.std(0, correction=0)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="a feature that is constant in Xtrain has a standard deviation of 0"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="a feature that is constant in Xtrain is only centred"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0)
    return (Xtrain - mean) / (std + 1e-8), (Xtest - mean) / (std + 1e-8)

# %% wrong="standardise" fails=["standardise_values"] says="a feature that is constant in Xtrain is only centred"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0)
    return torch.nan_to_num((Xtrain - mean) / std, 0, 0, 0), torch.nan_to_num((Xtest - mean) / std, 0, 0, 0)

# %% wrong="standardise" fails=["standardise_values"] says="one mean and one deviation for all features"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(), Xtrain.std(correction=0)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="Xtrain (must be left as it is)"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0)
    std[std == 0] = 1
    Xtrain -= mean
    Xtrain /= std
    return Xtrain, (Xtest - mean) / std

# %% right="standardise"
def standardise(Xtrain, Xtest):
    mean = Xtrain.mean(dim=0, keepdim=True)
    std = Xtrain.std(dim=0, keepdim=True)
    std = std.masked_fill(std == 0, 1)
    return [(X - mean) / std for X in (Xtrain, Xtest)]

# %% wrong="BatchNorm" fails=["BatchNorm_training"] says="the batch is normalised with the unbiased variance"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if self.training:
            if len(X) == 1:
                raise ValueError("one example")
            mean, var = X.mean(0), X.var(0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean.detach()
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var.detach()
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_running"] says="the running variance is the biased one"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if self.training:
            if len(X) == 1:
                raise ValueError("one example")
            mean, var = X.mean(0), ((X - X.mean(0)) ** 2).mean(0)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean.detach()
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var.detach()
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_evaluation", "BatchNorm_single"] says="in evaluation the running statistics are used, not those of the batch"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        mean, var = X.mean(0), X.var(0, unbiased=False)
        if self.training:
            with torch.no_grad():
                self.running_mean.mul_(1 - self.momentum).add_(self.momentum * mean)
                self.running_var.mul_(1 - self.momentum).add_(self.momentum * X.var(0))
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_evaluation"] says="the running statistics change in evaluation"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if self.training:
            if len(X) < 2:
                raise ValueError("one example")
            mean, var = X.mean(0), X.var(0, unbiased=False)
        else:
            mean, var = self.running_mean.clone(), self.running_var.clone()
        if len(X) > 1:
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * X.mean(0).detach()
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * X.var(0).detach()
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_running"] says="momentum is swapped"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if not self.training:
            return self.weight * (X - self.running_mean) / (self.running_var + self.eps).sqrt() + self.bias
        if len(X) == 1:
            raise ValueError("one example")
        m = self.momentum
        self.running_mean = m * self.running_mean + (1 - m) * X.mean(0).detach()
        self.running_var = m * self.running_var + (1 - m) * X.var(0).detach()
        return self.weight * (X - X.mean(0)) / (X.var(0, unbiased=False) + self.eps).sqrt() + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training", "BatchNorm_evaluation"] says="eps is added outside the root"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if self.training:
            if len(X) == 1:
                raise ValueError("one example")
            mean, std = X.mean(0), X.std(0, unbiased=False)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean.detach()
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * X.var(0).detach()
        else:
            mean, std = self.running_mean, self.running_var.sqrt()
        return self.weight * (X - mean) / (std + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_running"] says="the running statistics keep the graph of the batches"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if self.training:
            if len(X) == 1:
                raise ValueError("one example")
            mean, var = X.mean(0), X.var(0, unbiased=False)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * X.var(0)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_registers"] says="the running statistics are not saved with the model"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.running_mean = torch.zeros(nx)
        self.running_var = torch.ones(nx)

    def forward(self, X):
        if self.training:
            if len(X) == 1:
                raise ValueError("one example")
            mean, var = X.mean(0), X.var(0, unbiased=False)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean.detach()
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * X.var(0).detach()
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training"] says="the gradient does not flow through mean and variance"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        with torch.no_grad():
            if self.training:
                if len(X) == 1:
                    raise ValueError("one example")
                mean, var = X.mean(0), X.var(0, unbiased=False)
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * X.var(0)
            else:
                mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training"] says="write it yourself: torch's {name} is not allowed here"
class BatchNorm(torch.nn.BatchNorm1d):
    pass

# %% right="BatchNorm"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.m = momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))
        self.register_buffer("num_batches", torch.tensor(0))

    def forward(self, X):
        n = X.shape[0]
        if not self.training:
            Z = (X - self.running_mean) / torch.sqrt(self.running_var + self.eps)
            return Z * self.weight + self.bias
        if n <= 1:
            raise ValueError("more than one example is needed")
        mean = X.sum(dim=0, keepdim=True) / n
        var = ((X - mean) ** 2).sum(dim=0, keepdim=True) / n
        self.num_batches += 1
        self.running_mean = ((1 - self.m) * self.running_mean + self.m * mean.squeeze(0)).detach()
        self.running_var = ((1 - self.m) * self.running_var + self.m * var.squeeze(0) * n / (n - 1)).detach()
        Z = (X - mean) / torch.sqrt(var + self.eps)
        return Z * self.weight + self.bias

# %% right="BatchNorm"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if self.training:
            if X.size(0) == 1:
                raise ValueError(f"Expected more than 1 value, got {X.shape}")
            mu, v = X.mean(0), X.var(0, unbiased=False)
            self.running_mean.data.lerp_(mu.data, self.momentum)
            self.running_var.data.lerp_(X.data.var(0), self.momentum)
        else:
            mu, v = self.running_mean, self.running_var
        return torch.addcmul(self.bias, self.weight, (X - mu) * torch.rsqrt(v + self.eps))

# %% wrong="LayerNorm" fails=["LayerNorm_values", "LayerNorm_modes"] says="each feature is normalised over the examples: that is BatchNorm"
class LayerNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        return self.weight * (X - X.mean(0)) / (X.var(0, unbiased=False) + self.eps).sqrt() + self.bias

# %% wrong="LayerNorm" fails=["LayerNorm_values"] says="the variance is the unbiased one"
class LayerNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        mean, var = X.mean(-1, keepdim=True), X.var(-1, keepdim=True)
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="LayerNorm" fails=["LayerNorm_values"] says="eps is added outside the root"
class LayerNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        mean, std = X.mean(1, keepdim=True), X.std(1, keepdim=True, unbiased=False)
        return self.weight * (X - mean) / (std + self.eps) + self.bias

# %% wrong="LayerNorm" fails=["LayerNorm_values", "LayerNorm_modes"] says="one mean and one variance for the whole batch; compute them example by example"
class LayerNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        return self.weight * (X - X.mean()) / (X.var(unbiased=False) + self.eps).sqrt() + self.bias

# %% wrong="LayerNorm" fails=["LayerNorm_values"] says="write it yourself: torch's {name} is not allowed here"
class LayerNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        return torch.nn.functional.layer_norm(X, X.shape[1:], self.weight, self.bias, self.eps)

# %% right="LayerNorm"
class LayerNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5):
        super().__init__()
        self.nx, self.eps = nx, eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        centred = (X.T - X.T.sum(0) / self.nx).T
        var = (centred**2).sum(1) / self.nx
        return centred / torch.sqrt(var + self.eps)[:, None] * self.weight + self.bias

# %% wrong="which_norm" fails=["which_norm_choices"] earns=1 says="BatchNorm treats each feature by itself"
def which_norm():
    return {"a": "BatchNorm", "b": "LayerNorm", "c": "both", "d": "both", "e": "both", "f": "both"}

# %% wrong="measure" fails=["measure_numbers"] says="the numbers are measured in training mode: call model.eval() first"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    loss = torch.nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for i in torch.randperm(len(data.Xtrain)).split(batch):
            X = augment(data.Xtrain[i]) if augment else data.Xtrain[i]
            L = loss(model(X), data.Ytrain[i]) + (penalty(model) if penalty else 0)
            optim.zero_grad()
            L.backward()
            optim.step()
    result = {}
    with torch.no_grad():
        for part in ("train", "test"):
            X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
            Yhat = model(X)
            result["loss_" + part] = loss(Yhat, Y).item()
            result["acc_" + part] = (Yhat.argmax(1) == Y.argmax(1)).float().mean().item()
    return result

# %% wrong="measure" fails=["measure_steps"] says="the model is not in training mode during the steps"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    loss = torch.nn.CrossEntropyLoss()
    for _ in range(epochs):
        for i in torch.randperm(len(data.Xtrain)).split(batch):
            X = augment(data.Xtrain[i]) if augment else data.Xtrain[i]
            L = loss(model(X), data.Ytrain[i]) + (penalty(model) if penalty else 0)
            optim.zero_grad()
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part in ("train", "test"):
            X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
            Yhat = model(X)
            result["loss_" + part] = loss(Yhat, Y).item()
            result["acc_" + part] = (Yhat.argmax(1) == Y.argmax(1)).float().mean().item()
    return result

# %% wrong="measure" fails=["measure_numbers"] says="the test images are augmented: augmentation is for training only"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    loss = torch.nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for i in torch.randperm(len(data.Xtrain)).split(batch):
            X = augment(data.Xtrain[i]) if augment else data.Xtrain[i]
            L = loss(model(X), data.Ytrain[i]) + (penalty(model) if penalty else 0)
            optim.zero_grad()
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part in ("train", "test"):
            X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
            Yhat = model(augment(X) if augment else X)
            result["loss_" + part] = loss(Yhat, Y).item()
            result["acc_" + part] = (Yhat.argmax(1) == Y.argmax(1)).float().mean().item()
    return result

# %% wrong="measure" fails=["measure_numbers"] says="the penalty is part of the loss that you return"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)

    def loss(Yhat, Y):
        L = torch.nn.functional.cross_entropy(Yhat, Y)
        return L + penalty(model) if penalty else L

    model.train()
    for _ in range(epochs):
        for i in torch.randperm(len(data.Xtrain)).split(batch):
            X = augment(data.Xtrain[i]) if augment else data.Xtrain[i]
            optim.zero_grad()
            loss(model(X), data.Ytrain[i]).backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part in ("train", "test"):
            X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
            Yhat = model(X)
            result["loss_" + part] = loss(Yhat, Y).item()
            result["acc_" + part] = (Yhat.argmax(1) == Y.argmax(1)).float().mean().item()
    return result

# %% wrong="measure" fails=["measure_steps"] says="the gradients of earlier mini-batches are still in it"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    loss = torch.nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for i in torch.randperm(len(data.Xtrain)).split(batch):
            X = augment(data.Xtrain[i]) if augment else data.Xtrain[i]
            L = loss(model(X), data.Ytrain[i]) + (penalty(model) if penalty else 0)
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part in ("train", "test"):
            X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
            Yhat = model(X)
            result["loss_" + part] = loss(Yhat, Y).item()
            result["acc_" + part] = (Yhat.argmax(1) == Y.argmax(1)).float().mean().item()
    return result

# %% wrong="measure" fails=["measure_steps"] says="augment is not used on the mini-batches of the steps"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    loss = torch.nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for i in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[i], data.Ytrain[i]
            L = loss(model(X), Y)
            if penalty is not None:
                L += penalty(model)
            if augment is not None:
                X = augment(X)
            optim.zero_grad()
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part in ("train", "test"):
            X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
            Yhat = model(X)
            result["loss_" + part] = loss(Yhat, Y).item()
            result["acc_" + part] = (Yhat.argmax(1) == Y.argmax(1)).float().mean().item()
    return result

# %% wrong="measure" fails=["measure_steps"] says="augment is used once for all epochs"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    loss = torch.nn.CrossEntropyLoss()
    Xtrain = augment(data.Xtrain) if augment else data.Xtrain
    model.train()
    for _ in range(epochs):
        for i in torch.randperm(len(Xtrain)).split(batch):
            L = loss(model(Xtrain[i]), data.Ytrain[i]) + (penalty(model) if penalty else 0)
            optim.zero_grad()
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part in ("train", "test"):
            X, Y = getattr(data, "X" + part), getattr(data, "Y" + part)
            Yhat = model(X)
            result["loss_" + part] = loss(Yhat, Y).item()
            result["acc_" + part] = (Yhat.argmax(1) == Y.argmax(1)).float().mean().item()
    return result

# %% right="measure"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    pairs = torch.utils.data.TensorDataset(data.Xtrain, data.Ytrain)
    loader = torch.utils.data.DataLoader(pairs, batch_size=batch, shuffle=True)
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.Adam(model.parameters(), eta)
    for epoch in range(epochs):
        model.train(True)
        for X, Y in loader:
            optim.zero_grad()
            L = loss(model(augment(X)) if augment else model(X), Y)
            if penalty:
                (L + penalty(model)).backward()
            else:
                L.backward()
            optim.step()
    model.train(False)
    Yhat_train, Yhat_test = model(data.Xtrain), model(data.Xtest)
    return {
        "loss_train": loss(Yhat_train, data.Ytrain).item(),
        "loss_test": loss(Yhat_test, data.Ytest).item(),
        "acc_train": (Yhat_train.argmax(1) == data.Ytrain.argmax(1)).double().mean().item(),
        "acc_test": (Yhat_test.argmax(1) == data.Ytest.argmax(1)).double().mean().item(),
    }

# %% right="measure"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = []
    n = data.Xtrain.shape[0]
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(n)
        for start in range(0, n, batch):
            X, Y = data.Xtrain[order[start : start + batch]], data.Ytrain[order[start : start + batch]]
            if augment is not None:
                X = augment(X)
            L = loss(model(X), Y)
            if penalty is not None:
                L += penalty(model)
            L.backward()
            optim.step()
            optim.zero_grad()
        model.eval()
        with torch.no_grad():
            row = {}
            for name, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                scores = model(X)
                row["loss_" + name] = loss(scores, Y)
                row["acc_" + name] = (scores.argmax(1) == Y.argmax(1)).float().mean()
            history.append(row)
    return history[-1]

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="the biases are penalised too"
def weight_penalty(model, l1, l2):
    return sum(l1 * p.abs().sum() + l2 * p.pow(2).sum() for p in model.parameters())

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="the sign is wrong: a penalty is positive"
def weight_penalty(model, l1, l2):
    weights = [p for p in model.parameters() if p.ndim >= 2]
    return -sum(l1 * w.abs().sum() + l2 * w.pow(2).sum() for w in weights)

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="the absolute value is missing in L1"
def weight_penalty(model, l1, l2):
    weights = [p for p in model.parameters() if p.ndim >= 2]
    return l1 * sum(w.sum() for w in weights) + l2 * sum((w**2).sum() for w in weights)

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="L2 has the norms, with a root"
def weight_penalty(model, l1, l2):
    weights = [p for p in model.parameters() if p.ndim >= 2]
    return sum(l1 * w.abs().sum() + l2 * w.norm() for w in weights)

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="the penalty has no graph, so descent does not feel it"
def weight_penalty(model, l1, l2):
    total = 0.0
    for p in model.parameters():
        if p.ndim > 1:
            total += l1 * p.data.abs().sum() + l2 * (p.data**2).sum()
    return total

# %% right="weight_penalty"
def weight_penalty(model, l1, l2):
    total = torch.zeros(1)
    for name, p in model.named_parameters():
        if p.dim() > 1:
            w = p.flatten()
            total = total + l1 * torch.norm(w, 1) + l2 * w @ w
    return total

# %% wrong="Dropout" fails=["Dropout_values"] says="what is kept must be divided by 1 - p, or its mean shrinks"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("p must be between 0 and 1")
        self.p = p

    def forward(self, X):
        if self.training:
            return X * (torch.rand(X.shape) >= self.p)
        return X

# %% wrong="Dropout" fails=["Dropout_evaluation", "Dropout_limits"] says="dropout is still active in evaluation: look at self.training"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("p must be between 0 and 1")
        self.p = p

    def forward(self, X):
        if self.p == 1:
            return torch.zeros_like(X)
        return X * (torch.rand_like(X) >= self.p) / (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_masks"] says="all examples of the batch lose the same features"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("p must be between 0 and 1")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        if self.p == 1:
            return torch.zeros_like(X)
        mask = torch.rand(X.shape[1:]) >= self.p
        return X * mask / (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_values", "Dropout_limits"] says="p is taken for the probability of keeping; it is that of dropping"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("p must be between 0 and 1")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        mask = torch.bernoulli(torch.full_like(X, self.p))
        return X * mask / self.p

# %% wrong="Dropout" fails=["Dropout_limits"] says="p = 1 gives NaN, 0 times infinity"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p must be between 0 and 1")
        self.p = torch.tensor(p)

    def forward(self, X):
        if self.training:
            return X * (torch.rand_like(X) > self.p) * (1 / (1 - self.p))
        return X

# %% wrong="Dropout" fails=["Dropout_limits"] says="is no probability: raise a ValueError"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        mask = torch.rand_like(X) < 1 - self.p
        return torch.where(mask, X / max(1 - self.p, 1e-12), 0.0)

# %% wrong="Dropout" fails=["Dropout_masks", "Dropout_values"] says="whole examples are dropped: draw for each feature by itself"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("p must be between 0 and 1")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        if self.p == 1:
            return torch.zeros_like(X)
        keep = torch.rand(len(X)) >= self.p
        return X * keep.reshape(-1, *[1] * (X.ndim - 1)) / (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_masks"] says="two calls drop the same entries"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError("p must be between 0 and 1")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        if self.p == 1:
            return torch.zeros_like(X)
        torch.manual_seed(0)
        return X * (torch.rand_like(X) >= self.p) / (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_values"] says="write it yourself: torch's {name} is not allowed here"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        self.inner = torch.nn.Dropout(p)

    def forward(self, X):
        return self.inner(X)

# %% right="Dropout"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not (0 <= p <= 1):
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p

    def forward(self, X):
        if self.training:
            if self.p == 1:
                return torch.zeros_like(X)
            keep = torch.bernoulli(torch.full(X.shape, 1.0 - self.p)).to(X.dtype)
            return X * keep / (1 - self.p)
        else:
            return X

# %% right="Dropout"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if p > 1 or p < 0:
            raise ValueError("p")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        out = X.clone()
        drop = torch.rand(X.size()) < self.p
        out[drop] = 0
        out[~drop] = out[~drop] / (1 - self.p) if self.p < 1 else 0
        return out

# %% wrong="augment" fails=["augment_random"] says="all images of the batch are transformed in the same way"
def augment(X, degrees, shift):
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    return transform(X.reshape(-1, 1, 28, 28)).reshape(-1, 784)

# %% wrong="augment" fails=["augment_random"] says="the images do not move: is shift passed on, as translate?"
def augment(X, degrees, shift):
    rotate = torchvision().transforms.RandomRotation(degrees)
    return torch.stack([rotate(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="augment" fails=["augment_images", "augment_random"] says="expected shape"
def augment(X, degrees, shift):
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    return torch.stack([transform(x) for x in X.reshape(-1, 1, 28, 28)])

# %% wrong="augment" fails=["augment_random"] says="two calls make the same images"
def augment(X, degrees, shift):
    torch.manual_seed(0)
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    return torch.stack([transform(x.reshape(1, 28, 28)).reshape(784) for x in X])

# %% right="augment"
def augment(X, degrees, shift):
    out = X.clone()
    T = torchvision().transforms
    move = T.RandomAffine((-degrees, degrees), translate=(shift, shift), interpolation=T.InterpolationMode.BILINEAR)
    for i in range(len(X)):
        out[i] = move(X[i].view(1, 28, 28)).view(-1)
    return out

# %% wrong="augmentations" fails=["augmentations_sorted"] earns=1 says="the test set stands for the data to come"
def augmentations():
    return {"a": True, "b": False, "c": True, "d": True, "e": True, "f": False}

# %% right="augment"
def augment(X, degrees, shift):
    T = torchvision().transforms
    f = T.Compose([T.ToPILImage(), T.RandomAffine(degrees=degrees, translate=(shift, shift)), T.ToTensor()])
    return torch.stack([f(x.reshape(1, 28, 28)).view(784) for x in X])

# %% wrong="augment" fails=["augment_random"] says="the images should move both ways, up and down, left and right"
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(degrees=degrees, translate=(shift, 0))
    return torch.stack([f(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="BatchNorm" fails=["BatchNorm_registers"] says="the running statistics are not trained: make them buffers"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.running_mean = torch.nn.Parameter(torch.zeros(nx), requires_grad=False)
        self.running_var = torch.nn.Parameter(torch.ones(nx), requires_grad=False)

    def forward(self, X):
        if self.training:
            if len(X) == 1:
                raise ValueError("one example")
            mean, var = X.mean(0), X.var(0, unbiased=False)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(0) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / (var + self.eps).sqrt() + self.bias

# %% wrong="Dropout" fails=["Dropout_values"] says="X (must be left as it is)"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        if self.p == 1:
            return torch.zeros_like(X)
        X[torch.rand_like(X) < self.p] = 0
        return X / (1 - self.p)

# %% right="gradient_norms"
def gradient_norms(model, X, Y):
    model.zero_grad()
    loss = -(Y * torch.log_softmax(model(X), 1)).sum(1).mean()
    loss.backward()
    return tuple(torch.norm(p.grad).numpy() for p in model.parameters() if p.ndim > 1)

# %% right="Dropout"
class Dropout(torch.nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        if p < 0.0 or p > 1.0:
            raise ValueError("p")
        self.register_buffer("p", torch.tensor(float(p)))

    def forward(self, X):
        if not self.training:
            return X.clone()
        mask = (torch.rand(*X.shape) > self.p).float()
        if self.p < 1:
            mask = mask / (1 - self.p)
        return mask.type_as(X) * X

# %% wrong="augment" fails=["augment_images", "augment_random"] says="the images come back as they were"
def augment(X, degrees, shift):
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    for image in X.reshape(-1, 1, 28, 28):
        transform(image)
    return X

# %% wrong="Dropout" fails=["Dropout_values", "Dropout_masks", "Dropout_evaluation", "Dropout_limits"] says="nothing is dropped in training"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability")
        self.p = p

    def forward(self, X):
        if self.train:
            return X
        return X * (torch.rand_like(X) >= self.p) / (1 - self.p)

# %% wrong="LayerNorm" fails=["LayerNorm_values", "LayerNorm_modes"] says="each row of the output has the mean 0"
class LayerNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        return self.weight * X / torch.sqrt(X.var(1, correction=0, keepdim=True) + self.eps) + self.bias

# %% wrong="one_hot" fails=["one_hot_values"] says="holds {dtype}; expected floating point numbers (torch.float32)."
def one_hot(labels, K):
    """Encode labels as one-hot targets.

    labels: tensor (n,) of torch.int64, whole numbers from 0 to K - 1; not every class need occur in it.
    K: number of classes.
    Returns a tensor (n, K) of torch.float32.
    """
    return torch.eye(K)[labels].long()

# %% wrong="one_hot" fails=["one_hot_values"] says="holds {dtype}; expected floating point numbers (torch.float32)."
def one_hot(labels, K):
    """Encode labels as one-hot targets.

    labels: tensor (n,) of torch.int64, whole numbers from 0 to K - 1; not every class need occur in it.
    K: number of classes.
    Returns a tensor (n, K) of torch.float32.
    """
    return torch.nn.functional.one_hot(labels, K)

# %% wrong="one_hot" fails=["one_hot_values"] says="there is one column for each class of the argument K, also for"
def one_hot(labels, K):
    """Encode labels as one-hot targets.

    labels: tensor (n,) of torch.int64, whole numbers from 0 to K - 1; not every class need occur in it.
    K: number of classes.
    Returns a tensor (n, K) of torch.float32.
    """
    return torch.nn.functional.one_hot(labels).float()

# %% right="one_hot"
def one_hot(labels, K):
    """Encode labels as one-hot targets.

    labels: tensor (n,) of torch.int64, whole numbers from 0 to K - 1; not every class need occur in it.
    K: number of classes.
    Returns a tensor (n, K) of torch.float32.
    """
    return torch.nn.functional.one_hot(labels, K).to(torch.float32)

# %% right="one_hot"
def one_hot(labels, K):
    """Encode labels as one-hot targets.

    labels: tensor (n,) of torch.int64, whole numbers from 0 to K - 1; not every class need occur in it.
    K: number of classes.
    Returns a tensor (n, K) of torch.float32.
    """
    Y = torch.zeros(len(labels), K)
    Y[torch.arange(len(labels)), labels] = 1
    return Y

# %% right="one_hot"
def one_hot(labels, K):
    """Encode labels as one-hot targets.

    labels: tensor (n,) of torch.int64, whole numbers from 0 to K - 1; not every class need occur in it.
    K: number of classes.
    Returns a tensor (n, K) of torch.float32.
    """
    return (labels[:, None] == torch.arange(K)).float()

# %% wrong="mse_grad" fails=["mse_grad_values"] says="the sum in the brackets goes over the examples; it goes over the"
def mse_grad(Ytilde, Y):
    """Compute the gradient of the squared error of SoftMax outputs, in the scores.

    Ytilde: scores (n, K). Y: one-hot targets (n, K).
    The error is the mean over the n examples of the sum over the K classes of (softmax(Ytilde) - Y)².
    Returns a tensor (n, K), without a graph. Ytilde is left as it is. torch.softmax is allowed.
    """
    Yhat = torch.softmax(Ytilde.detach(), 1)
    g = 2 * (Yhat - Y)
    return Yhat * (g - (g * Yhat).sum(0)) / len(Y)

# %% wrong="mse_grad" fails=["mse_grad_values"] says="SoftMax is taken over the examples; take it over the classes, dim=1"
def mse_grad(Ytilde, Y):
    """Compute the gradient of the squared error of SoftMax outputs, in the scores.

    Ytilde: scores (n, K). Y: one-hot targets (n, K).
    The error is the mean over the n examples of the sum over the K classes of (softmax(Ytilde) - Y)².
    Returns a tensor (n, K), without a graph. Ytilde is left as it is. torch.softmax is allowed.
    """
    Yhat = torch.softmax(Ytilde.detach(), 0)
    g = 2 * (Yhat - Y)
    return Yhat * (g - (g * Yhat).sum(0)) / len(Y)

# %% wrong="mse_grad" fails=["mse_grad_values"] says="the error is averaged over the classes too; they are summed"
def mse_grad(Ytilde, Y):
    """Compute the gradient of the squared error of SoftMax outputs, in the scores.

    Ytilde: scores (n, K). Y: one-hot targets (n, K).
    The error is the mean over the n examples of the sum over the K classes of (softmax(Ytilde) - Y)².
    Returns a tensor (n, K), without a graph. Ytilde is left as it is. torch.softmax is allowed.
    """
    Yhat = torch.softmax(Ytilde.detach(), 1)
    g = 2 * (Yhat - Y)
    return Yhat * (g - (g * Yhat).sum(1, keepdim=True)) / Y.numel()

# %% right="mse_grad"
def mse_grad(Ytilde, Y):
    """Compute the gradient of the squared error of SoftMax outputs, in the scores.

    Ytilde: scores (n, K). Y: one-hot targets (n, K).
    The error is the mean over the n examples of the sum over the K classes of (softmax(Ytilde) - Y)².
    Returns a tensor (n, K), without a graph. Ytilde is left as it is. torch.softmax is allowed.
    """
    leaf = Ytilde.detach().clone().requires_grad_()
    ((torch.softmax(leaf, 1) - Y) ** 2).sum(1).mean().backward()
    return leaf.grad

# %% right="mse_grad"
def mse_grad(Ytilde, Y):
    """Compute the gradient of the squared error of SoftMax outputs, in the scores.

    Ytilde: scores (n, K). Y: one-hot targets (n, K).
    The error is the mean over the n examples of the sum over the K classes of (softmax(Ytilde) - Y)².
    Returns a tensor (n, K), without a graph. Ytilde is left as it is. torch.softmax is allowed.
    """
    Yhat = torch.softmax(Ytilde.detach(), 1)
    g = 2 * (Yhat - Y)
    J = torch.diag_embed(Yhat) - Yhat[:, :, None] * Yhat[:, None]
    return torch.einsum('nij,nj->ni', J, g) / len(Y)

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="max over a dimension gives values and indices: take .values, or amax"
def log_softmax(Ytilde):
    """Compute the logarithms of the SoftMax probabilities.

    Ytilde: scores (n, K), of any size: also ±1000.
    Returns a tensor (n, K), of the type of Ytilde. Written with max, exp, sum and log: torch's own softmax,
    log_softmax, logsumexp and losses are not allowed.
    """
    shifted = Ytilde - Ytilde.max(1, keepdim=True)
    return shifted - shifted.exp().sum(1, keepdim=True).log()

# %% wrong="log_softmax" fails=["log_softmax_large"] says="a sum of exponentials was rounded to 0: subtract from each row its"
def log_softmax(Ytilde):
    """Compute the logarithms of the SoftMax probabilities.

    Ytilde: scores (n, K), of any size: also ±1000.
    Returns a tensor (n, K), of the type of Ytilde. Written with max, exp, sum and log: torch's own softmax,
    log_softmax, logsumexp and losses are not allowed.
    """
    shifted = Ytilde - Ytilde.max()
    return shifted - shifted.exp().sum(1, keepdim=True).log()

# %% wrong="log_softmax" fails=["log_softmax_large"] says="minus infinity: a probability was rounded to 0 before the logarithm"
def log_softmax(Ytilde):
    """Compute the logarithms of the SoftMax probabilities.

    Ytilde: scores (n, K), of any size: also ±1000.
    Returns a tensor (n, K), of the type of Ytilde. Written with max, exp, sum and log: torch's own softmax,
    log_softmax, logsumexp and losses are not allowed.
    """
    shifted = Ytilde - Ytilde.max(1, keepdim=True).values
    return (shifted.exp() / shifted.exp().sum(1, keepdim=True)).log()

# %% right="log_softmax"
def log_softmax(Ytilde):
    """Compute the logarithms of the SoftMax probabilities.

    Ytilde: scores (n, K), of any size: also ±1000.
    Returns a tensor (n, K), of the type of Ytilde. Written with max, exp, sum and log: torch's own softmax,
    log_softmax, logsumexp and losses are not allowed.
    """
    shifted = Ytilde - Ytilde.amax(dim=-1, keepdim=True)
    return shifted - shifted.exp().sum(1, keepdim=True).log()

# %% right="log_softmax"
def log_softmax(Ytilde):
    """Compute the logarithms of the SoftMax probabilities.

    Ytilde: scores (n, K), of any size: also ±1000.
    Returns a tensor (n, K), of the type of Ytilde. Written with max, exp, sum and log: torch's own softmax,
    log_softmax, logsumexp and losses are not allowed.
    """
    rows = []
    for row in Ytilde:
        top = row.max()
        rows.append(row - top - torch.log(torch.sum(torch.exp(row - top))))
    return torch.stack(rows)

# %% wrong="cross_entropy" fails=["cross_entropy_values"] says="this is the mean over examples and classes; sum over the classes"
def cross_entropy(Ytilde, Y):
    """Compute the cross-entropy of a batch from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), one-hot or probabilities that add up to 1.
    Returns the mean over the n examples, a single number still on its graph. Uses log_softmax.
    """
    return -(Y * log_softmax(Ytilde)).mean()

# %% right="cross_entropy"
def cross_entropy(Ytilde, Y):
    """Compute the cross-entropy of a batch from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), one-hot or probabilities that add up to 1.
    Returns the mean over the n examples, a single number still on its graph. Uses log_softmax.
    """
    return -torch.sum(Y * log_softmax(Ytilde)) / Ytilde.shape[0]

# %% wrong="cross_entropy_grad" fails=["cross_entropy_grad_values"] says="the sign is wrong: prediction minus target"
def cross_entropy_grad(Ytilde, Y):
    """Compute the gradient of cross_entropy(Ytilde, Y) in the scores, by its formula, without autograd.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each row adding up to 1.
    Returns a tensor (n, K). May use log_softmax.
    """
    return (Y - log_softmax(Ytilde).exp()) / len(Y)

# %% right="cross_entropy_grad"
def cross_entropy_grad(Ytilde, Y):
    """Compute the gradient of cross_entropy(Ytilde, Y) in the scores, by its formula, without autograd.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each row adding up to 1.
    Returns a tensor (n, K). May use log_softmax.
    """
    return (torch.softmax(Ytilde, 1) - Y) / len(Y)

# %% wrong="bce" fails=["bce_values"] says="at a score of 0 the slope is one half minus y; clamp takes that on"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    return (Ytilde.clamp(min=0) - Ytilde * Y + torch.log1p(torch.exp(-Ytilde.abs()))).mean()

# %% wrong="bce" fails=["bce_values"] says="at a score of 0 the slope is one half minus y; relu takes that on its"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    return (torch.relu(Ytilde) - Ytilde * Y + torch.log(1 + torch.exp(-Ytilde.abs()))).mean()

# %% wrong="bce" fails=["bce_values", "bce_large"] says="NaN or infinity: the sigmoid was rounded to 0 or 1 before the"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    return (Ytilde.clamp(min=0) - Ytilde * Y + torch.log1p(torch.exp(-Ytilde))).mean()

# %% wrong="bce" fails=["bce_values", "bce_large"] says="max(a, 0) is missing"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    return (torch.log1p(torch.exp(-Ytilde.abs())) - Ytilde * Y).mean()

# %% right="bce"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    return (torch.nn.functional.softplus(Ytilde) - Ytilde * Y).mean()

# %% right="bce"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    return ((Ytilde + Ytilde.abs()) / 2 - Ytilde * Y + torch.log1p(torch.exp(-Ytilde.abs()))).mean()

# %% right="bce"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    return -(Y * torch.nn.functional.logsigmoid(Ytilde) + (1 - Y) * torch.nn.functional.logsigmoid(-Ytilde)).mean()

# %% right="bce"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    return (torch.logaddexp(torch.zeros_like(Ytilde), Ytilde) - Ytilde * Y).mean()

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="expected a single number, got a tensor of shape {got}: did you forget"
def gradient_norms(model, X, Y):
    """Measure how much gradient arrives at each layer.

    model: a torch.nn.Module that gives scores (n, K); gradients may be left in it from before, and must not count.
    X: inputs (n, nx). Y: one-hot targets (n, K).
    Returns a list of numbers: for each weight matrix of the model, from the first to the last, the norm of the
    gradient of the cross-entropy (its mean over the examples; torch.nn.functional.cross_entropy will do).
    """
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [p.grad for p in model.parameters() if p.ndim == 2]

# %% right="gradient_norms"
def gradient_norms(model, X, Y):
    """Measure how much gradient arrives at each layer.

    model: a torch.nn.Module that gives scores (n, K); gradients may be left in it from before, and must not count.
    X: inputs (n, nx). Y: one-hot targets (n, K).
    Returns a list of numbers: for each weight matrix of the model, from the first to the last, the norm of the
    gradient of the cross-entropy (its mean over the examples; torch.nn.functional.cross_entropy will do).
    """
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return torch.stack([m.weight.grad.norm() for m in model if isinstance(m, torch.nn.Linear)])

# %% right="gradient_norms"
def gradient_norms(model, X, Y):
    """Measure how much gradient arrives at each layer.

    model: a torch.nn.Module that gives scores (n, K); gradients may be left in it from before, and must not count.
    X: inputs (n, nx). Y: one-hot targets (n, K).
    Returns a list of numbers: for each weight matrix of the model, from the first to the last, the norm of the
    gradient of the cross-entropy (its mean over the examples; torch.nn.functional.cross_entropy will do).
    """
    weights = [p for name, p in model.named_parameters() if name.endswith('weight')]
    L = torch.nn.CrossEntropyLoss()(model(X), Y)
    return [g.pow(2).sum().sqrt() for g in torch.autograd.grad(L, weights)]

# %% wrong="clip_gradients" fails=["clip_gradients_long", "clip_gradients_rest"] says="nothing was clipped: the gradients must be changed in place"
def clip_gradients(model, limit):
    """Shorten the gradient of a model, in place, if it is longer than limit.

    model: a torch.nn.Module; parameters whose .grad is None are left out. limit: > 0.
    Returns the norm of the whole gradient before it was clipped, a single number.
    torch's own clip_grad functions are not allowed.
    """
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm < limit:
        for g in grads:
            g *= limit / norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_long"] says="nothing was clipped: the gradients must be changed in place"
def clip_gradients(model, limit):
    """Shorten the gradient of a model, in place, if it is longer than limit.

    model: a torch.nn.Module; parameters whose .grad is None are left out. limit: > 0.
    Returns the norm of the whole gradient before it was clipped, a single number.
    torch's own clip_grad functions are not allowed.
    """
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > limit:
        for g in grads:
            g = g * limit / norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_rest"] says="holds {dtype}; expected floating point numbers (torch.float32)."
def clip_gradients(model, limit):
    """Shorten the gradient of a model, in place, if it is longer than limit.

    model: a torch.nn.Module; parameters whose .grad is None are left out. limit: > 0.
    Returns the norm of the whole gradient before it was clipped, a single number.
    torch's own clip_grad functions are not allowed.
    """
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > limit:
        for g in grads:
            g *= limit / norm
    return norm > limit

# %% right="clip_gradients"
def clip_gradients(model, limit):
    """Shorten the gradient of a model, in place, if it is longer than limit.

    model: a torch.nn.Module; parameters whose .grad is None are left out. limit: > 0.
    Returns the norm of the whole gradient before it was clipped, a single number.
    torch's own clip_grad functions are not allowed.
    """
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    factor = min(1.0, limit / (float(norm) + 1e-12))
    for p in model.parameters():
        if p.grad is not None:
            p.grad = p.grad * factor
    return float(norm)

# %% right="clip_gradients"
def clip_gradients(model, limit):
    """Shorten the gradient of a model, in place, if it is longer than limit.

    model: a torch.nn.Module; parameters whose .grad is None are left out. limit: > 0.
    Returns the norm of the whole gradient before it was clipped, a single number.
    torch's own clip_grad functions are not allowed.
    """
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.cat([g.flatten() for g in grads]).norm()
    if norm > limit:
        for g in grads:
            g *= limit / norm
    return norm

# %% right="condition_number"
def condition_number(X):
    """Compute the condition number of the Hessian of a linear model with a bias, for the squared error.

    X: inputs (n, nx), with n > nx, without the column of ones.
    Returns a single number >= 1. Computed in torch.float64: float32 has too few digits for narrow valleys.
    """
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1).double()
    return torch.linalg.cond(A) ** 2

# %% wrong="standardise" fails=["standardise_values"] says="a feature that is constant in Xtrain has a standard deviation of 0:"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    mean, std = Xtrain.mean(0), Xtrain.std(0, correction=0)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="a feature that is constant in Xtrain is only centred: its standard"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    mean, std = Xtrain.mean(0), Xtrain.std(0, correction=0)
    std = std + 1e-8
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% right="standardise"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    mean, std = Xtrain.mean(0), Xtrain.std(0, correction=0)
    std = torch.where(std == 0, 1.0, std)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="one mean for all features: compute it feature by feature, mean(0)"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    mean, std = Xtrain.mean(), Xtrain.std(0)
    constant = (Xtrain == Xtrain[0]).all(0)  # rounding may leave such a feature a tiny std
    std = torch.where(constant, 1.0, std)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="one deviation for all features: compute it feature by feature, over"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    mean, std = Xtrain.mean(0), Xtrain.std()
    constant = (Xtrain == Xtrain[0]).all(0)  # rounding may leave such a feature a tiny std
    std = torch.where(constant, 1.0, std)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="the statistics are computed on training and test examples together:"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    X = torch.cat([Xtrain, Xtest])
    mean, std = X.mean(0), X.std(0)
    constant = (Xtrain == Xtrain[0]).all(0)  # rounding may leave such a feature a tiny std
    std = torch.where(constant, 1.0, std)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="one mean and one deviation for all features: compute them feature by"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    mean, std = Xtrain.mean(), Xtrain.std()
    constant = (Xtrain == Xtrain[0]).all(0)  # rounding may leave such a feature a tiny std
    std = torch.where(constant, 1.0, std)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% right="standardise"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    mean, std = Xtrain.mean(0), Xtrain.std(0, correction=0)
    std[std < 1e-6] = 1.0
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% right="standardise"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    mean, std = Xtrain.mean(0), Xtrain.std(0, correction=0)
    std = torch.where(Xtrain.amax(0) == Xtrain.amin(0), torch.ones_like(std), std)
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="BatchNorm" fails=["BatchNorm_registers", "BatchNorm_training", "BatchNorm_running", "BatchNorm_evaluation", "BatchNorm_single"] says="__init__ begins with super().__init__(): a Module is made first, then"
class BatchNorm(torch.nn.Module):
    """Batch normalisation of nx features.

    Parameters weight (nx,), ones at first, and bias (nx,), zeros at first.
    Buffers running_mean (nx,), zeros at first, and running_var (nx,), ones at first.
    """

    def __init__(self, nx, eps=1e-5, momentum=0.1):
        """Make the parameters and buffers; momentum is the part of the newest batch in the running statistics."""
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        """Normalise X (n, nx): in training by its own mean and biased variance, in evaluation by the running ones.

        In training, the running statistics are updated, without a graph, the variance with its unbiased value.
        ValueError in training if n = 1. torch's own batch_norm is not allowed.
        """
        if self.training:
            n = len(X)
            if n == 1:
                raise ValueError("BatchNorm needs more than one example in training")
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * n / (n - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training", "BatchNorm_running", "BatchNorm_single"] says="the shapes do not fit: mean and variance go over the examples, dim 0,"
class BatchNorm(torch.nn.Module):
    """Batch normalisation of nx features.

    Parameters weight (nx,), ones at first, and bias (nx,), zeros at first.
    Buffers running_mean (nx,), zeros at first, and running_var (nx,), ones at first.
    """

    def __init__(self, nx, eps=1e-5, momentum=0.1):
        """Make the parameters and buffers; momentum is the part of the newest batch in the running statistics."""
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        """Normalise X (n, nx): in training by its own mean and biased variance, in evaluation by the running ones.

        In training, the running statistics are updated, without a graph, the variance with its unbiased value.
        ValueError in training if n = 1. torch's own batch_norm is not allowed.
        """
        if self.training:
            n = len(X)
            if n == 1:
                raise ValueError("BatchNorm needs more than one example in training")
            mean, var = X.mean(1), X.var(1, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * n / (n - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_single"] says="a single example in training has no variance: raise a ValueError that"
class BatchNorm(torch.nn.Module):
    """Batch normalisation of nx features.

    Parameters weight (nx,), ones at first, and bias (nx,), zeros at first.
    Buffers running_mean (nx,), zeros at first, and running_var (nx,), ones at first.
    """

    def __init__(self, nx, eps=1e-5, momentum=0.1):
        """Make the parameters and buffers; momentum is the part of the newest batch in the running statistics."""
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        """Normalise X (n, nx): in training by its own mean and biased variance, in evaluation by the running ones.

        In training, the running statistics are updated, without a graph, the variance with its unbiased value.
        ValueError in training if n = 1. torch's own batch_norm is not allowed.
        """
        if self.training:
            n = len(X)
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * n / (n - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% right="BatchNorm"
class BatchNorm(torch.nn.Module):
    """Batch normalisation of nx features.

    Parameters weight (nx,), ones at first, and bias (nx,), zeros at first.
    Buffers running_mean (nx,), zeros at first, and running_var (nx,), ones at first.
    """

    def __init__(self, nx, eps=1e-5, momentum=0.1):
        """Make the parameters and buffers; momentum is the part of the newest batch in the running statistics."""
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        """Normalise X (n, nx): in training by its own mean and biased variance, in evaluation by the running ones.

        In training, the running statistics are updated, without a graph, the variance with its unbiased value.
        ValueError in training if n = 1. torch's own batch_norm is not allowed.
        """
        if self.training:
            n = len(X)
            if n == 1:
                raise ValueError("BatchNorm needs more than one example in training")
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var += self.momentum * (var * n / (n - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / (var + self.eps) ** 0.5 + self.bias

# %% right="BatchNorm"
class BatchNorm(torch.nn.Module):
    """Batch normalisation of nx features.

    Parameters weight (nx,), ones at first, and bias (nx,), zeros at first.
    Buffers running_mean (nx,), zeros at first, and running_var (nx,), ones at first.
    """

    def __init__(self, nx, eps=1e-5, momentum=0.1):
        """Make the parameters and buffers; momentum is the part of the newest batch in the running statistics."""
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        """Normalise X (n, nx): in training by its own mean and biased variance, in evaluation by the running ones.

        In training, the running statistics are updated, without a graph, the variance with its unbiased value.
        ValueError in training if n = 1. torch's own batch_norm is not allowed.
        """
        if self.training:
            n = len(X)
            if n == 1:
                raise ValueError("BatchNorm needs more than one example in training")
            mean, var = X.mean(0, keepdim=True)[0], ((X - X.mean(0)) ** 2).sum(0) / n
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * n / (n - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="LayerNorm" fails=["LayerNorm_values", "LayerNorm_modes"] says="__init__ begins with super().__init__(): a Module is made first, then"
class LayerNorm(torch.nn.Module):
    """Layer normalisation of nx features. Parameters weight (nx,), ones at first, and bias (nx,), zeros at first."""

    def __init__(self, nx, eps=1e-5):
        """Make the parameters."""
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        """Normalise each row of X (n, nx) by its own mean and biased variance. torch's layer_norm is not allowed."""
        mean, var = X.mean(1, keepdim=True), X.var(1, correction=0, keepdim=True)
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="LayerNorm" fails=["LayerNorm_values", "LayerNorm_modes"] says="the shapes do not fit: mean and variance go over the features, dim 1,"
class LayerNorm(torch.nn.Module):
    """Layer normalisation of nx features. Parameters weight (nx,), ones at first, and bias (nx,), zeros at first."""

    def __init__(self, nx, eps=1e-5):
        """Make the parameters."""
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        """Normalise each row of X (n, nx) by its own mean and biased variance. torch's layer_norm is not allowed."""
        mean, var = X.mean(1), X.var(1, correction=0)
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% right="LayerNorm"
class LayerNorm(torch.nn.Module):
    """Layer normalisation of nx features. Parameters weight (nx,), ones at first, and bias (nx,), zeros at first."""

    def __init__(self, nx, eps=1e-5):
        """Make the parameters."""
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))

    def forward(self, X):
        """Normalise each row of X (n, nx) by its own mean and biased variance. torch's layer_norm is not allowed."""
        mean, var = X.mean(1, keepdim=True), X.var(1, correction=0, keepdim=True)
        return torch.addcmul(self.bias, self.weight, (X - mean) * (var + self.eps).rsqrt())

# %% wrong="measure" fails=["measure_numbers"] says="the numbers are measured in training mode: call model.eval() first,"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    """Train a model and measure it.

    model: gives scores; in any mode, left in evaluation mode. data: holds Xtrain (n, nx), Ytrain (n, K), Xtest, Ytest.
    epochs: passes over the training examples. batch: size of the mini-batches, which are drawn anew each epoch.
    eta: learning rate of torch.optim.Adam, which minimises the cross-entropy of scores and targets.
    penalty: function of the model that gives a number, added to the loss of each step; None for nothing.
    augment: function of inputs (b, nx) that gives others (b, nx), used on each mini-batch; None for nothing.
    Returns a dict of four floats, measured after the last epoch on all examples: "loss_train" and "loss_test",
    cross-entropies; "acc_train" and "acc_test", rates between 0 and 1.
    """
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    model.train()
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X = data.Xtrain[indices]
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), data.Ytrain[indices])
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
    result = {}
    with torch.no_grad():
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model(X)
            result[f"loss_{part}"] = float(torch.nn.functional.cross_entropy(Yhat, Y))
            result[f"acc_{part}"] = float((Yhat.argmax(1) == Y.argmax(1)).float().mean())
    return result

# %% wrong="measure" fails=["measure_numbers"] says="the accuracy is a rate between 0 and 1, not a percentage"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    """Train a model and measure it.

    model: gives scores; in any mode, left in evaluation mode. data: holds Xtrain (n, nx), Ytrain (n, K), Xtest, Ytest.
    epochs: passes over the training examples. batch: size of the mini-batches, which are drawn anew each epoch.
    eta: learning rate of torch.optim.Adam, which minimises the cross-entropy of scores and targets.
    penalty: function of the model that gives a number, added to the loss of each step; None for nothing.
    augment: function of inputs (b, nx) that gives others (b, nx), used on each mini-batch; None for nothing.
    Returns a dict of four floats, measured after the last epoch on all examples: "loss_train" and "loss_test",
    cross-entropies; "acc_train" and "acc_test", rates between 0 and 1.
    """
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    model.train()
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X = data.Xtrain[indices]
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), data.Ytrain[indices])
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model(X)
            result[f"loss_{part}"] = float(torch.nn.functional.cross_entropy(Yhat, Y))
            result[f"acc_{part}"] = float(100 * (Yhat.argmax(1) == Y.argmax(1)).float().mean())
    return result

# %% wrong="measure" fails=["measure_numbers"] says="expected a dict, got {got}."
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    """Train a model and measure it.

    model: gives scores; in any mode, left in evaluation mode. data: holds Xtrain (n, nx), Ytrain (n, K), Xtest, Ytest.
    epochs: passes over the training examples. batch: size of the mini-batches, which are drawn anew each epoch.
    eta: learning rate of torch.optim.Adam, which minimises the cross-entropy of scores and targets.
    penalty: function of the model that gives a number, added to the loss of each step; None for nothing.
    augment: function of inputs (b, nx) that gives others (b, nx), used on each mini-batch; None for nothing.
    Returns a dict of four floats, measured after the last epoch on all examples: "loss_train" and "loss_test",
    cross-entropies; "acc_train" and "acc_test", rates between 0 and 1.
    """
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    model.train()
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X = data.Xtrain[indices]
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), data.Ytrain[indices])
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model(X)
            result[f"loss_{part}"] = float(torch.nn.functional.cross_entropy(Yhat, Y))
            result[f"acc_{part}"] = float((Yhat.argmax(1) == Y.argmax(1)).float().mean())
    return model, result

# %% right="measure"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    """Train a model and measure it.

    model: gives scores; in any mode, left in evaluation mode. data: holds Xtrain (n, nx), Ytrain (n, K), Xtest, Ytest.
    epochs: passes over the training examples. batch: size of the mini-batches, which are drawn anew each epoch.
    eta: learning rate of torch.optim.Adam, which minimises the cross-entropy of scores and targets.
    penalty: function of the model that gives a number, added to the loss of each step; None for nothing.
    augment: function of inputs (b, nx) that gives others (b, nx), used on each mini-batch; None for nothing.
    Returns a dict of four floats, measured after the last epoch on all examples: "loss_train" and "loss_test",
    cross-entropies; "acc_train" and "acc_test", rates between 0 and 1.
    """
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    model.train()
    for _ in range(epochs):
        for indices in torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(data.Xtrain), batch, False):
            X = data.Xtrain[indices]
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), data.Ytrain[indices])
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model(X)
            result[f"loss_{part}"] = float(torch.nn.functional.cross_entropy(Yhat, Y))
            result[f"acc_{part}"] = float((Yhat.argmax(1) == Y.argmax(1)).float().mean())
    return result

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="only the last weight matrix is penalised"
def weight_penalty(model, l1, l2):
    """Compute a penalty on the weights of a model.

    model: a torch.nn.Module. Its weights are its parameters with two dimensions or more; the others, biases and
    the parameters of normalisations, are not penalised.
    l1, l2: factors of the sum of absolute values and of the sum of squares, >= 0.
    Returns a single number, on its graph, to be added to a loss.
    """
    weights = [p for p in model.parameters() if p.ndim == 2]
    return sum(l1 * w.abs().sum() + l2 * (w**2).sum() for w in weights)

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="the penalty has no graph, so descent does not feel it: no detach,"
def weight_penalty(model, l1, l2):
    """Compute a penalty on the weights of a model.

    model: a torch.nn.Module. Its weights are its parameters with two dimensions or more; the others, biases and
    the parameters of normalisations, are not penalised.
    l1, l2: factors of the sum of absolute values and of the sum of squares, >= 0.
    Returns a single number, on its graph, to be added to a loss.
    """
    weights = [p for p in model.parameters() if p.ndim >= 2]
    return sum(float(l1 * w.abs().sum() + l2 * (w**2).sum()) for w in weights)

# %% right="weight_penalty"
def weight_penalty(model, l1, l2):
    """Compute a penalty on the weights of a model.

    model: a torch.nn.Module. Its weights are its parameters with two dimensions or more; the others, biases and
    the parameters of normalisations, are not penalised.
    l1, l2: factors of the sum of absolute values and of the sum of squares, >= 0.
    Returns a single number, on its graph, to be added to a loss.
    """
    weights = [p for p in model.parameters() if p.ndim >= 2]
    flat = torch.cat([w.flatten() for w in weights])
    return l1 * torch.linalg.vector_norm(flat, 1) + l2 * flat @ flat

# %% wrong="Dropout" fails=["Dropout_values", "Dropout_masks", "Dropout_evaluation", "Dropout_limits"] says="__init__ begins with super().__init__(): a Module is made first, then"
class Dropout(torch.nn.Module):
    """Dropout: in training, zeros in random places."""

    def __init__(self, p):
        """Keep p, the probability with which an entry is dropped, 0 <= p <= 1; ValueError for any other number."""
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        """In training, drop each entry of X with probability p and divide the others by 1 - p; else return X.

        X, of any shape, is left as it is. With p = 1 all entries become 0. torch's own dropout is not allowed.
        """
        if not self.training or self.p == 0:
            return X
        kept = torch.rand_like(X) >= self.p
        if self.p == 1:
            return X * kept
        return X * kept / (1 - self.p)

# %% right="Dropout"
class Dropout(torch.nn.Module):
    """Dropout: in training, zeros in random places."""

    def __init__(self, p):
        """Keep p, the probability with which an entry is dropped, 0 <= p <= 1; ValueError for any other number."""
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        """In training, drop each entry of X with probability p and divide the others by 1 - p; else return X.

        X, of any shape, is left as it is. With p = 1 all entries become 0. torch's own dropout is not allowed.
        """
        if not self.training or self.p == 0:
            return X
        kept = torch.bernoulli(torch.full_like(X, 1 - self.p))
        if self.p == 1:
            return X * kept
        return X * kept / (1 - self.p)

# %% right="Dropout"
class Dropout(torch.nn.Module):
    """Dropout: in training, zeros in random places."""

    def __init__(self, p):
        """Keep p, the probability with which an entry is dropped, 0 <= p <= 1; ValueError for any other number."""
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        """In training, drop each entry of X with probability p and divide the others by 1 - p; else return X.

        X, of any shape, is left as it is. With p = 1 all entries become 0. torch's own dropout is not allowed.
        """
        if not self.training or self.p == 0:
            return X
        kept = torch.distributions.Bernoulli(1 - self.p).sample(X.shape).to(X)
        if self.p == 1:
            return X * kept
        return X * kept / (1 - self.p)

# %% wrong="augment" fails=["augment_images", "augment_random"] says="RandomAffine takes images, not rows of pixels: reshape each to (1,"
def augment(X, degrees, shift):
    """Turn and move each image at random, with torchvision's RandomAffine.

    X: images (n, 784), rows of 28 x 28 pixels; left as it is.
    degrees: each image is turned by an angle of its own, between -degrees and degrees.
    shift: and moved by at most that part of its 28 pixels, in each direction; 0 <= shift <= 1.
    Returns a tensor (n, 784).
    """
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    return torch.cat([transform(image) for image in X])

# %% wrong="augment" fails=["augment_images", "augment_random"] says="expected shape {expected}, got {got}."
def augment(X, degrees, shift):
    """Turn and move each image at random, with torchvision's RandomAffine.

    X: images (n, 784), rows of 28 x 28 pixels; left as it is.
    degrees: each image is turned by an angle of its own, between -degrees and degrees.
    shift: and moved by at most that part of its 28 pixels, in each direction; 0 <= shift <= 1.
    Returns a tensor (n, 784).
    """
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    return torch.cat([transform(image) for image in X.reshape(-1, 1, 28, 28)])

# %% right="augment"
def augment(X, degrees, shift):
    """Turn and move each image at random, with torchvision's RandomAffine.

    X: images (n, 784), rows of 28 x 28 pixels; left as it is.
    degrees: each image is turned by an angle of its own, between -degrees and degrees.
    shift: and moved by at most that part of its 28 pixels, in each direction; 0 <= shift <= 1.
    Returns a tensor (n, 784).
    """
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    images = [transform(row.view(1, 28, 28)) for row in X.clone()]
    return torch.stack(images).flatten(1)
