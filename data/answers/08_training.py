# %% [markdown]
# Answers to 08_training as students write them: wrong ones with the checks they fail and what they are told, right ones
# in other styles than the solution's.

# %% wrong="mse_or_ce" fails=["mse_or_ce_sorted"] earns=2 says="b is an example against it"
def mse_or_ce():
    return {"a": True, "b": True, "c": True, "d": True, "e": False, "f": True}

# %% wrong="mse_or_ce" fails=["mse_or_ce_sorted"] says="the other terms of the sum have the factor 0"
def mse_or_ce():
    return {"a": False, "b": False, "c": True, "d": False, "e": True, "f": False}

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

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="max over a dimension gives values and indices: take .values, or amax"
def log_softmax(Ytilde):
    """Compute the logarithms of the SoftMax probabilities.

    Ytilde: scores (n, K), of any size: also ±1000.
    Returns a tensor (n, K), of the type of Ytilde. Written with max, exp, sum and log: torch's own softmax,
    log_softmax, logsumexp and losses are not allowed.
    """
    shifted = Ytilde - Ytilde.max(1, keepdim=True)
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

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="the largest score of each row has lost its dimension"
def log_softmax(Ytilde):
    shifted = Ytilde - Ytilde.max(1).values
    return shifted - shifted.exp().sum(1, keepdim=True).log()

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="the largest score of each row has lost its dimension"
def log_softmax(Ytilde):
    m = torch.amax(Ytilde, dim=1)
    return Ytilde - m - torch.log(torch.exp(Ytilde - m).sum(dim=1))

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="SoftMax is taken over the whole batch"
def log_softmax(Ytilde):
    shifted = Ytilde - Ytilde.max()
    return shifted - shifted.exp().sum().log()

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="the logarithm is missing: these are the probabilities"
def log_softmax(Ytilde):
    e = (Ytilde - Ytilde.max(1, keepdim=True).values).exp()
    return e / e.sum(1, keepdim=True)

# %% wrong="log_softmax" fails=["log_softmax_values"] says="write it yourself: torch's {name} is not allowed here"
def log_softmax(Ytilde):
    return Ytilde - torch.logsumexp(Ytilde, dim=1, keepdim=True)

# %% wrong="log_softmax" fails=["log_softmax_values"] says="the type should stay"
def log_softmax(Ytilde):
    shifted = Ytilde.double() - Ytilde.double().amax(1, keepdim=True)
    return shifted - shifted.exp().sum(1, keepdim=True).log()

# %% wrong="log_softmax" fails=["log_softmax_values", "log_softmax_large"] says="the max was subtracted outside the exponentials alone"
def log_softmax(Ytilde):
    m = Ytilde.max(1, keepdim=True).values
    return Ytilde - m - Ytilde.exp().sum(1, keepdim=True).log()

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="the mean over the examples is missing: this is the sum"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum()
    grad = (logs.exp() - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="this is the mean over examples and classes"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).mean()
    grad = (logs.exp() - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="logarithms of probabilities are negative, the loss is positive"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = (Y * logs).sum(dim=1).mean()
    grad = (logs.exp() - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="weight with all of it"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -logs[torch.arange(len(Y)), Y.argmax(1)].mean()
    grad = (logs.exp() - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="the logarithm is missing: these are probabilities"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs.exp()).sum(1).mean()
    grad = (logs.exp() - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="this is the mean of all log-probabilities; weight them with Y"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -logs.sum(1).mean()
    grad = (logs.exp() - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="the logarithm is taken twice: log_softmax has taken it already"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * torch.log(-logs)).sum(1).mean()
    grad = (logs.exp() - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_loss", "cross_entropy_grad"] says="SoftMax is taken twice"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(torch.softmax(Ytilde, 1))
    return -(Y * logs).sum(1).mean(), (logs.exp() - Y) / len(Y)

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="write it yourself: torch's {name} is not allowed here"
def cross_entropy(Ytilde, Y):
    L = torch.nn.functional.cross_entropy(Ytilde, Y)
    return L, (log_softmax(Ytilde).exp() - Y) / len(Y)

# %% wrong="cross_entropy" fails=["cross_entropy_loss", "cross_entropy_grad"] says="the gradient is missing: return two values"
def cross_entropy(Ytilde, Y):
    return -(Y * log_softmax(Ytilde)).sum(1).mean()

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="1/n is missing: the loss is a mean over the examples"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = logs.exp() - Y
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="these are logarithms of probabilities; take exp"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = (logs - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="the sign is wrong: prediction minus target"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = (Y - logs.exp()) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="divide by the number of examples alone"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = (logs.exp() - Y) / Y.numel()
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="divide by the number of examples alone"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = (logs.exp() - Y) / Ytilde.nelement()
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="this is the gradient in the probabilities"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = -(Y / logs.exp()) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="the scores are not the predictions: SoftMax first"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = (Ytilde - Y) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="only the score of the right class has been given a gradient"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = Y * (logs.exp() - 1) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="these are the probabilities: the target is still to be subtracted"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = logs.exp() / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="expected shape"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = (logs.exp() - Y).sum(0) / len(Y)
    return L, grad

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="write the formula: autograd is not allowed here"
def cross_entropy(Ytilde, Y):
    Z = Ytilde.detach().clone().requires_grad_()
    L = -(Y * log_softmax(Z)).sum(1).mean()
    (grad,) = torch.autograd.grad(L, Z)
    return L.detach(), grad

# %% right="cross_entropy"
def cross_entropy(Ytilde, Y):
    n = Y.shape[0]
    logs = log_softmax(Ytilde)
    return torch.sum(-Y * logs) / n, (torch.exp(logs) - Y) / n

# %% right="cross_entropy"
def cross_entropy(Ytilde, Y):
    m = Ytilde.max(1, keepdim=True).values
    e = (Ytilde - m).exp()
    total = e.sum(1, keepdim=True)
    loss = ((m + total.log())[:, 0] - (Y * Ytilde).sum(1)).mean()
    return loss, (e / total - Y) / Y.shape[0]

# %% right="cross_entropy"
def cross_entropy(Ytilde, Y):
    loss, rows = 0, []
    for logs, y in zip(log_softmax(Ytilde), Y):
        loss = loss - (y * logs).sum() / len(Y)
        rows.append((logs.exp() - y) / len(Y))
    return [loss, torch.stack(rows)]

# %% wrong="cross_entropy" fails=["cross_entropy_grad"] says="large scores give NaN or infinity: an exponential overflows"
def cross_entropy(Ytilde, Y):
    L = -(Y * log_softmax(Ytilde)).sum(1).mean()
    e = Ytilde.exp()
    return L, (e / e.sum(1, keepdim=True) - Y) / len(Y)

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="large scores give NaN or infinity: an exponential overflows"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    L = (Ytilde.exp().sum(1).log() - (Y * Ytilde).sum(1)).mean()
    return L, (logs.exp() - Y) / len(Y)

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="the result is NaN where no entry of Y is 1"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    return -logs[Y == 1].mean(), (logs.exp() - Y) / len(Y)

# %% wrong="cross_entropy" fails=["cross_entropy_loss"] says="the result is NaN: what log_softmax gives are logarithms already"
def cross_entropy(Ytilde, Y):
    logs = log_softmax(Ytilde)
    return -(Y * torch.log(logs)).sum(1).mean(), (logs.exp() - Y) / len(Y)

# %% wrong="bce" fails=["bce_large"] says="an exponential overflowed, or a logarithm was taken"
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

# %% wrong="bce" fails=["bce_values", "bce_large"] says="the absolute value is missing"
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

# %% wrong="bce" fails=["bce_large"] says="an exponential overflowed"
def bce(Ytilde, Y):
    return (torch.log(1 + torch.exp(Ytilde)) - Y * Ytilde).mean()

# %% wrong="bce" fails=["bce_values", "bce_large"] says="max(a, 0) is missing"
def bce(Ytilde, Y):
    m = torch.clamp(Ytilde, min=0)
    return (torch.log(torch.exp(-m) + torch.exp(Ytilde - m)) - Y * Ytilde).mean()

# %% wrong="bce" fails=["bce_large"] says="an exponential overflowed"
def bce(Ytilde, Y):
    m = Ytilde.max(1, keepdim=True).values.clamp(min=0)
    return (m + torch.log(torch.exp(-m) + torch.exp(Ytilde - m)) - Y * Ytilde).mean()

# %% wrong="bce" fails=["bce_values", "bce_large"] says="y and 1 − y are swapped"
def bce(Ytilde, Y):
    m = Ytilde.clamp(min=0)
    return (m + torch.log(torch.exp(-m) + torch.exp(Ytilde - m)) - (1 - Y) * Ytilde).mean()

# %% wrong="bce" fails=["bce_values", "bce_large"] says="the target is not subtracted"
def bce(Ytilde, Y):
    m = Ytilde.clamp(min=0)
    return (m + torch.log(torch.exp(-m) + torch.exp(Ytilde - m))).mean()

# %% right="bce"
def bce(Ytilde, Y):
    scores = torch.stack([Ytilde, torch.zeros_like(Ytilde)])
    targets = torch.stack([Y, 1 - Y])
    m = scores.max(0).values.detach()
    logs = scores - m - (scores - m).exp().sum(0).log()
    return -(targets * logs).sum(0).mean()

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

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="the parameters of a normalisation are counted too"
def gradient_norms(model, X, Y):
    weights = [p for name, p in model.named_parameters() if "weight" in name]
    L = torch.nn.CrossEntropyLoss()(model(X), Y)
    return [g.norm() for g in torch.autograd.grad(L, weights)]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="only the layers Linear are counted"
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

# %% right="gradient_norms"
def gradient_norms(model, X, Y):
    model.zero_grad()
    loss = -(Y * torch.log_softmax(model(X), 1)).sum(1).mean()
    loss.backward()
    return tuple(torch.norm(p.grad).numpy() for p in model.parameters() if p.ndim > 1)

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

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="only the layers Linear are counted"
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

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="the parameters of a normalisation are counted too"
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

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="these are squares of the norms; the root is missing"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [(p.grad**2).sum().item() for p in model.parameters() if p.ndim == 2]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="these are norms of the weights; take those of their gradients"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [p.norm().item() for p in model.parameters() if p.ndim == 2]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="the loss is summed over the examples; take its mean"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.CrossEntropyLoss(reduction="sum")(model(X), Y).backward()
    return [p.grad.norm().item() for p in model.parameters() if p.ndim == 2]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="expected {kind}, got {got}."
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [p.grad.norm for p in model.parameters() if p.ndim == 2]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="SoftMax is taken twice: the loss takes the scores as they are"
def gradient_norms(model, X, Y):
    model.zero_grad()
    Yhat = torch.softmax(model(X), 1)
    torch.nn.functional.cross_entropy(Yhat, Y).backward()
    return [p.grad.norm().item() for p in model.parameters() if p.ndim == 2]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="the parameters of a normalisation are counted too"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [float(p.grad.norm()) for name, p in model.named_parameters() if name.endswith("weight")]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="the parameters of a normalisation are counted too"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [float(p.grad.norm()) for p in list(model.parameters())[::2]]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="only the layers Linear are counted"
def gradient_norms(model, X, Y):
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [float(m.weight.grad.norm()) for m in model.modules() if isinstance(m, torch.nn.Linear)]

# %% wrong="gradient_norms" fails=["gradient_norms_values"] says="a gradient is None: once they are reset"
def gradient_norms(model, X, Y):
    model.zero_grad()
    L = torch.nn.functional.cross_entropy(model(X), Y)
    return [float(p.grad.norm()) for p in model.parameters() if p.ndim == 2]

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

# %% wrong="clip_gradients" fails=["clip_gradients_rest"] says="does the function end with return?"
def clip_gradients(model, limit):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > limit:
        for g in grads:
            g.mul_(limit / norm)

# %% wrong="clip_gradients" fails=["clip_gradients_long"] says="the length of the clipped gradient should be limit, not 1"
def clip_gradients(model, limit):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > limit:
        for g in grads:
            g /= norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_long", "clip_gradients_rest"] says="you divided by the square of the norm: take the root"
def clip_gradients(model, limit):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum((g**2).sum() for g in grads)
    if norm > limit:
        for g in grads:
            g *= limit / norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_long", "clip_gradients_rest"] says="this is the length of the weights; measure that of their gradients"
def clip_gradients(model, limit):
    norm = torch.sqrt(sum((p**2).sum() for p in model.parameters())).detach()
    if norm > limit:
        for p in model.parameters():
            if p.grad is not None:
                p.grad *= limit / norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_long"] says="the parameters have changed; only their gradients may"
def clip_gradients(model, limit):
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > limit:
        for p in model.parameters():
            if p.grad is not None:
                p.grad *= limit / norm
                p.data *= limit / norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_long", "clip_gradients_rest"] says="this changes the weights, p; it is their gradients"
def clip_gradients(model, limit):
    norm = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]).norm()
    if norm > limit:
        for p in model.parameters():
            p *= limit / norm
    return norm

# %% wrong="clip_gradients" fails=["clip_gradients_long"] says="this changes the weights, p; it is their gradients"
def clip_gradients(model, limit):
    norm = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]).norm()
    if norm > limit:
        for p in model.parameters():
            p.data *= limit / norm
    return norm

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

# %% wrong="standardise" fails=["standardise_values"] says="was changed in place: leave it as it is"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0)
    std[std == 0] = 1
    Xtrain -= mean
    Xtrain /= std
    return Xtrain, (Xtest - mean) / std

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

# %% wrong="standardise" fails=["standardise_values"] says="rounding leaves a constant feature a tiny deviation"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0)
    std[std == 0] = 1
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="rounding leaves a constant feature a tiny deviation"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0, correction=0)
    std = torch.where(std > 0, std, torch.ones_like(std))
    return (Xtrain - mean) / std, (Xtest - mean) / std

# %% wrong="standardise" fails=["standardise_values"] says="this is scaled by the smallest and the largest value"
def standardise(Xtrain, Xtest):
    low, high = Xtrain.min(0).values, Xtrain.max(0).values
    width = torch.where(high == low, 1.0, high - low)
    return (Xtrain - low) / width, (Xtest - low) / width

# %% wrong="standardise" fails=["standardise_values"] says="the test inputs are left as they were"
def standardise(Xtrain, Xtest):
    constant = (Xtrain == Xtrain[0]).all(0)
    std = torch.where(constant, 1.0, Xtrain.std(0))
    return (Xtrain - Xtrain.mean(0)) / std, Xtest

# %% wrong="standardise" fails=["standardise_values"] says="you divided by the variance"
def standardise(Xtrain, Xtest):
    constant = (Xtrain == Xtrain[0]).all(0)
    mean, var = Xtrain.mean(0), torch.where(constant, 1.0, Xtrain.var(0))
    return (Xtrain - mean) / var, (Xtest - mean) / var

# %% wrong="standardise" fails=["standardise_values"] says="each example is standardised by itself"
def standardise(Xtrain, Xtest):
    def scale(X):
        return (X - X.mean(1, keepdim=True)) / X.std(1, keepdim=True)

    return scale(Xtrain), scale(Xtest)

# %% wrong="standardise" fails=["standardise_values"] says="was changed in place: leave it as it is"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0)
    std[(Xtrain == Xtrain[0]).all(0)] = 1
    Xtest -= mean
    return (Xtrain - mean) / std, Xtest.div_(std)

# %% wrong="standardise" fails=["standardise_values"] says="a feature with a small spread is not constant"
def standardise(Xtrain, Xtest):
    mean, std = Xtrain.mean(0), Xtrain.std(0)
    std = torch.where(std < 1e-3, 1.0, std)
    return (Xtrain - mean) / std, (Xtest - mean) / std

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

# %% wrong="BatchNorm" fails=["BatchNorm_evaluation"] says="a single example is refused in evaluation too"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if len(X) == 1:
            raise ValueError("one example")
        if self.training:
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(0) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_running"] says="the running statistics do not change in training"
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
            mean, var = X.mean(0), X.var(0, correction=0)
            running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            running_var = (1 - self.momentum) * self.running_var + self.momentum * X.var(0)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training"] says="yours are mixed with the running ones"
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
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(0) - self.running_var)
        return self.weight * (X - self.running_mean) / torch.sqrt(self.running_var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training", "BatchNorm_evaluation"] says="weight and bias are not used"
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
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(0) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return (X - mean) / torch.sqrt(var + self.eps)

# %% wrong="BatchNorm" fails=["BatchNorm_training", "BatchNorm_evaluation"] says="the root is missing: divide by the standard deviation, not by the variance"
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
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(0) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / (var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_running"] says="the running variance averages standard deviations; average variances"
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
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.std(0) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_running"] says="only the last batch is remembered: average it with the past"
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
            mean, var = X.mean(0), X.var(0, correction=0)
            self.running_mean, self.running_var = mean.detach(), X.var(0).detach()
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training", "BatchNorm_running"] says="one mean and one variance for the whole batch; compute them feature by feature"
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
            mean, var = X.mean(), X.var(correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var() - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_single"] says="the refused batch has changed the running statistics"
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
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(0) - self.running_var)
            if len(X) == 1:
                raise ValueError("one example")
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training", "BatchNorm_running", "BatchNorm_single"] says="the shapes do not fit: mean and variance go over the examples, dim 0,"
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
            mean, var = X.mean(1, keepdim=True), X.var(1, correction=0, keepdim=True)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(1, keepdim=True) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_training", "BatchNorm_running", "BatchNorm_single"] says="the shapes do not fit: mean and variance go over the examples, dim 0,"
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
            mean, var = X.mean(0, keepdim=True), X.var(0, correction=0, keepdim=True)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (X.var(0, keepdim=True) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="BatchNorm" fails=["BatchNorm_evaluation"] says="in evaluation the running statistics are used, not those of the batch"
class BatchNorm(torch.nn.Module):
    def __init__(self, nx, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

    def forward(self, X):
        if len(X) == 1:
            raise ValueError("one example")
        mean, var = X.mean(0), X.var(0, correction=0)
        with torch.no_grad():
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (X.var(0) - self.running_var)
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias

# %% wrong="which_norm" fails=["which_norm_choices"] earns=1 says="BatchNorm treats each feature by itself"
def which_norm():
    return {"a": "BatchNorm", "b": "LayerNorm", "c": "both", "d": "both", "e": "both", "f": "both"}

# %% wrong="which_norm" fails=["which_norm_choices"] earns=1.5 says="for BatchNorm a single example has no variance"
def which_norm():
    return {"a": "BatchNorm", "b": "both", "c": "BatchNorm", "d": "both", "e": "BatchNorm", "f": "both"}

# %% wrong="measure" fails=["measure_steps"] says="the model is not in training mode during the steps"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the numbers are measured in training mode: call model.eval() first"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps"] says="the gradients of earlier mini-batches are still in it"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps"] says="augment is not used on the mini-batches of the steps"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps"] says="augment is not used on the mini-batches of the steps"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
            if augment is not None:
                X = augment(X)
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps"] says="the penalty is not added to the loss of the steps"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps"] says="the penalty is subtracted: add it"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L - penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps"] says="the steps are never taken: call optim.step() after L.backward()"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps", "measure_numbers"] says="no gradient is ever computed"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the validation and test images are augmented"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(augment(X) if augment else X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the penalty is part of the loss that you return"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append((torch.nn.functional.cross_entropy(scores, Y) + (penalty(model) if penalty else 0)).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the accuracy is a rate between 0 and 1, not a percentage"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append(100 * (scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="this is the number of right predictions"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).sum().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="this is the rate of errors, not of right predictions"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) != Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="loss and accuracy are swapped"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"acc_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"loss_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="these are the numbers of one part of the data for all three"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                X, Y = data.Xtrain, data.Ytrain
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the loss sums over the batch"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y, reduction="sum").item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="one number for each epoch was asked for"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
    for _ in range(1):
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="one number for each epoch was asked for"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"] = torch.nn.functional.cross_entropy(scores, Y).item()
            history[f"acc_{part}"] = (scores.argmax(1) == Y.argmax(1)).float().mean().item()
    return history

# %% wrong="measure" fails=["measure_numbers"] says="there is a number for each mini-batch"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
            for part in ("train", "val", "test"):
                X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
                model.eval()
                with torch.no_grad():
                    scores = model(X)
                history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
                history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps"] says="augment is used once for all epochs"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    Xtrain = augment(data.Xtrain) if augment else data.Xtrain
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = Xtrain[indices], data.Ytrain[indices]
            model.train()
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_steps"] says="these are the steps of SGD; Adam was asked for"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y).item())
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
    return history

# %% wrong="measure" fails=["measure_numbers"] says="these are the numbers before each epoch"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    loss = torch.nn.CrossEntropyLoss()
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        model.eval()
        with torch.no_grad():
            for part in ("train", "val", "test"):
                X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
                scores = model(X)
                history[f"loss_{part}"].append(loss(scores, Y).item())
                history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean().item())
        model.train()
        for i in torch.randperm(len(data.Xtrain)).split(batch):
            X = augment(data.Xtrain[i]) if augment else data.Xtrain[i]
            L = loss(model(X), data.Ytrain[i]) + (penalty(model) if penalty else 0)
            optim.zero_grad()
            L.backward()
            optim.step()
    return history

# %% right="measure"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty:
                L += penalty(model)
            L.backward()
            optim.step()
            optim.zero_grad()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y))
            history[f"acc_{part}"].append((scores.argmax(1) == Y.argmax(1)).float().mean())
    return history

# %% right="measure"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    pairs = torch.utils.data.TensorDataset(data.Xtrain, data.Ytrain)
    loader = torch.utils.data.DataLoader(pairs, batch_size=batch, shuffle=True)
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.Adam(model.parameters(), eta)
    rows = []
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
        row = {}
        for part in ("train", "val", "test"):
            scores, Y = model(getattr(data, "X" + part)), getattr(data, "Y" + part)
            row["loss_" + part] = loss(scores, Y).item()
            row["acc_" + part] = (scores.argmax(1) == Y.argmax(1)).double().mean().item()
        rows.append(row)
    return {name: [row[name] for row in rows] for name in rows[0]}

# %% wrong="measure" fails=["measure_steps"] says="the gradients are reset between L.backward() and optim.step()"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            L.backward()
            optim.zero_grad()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(float(torch.nn.functional.cross_entropy(scores, Y)))
            history[f"acc_{part}"].append(float((scores.argmax(1) == Y.argmax(1)).float().mean()))
    return history

# %% wrong="measure" fails=["measure_steps"] says="SoftMax is taken twice: the loss takes the scores as they are"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X).softmax(1), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(float(torch.nn.functional.cross_entropy(scores, Y)))
            history[f"acc_{part}"].append(float((scores.argmax(1) == Y.argmax(1)).float().mean()))
    return history

# %% wrong="measure" fails=["measure_numbers"] says="SoftMax is taken twice: the loss takes the scores as they are"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(float(torch.nn.functional.cross_entropy(scores.softmax(1), Y)))
            history[f"acc_{part}"].append(float((scores.argmax(1) == Y.argmax(1)).float().mean()))
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the scores themselves, or the places of argmax(0), are compared"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(float(torch.nn.functional.cross_entropy(scores, Y)))
            history[f"acc_{part}"].append(float((scores == Y).float().mean()))
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the scores themselves, or the places of argmax(0), are compared"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(float(torch.nn.functional.cross_entropy(scores, Y)))
            history[f"acc_{part}"].append(float((scores.argmax(0) == Y.argmax(0)).float().mean()))
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the loss of the last mini-batch: measure on all the examples"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float((scores.argmax(1) == Y.argmax(1)).float().mean()))
    return history

# %% wrong="measure" fails=["measure_steps", "measure_numbers"] says="penalty and augment may be None: ask `is not None`"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(float(torch.nn.functional.cross_entropy(scores, Y)))
            history[f"acc_{part}"].append(float((scores.argmax(1) == Y.argmax(1)).float().mean()))
    return history

# %% wrong="measure" fails=["measure_numbers"] says="the numbers keep the graph of the model"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            model.eval()
            scores = model(X)
            history[f"loss_{part}"].append(torch.nn.functional.cross_entropy(scores, Y))
            history[f"acc_{part}"].append(float((scores.argmax(1) == Y.argmax(1)).float().mean()))
    return history

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

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="the weights of convolutions have four dimensions"
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

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="the parameters of normalisations are penalised too"
def weight_penalty(model, l1, l2):
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]
    return sum(l1 * w.abs().sum() + l2 * (w**2).sum() for w in weights)

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="l1 and l2 are swapped"
def weight_penalty(model, l1, l2):
    weights = [p for p in model.parameters() if p.ndim >= 2]
    return l2 * sum(w.abs().sum() for w in weights) + l1 * sum(w.square().sum() for w in weights)

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="these are means over each matrix; take sums"
def weight_penalty(model, l1, l2):
    weights = [p for p in model.parameters() if p.ndim >= 2]
    return sum(l1 * w.abs().mean() + l2 * (w**2).mean() for w in weights)

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="there is a factor of one half too many"
def weight_penalty(model, l1, l2):
    weights = [p for p in model.parameters() if p.ndim >= 2]
    return sum(l1 * w.abs().sum() + l2 / 2 * (w**2).sum() for w in weights)

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="only the first weight matrix is penalised"
def weight_penalty(model, l1, l2):
    for p in model.parameters():
        if p.ndim >= 2:
            return l1 * p.abs().sum() + l2 * (p**2).sum()

# %% wrong="weight_penalty" fails=["weight_penalty_values"] says="only the last weight matrix is penalised"
def weight_penalty(model, l1, l2):
    for p in model.parameters():
        if p.ndim >= 2:
            total = l1 * p.abs().sum() + l2 * (p**2).sum()
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

# %% wrong="Dropout" fails=["Dropout_values"] says="was changed in place: leave it as it is"
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

# %% wrong="Dropout" fails=["Dropout_values", "Dropout_masks", "Dropout_limits"] says="randn draws from a bell curve; rand draws evenly between 0 and 1"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        if self.p == 1:
            return torch.zeros_like(X)
        return X * (torch.randn_like(X) >= self.p) / (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_values"] says="divide by 1 - p; you multiplied"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        return X * (torch.rand_like(X) >= self.p) * (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_values", "Dropout_evaluation", "Dropout_limits"] says="in evaluation nothing is scaled"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        if self.training:
            return X * (torch.rand_like(X) >= self.p)
        return X * (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_values", "Dropout_masks"] says="one number is drawn for the whole batch: draw one for each entry"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        if self.p == 1 or torch.rand(1) < self.p:
            return torch.zeros_like(X)
        return X / (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_values", "Dropout_limits"] says="divide by 1 - p, not by p"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        if not self.training:
            return X
        return X * (torch.rand_like(X) >= self.p) / self.p

# %% wrong="Dropout" fails=["Dropout_limits"] says="in evaluation nothing is dropped and nothing scaled, whatever p is"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        if self.p == 1:
            return torch.zeros_like(X)
        if not self.training:
            return X
        return X * (torch.rand_like(X) >= self.p) / (1 - self.p)

# %% wrong="Dropout" fails=["Dropout_values"] says="was changed in place: leave it as it is"
class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(p)
        self.p = p

    def forward(self, X):
        if not self.training or self.p == 0:
            return X
        with torch.no_grad():
            X[torch.rand_like(X) < self.p] = 0
        return X if self.p == 1 else X / (1 - self.p)

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

# %% right="augment"
def augment(X, degrees, shift):
    T = torchvision().transforms
    f = T.Compose([T.ToPILImage(), T.RandomAffine(degrees=degrees, translate=(shift, shift)), T.ToTensor()])
    return torch.stack([f(x.reshape(1, 28, 28)).view(784) for x in X])

# %% wrong="augment" fails=["augment_random"] says="the images should move both ways, up and down, left and right"
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(degrees=degrees, translate=(shift, 0))
    return torch.stack([f(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="augment" fails=["augment_images", "augment_random"] says="the images come back as they were"
def augment(X, degrees, shift):
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    for image in X.reshape(-1, 1, 28, 28):
        transform(image)
    return X

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

# %% wrong="augment" fails=["augment_images", "augment_random"] says="are both passed on?"
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(degrees, translate=(0.5, 0.5))
    return torch.stack([f(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="augment" fails=["augment_random"] says="the images are not turned: is degrees passed on?"
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(0, translate=(shift, shift))
    return torch.stack([f(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="augment" fails=["augment_images", "augment_random"] says="the images are mirrored: a mirrored digit is another sign"
def augment(X, degrees, shift):
    T = torchvision().transforms
    f = T.Compose([T.RandomHorizontalFlip(1.0), T.RandomAffine(degrees, translate=(shift, shift))])
    return torch.stack([f(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="augment" fails=["augment_images", "augment_random"] says="expected {kind}, got {got}."
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    return [f(x.reshape(1, 28, 28)).flatten() for x in X]

# %% right="augment"
def augment(X, degrees, shift):
    T = torchvision().transforms
    rows = []
    for x in X:
        f = T.RandomAffine(degrees=degrees, translate=(shift, shift))
        rows.append(f(x.reshape(1, 28, 28)).reshape(1, -1))
    return torch.vstack(rows)

# %% wrong="augment" fails=["augment_random"] says="an image has moved by {found:.1f} pixels"
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(degrees, translate=(2 * shift, 2 * shift))
    return torch.stack([f(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="augment" fails=["augment_images", "augment_random"] says="RandomAffine takes images, not rows of pixels: reshape each to (1,"
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    return torch.stack([f(x.reshape(28, 28)).flatten() for x in X])

# %% wrong="augment" fails=["augment_images", "augment_random"] says="translate is a pair, one number for each direction"
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(degrees, translate=shift)
    return torch.stack([f(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="augment" fails=["augment_images", "augment_random"] says="translate counts in parts of the image"
def augment(X, degrees, shift):
    f = torchvision().transforms.RandomAffine(degrees, translate=(28 * shift, 28 * shift))
    return torch.stack([f(x.reshape(1, 28, 28)).flatten() for x in X])

# %% wrong="summarise" fails=["summarise_last"] says="the squares are divided by the number of trainings"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std(correction=0))
    return result

# %% wrong="summarise" fails=["summarise_last"] says="this is the variance; take its root"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.var())
    return result

# %% wrong="summarise" fails=["summarise_last"] says="the deviation over the root of the number"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std() / len(column) ** 0.5)
    return result

# %% wrong="summarise" fails=["summarise_last"] says="this is the largest minus the smallest"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.max() - column.min())
    return result

# %% wrong="summarise" fails=["summarise_last", "summarise_stop"] says="this is the sum over the trainings; divide by their number"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.sum(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_last", "summarise_stop"] says="this is the smallest of the trainings"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.min(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_last", "summarise_stop"] says="this is the median of the trainings"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.median(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_last"] says="these are numbers of the epoch with the lowest validation loss; stop is False"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"]))
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_stop"] says="these are numbers of the last epochs; with stop=True"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_stop"] says="the epoch is chosen by the test loss: the test set must not choose anything"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_test"].index(min(history["loss_test"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_stop"] says="the epoch is chosen by the training loss"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_train"].index(min(history["loss_train"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_stop"] says="the epoch is chosen by the accuracy"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["acc_val"].index(max(history["acc_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_stop"] says="this is the epoch with the highest validation loss"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(max(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_stop"] says="this is the epoch after the lowest validation loss"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) + 1 if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_stop"] says="this is the epoch of the first training, used for all"
def summarise(histories, stop=False):
    rows = []
    for history in histories:
        epoch = histories[0]["loss_val"].index(min(histories[0]["loss_val"])) if stop else len(history["loss_val"]) - 1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    result = {}
    for name in rows[0]:
        column = torch.tensor([row[name] for row in rows])
        result[name] = (column.mean(), column.std())
    return result

# %% wrong="summarise" fails=["summarise_stop"] says="each list gives its own lowest number"
def summarise(histories, stop=False):
    result = {}
    for name in histories[0]:
        best = max if name.startswith("acc") else min
        column = torch.tensor([best(history[name]) if stop else history[name][-1] for history in histories])
        result[name] = (column.mean().item(), column.std().item())
    return result

# %% wrong="summarise" fails=["summarise_last", "summarise_stop"] says="these are means over all the epochs"
def summarise(histories, stop=False):
    result = {}
    for name in histories[0]:
        numbers = torch.tensor([one for history in histories for one in history[name]])
        result[name] = (numbers.mean().item(), numbers.std().item())
    return result

# %% wrong="summarise" fails=["summarise_last", "summarise_stop"] says="this is the last training alone"
def summarise(histories, stop=False):
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        row = {name: numbers[epoch] for name, numbers in history.items()}
    return {name: (number, 0.0) for name, number in row.items()}

# %% wrong="summarise" fails=["summarise_last", "summarise_stop"] says="expected {n} values, separated by commas after return"
def summarise(histories, stop=False):
    means = {}
    for name in histories[0]:
        total = 0
        for history in histories:
            epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
            total += history[name][epoch]
        means[name] = total / len(histories)
    return means

# %% right="summarise"
def summarise(histories, stop=False):
    import numpy as np

    result = {}
    for name in histories[0].keys():
        column = [h[name][int(np.argmin(h["loss_val"])) if stop else len(h["loss_val"]) - 1] for h in histories]
        result[name] = (np.mean(column), np.std(column, ddof=1))
    return result

# %% right="summarise"
def summarise(histories, stop=False):
    from statistics import mean, stdev

    def number(history, name):
        losses = history["loss_val"]
        epoch = min(range(len(losses)), key=losses.__getitem__) if stop else len(losses) - 1
        return float(history[name][epoch])

    columns = {name: [number(history, name) for history in histories] for name in histories[0]}
    return {name: (mean(column), stdev(column)) for name, column in columns.items()}

# %% right="summarise"
def summarise(histories, stop=False):
    result = {}
    n = len(histories)
    for name in histories[0]:
        values = []
        for history in histories:
            best = -1
            if stop:
                best = 0
                for k in range(len(history["loss_val"])):
                    if history["loss_val"][k] < history["loss_val"][best]:
                        best = k
            values.append(history[name][best])
        m = sum(values) / n
        s = (sum((v - m) ** 2 for v in values) / (n - 1)) ** 0.5
        result[name] = [m, s]
    return result

# %% wrong="sweep" fails=["sweep_choice"] says="nothing is chosen yet: run the cell of the curve"
def sweep():
    return [1e-4, 1e-3, 1e-2, 1e-1], None

# %% wrong="sweep" fails=["sweep_plan"] says="take four to six"
def sweep():
    return [1e-4, 1e-3, 1e-1], 1e-3

# %% wrong="sweep" fails=["sweep_plan"] says="the largest strength should be at least 100 times the smallest"
def sweep():
    return [0.001, 0.002, 0.003, 0.004, 0.005], 0.003

# %% wrong="sweep" fails=["sweep_plan"] says="put the strengths in increasing order, each once"
def sweep():
    return [1e-1, 1e-2, 1e-3, 1e-4], 1e-3

# %% wrong="sweep" fails=["sweep_plan"] says="a strength is larger than 0"
def sweep():
    return [0.0, 1e-4, 1e-3, 1e-2], 1e-3

# %% wrong="sweep" fails=["sweep_choice"] says="is not one of your strengths"
def sweep():
    return [1e-4, 1e-3, 1e-2, 1e-1], 2e-3

# %% wrong="sweep" fails=["sweep_choice"] says="lies at an end of your list"
def sweep():
    return [1e-3, 1e-2, 1e-1, 1.0], 1e-3

# %% wrong="sweep" fails=["sweep_choice"] says="with so small a strength"
def sweep():
    return [1e-6, 1e-5, 1e-4, 1e-2], 1e-5

# %% wrong="sweep" fails=["sweep_choice"] says="with so large a strength"
def sweep():
    return [1e-3, 1e-2, 1e-1, 1.0], 0.1

# %% wrong="sweep" fails=["sweep_plan", "sweep_choice"] says="expected {n} values, separated by commas after return"
def sweep():
    return [1e-4, 1e-3, 1e-2, 1e-1]

# %% right="sweep"
def sweep():
    strengths = [10.0**k for k in range(-5, 0)]
    return strengths, strengths[2]

# %% right="sweep"
def sweep():
    return (3e-4, 1e-3, 3e-3, 1e-2, 3e-2), 3e-3

# %% right="sweep"
def sweep():
    strengths = torch.logspace(-4, -1, 6)
    return strengths, strengths[2]

# %% wrong="sweep" fails=["sweep_choice"] says="another of your strengths has a clearly lower validation loss"
def sweep():
    return [2e-4, 2e-3, 2e-2, 2e-1], 2e-2

# %% wrong="sweep" fails=["sweep_choice"] says="another of your strengths has a clearly lower validation loss"
def sweep():
    return [1e-5, 3e-4, 3e-3, 3e-2, 3e-1], 3e-4

# %% right="sweep"
def sweep():
    return [1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 1e-1], 1e-3

# %% right="sweep"
def sweep():
    return [2e-4, 2e-3, 2e-2, 2e-1], 2e-3
