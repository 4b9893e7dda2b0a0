# %% [markdown]
# Answers to 07_modules as students write them: wrong ones with the checks they fail and what they are told, right ones in
# other styles than the solution's.

# %% wrong="Linear" fails=["Linear_accumulates"] says="the second gradient took the place of the first: add to it"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] = scale * delta.T @ input
        self._gradient["b"] = scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_accumulates"] says="scale is not used: add scale times the gradient"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += delta.T @ input
        self._gradient["b"] += delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_accumulates"] says="scale is applied to the sum"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] = scale * (self._gradient["W"] + delta.T @ input)
        self._gradient["b"] = scale * (self._gradient["b"] + delta.sum(0))

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient"] says="the gradient is transposed"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * input.T @ delta
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient", "Linear_accumulates", "Linear_zero_grad", "Linear_update"] says="what += adds to an array has another shape than the array"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient", "Linear_accumulates", "Linear_zero_grad", "Linear_update"] says="the gradient of b is not summed over the examples"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] = self._gradient["b"] + scale * delta

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient"] says="the gradient is divided by the number of examples"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        n = len(input)
        self._gradient["W"] += scale * delta.T @ input / n
        self._gradient["b"] += scale * delta.mean(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient"] says="the gradient has the wrong sign"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] -= scale * delta.T @ input
        self._gradient["b"] -= scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient", "Linear_accumulates", "Linear_zero_grad", "Linear_update"] says="nothing was added to the gradient"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient", "Linear_zero_grad"] says="backward_update_gradient moves the parameters"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)
        self.update_parameters(0.01)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_zero_grad"] says="after zero_grad there is None where an array was promised"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient = None

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self._gradient is None:
            self._gradient = {"W": 0, "b": 0}
        self._gradient["W"] = self._gradient["W"] + scale * delta.T @ input
        self._gradient["b"] = self._gradient["b"] + scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_zero_grad"] says="zero_grad leaves the gradient as it was"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        gradient = {"W": np.zeros_like(self._gradient["W"]), "b": np.zeros_like(self._gradient["b"])}

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_delta"] says="delta is divided by the number of examples"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"] / len(input)

# %% wrong="Linear" fails=["Linear_delta"] says="It is transposed"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return self._parameters["W"].T @ delta.T

# %% wrong="Linear" fails=["Linear_delta"] says="the input does not matter here"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return (delta @ self._parameters["W"]) * input

# %% wrong="Linear" fails=["Linear_delta"] says="backward_delta changes _gradient"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        self.backward_update_gradient(input, delta)
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_delta"] says="is a torch tensor; return a numpy array"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return torch.from_numpy(delta @ self._parameters["W"])

# %% wrong="Linear" fails=["Linear_update"] says="update_parameters walks up the slope"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] += gradient_step * self._gradient["W"]
        self._parameters["b"] += gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_update"] says="gradient_step is not used"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= self._gradient["W"]
        self._parameters["b"] -= self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_update"] says="the parameters do not move"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        W = self._parameters["W"]
        W = W - gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_forward"] says="the bias is missing"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_forward", "Linear_delta"] says="forward does not use what is in _parameters"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self.W, self.b = self._parameters["W"].copy(), self._parameters["b"].copy()
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self.W.T + self.b

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self.W

# %% wrong="Linear" fails=["Linear_parameters"] says="W is not drawn at random"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.full((ny, nx), 0.1), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_parameters"] says="expected about 0 and"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.randn(ny, nx), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_parameters", "Linear_forward", "Linear_gradient", "Linear_accumulates", "Linear_zero_grad", "Linear_delta", "Linear_update"] says="expected a dict, got {got}"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = np.random.randn(nx, ny) / np.sqrt(nx)
        self._gradient = np.zeros((nx, ny))

    def zero_grad(self):
        self._gradient[:] = 0

    def forward(self, X):
        return X @ self._parameters

    def update_parameters(self, gradient_step):
        self._parameters -= gradient_step * self._gradient

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient += scale * input.T @ delta

    def backward_delta(self, input, delta):
        return delta @ self._parameters.T

# %% right="Linear"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        bound = 1 / nx**0.5
        self._parameters = dict(W=np.random.uniform(-bound, bound, size=(ny, nx)), b=np.zeros((ny,)))
        self._gradient = dict(W=np.zeros((ny, nx)), b=np.zeros((ny,)))

    def zero_grad(self):
        for g in self._gradient.values():
            g.fill(0)

    def forward(self, X):
        self.X = X
        W, b = self._parameters["W"], self._parameters["b"]
        return np.array([[W[j] @ x + b[j] for j in range(len(b))] for x in X])

    def update_parameters(self, gradient_step=1e-3):
        self._parameters = {k: v - gradient_step * self._gradient[k] for k, v in self._parameters.items()}

    def backward_update_gradient(self, input, delta, scale=1):
        for x, d in zip(input, delta):
            self._gradient["W"] += scale * np.outer(d, x)
            self._gradient["b"] += scale * d

    def backward_delta(self, input, delta):
        return np.dot(delta, self._parameters["W"])

# %% right="Linear"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        rng = np.random.default_rng()
        self.W = rng.normal(size=(ny, nx)) / np.sqrt(nx)
        self.b = np.zeros(ny)
        self._parameters = {"W": self.W, "b": self.b}
        self.zero_grad()

    def zero_grad(self):
        self._gradient = {"W": np.zeros(self.W.shape), "b": np.zeros(self.b.shape)}

    def forward(self, X):
        return np.einsum("ni,ji->nj", X, self.W) + self.b

    def update_parameters(self, gradient_step):
        self.W -= gradient_step * self._gradient["W"]
        self.b -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] = self._gradient["W"] + scale * (input.T @ delta).T
        self._gradient["b"] = self._gradient["b"] + scale * np.sum(delta, axis=0)
        return self._gradient

    def backward_delta(self, input, delta):
        return (self.W.T @ delta.T).T

# %% right="Linear"
class Linear(Module):
    def __init__(self, nx, ny):
        Module.__init__(self)
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        slope = np.zeros(self._gradient["W"].shape)
        for i in range(len(input)):
            slope += delta[i][:, None] * input[i][None, :]
        self._gradient["W"] += scale * slope
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="TanH" fails=["TanH_delta"] says="1 - input**2 takes the input for the output"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta * (1 - input**2)

# %% wrong="TanH" fails=["TanH_delta"] says="the derivative is taken at the output, not at the input"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta * (1 - np.tanh(self.forward(input)) ** 2)

# %% wrong="TanH" fails=["TanH_delta"] says="the derivative is taken where forward was called last"
class TanH(Module):
    def forward(self, X):
        self.output = np.tanh(X)
        return self.output

    def backward_delta(self, input, delta):
        return delta * (1 - self.output**2)

# %% wrong="TanH" fails=["TanH_delta"] says="delta is missing: multiply the derivative by it"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return 1 - np.tanh(input) ** 2

# %% wrong="TanH" fails=["TanH_delta"] says="the square is missing"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta * (1 - np.tanh(input))

# %% wrong="TanH" fails=["TanH_delta"] says="delta is passed on as it is: multiply it by the derivative"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta

# %% wrong="TanH" fails=["TanH_forward", "TanH_delta"] says="this is the sigmoid; tanh was asked for"
class TanH(Module):
    def forward(self, X):
        return 1 / (1 + np.exp(-X))

    def backward_delta(self, input, delta):
        s = self.forward(input)
        return delta * s * (1 - s)

# %% wrong="TanH" fails=["TanH_module"] says="a module without parameters inherits them"
class TanH:
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta * (1 - np.tanh(input) ** 2)

# %% wrong="TanH" fails=["TanH_forward"] says="forward changes the array that it is given"
class TanH(Module):
    def forward(self, X):
        np.tanh(X, out=X)
        return X

    def backward_delta(self, input, delta):
        return delta * (1 - np.tanh(input) ** 2)

# %% right="TanH"
class TanH(Module):
    def __init__(self):
        super().__init__()

    def zero_grad(self):
        pass

    def forward(self, X):
        e = np.exp(2 * X)
        return (e - 1) / (e + 1)

    def backward_update_gradient(self, input, delta, scale=1.0):
        pass

    def update_parameters(self, gradient_step):
        return None

    def backward_delta(self, input, delta):
        return delta / np.cosh(input) ** 2

# %% wrong="Sigmoide" fails=["Sigmoide_forward"] says="the sign of the exponent is wrong"
class Sigmoide(Module):
    def forward(self, X):
        return 1 / (1 + np.exp(X))

    def backward_delta(self, input, delta):
        s = 1 / (1 + np.exp(-input))
        return delta * s * (1 - s)

# %% wrong="Sigmoide" fails=["Sigmoide_delta"] says="x (1 - x) takes the input for the output"
class Sigmoide(Module):
    def forward(self, X):
        return 1 / (1 + np.exp(-X))

    def backward_delta(self, input, delta):
        return delta * input * (1 - input)

# %% wrong="Sigmoide" fails=["Sigmoide_delta"] says="one factor is missing"
class Sigmoide(Module):
    def forward(self, X):
        return 1 / (1 + np.exp(-X))

    def backward_delta(self, input, delta):
        s = 1 / (1 + np.exp(-input))
        return delta * (1 - s)

# %% right="Sigmoide"
class Sigmoide(Module):
    def __init__(self):
        self._parameters = None
        self._gradient = None

    def forward(self, X):
        return 0.5 * (1 + np.tanh(X / 2))

    def backward_delta(self, input, delta):
        return np.multiply(delta, np.exp(-input) / (1 + np.exp(-input)) ** 2)

# %% wrong="MSELoss" fails=["MSELoss_forward", "MSELoss_backward"] says="this is one loss for each example: take the mean over the examples, too"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return ((yhat - y) ** 2).mean(axis=1)

    def backward(self, y, yhat):
        return 2 * (yhat - y) / y.shape[1]

# %% wrong="MSELoss" fails=["MSELoss_forward"] says="this is one sum for each example"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.linalg.norm(y - yhat, axis=1) ** 2

    def backward(self, y, yhat):
        return 2 * (yhat - y) / (y.shape[0] * y.shape[1])

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="the factor 1/n is missing"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return 2 * (yhat - y) / y.shape[1]

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="the factor 1 / (n ny) is missing"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return 2 * (yhat - y)

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="the sign is wrong: the gradient in yhat, not in y"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return 2 * (y - yhat) / (y.shape[0] * y.shape[1])

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="the factor 2 is missing"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return (yhat - y) / (y.shape[0] * y.shape[1])

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="both the factor 2 and 1 / (n ny) are missing"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return yhat - y

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="the gradients are added up over the examples"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return (2 * (yhat - y) / yhat.shape[1]).mean(axis=0)

# %% wrong="MSELoss" fails=["MSELoss_forward"] says="the squares are summed"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.sum((yhat - y) ** 2)

    def backward(self, y, yhat):
        return 2 * (yhat - y) / (y.shape[0] * y.shape[1])

# %% wrong="MSELoss" fails=["MSELoss_forward"] says="the mean is over the examples only"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.sum((yhat - y) ** 2) / len(y)

    def backward(self, y, yhat):
        return 2 * (yhat - y) / (y.shape[0] * y.shape[1])

# %% wrong="MSELoss" fails=["MSELoss_forward"] says="there is a factor 1/2 too many"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return 0.5 * np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return 2 * (yhat - y) / (y.shape[0] * y.shape[1])

# %% wrong="MSELoss" fails=["MSELoss_forward"] says="these are absolute values, not squares"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("y and yhat must have the same shape")
        return np.mean(np.abs(yhat - y))

    def backward(self, y, yhat):
        return 2 * (yhat - y) / (y.shape[0] * y.shape[1])

# %% wrong="MSELoss" fails=["MSELoss_shapes"] says="without a word: raise ValueError"
class MSELoss(Loss):
    def forward(self, y, yhat):
        return np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return 2 * (yhat - y) / (y.shape[0] * y.shape[1])

# %% wrong="MSELoss" fails=["MSELoss_shapes"] says="forward raises {kind}; ValueError was asked for"
class MSELoss(Loss):
    def forward(self, y, yhat):
        assert y.shape == yhat.shape
        return np.mean((yhat - y) ** 2)

    def backward(self, y, yhat):
        return 2 * (yhat - y) / (y.shape[0] * y.shape[1])

# %% right="MSELoss"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if np.shape(y) != np.shape(yhat):
            raise ValueError
        n, ny = yhat.shape
        return float(sum((yhat[i, k] - y[i, k]) ** 2 for i in range(n) for k in range(ny)) / (n * ny))

    def backward(self, y, yhat):
        return -2.0 / y.size * (y - yhat)

# %% wrong="step" fails=["step_moves"] says="call zero_grad first"
def step(module, loss, X, Y, eta):
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, delta)
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_moves"] says="y and yhat are swapped in loss.backward"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Yhat, Y)
    module.backward_update_gradient(X, delta)
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_returns"] says="y and yhat are swapped in loss.forward"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Yhat, Y)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, delta)
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_moves"] says="it wants the input of the module"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(Yhat, delta)
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_moves"] says="delta is what loss.backward gives, not the loss"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, L * np.ones(X.shape))
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_moves"] says="no step is taken: call update_parameters"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, delta)
    return L

# %% wrong="step" fails=["step_moves"] says="nothing moved: is the gradient computed before"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    module.update_parameters(eta)
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, delta)
    return L

# %% wrong="step" fails=["step_moves"] says="the step is taken before the gradient is computed"
def step(module, loss, X, Y, eta):
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    module.update_parameters(eta)
    module.zero_grad()
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, delta)
    return L

# %% wrong="step" fails=["step_returns"] says="return the loss before the step, not after it"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, delta)
    module.update_parameters(eta)
    return loss.forward(Y, module.forward(X))

# %% wrong="step" fails=["step_returns"] says="is called {n} times in one step: keep what the first call gave"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, module.forward(X))
    module.backward_update_gradient(X, delta)
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_moves"] says="the learning rate eta is not passed on"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, delta)
    module.update_parameters(1.0)
    return L

# %% wrong="step" fails=["step_moves"] says="you walked up the slope"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    module.backward_update_gradient(X, delta)
    module.update_parameters(-eta)
    return L

# %% right="step"
def step(module, loss, X, Y, eta):
    out = module.forward(X)
    value = loss.forward(y=Y, yhat=out)
    module.zero_grad()
    d = loss.backward(y=Y, yhat=out)
    module.backward_update_gradient(input=X, delta=d)
    module.backward_delta(X, d)
    module.update_parameters(gradient_step=eta)
    module.zero_grad()
    return float(value)

# %% wrong="accumulate" fails=["accumulate_gradient"] says="weigh each by its share"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    i = 0
    while i < n:
        x, y = X[i : i + size], Y[i : i + size]
        yhat = module.forward(x)
        delta = loss.backward(y, yhat)
        module.backward_update_gradient(x, delta)
        i += size

# %% wrong="accumulate" fails=["accumulate_gradient"] says="scale is size / n for every part"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    i = 0
    while i < n:
        x, y = X[i : i + size], Y[i : i + size]
        yhat = module.forward(x)
        delta = loss.backward(y, yhat)
        module.backward_update_gradient(x, delta, size / n)
        i += size

# %% wrong="accumulate" fails=["accumulate_gradient"] says="the parts weigh the same, though the last is shorter"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    i = 0
    while i < n:
        x, y = X[i : i + size], Y[i : i + size]
        yhat = module.forward(x)
        delta = loss.backward(y, yhat)
        module.backward_update_gradient(x, delta, 1 / np.ceil(n / size))
        i += size

# %% wrong="accumulate" fails=["accumulate_gradient"] says="only the last part counts: call zero_grad once"
def accumulate(module, loss, X, Y, size):
    n = len(X)
    i = 0
    while i < n:
        x, y = X[i : i + size], Y[i : i + size]
        module.zero_grad()
        yhat = module.forward(x)
        delta = loss.backward(y, yhat)
        module.backward_update_gradient(x, delta, len(x) / n)
        i += size

# %% wrong="accumulate" fails=["accumulate_gradient"] says="accumulate moves the parameters"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    i = 0
    while i < n:
        x, y = X[i : i + size], Y[i : i + size]
        yhat = module.forward(x)
        delta = loss.backward(y, yhat)
        module.backward_update_gradient(x, delta, len(x) / n)
        i += size
    module.update_parameters(1.0)

# %% wrong="accumulate" fails=["accumulate_parts"] says="the whole batch passes at once"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    module.backward_update_gradient(X, loss.backward(Y, module.forward(X)))

# %% wrong="accumulate" fails=["accumulate_parts"] says="the examples pass one by one"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    i = 0
    while i < n:
        x, y = X[i : i + 1], Y[i : i + 1]
        yhat = module.forward(x)
        delta = loss.backward(y, yhat)
        module.backward_update_gradient(x, delta, len(x) / n)
        i += 1

# %% wrong="accumulate" fails=["accumulate_gradient", "accumulate_parts"] says="the last, shorter part is left out"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    i = 0
    while i + size <= n:
        x, y = X[i : i + size], Y[i : i + size]
        yhat = module.forward(x)
        delta = loss.backward(y, yhat)
        module.backward_update_gradient(x, delta, len(x) / n)
        i += size

# %% right="accumulate"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    for x, y in zip(np.split(X, range(size, len(X), size)), np.split(Y, range(size, len(Y), size))):
        yhat = module.forward(x)
        loss.forward(y, yhat)
        module.backward_update_gradient(x, loss.backward(y, yhat) * (x.shape[0] / X.shape[0]))
    return module._gradient

# %% wrong="series_step" fails=["series_step_moves"] says="delta at H is computed after f has moved"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta_f)
    f.update_parameters(eta)
    delta_g = f.backward_delta(H, delta_f)
    g.backward_update_gradient(X, delta_g)
    g.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="g is given the delta of the loss"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta_f)
    delta_g = f.backward_delta(H, delta_f)
    g.backward_update_gradient(X, delta_f)
    g.update_parameters(eta)
    f.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="delta goes back through g"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta_f)
    delta_g = g.backward_delta(X, delta_f)
    g.backward_update_gradient(X, delta_g)
    g.update_parameters(eta)
    f.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="f.backward_delta is given f's output"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta_f)
    delta_g = f.backward_delta(Yhat, delta_f)
    g.backward_update_gradient(X, delta_g)
    g.update_parameters(eta)
    f.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="f is given X; its input is H"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(X, delta_f)
    delta_g = f.backward_delta(H, delta_f)
    g.backward_update_gradient(X, delta_g)
    g.update_parameters(eta)
    f.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="g is given H; its input is X"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta_f)
    delta_g = f.backward_delta(H, delta_f)
    g.backward_update_gradient(H, delta_g)
    g.update_parameters(eta)
    f.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="call zero_grad of both first"
def series_step(g, f, loss, X, Y, eta):
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta_f)
    delta_g = f.backward_delta(H, delta_f)
    g.backward_update_gradient(X, delta_g)
    g.update_parameters(eta)
    f.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="f receives no gradient"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    delta_g = f.backward_delta(H, delta_f)
    g.backward_update_gradient(X, delta_g)
    g.update_parameters(eta)
    f.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="{name} never moves"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta_f)
    delta_g = f.backward_delta(H, delta_f)
    g.backward_update_gradient(X, delta_g)
    f.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_returns"] says="the loss compares Y with H"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, H)
    delta_f = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta_f)
    delta_g = f.backward_delta(H, delta_f)
    g.backward_update_gradient(X, delta_g)
    g.update_parameters(eta)
    f.update_parameters(eta)
    return L

# %% right="series_step"
def series_step(g, f, loss, X, Y, eta):
    h = g.forward(X)
    out = f.forward(h)
    for m in (f, g):
        m.zero_grad()
    d = loss.backward(Y, out)
    dh = f.backward_delta(h, d)
    f.backward_update_gradient(h, d)
    f.update_parameters(eta)
    g.backward_update_gradient(X, dh)
    g.update_parameters(eta)
    return loss.forward(Y, out)

# %% wrong="by_hand" fails=["by_hand_deltas"] says="the deltas are in the order in which they were computed"
def by_hand(first, act, second, loss, X, Y):
    first.zero_grad()
    act.zero_grad()
    second.zero_grad()
    z1 = first.forward(X)
    z2 = act.forward(z1)
    z3 = second.forward(z2)
    L = loss.forward(Y, z3)
    d3 = loss.backward(Y, z3)
    second.backward_update_gradient(z2, d3)
    d2 = second.backward_delta(z2, d3)
    act.backward_update_gradient(z1, d2)
    d1 = act.backward_delta(z1, d2)
    first.backward_update_gradient(X, d1)
    d0 = first.backward_delta(X, d1)
    return L, [d3, d2, d1, d0]

# %% wrong="by_hand" fails=["by_hand_deltas", "by_hand_gradients"] says="backward_delta is given the output of the module"
def by_hand(first, act, second, loss, X, Y):
    first.zero_grad()
    act.zero_grad()
    second.zero_grad()
    z1 = first.forward(X)
    z2 = act.forward(z1)
    z3 = second.forward(z2)
    L = loss.forward(Y, z3)
    d3 = loss.backward(Y, z3)
    second.backward_update_gradient(z2, d3)
    d2 = second.backward_delta(z2, d3)
    act.backward_update_gradient(z1, d2)
    d1 = act.backward_delta(z2, d2)
    first.backward_update_gradient(X, d1)
    d0 = first.backward_delta(X, d1)
    return L, [d0, d1, d2, d3]

# %% wrong="by_hand" fails=["by_hand_deltas", "by_hand_gradients"] says="the delta of the module after is passed on as it is"
def by_hand(first, act, second, loss, X, Y):
    first.zero_grad()
    act.zero_grad()
    second.zero_grad()
    z1 = first.forward(X)
    z2 = act.forward(z1)
    z3 = second.forward(z2)
    L = loss.forward(Y, z3)
    d3 = loss.backward(Y, z3)
    second.backward_update_gradient(z2, d3)
    d2 = second.backward_delta(z2, d3)
    act.backward_update_gradient(z1, d2)
    d1 = d2
    first.backward_update_gradient(X, d1)
    d0 = first.backward_delta(X, d1)
    return L, [d0, d1, d2, d3]

# %% wrong="by_hand" fails=["by_hand_deltas"] says="these are the outputs of the modules"
def by_hand(first, act, second, loss, X, Y):
    first.zero_grad()
    act.zero_grad()
    second.zero_grad()
    z1 = first.forward(X)
    z2 = act.forward(z1)
    z3 = second.forward(z2)
    L = loss.forward(Y, z3)
    d3 = loss.backward(Y, z3)
    second.backward_update_gradient(z2, d3)
    d2 = second.backward_delta(z2, d3)
    act.backward_update_gradient(z1, d2)
    d1 = act.backward_delta(z1, d2)
    first.backward_update_gradient(X, d1)
    d0 = first.backward_delta(X, d1)
    return L, [X, z1, z2, z3]

# %% wrong="by_hand" fails=["by_hand_deltas"] says="by_hand returns the loss, then a list of four arrays"
def by_hand(first, act, second, loss, X, Y):
    first.zero_grad()
    act.zero_grad()
    second.zero_grad()
    z1 = first.forward(X)
    z2 = act.forward(z1)
    z3 = second.forward(z2)
    L = loss.forward(Y, z3)
    d3 = loss.backward(Y, z3)
    second.backward_update_gradient(z2, d3)
    d2 = second.backward_delta(z2, d3)
    act.backward_update_gradient(z1, d2)
    d1 = act.backward_delta(z1, d2)
    first.backward_update_gradient(X, d1)
    return L, [d1, d2, d3]

# %% wrong="by_hand" fails=["by_hand_deltas"] says="by_hand returns the loss, then a list of four arrays"
def by_hand(first, act, second, loss, X, Y):
    z, modules = [X], (first, act, second)
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    deltas = [loss.backward(Y, z[-1])]
    for module, x in zip(modules[::-1], z[2::-1]):
        module.backward_update_gradient(x, deltas[0])
        deltas.insert(0, module.backward_delta(x, deltas[0]))
    return loss.forward(Y, z[-1]), np.array(deltas)

# %% wrong="by_hand" fails=["by_hand_deltas"] says="expected {n} values, separated by commas after return"
def by_hand(first, act, second, loss, X, Y):
    first.zero_grad()
    act.zero_grad()
    second.zero_grad()
    z1 = first.forward(X)
    z2 = act.forward(z1)
    z3 = second.forward(z2)
    L = loss.forward(Y, z3)
    d3 = loss.backward(Y, z3)
    second.backward_update_gradient(z2, d3)
    d2 = second.backward_delta(z2, d3)
    act.backward_update_gradient(z1, d2)
    d1 = act.backward_delta(z1, d2)
    first.backward_update_gradient(X, d1)
    d0 = first.backward_delta(X, d1)
    return [d0, d1, d2, d3]

# %% wrong="by_hand" fails=["by_hand_gradients"] says="act is left out"
def by_hand(first, act, second, loss, X, Y):
    first.zero_grad()
    second.zero_grad()
    z1 = first.forward(X)
    z2 = act.forward(z1)
    z3 = second.forward(z2)
    L = loss.forward(Y, z3)
    d3 = loss.backward(Y, z3)
    second.backward_update_gradient(z2, d3)
    d2 = second.backward_delta(z2, d3)
    d1 = act.backward_delta(z1, d2)
    first.backward_update_gradient(X, d1)
    d0 = first.backward_delta(X, d1)
    return L, [d0, d1, d2, d3]

# %% wrong="by_hand" fails=["by_hand_gradients"] says="by_hand moves the parameters: only the gradients were asked for"
def by_hand(first, act, second, loss, X, Y):
    first.zero_grad()
    act.zero_grad()
    second.zero_grad()
    z1 = first.forward(X)
    z2 = act.forward(z1)
    z3 = second.forward(z2)
    L = loss.forward(Y, z3)
    d3 = loss.backward(Y, z3)
    second.backward_update_gradient(z2, d3)
    d2 = second.backward_delta(z2, d3)
    act.backward_update_gradient(z1, d2)
    d1 = act.backward_delta(z1, d2)
    first.backward_update_gradient(X, d1)
    d0 = first.backward_delta(X, d1)
    for module in (first, act, second):
        module.update_parameters(1.0)
    return L, [d0, d1, d2, d3]

# %% right="by_hand"
def by_hand(first, act, second, loss, X, Y):
    z, modules = [X], (first, act, second)
    for m in modules:
        z.append(m.forward(z[-1]))
    deltas = [loss.backward(Y, z[-1])]
    for m, inp in zip(modules[::-1], z[2::-1]):
        m.zero_grad()
        m.backward_update_gradient(inp, deltas[0])
        deltas.insert(0, m.backward_delta(inp, deltas[0]))
    return [loss.forward(Y, z[-1]), tuple(deltas)]

# %% wrong="interface" fails=["interface_choices"] earns=0.5 says="backward_delta gives the gradient in the module's input"
def interface():
    return {"a": "update_parameters", "b": "backward_update_gradient", "c": "loss.backward", "d": "backward_update_gradient", "e": "zero_grad"}

# %% right="interface"
def interface():
    return dict(a="update_parameters", b="backward_update_gradient", c="loss.backward", d="backward_delta", e="zero_grad")

# %% wrong="module_k" fails=["module_k_sorted"] earns=0.5 says="its gradient needs the delta of its output"
def module_k():
    return {"a": True, "b": True, "c": True, "d": True, "e": False, "f": False, "g": False}

# %% right="module_k"
def module_k():
    answers = dict.fromkeys("abcdefg", False)
    for letter in "abd":
        answers[letter] = True
    return answers

# %% right="Sequentiel"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gradients", "Sequentiel_shared"] says="goes through the modules in the forward order"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in range(len(self.modules)):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gradients", "Sequentiel_shared"] says="each module is given X"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(input, delta, scale)
            delta = self.modules[i].backward_delta(input, delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gradients", "Sequentiel_shared"] says="each module is given its output"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i + 1], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i + 1], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gradients", "Sequentiel_shared"] says="all the modules are given the delta of the loss"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_keeps"] says="on the way back, forward of the modules is called"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        self.forward(input)
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_keeps"] says="in one forward pass, forward of the modules is called"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        for module in self.modules:
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_keeps"] says="the way back uses the inputs of an earlier forward pass"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = self.inputs or []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_shared"] says="takes two steps: let it take one"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in self.modules:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_shared"] says="the inputs are kept by module, not by place"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = {}
        for module in self.modules:
            self.inputs[module] = X
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[self.modules[i]], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[self.modules[i]], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[self.modules[i]], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gathers"] says="scale is not passed on to the modules"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gathers"] says="forward returns what it did before"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        if self.inputs is not None and np.array_equal(X, self.inputs[0]):
            return self.inputs[-1]
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gathers", "Sequentiel_shared"] says="gradients are reset on the way back"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].zero_grad()
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gathers", "Sequentiel_shared"] says="the modules do not move: call update_parameters of each"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gathers"] says="zero_grad leaves the gradients of the modules"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        self._gradient = None

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_delta", "Sequentiel_gradients"] says="backward_delta changes _gradient"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_delta", "Sequentiel_gradients"] says="delta is passed on as it is: go back through the modules"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_delta", "Sequentiel_gradients"] says="this is the delta of the second module's input"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError
        for module, x in zip(self.modules[:0:-1], self.inputs[-2:0:-1]):
            delta = module.backward_delta(x, delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_delta"] says="forward of an empty Sequentiel was called"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = []

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if not self.inputs:
            raise RuntimeError("call forward first")
        for module, x in zip(self.modules[::-1], self.inputs[::-1]):
            module.backward_update_gradient(x, delta, scale)
            delta = module.backward_delta(x, delta)

    def backward_delta(self, input, delta):
        if not self.inputs:
            raise RuntimeError("call forward first")
        for module, x in zip(self.modules[::-1], self.inputs[::-1]):
            delta = module.backward_delta(x, delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_refuses"] says="goes through without a word: raise RuntimeError"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = []

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for i in reversed(range(len(self.inputs[:-1]))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        for i in reversed(range(len(self.inputs[:-1]))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_refuses"] says="raises {kind}; RuntimeError was asked for"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_forward", "Sequentiel_gradients", "Sequentiel_delta", "Sequentiel_shared"] says="the modules are applied in the reverse order"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)[::-1]
        self.inputs = None

    def add(self, module):
        self.modules.insert(0, module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_forward", "Sequentiel_gradients", "Sequentiel_delta", "Sequentiel_shared"] says="it wants the output of the module before"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(X))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% right="Sequentiel"
class Sequentiel(Module):
    def __init__(self, *modules):
        self._modules = []
        self._inputs = []
        self._done = False
        for m in modules:
            self.add(m)

    def add(self, module):
        assert isinstance(module, Module)
        self._modules.append(module)
        return self

    def zero_grad(self):
        [m.zero_grad() for m in self._modules]

    def forward(self, X):
        self._done, self._inputs = True, []
        for m in self._modules:
            self._inputs.append(X)
            X = m.forward(X=X)
        return X

    def update_parameters(self, gradient_step=1e-3):
        seen = []
        for m in self._modules:
            if not any(m is other for other in seen):
                m.update_parameters(gradient_step=gradient_step)
                seen.append(m)

    def _back(self, delta, scale=None):
        if not self._done:
            raise RuntimeError("forward first")
        for m, x in list(zip(self._modules, self._inputs))[::-1]:
            if scale is not None:
                m.backward_update_gradient(input=x, delta=delta, scale=scale)
            delta = m.backward_delta(input=x, delta=delta)
        return delta

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._back(delta, scale)

    def backward_delta(self, input, delta):
        return self._back(delta)

# %% wrong="Dot" fails=["Dot_delta"] says="the two are swapped"
class Dot(Module):
    def forward(self, X):
        x1, x2 = X
        return np.sum(x1 * x2, axis=1).reshape(-1, 1)

    def backward_delta(self, input, delta):
        x1, x2 = input
        return [delta * x1, delta * x2]

# %% wrong="Dot" fails=["Dot_delta"] says="one delta per input was asked for"
class Dot(Module):
    def forward(self, X):
        x1, x2 = X
        return np.sum(x1 * x2, axis=1).reshape(-1, 1)

    def backward_delta(self, input, delta):
        x1, x2 = input
        return delta * (x1 + x2)

# %% wrong="Dot" fails=["Dot_delta"] says="delta is missing"
class Dot(Module):
    def forward(self, X):
        x1, x2 = X
        return np.sum(x1 * x2, axis=1).reshape(-1, 1)

    def backward_delta(self, input, delta):
        x1, x2 = input
        return [x2, x1]

# %% wrong="Dot" fails=["Dot_forward"] says="the shape is (n,): keep one column"
class Dot(Module):
    def forward(self, X):
        x1, x2 = X
        return np.sum(x1 * x2, axis=1)

    def backward_delta(self, input, delta):
        x1, x2 = input
        return [delta * x2, delta * x1]

# %% wrong="Dot" fails=["Dot_forward"] says="these are the products: add them up"
class Dot(Module):
    def forward(self, X):
        x1, x2 = X
        return x1 * x2

    def backward_delta(self, input, delta):
        x1, x2 = input
        return [delta * x2, delta * x1]

# %% wrong="Dot" fails=["Dot_forward"] says="the products of all pairs of rows"
class Dot(Module):
    def forward(self, X):
        x1, x2 = X
        return x1 @ x2.T

    def backward_delta(self, input, delta):
        x1, x2 = input
        return [delta * x2, delta * x1]

# %% wrong="Dot" fails=["Dot_forward"] says="the whole batch is added up"
class Dot(Module):
    def forward(self, X):
        x1, x2 = X
        return np.sum(x1 * x2)

    def backward_delta(self, input, delta):
        x1, x2 = input
        return [delta * x2, delta * x1]

# %% right="Dot"
class Dot(Module):
    def forward(self, X):
        a, b = X
        return np.array([[np.dot(u, v)] for u, v in zip(a, b)])

    def backward_delta(self, input, delta):
        return tuple(delta * other for other in input[::-1])

# %% right="Sum"
class Sum(Module):
    def forward(self, X):
        return np.sum(X, axis=0)

    def backward_delta(self, input, delta):
        return [delta] * len(input)

# %% wrong="Sum" fails=["Sum_delta"] says="delta is shared out among the inputs"
class Sum(Module):
    def forward(self, X):
        return np.sum(X, axis=0)

    def backward_delta(self, input, delta):
        return [delta / len(input)] * len(input)

# %% wrong="Sum" fails=["Sum_delta"] says="delta is multiplied by the input"
class Sum(Module):
    def forward(self, X):
        return np.sum(X, axis=0)

    def backward_delta(self, input, delta):
        return [delta * x for x in input]

# %% wrong="Sum" fails=["Sum_forward"] says="only the first two arrays are added"
class Sum(Module):
    def forward(self, X):
        return X[0] + X[1]

    def backward_delta(self, input, delta):
        return [delta] * len(input)

# %% wrong="Sum" fails=["Sum_forward"] says="everything is added up"
class Sum(Module):
    def forward(self, X):
        return np.sum(X)

    def backward_delta(self, input, delta):
        return [delta] * len(input)

# %% right="Z"
class Z(Module):
    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.random.normal(size=(1, nz))}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"] *= 0

    def forward(self, X=None):
        return self._parameters["theta"]

    def update_parameters(self, gradient_step):
        self._parameters["theta"] = self._parameters["theta"] - gradient_step * self._gradient["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["theta"] += scale * delta

    def backward_delta(self, input, delta):
        return []

# %% wrong="Z" fails=["Z_goes"] says="one delta per input was asked for: there is none"
class Z(Module):
    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.random.normal(size=(1, nz))}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"] *= 0

    def forward(self, X=None):
        return self._parameters["theta"]

    def update_parameters(self, gradient_step):
        self._parameters["theta"] = self._parameters["theta"] - gradient_step * self._gradient["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["theta"] += scale * delta

    def backward_delta(self, input, delta):
        return delta

# %% wrong="Z" fails=["Z_learns"] says="the gradient of theta is delta itself"
class Z(Module):
    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.random.normal(size=(1, nz))}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"] *= 0

    def forward(self, X=None):
        return self._parameters["theta"]

    def update_parameters(self, gradient_step):
        self._parameters["theta"] = self._parameters["theta"] - gradient_step * self._gradient["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["theta"] += scale * delta * self._parameters["theta"]

    def backward_delta(self, input, delta):
        return []

# %% wrong="Z" fails=["Z_goes"] says="the shape is (nz,): theta is a row"
class Z(Module):
    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.random.normal(size=(1, nz))}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"] *= 0

    def forward(self, X=None):
        return self._parameters["theta"][0]

    def update_parameters(self, gradient_step):
        self._parameters["theta"] = self._parameters["theta"] - gradient_step * self._gradient["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["theta"] += scale * delta

    def backward_delta(self, input, delta):
        return []

# %% wrong="Z" fails=["Z_goes"] says="theta is not drawn at random"
class Z(Module):
    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.zeros((1, nz))}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"] *= 0

    def forward(self, X=None):
        return self._parameters["theta"]

    def update_parameters(self, gradient_step):
        self._parameters["theta"] = self._parameters["theta"] - gradient_step * self._gradient["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["theta"] += scale * delta

    def backward_delta(self, input, delta):
        return []

# %% wrong="train" fails=["train_steps"] says="the rows of X and Y do not belong together"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for idx in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[idx], data.Ytrain[: len(idx)], eta)
        Yhat = model.forward(data.Xtrain)
        history["loss_train"].append(loss.forward(data.Ytrain, Yhat))
        history["acc_train"].append(accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% wrong="train" fails=["train_steps"] says="the examples come in the same order in each epoch"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    batches = minibatches(len(data.Xtrain), batch)
    for epoch in range(epochs):
        for idx in batches:
            step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta)
        Yhat = model.forward(data.Xtrain)
        history["loss_train"].append(loss.forward(data.Ytrain, Yhat))
        history["acc_train"].append(accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% wrong="train" fails=["train_steps"] says="one step for each mini-batch was asked for"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        if True:
            idx = np.random.permutation(len(data.Xtrain))
            step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta)
        Yhat = model.forward(data.Xtrain)
        history["loss_train"].append(loss.forward(data.Ytrain, Yhat))
        history["acc_train"].append(accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% wrong="train" fails=["train_steps"] says="the last, shorter mini-batch of each epoch is not used"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for idx in minibatches(len(data.Xtrain), batch):
            if len(idx) < batch:
                continue
            step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta)
        Yhat = model.forward(data.Xtrain)
        history["loss_train"].append(loss.forward(data.Ytrain, Yhat))
        history["acc_train"].append(accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% wrong="train" fails=["train_steps"] says="train learns from test examples"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for idx in minibatches(len(data.Xtest), batch):
            step(model, loss, data.Xtest[idx], data.Ytest[idx], eta)
        Yhat = model.forward(data.Xtrain)
        history["loss_train"].append(loss.forward(data.Ytrain, Yhat))
        history["acc_train"].append(accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% wrong="train" fails=["train_history"] says="train and test are mixed up"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for idx in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta)
        Yhat = model.forward(data.Xtrain)
        history["loss_test"].append(loss.forward(data.Ytrain, Yhat))
        history["acc_train"].append(accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_train"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% wrong="train" fails=["train_history"] says="these are the numbers of the last mini-batch"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for idx in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta)
        history["loss_train"].append(loss.forward(data.Ytrain[idx], model.forward(data.Xtrain[idx])))
        Yhat = model.forward(data.Xtrain)
        history["acc_train"].append(accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% wrong="train" fails=["train_history"] says="the mean of what step returned"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        losses = []
        for idx in minibatches(len(data.Xtrain), batch):
            losses.append(step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta))
        history["loss_train"].append(np.mean(losses))
        history["acc_train"].append(accuracy(data.Ytrain, model.forward(data.Xtrain)))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% right="train"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for idx in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta).item()
        for X, Y, name in ((data.Xtrain, data.Ytrain, "train"), (data.Xtest, data.Ytest, "test")):
            out = model.forward(X)
            history["loss_" + name].append(loss.forward(Y, out).item())
            history["acc_" + name].append(accuracy(Y, out))
    return history

# %% wrong="train" fails=["train_history"] says="not a percentage"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for idx in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta)
        Yhat = model.forward(data.Xtrain)
        history["loss_train"].append(loss.forward(data.Ytrain, Yhat))
        history["acc_train"].append(100 * accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(100 * accuracy(data.Ytest, Yhat))
    return history

# %% wrong="train" fails=["train_history"] says="there is one number in all"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for epoch in range(epochs):
        for idx in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[idx], data.Ytrain[idx], eta)
        if epoch:
            continue
        Yhat = model.forward(data.Xtrain)
        history["loss_train"].append(loss.forward(data.Ytrain, Yhat))
        history["acc_train"].append(accuracy(data.Ytrain, Yhat))
        Yhat = model.forward(data.Xtest)
        history["loss_test"].append(loss.forward(data.Ytest, Yhat))
        history["acc_test"].append(accuracy(data.Ytest, Yhat))
    return history

# %% right="train"
def train(model, loss, data, epochs, batch, eta):
    n = data.Xtrain.shape[0]
    history = dict(loss_train=[], loss_test=[], acc_train=[], acc_test=[], epochs=epochs)
    for _ in range(epochs):
        order = np.arange(n)
        np.random.shuffle(order)
        for k in range(0, n, batch):
            x, y = data.Xtrain[order[k : k + batch]], data.Ytrain[order[k : k + batch]]
            model.zero_grad()
            yhat = model.forward(x)
            model.backward_update_gradient(x, loss.backward(y, yhat))
            model.update_parameters(eta)
        for name in ("train", "test"):
            X, Y = getattr(data, "X" + name), getattr(data, "Y" + name)
            yhat = model.forward(X)
            history["loss_" + name] += [float(loss.forward(Y, yhat))]
            history["acc_" + name] += [np.mean(np.argmax(Y, 1) == np.argmax(yhat, 1))]
    return history

# %% right="confusion"
def confusion(Y, Yhat):
    ny = Y.shape[1]
    counts = np.zeros((ny, ny), dtype=int)
    for y, yhat in zip(Y, Yhat):
        counts[y.argmax(), yhat.argmax()] += 1
    return counts

# %% wrong="confusion" fails=["confusion_counts"] says="rows and columns are swapped"
def confusion(Y, Yhat):
    ny = Y.shape[1]
    counts = np.zeros((ny, ny), dtype=int)
    for y, yhat in zip(Y, Yhat):
        counts[yhat.argmax(), y.argmax()] += 1
    return counts

# %% wrong="confusion" fails=["confusion_counts"] says="each pair is counted once at most"
def confusion(Y, Yhat):
    counts = np.zeros((Y.shape[1], Y.shape[1]))
    counts[Y.argmax(1), Yhat.argmax(1)] += 1
    return counts

# %% wrong="confusion" fails=["confusion_counts"] says="the counts of each row are divided by its sum"
def confusion(Y, Yhat):
    ny = Y.shape[1]
    counts = np.zeros((ny, ny), dtype=int)
    for y, yhat in zip(Y, Yhat):
        counts[y.argmax(), yhat.argmax()] += 1
    return counts / counts.sum(axis=1, keepdims=True)

# %% right="misread"
def misread(Y, Yhat):
    found = []
    for i in range(len(Y)):
        true = int(np.argmax(Y[i]))
        if int(np.argmax(Yhat[i])) != true:
            found.append((Yhat[i].max() - Yhat[i][true], i))
    found.sort(reverse=True)
    return [i for _, i in found]

# %% wrong="misread" fails=["misread_found"] says="the mistakes are not sorted by their excess"
def misread(Y, Yhat):
    wrong = np.flatnonzero(Y.argmax(1) != Yhat.argmax(1))
    excess = Yhat[wrong].max(1) - Yhat[wrong, Y[wrong].argmax(1)]
    return wrong

# %% wrong="misread" fails=["misread_found"] says="not over the second largest"
def misread(Y, Yhat):
    wrong = np.flatnonzero(Y.argmax(1) != Yhat.argmax(1))
    ordered = np.sort(Yhat[wrong], axis=1)
    return wrong[np.argsort(ordered[:, -2] - ordered[:, -1])]

# %% wrong="misread" fails=["misread_found"] says="the largest excess comes first"
def misread(Y, Yhat):
    wrong = np.flatnonzero(Y.argmax(1) != Yhat.argmax(1))
    excess = Yhat[wrong].max(1) - Yhat[wrong, Y[wrong].argmax(1)]
    return wrong[np.argsort(excess)]

# %% wrong="misread" fails=["misread_found"] says="the indices count within the mistakes"
def misread(Y, Yhat):
    wrong = np.flatnonzero(Y.argmax(1) != Yhat.argmax(1))
    excess = Yhat[wrong].max(1) - Yhat[wrong, Y[wrong].argmax(1)]
    return np.argsort(-excess)

# %% wrong="misread" fails=["misread_found"] says="these are the examples that are predicted right"
def misread(Y, Yhat):
    return np.where(Y.argmax(1) == Yhat.argmax(1))[0]

# %% wrong="misread" fails=["misread_found"] says="this says of each example whether it is wrong"
def misread(Y, Yhat):
    return Y.argmax(1) != Yhat.argmax(1)

# %% wrong="misread" fails=["misread_found"] says="sorted by their largest score"
def misread(Y, Yhat):
    wrong = np.flatnonzero(Y.argmax(1) != Yhat.argmax(1))
    excess = Yhat[wrong].max(1)
    return wrong[np.argsort(-excess)]

# %% wrong="Linear" fails=["Linear_forward"] says="the sizes do not fit in a product, @"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"] + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_delta"] says="the sizes do not fit in a product, @"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"].T

# %% wrong="Linear" fails=["Linear_accumulates"] says="scale is not used: add scale times the gradient"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_accumulates"] says="scale is not used: add scale times the gradient"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient"] says="the gradient is divided by the number of examples: delta holds that"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.mean(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_gradient"] says="the gradient of b is summed over its entries too: sum over the"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum()

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_delta"] says="is None: does the function end with return?"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_forward"] says="is None: does the function end with return?"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_parameters"] says="b and the gradient are zeros at first"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.random.randn(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_parameters"] says="W has the mean {mean:.2g} and the standard deviation {std:.2g};"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.rand(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% right="Linear"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return np.einsum("ij,kj->ik", X, self._parameters["W"]) + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] = self._parameters[name] - gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% right="Linear"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        W = np.random.uniform(-1, 1, (ny, nx)) / nx**0.5
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        self._gradient["W"] += scale * delta.T @ input
        for row in delta:
            self._gradient["b"] += scale * row

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        return delta @ self._parameters["W"]

# %% wrong="TanH" fails=["TanH_forward", "TanH_module"] says="expected shape {expected}, got {got}."
class TanH(Module):
    """The hyperbolic tangent of each number. It has no parameters."""

    def forward(self, X):
        """Return tanh of X (n, nx), an array of the same shape."""
        return np.tanh(X)[0]

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input (n, nx), whatever forward was called on last.

        input: X. delta: the gradient of the loss in tanh(X). Both (n, nx).
        """
        return delta * (1 - np.tanh(input) ** 2)

# %% wrong="TanH" fails=["TanH_delta"] says="expected shape {expected}, got {got}."
class TanH(Module):
    """The hyperbolic tangent of each number. It has no parameters."""

    def forward(self, X):
        """Return tanh of X (n, nx), an array of the same shape."""
        return np.tanh(X)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input (n, nx), whatever forward was called on last.

        input: X. delta: the gradient of the loss in tanh(X). Both (n, nx).
        """
        return delta @ (1 - np.tanh(input) ** 2).T

# %% right="TanH"
class TanH(Module):
    """The hyperbolic tangent of each number. It has no parameters."""

    def forward(self, X):
        """Return tanh of X (n, nx), an array of the same shape."""
        return (np.exp(X) - np.exp(-X)) / (np.exp(X) + np.exp(-X))

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input (n, nx), whatever forward was called on last.

        input: X. delta: the gradient of the loss in tanh(X). Both (n, nx).
        """
        return delta / np.cosh(input) ** 2

# %% wrong="Sigmoide" fails=["Sigmoide_delta"] says="delta is missing: multiply the derivative by it"
class Sigmoide(Module):
    """The sigmoid of each number. It has no parameters."""

    def forward(self, X):
        """Return the sigmoid of X (n, nx), an array of the same shape."""
        return 1 / (1 + np.exp(-X))

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input (n, nx), whatever forward was called on last.

        input: X. delta: the gradient of the loss in the sigmoid of X. Both (n, nx).
        """
        s = self.forward(input)
        return s * (1 - s)

# %% right="Sigmoide"
class Sigmoide(Module):
    """The sigmoid of each number. It has no parameters."""

    def forward(self, X):
        """Return the sigmoid of X (n, nx), an array of the same shape."""
        return 0.5 * (1 + np.tanh(X / 2))

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input (n, nx), whatever forward was called on last.

        input: X. delta: the gradient of the loss in the sigmoid of X. Both (n, nx).
        """
        s = self.forward(input)
        return delta * s * (1 - s)

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="expected shape {expected}, got {got}."
class MSELoss(Loss):
    """The mean of the squared errors, over all examples and outputs."""

    def forward(self, y, yhat):
        """Return the mean of (yhat - y)**2 over the n * ny numbers, one number.

        y: targets (n, ny). yhat: predictions (n, ny).
        Raises ValueError where y and yhat have different shapes.
        """
        if y.shape != yhat.shape:
            raise ValueError(f"y has the shape {y.shape}, yhat {yhat.shape}")
        return ((yhat - y) ** 2).mean()

    def backward(self, y, yhat):
        """Return the gradient of forward(y, yhat) in yhat, an array (n, ny)."""
        return 2 * (yhat - y).mean()

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="the factor 1/ny is missing: forward is a mean over the outputs, too"
class MSELoss(Loss):
    """The mean of the squared errors, over all examples and outputs."""

    def forward(self, y, yhat):
        """Return the mean of (yhat - y)**2 over the n * ny numbers, one number.

        y: targets (n, ny). yhat: predictions (n, ny).
        Raises ValueError where y and yhat have different shapes.
        """
        if y.shape != yhat.shape:
            raise ValueError(f"y has the shape {y.shape}, yhat {yhat.shape}")
        return ((yhat - y) ** 2).mean()

    def backward(self, y, yhat):
        """Return the gradient of forward(y, yhat) in yhat, an array (n, ny)."""
        return 2 * (yhat - y) / len(yhat)

# %% right="MSELoss"
class MSELoss(Loss):
    """The mean of the squared errors, over all examples and outputs."""

    def forward(self, y, yhat):
        """Return the mean of (yhat - y)**2 over the n * ny numbers, one number.

        y: targets (n, ny). yhat: predictions (n, ny).
        Raises ValueError where y and yhat have different shapes.
        """
        if y.shape != yhat.shape:
            raise ValueError(f"y has the shape {y.shape}, yhat {yhat.shape}")
        return float(np.mean(np.square(y - yhat)))

    def backward(self, y, yhat):
        """Return the gradient of forward(y, yhat) in yhat, an array (n, ny)."""
        return 2 * (yhat - y) / yhat.size

# %% wrong="step" fails=["step_returns"] says="expected {kind}, got {got}."
def step(module, loss, X, Y, eta):
    """Take one step of gradient descent.

    module: a Module, whatever it computes; gradients left in it from before must not count.
    loss: a Loss. X: inputs (n, nx). Y: targets (n, ny). eta: learning rate.
    Calls module.forward once. Returns the loss before the step.
    """
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    module.backward_update_gradient(X, loss.backward(Y, Yhat))
    module.update_parameters(eta)
    return module

# %% wrong="step" fails=["step_moves"] says="eta is passed on as scale, too"
def step(module, loss, X, Y, eta):
    """Take one step of gradient descent.

    module: a Module, whatever it computes; gradients left in it from before must not count.
    loss: a Loss. X: inputs (n, nx). Y: targets (n, ny). eta: learning rate.
    Calls module.forward once. Returns the loss before the step.
    """
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    module.backward_update_gradient(X, loss.backward(Y, Yhat), eta)
    module.update_parameters(eta)
    return L

# %% right="step"
def step(module, loss, X, Y, eta):
    """Take one step of gradient descent.

    module: a Module, whatever it computes; gradients left in it from before must not count.
    loss: a Loss. X: inputs (n, nx). Y: targets (n, ny). eta: learning rate.
    Calls module.forward once. Returns the loss before the step.
    """
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    module.backward_update_gradient(X, loss.backward(Y, Yhat))
    module.update_parameters(eta)
    module.zero_grad()
    return L

# %% wrong="accumulate" fails=["accumulate_gradient"] says="scale is 1 / size: delta holds the mean over its part already, weigh"
def accumulate(module, loss, X, Y, size):
    """Compute the gradient of the loss of a whole batch, size examples at a time.

    module: a Module; afterwards _gradient is that of the mean loss over all n examples, whatever it was before,
    and the parameters are as they were. loss: a Loss. X: inputs (n, nx). Y: targets (n, ny).
    size: examples in a part, rows that follow each other; the last part may have fewer.
    Returns nothing.
    """
    module.zero_grad()
    for first in range(0, len(X), size):
        x, y = X[first : first + size], Y[first : first + size]
        delta = loss.backward(y, module.forward(x))
        module.backward_update_gradient(x, delta, scale=1 / size)

# %% wrong="accumulate" fails=["accumulate_gradient"] says="only the last part counts: call zero_grad once, before the loop"
def accumulate(module, loss, X, Y, size):
    """Compute the gradient of the loss of a whole batch, size examples at a time.

    module: a Module; afterwards _gradient is that of the mean loss over all n examples, whatever it was before,
    and the parameters are as they were. loss: a Loss. X: inputs (n, nx). Y: targets (n, ny).
    size: examples in a part, rows that follow each other; the last part may have fewer.
    Returns nothing.
    """
    module.zero_grad()
    for first in range(0, len(X), size):
        x, y = X[first : first + size], Y[first : first + size]
        module.zero_grad()
        delta = loss.backward(y, module.forward(x))
        module.backward_update_gradient(x, delta, scale=len(x) / len(X))

# %% right="accumulate"
def accumulate(module, loss, X, Y, size):
    """Compute the gradient of the loss of a whole batch, size examples at a time.

    module: a Module; afterwards _gradient is that of the mean loss over all n examples, whatever it was before,
    and the parameters are as they were. loss: a Loss. X: inputs (n, nx). Y: targets (n, ny).
    size: examples in a part, rows that follow each other; the last part may have fewer.
    Returns nothing.
    """
    module.zero_grad()
    for first in range(0, len(X), size):
        x, y = X[first : first + size], Y[first : first + size]
        delta = loss.backward(y, module.forward(x))
        module.backward_update_gradient(x, delta * len(x) / len(X))

# %% wrong="series_step" fails=["series_step_moves"] says="delta at H is computed after f has moved: call f.backward_delta"
def series_step(g, f, loss, X, Y, eta):
    """Take one step of gradient descent with two modules in series, g then f.

    g, f: Modules; gradients left in them from before must not count. loss: a Loss.
    X: inputs of g (n, nx). Y: targets of f's outputs (n, ny). eta: learning rate, for both.
    Calls forward of each module once. Returns the loss before the step.
    """
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta)
    f.update_parameters(eta)
    g.backward_update_gradient(X, f.backward_delta(H, delta))
    g.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="delta goes back through g: g wants the delta of its output, which"
def series_step(g, f, loss, X, Y, eta):
    """Take one step of gradient descent with two modules in series, g then f.

    g, f: Modules; gradients left in them from before must not count. loss: a Loss.
    X: inputs of g (n, nx). Y: targets of f's outputs (n, ny). eta: learning rate, for both.
    Calls forward of each module once. Returns the loss before the step.
    """
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta)
    g.backward_update_gradient(X, g.backward_delta(X, delta))
    f.update_parameters(eta)
    g.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="delta goes back through g as well: g wants the delta of its output,"
def series_step(g, f, loss, X, Y, eta):
    """Take one step of gradient descent with two modules in series, g then f.

    g, f: Modules; gradients left in them from before must not count. loss: a Loss.
    X: inputs of g (n, nx). Y: targets of f's outputs (n, ny). eta: learning rate, for both.
    Calls forward of each module once. Returns the loss before the step.
    """
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    g.backward_update_gradient(X, g.backward_delta(X, f.backward_delta(H, delta)))
    f.backward_update_gradient(H, delta)
    f.update_parameters(eta)
    g.update_parameters(eta)
    return L

# %% wrong="by_hand" fails=["by_hand_deltas"] says="the deltas are in the order in which they were computed; deltas[0] is"
def by_hand(first, act, second, loss, X, Y):
    """Go forth and back through three modules in series: first, act, second.

    Afterwards _gradient of each module is that of the loss, whatever it was before; no parameter moves.
    X: inputs (n, nx). Y: targets (n, ny).
    Returns (L, deltas): L, the loss; deltas, a list of four arrays, deltas[k] the gradient of the loss in z^k,
    where z^0 is X and z^3 is Yhat.
    """
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    L = loss.forward(Y, z[3])
    deltas = [None, None, None, loss.backward(Y, z[3])]
    for k in (3, 2, 1):
        modules[k - 1].backward_update_gradient(z[k - 1], deltas[k])
        deltas[k - 1] = modules[k - 1].backward_delta(z[k - 1], deltas[k])
    return L, deltas[::-1]

# %% wrong="by_hand" fails=["by_hand_deltas"] says="the two values are swapped: the loss, then the deltas"
def by_hand(first, act, second, loss, X, Y):
    """Go forth and back through three modules in series: first, act, second.

    Afterwards _gradient of each module is that of the loss, whatever it was before; no parameter moves.
    X: inputs (n, nx). Y: targets (n, ny).
    Returns (L, deltas): L, the loss; deltas, a list of four arrays, deltas[k] the gradient of the loss in z^k,
    where z^0 is X and z^3 is Yhat.
    """
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    L = loss.forward(Y, z[3])
    deltas = [None, None, None, loss.backward(Y, z[3])]
    for k in (3, 2, 1):
        modules[k - 1].backward_update_gradient(z[k - 1], deltas[k])
        deltas[k - 1] = modules[k - 1].backward_delta(z[k - 1], deltas[k])
    return deltas, L

# %% wrong="by_hand" fails=["by_hand_deltas"] says="by_hand returns the loss, then a list of four arrays, deltas[0] to"
def by_hand(first, act, second, loss, X, Y):
    """Go forth and back through three modules in series: first, act, second.

    Afterwards _gradient of each module is that of the loss, whatever it was before; no parameter moves.
    X: inputs (n, nx). Y: targets (n, ny).
    Returns (L, deltas): L, the loss; deltas, a list of four arrays, deltas[k] the gradient of the loss in z^k,
    where z^0 is X and z^3 is Yhat.
    """
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    L = loss.forward(Y, z[3])
    deltas = [None, None, None, loss.backward(Y, z[3])]
    for k in (3, 2, 1):
        modules[k - 1].backward_update_gradient(z[k - 1], deltas[k])
        deltas[k - 1] = modules[k - 1].backward_delta(z[k - 1], deltas[k])
    return L, deltas[1:]

# %% wrong="by_hand" fails=["by_hand_deltas", "by_hand_gradients"] says="deltas[{k}] is None: go back through all three modules, to X"
def by_hand(first, act, second, loss, X, Y):
    """Go forth and back through three modules in series: first, act, second.

    Afterwards _gradient of each module is that of the loss, whatever it was before; no parameter moves.
    X: inputs (n, nx). Y: targets (n, ny).
    Returns (L, deltas): L, the loss; deltas, a list of four arrays, deltas[k] the gradient of the loss in z^k,
    where z^0 is X and z^3 is Yhat.
    """
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    L = loss.forward(Y, z[3])
    deltas = [None, None, None, loss.backward(Y, z[3])]
    for k in (3, 2):
        modules[k - 1].backward_update_gradient(z[k - 1], deltas[k])
        deltas[k - 1] = modules[k - 1].backward_delta(z[k - 1], deltas[k])
    return L, deltas

# %% right="by_hand"
def by_hand(first, act, second, loss, X, Y):
    """Go forth and back through three modules in series: first, act, second.

    Afterwards _gradient of each module is that of the loss, whatever it was before; no parameter moves.
    X: inputs (n, nx). Y: targets (n, ny).
    Returns (L, deltas): L, the loss; deltas, a list of four arrays, deltas[k] the gradient of the loss in z^k,
    where z^0 is X and z^3 is Yhat.
    """
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    L = loss.forward(Y, z[3])
    deltas = [None, None, None, loss.backward(Y, z[3])]
    for k in (3, 2, 1):
        modules[k - 1].backward_update_gradient(z[k - 1], deltas[k])
        deltas[k - 1] = modules[k - 1].backward_delta(z[k - 1], deltas[k])
    return L, tuple(deltas)

# %% wrong="Sequentiel" fails=["Sequentiel_gathers"] says="scale multiplies delta at each module anew: pass scale on, and delta"
class Sequentiel(Module):
    """Modules in series, as one module. The parameters and gradients stay in the modules."""

    def __init__(self, *modules):
        """Put the modules in series, in this order; there may be none."""
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        """Put one more module at the end."""
        self.modules.append(module)

    def zero_grad(self):
        """Set the gradient of every module to zeros."""
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        """Return the output of the last module; X itself if there is none.

        Calls forward of each module once for each place it stands at, and keeps the inputs for the way back.
        """
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        """Let every module take its step; a module that stands at several places takes one all the same."""
        for module in {id(module): module for module in self.modules}.values():
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times its gradient to each module, without calling forward of any module.

        input: what forward was given last. delta: gradient of the loss in what it returned.
        Raises RuntimeError if forward has not been called.
        """
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            module.backward_update_gradient(x, delta, scale)
            delta = scale * module.backward_delta(x, delta)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input; no gradient of a module changes.

        input, delta: as above; forward of no module is called. Raises RuntimeError if forward has not been called.
        """
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            delta = module.backward_delta(x, delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gathers"] says="scale multiplies delta, and is passed on as well: once is enough"
class Sequentiel(Module):
    """Modules in series, as one module. The parameters and gradients stay in the modules."""

    def __init__(self, *modules):
        """Put the modules in series, in this order; there may be none."""
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        """Put one more module at the end."""
        self.modules.append(module)

    def zero_grad(self):
        """Set the gradient of every module to zeros."""
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        """Return the output of the last module; X itself if there is none.

        Calls forward of each module once for each place it stands at, and keeps the inputs for the way back.
        """
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        """Let every module take its step; a module that stands at several places takes one all the same."""
        for module in {id(module): module for module in self.modules}.values():
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times its gradient to each module, without calling forward of any module.

        input: what forward was given last. delta: gradient of the loss in what it returned.
        Raises RuntimeError if forward has not been called.
        """
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            module.backward_update_gradient(x, scale * delta, scale)
            delta = module.backward_delta(x, delta)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input; no gradient of a module changes.

        input, delta: as above; forward of no module is called. Raises RuntimeError if forward has not been called.
        """
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            delta = module.backward_delta(x, delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gathers"] says="scale is not passed on to the modules"
class Sequentiel(Module):
    """Modules in series, as one module. The parameters and gradients stay in the modules."""

    def __init__(self, *modules):
        """Put the modules in series, in this order; there may be none."""
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        """Put one more module at the end."""
        self.modules.append(module)

    def zero_grad(self):
        """Set the gradient of every module to zeros."""
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        """Return the output of the last module; X itself if there is none.

        Calls forward of each module once for each place it stands at, and keeps the inputs for the way back.
        """
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        """Let every module take its step; a module that stands at several places takes one all the same."""
        for module in {id(module): module for module in self.modules}.values():
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times its gradient to each module, without calling forward of any module.

        input: what forward was given last. delta: gradient of the loss in what it returned.
        Raises RuntimeError if forward has not been called.
        """
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            module.backward_update_gradient(x, delta)
            delta = module.backward_delta(x, delta)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input; no gradient of a module changes.

        input, delta: as above; forward of no module is called. Raises RuntimeError if forward has not been called.
        """
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            delta = module.backward_delta(x, delta)
        return delta

# %% right="Sequentiel"
class Sequentiel(Module):
    """Modules in series, as one module. The parameters and gradients stay in the modules."""

    def __init__(self, *modules):
        """Put the modules in series, in this order; there may be none."""
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        """Put one more module at the end."""
        self.modules.append(module)

    def zero_grad(self):
        """Set the gradient of every module to zeros."""
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        """Return the output of the last module; X itself if there is none.

        Calls forward of each module once for each place it stands at, and keeps the inputs for the way back.
        """
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        """Let every module take its step; a module that stands at several places takes one all the same."""
        moved = []
        for module in self.modules:
            if not any(module is other for other in moved):
                module.update_parameters(gradient_step)
                moved.append(module)

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times its gradient to each module, without calling forward of any module.

        input: what forward was given last. delta: gradient of the loss in what it returned.
        Raises RuntimeError if forward has not been called.
        """
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            module.backward_update_gradient(x, delta, scale)
            delta = module.backward_delta(x, delta)

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input; no gradient of a module changes.

        input, delta: as above; forward of no module is called. Raises RuntimeError if forward has not been called.
        """
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            delta = module.backward_delta(x, delta)
        return delta

# %% right="Dot"
class Dot(Module):
    """The dot product of two arrays, row by row. It has no parameters."""

    def forward(self, X):
        """Return an array (n, 1), the dot products of the rows of two arrays.

        X: a list of two arrays (n, nx).
        """
        return (X[0] * X[1]).sum(1, keepdims=True)

    def backward_delta(self, input, delta):
        """Return a list of two arrays (n, nx), the gradients of the loss in each input.

        input: the list of two arrays. delta: the gradient of the loss in the dot products, (n, 1).
        """
        first, second = input
        return np.stack([second * delta, first * delta])

# %% wrong="Dot" fails=["Dot_forward"] says="these are the products of all pairs of rows: multiply number by"
class Dot(Module):
    """The dot product of two arrays, row by row. It has no parameters."""

    def forward(self, X):
        """Return an array (n, 1), the dot products of the rows of two arrays.

        X: a list of two arrays (n, nx).
        """
        return np.dot(X[0], X[1].T)

    def backward_delta(self, input, delta):
        """Return a list of two arrays (n, nx), the gradients of the loss in each input.

        input: the list of two arrays. delta: the gradient of the loss in the dot products, (n, 1).
        """
        return [delta * input[1], delta * input[0]]

# %% wrong="Dot" fails=["Dot_delta"] says="one delta per input was asked for: return a list of two arrays"
class Dot(Module):
    """The dot product of two arrays, row by row. It has no parameters."""

    def forward(self, X):
        """Return an array (n, 1), the dot products of the rows of two arrays.

        X: a list of two arrays (n, nx).
        """
        return (X[0] * X[1]).sum(1, keepdims=True)

    def backward_delta(self, input, delta):
        """Return a list of two arrays (n, nx), the gradients of the loss in each input.

        input: the list of two arrays. delta: the gradient of the loss in the dot products, (n, 1).
        """
        return delta * input[1]

# %% wrong="Sum" fails=["Sum_forward"] says="only the first two arrays are added: there may be any number"
class Sum(Module):
    """The sum of any number of arrays. It has no parameters."""

    def forward(self, X):
        """Return the sum, an array (n, nx). X: a list of one or more arrays (n, nx)."""
        return X[0] + X[1]

    def backward_delta(self, input, delta):
        """Return a list with the gradient of the loss in each input, arrays (n, nx).

        input: the list of arrays. delta: the gradient of the loss in their sum, (n, nx).
        """
        return [delta.copy() for _ in input]

# %% right="Sum"
class Sum(Module):
    """The sum of any number of arrays. It has no parameters."""

    def forward(self, X):
        """Return the sum, an array (n, nx). X: a list of one or more arrays (n, nx)."""
        return np.sum(X, axis=0)

    def backward_delta(self, input, delta):
        """Return a list with the gradient of the loss in each input, arrays (n, nx).

        input: the list of arrays. delta: the gradient of the loss in their sum, (n, nx).
        """
        return len(input) * [delta]

# %% wrong="Z" fails=["Z_goes"] says="one delta per input was asked for: there is none, return an empty list"
class Z(Module):
    """A parameter as a module: without input, it returns what it has learnt so far.

    _parameters: dict of "theta" (1, nz), drawn at random. _gradient: dict of the same name and shape, zeros at first.
    """

    def __init__(self, nz):
        """Make nz numbers, and their gradient."""
        super().__init__()
        self._parameters = {"theta": np.random.randn(1, nz)}
        self.zero_grad()

    def zero_grad(self):
        """Set the array of _gradient to zeros."""
        self._gradient = {"theta": np.zeros_like(self._parameters["theta"])}

    def forward(self, X=()):
        """Return theta (1, nz). X: an empty list."""
        return self._parameters["theta"].copy()

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from theta."""
        self._parameters["theta"] -= gradient_step * self._gradient["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in theta. delta: the gradient of the loss in the output (1, nz)."""
        self._gradient["theta"] += scale * delta

    def backward_delta(self, input, delta):
        """Return a list with one delta per input: an empty list."""
        return None

# %% right="Z"
class Z(Module):
    """A parameter as a module: without input, it returns what it has learnt so far.

    _parameters: dict of "theta" (1, nz), drawn at random. _gradient: dict of the same name and shape, zeros at first.
    """

    def __init__(self, nz):
        """Make nz numbers, and their gradient."""
        super().__init__()
        self._parameters = {"theta": np.random.randn(1, nz)}
        self.zero_grad()

    def zero_grad(self):
        """Set the array of _gradient to zeros."""
        self._gradient = {"theta": np.zeros_like(self._parameters["theta"])}

    def forward(self, X=()):
        """Return theta (1, nz). X: an empty list."""
        return self._parameters["theta"]

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from theta."""
        self._parameters["theta"] -= gradient_step * self._gradient["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in theta. delta: the gradient of the loss in the output (1, nz)."""
        self._gradient["theta"] += scale * delta

    def backward_delta(self, input, delta):
        """Return a list with one delta per input: an empty list."""
        return ()

# %% wrong="train" fails=["train_history"] says="the accuracy is a rate between 0 and 1, not a percentage"
def train(model, loss, data, epochs, batch, eta):
    """Train a module by mini-batch descent.

    model: a Module, trained in place. loss: a Loss. data: holds arrays Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    epochs: passes over the training examples, each in a new order. batch: size of a mini-batch (the last may be
    smaller). eta: learning rate. May use step, minibatches and accuracy.
    Returns history, a dict of four lists, "loss_train", "loss_test", "acc_train", "acc_test", with one number an
    epoch, measured after its steps on all the examples.
    """
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"].append(100 * accuracy(Y, Yhat))
    return history

# %% wrong="train" fails=["train_steps"] says="the rate is divided by the size of the batch"
def train(model, loss, data, epochs, batch, eta):
    """Train a module by mini-batch descent.

    model: a Module, trained in place. loss: a Loss. data: holds arrays Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    epochs: passes over the training examples, each in a new order. batch: size of a mini-batch (the last may be
    smaller). eta: learning rate. May use step, minibatches and accuracy.
    Returns history, a dict of four lists, "loss_train", "loss_test", "acc_train", "acc_test", with one number an
    epoch, measured after its steps on all the examples.
    """
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta / batch)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"].append(accuracy(Y, Yhat))
    return history

# %% wrong="train" fails=["train_history"] says="expected a dict, got {got}."
def train(model, loss, data, epochs, batch, eta):
    """Train a module by mini-batch descent.

    model: a Module, trained in place. loss: a Loss. data: holds arrays Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    epochs: passes over the training examples, each in a new order. batch: size of a mini-batch (the last may be
    smaller). eta: learning rate. May use step, minibatches and accuracy.
    Returns history, a dict of four lists, "loss_train", "loss_test", "acc_train", "acc_test", with one number an
    epoch, measured after its steps on all the examples.
    """
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"].append(accuracy(Y, Yhat))
    return model, history

# %% right="train"
def train(model, loss, data, epochs, batch, eta):
    """Train a module by mini-batch descent.

    model: a Module, trained in place. loss: a Loss. data: holds arrays Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    epochs: passes over the training examples, each in a new order. batch: size of a mini-batch (the last may be
    smaller). eta: learning rate. May use step, minibatches and accuracy.
    Returns history, a dict of four lists, "loss_train", "loss_test", "acc_train", "acc_test", with one number an
    epoch, measured after its steps on all the examples.
    """
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"] += [np.mean(Y.argmax(1) == Yhat.argmax(1))]
    return history

# %% right="confusion"
def confusion(Y, Yhat):
    """Count which class is taken for which.

    Y: one-hot targets (n, ny). Yhat: scores (n, ny).
    Returns an array (ny, ny): in row i and column j the number of examples of class i predicted as class j.
    """
    counts = np.zeros((Y.shape[1], Y.shape[1]))
    for y, yhat in zip(Y, Yhat):
        counts[y.argmax(), yhat.argmax()] += 1
    return counts

# %% wrong="misread" fails=["misread_found"] says="these are all the examples; keep those that are predicted wrong"
def misread(Y, Yhat):
    """Find the examples that are predicted wrong.

    Y: one-hot targets (n, ny). Yhat: scores (n, ny).
    Returns their indices, an array or a list of whole numbers, sorted by how much the largest score exceeds that of
    the right class, the largest excess first.
    """
    excess = Yhat.max(1) - (Y * Yhat).sum(1)
    order = np.argsort(-excess)
    return np.arange(len(Y))

# %% wrong="misread" fails=["misread_found"] says="these are all the examples; keep those that are predicted wrong"
def misread(Y, Yhat):
    """Find the examples that are predicted wrong.

    Y: one-hot targets (n, ny). Yhat: scores (n, ny).
    Returns their indices, an array or a list of whole numbers, sorted by how much the largest score exceeds that of
    the right class, the largest excess first.
    """
    excess = Yhat.max(1) - (Y * Yhat).sum(1)
    order = np.argsort(-excess)
    return order

# %% wrong="misread" fails=["misread_found"] says="this says of each example whether it is wrong; the indices were asked"
def misread(Y, Yhat):
    """Find the examples that are predicted wrong.

    Y: one-hot targets (n, ny). Yhat: scores (n, ny).
    Returns their indices, an array or a list of whole numbers, sorted by how much the largest score exceeds that of
    the right class, the largest excess first.
    """
    excess = Yhat.max(1) - (Y * Yhat).sum(1)
    order = np.argsort(-excess)
    return excess > 0

# %% wrong="misread" fails=["misread_found"] says="the largest excess comes first: reverse the order"
def misread(Y, Yhat):
    """Find the examples that are predicted wrong.

    Y: one-hot targets (n, ny). Yhat: scores (n, ny).
    Returns their indices, an array or a list of whole numbers, sorted by how much the largest score exceeds that of
    the right class, the largest excess first.
    """
    excess = Yhat.max(1) - (Y * Yhat).sum(1)
    order = np.argsort(excess)
    return order[excess[order] > 0]

# %% right="misread"
def misread(Y, Yhat):
    """Find the examples that are predicted wrong.

    Y: one-hot targets (n, ny). Yhat: scores (n, ny).
    Returns their indices, an array or a list of whole numbers, sorted by how much the largest score exceeds that of
    the right class, the largest excess first.
    """
    excess = Yhat.max(1) - (Y * Yhat).sum(1)
    order = np.argsort(-excess)
    return [int(i) for i in order if Y[i].argmax() != Yhat[i].argmax()]

# %% wrong="HingeLoss" fails=["HingeLoss_forward", "HingeLoss_backward"] says="the sign is wrong: right signs cost, wrong ones do not"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.mean(np.maximum(0, self.margin + y * yhat))

    def backward(self, y, yhat):
        return np.where(self.margin + y * yhat > 0, y, 0) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="the sign is wrong: where the loss is not 0, it falls when yhat moves towards y"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return np.where(y * yhat < self.margin, y, 0) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="all the numbers have a slope"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -y / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="y is missing in the slope"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return np.where(y * yhat < self.margin, -1, 0) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="the slope is where the loss is 0"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return np.where(y * yhat > self.margin, -y, 0) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="max(0, …) is missing, or outside the mean"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.mean(self.margin - y * yhat)

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / yhat.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="max(0, …) is missing, or outside the mean"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return max(0, (self.margin - y * yhat).mean())

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / yhat.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="yhat stands where y should"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -yhat * (y * yhat < self.margin) / yhat.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="y is missing: the loss is max(0, margin - y yhat)"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - yhat).mean()

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / yhat.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward", "HingeLoss_backward"] says="the margin is always 1: use the one that was given"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, 1 - y * yhat).mean()

    def backward(self, y, yhat):
        return np.where(y * yhat < 1, -y, 0) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="the margin is missing: the loss is max(0, margin - y yhat)"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, -y * yhat).mean()

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / yhat.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="the loss is 0 from y yhat = margin on, not from 0"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return np.where(y * yhat < 0, -y, 0) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="y is missing in the condition"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return np.where(yhat < self.margin, -y, 0) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="the factor 1 / (n ny) is missing"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin)

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="the factor 1/ny is missing"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / len(y)

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="these are the errors one by one: take their mean"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat)

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / yhat.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="the mean is over the examples only"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).sum() / len(y)

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / yhat.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="the largest error is taken, over the whole batch"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.max(np.maximum(0, self.margin - y * yhat))

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / yhat.size

# %% right="HingeLoss"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.mean(np.maximum(0, self.margin - y * yhat))

    def backward(self, y, yhat):
        return np.where(self.margin - y * yhat >= 0, -y, 0) / y.size

# %% right="HingeLoss"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return (self.margin - y * yhat).clip(min=0).mean()

    def backward(self, y, yhat):
        return (-0.3 * y * (y * yhat == self.margin) - y * (y * yhat < self.margin)) / y.size

# %% right="HingeLoss"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        super().__init__()
        self.m = margin

    def forward(self, y, yhat):
        missing = self.m - y * yhat
        return missing[missing > 0].sum() / missing.size

    def backward(self, y, yhat):
        slope = np.zeros(yhat.shape)
        wrong = y * yhat < self.m
        slope[wrong] = -y[wrong]
        return slope / len(y) / y.shape[1]

# %% wrong="Graph" fails=["Graph_deltas"] says="keeps the delta that came last: add them"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="keeps the delta that came first: add them"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] if deltas[place].any() else part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="the deltas of several readers are averaged: add them"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = (deltas[place] + part) / 2 if deltas[place].any() else part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="no delta arrives here: go from the last place to the first"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(1, len(self.nodes) + 1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="all the modules are given the delta of the last place"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), delta)
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="the deltas are in the order in which they were computed"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas[::-1]

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas", "Graph_module"] says="deltas returns {n} arrays; there are {places} places"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas[1:]

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas", "Graph_module"] says="deltas returns {n} arrays; there are {places} places"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas[0]

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas", "Graph_module"] says="deltas adds to a gradient of a module"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            module.backward_update_gradient(self.inputs(k), deltas[k])
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="on the way back, forward of the modules is called"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            self.z[k] = module.forward(self.inputs(k))
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="is called {n} times on one way back; once each is enough"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            module.backward_delta(self.inputs(k), deltas[k])
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="your code computes with None"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [None for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = part if deltas[place] is None else deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="delta is passed on as it is: each module's backward_delta makes that of its input"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + delta
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="these are the arrays at the places: the gradients of the loss in them were asked for"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        return self.z

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_forward", "Graph_deltas"] says="each module is given the output of the one before"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        z = [X]
        self.z = z
        for k, (module, sources) in enumerate(self.nodes, start=1):
            z.append(module.forward(z[-1]))
        return z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_forward", "Graph_deltas"] says="each module is given X"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for module, _ in self.nodes:
            self.z.append(module.forward(X))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="the way back uses the inputs of an earlier forward pass"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        if self.z is None:
            self.z = [X]
            for k, (module, _) in enumerate(self.nodes, start=1):
                self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_forward"] says="expected {kind}, got {got}."
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_forward"] says="this is the output of the last place but one: return that of the last"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes[:-1], start=1):
            self.z.append(module.forward(self.inputs(k)))
        self.z.append(self.nodes[-1][0].forward(self.inputs(len(self.nodes))))
        return self.z[-2]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_forward"] says="is None: does the function end with return?"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% right="Graph"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for module, sources in self.nodes:
            arrays = [self.z[place] for place in sources]
            self.z.append(module.forward(arrays[0] if len(arrays) == 1 else arrays))
        return self.z[-1]

    def deltas(self, delta):
        arrived = {len(self.nodes): delta}
        for k in reversed(range(1, len(self.z))):
            module, sources = self.nodes[k - 1]
            arrived.setdefault(k, np.zeros_like(self.z[k]))
            back = module.backward_delta(self.inputs(k), arrived[k])
            for i, place in enumerate(sources):
                part = back if len(sources) == 1 else back[i]
                arrived[place] = part + arrived.get(place, 0)
        return [arrived.get(k, np.zeros_like(z)) for k, z in enumerate(self.z)]

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% right="Graph"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [0 * z for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            if not sources:
                continue
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Linear" fails=["Linear_accumulates"] says="scale multiplies delta, and the gradient as well: once is enough"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        delta = scale * delta
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_accumulates"] says="the gradient is divided by scale: multiply by it"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += delta.T @ input / scale
        self._gradient["b"] += delta.sum(axis=0) / scale

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_delta"] says="the sizes do not fit in a product, @"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"].T

# %% wrong="step" fails=["step_moves"] says="is given a delta that has gone back already: it wants the delta of the output"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    delta = module.backward_delta(X, loss.backward(Y, Yhat))
    module.backward_update_gradient(X, delta)
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_moves"] says="backward_update_gradient is given Y; it wants the input of the module"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    module.backward_update_gradient(Y, loss.backward(Y, Yhat))
    module.update_parameters(eta)
    return L

# %% wrong="accumulate" fails=["accumulate_gradient"] says="scale is the number of rows in the part: divide it by n"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    for first in range(0, n, size):
        x, y = X[first : first + size], Y[first : first + size]
        module.backward_update_gradient(x, loss.backward(y, module.forward(x)), len(x))

# %% wrong="accumulate" fails=["accumulate_gradient"] says="delta is multiplied by the share, and scale as well: once is enough"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    for first in range(0, n, size):
        x, y = X[first : first + size], Y[first : first + size]
        delta = len(x) / n * loss.backward(y, module.forward(x))
        module.backward_update_gradient(x, delta, scale=len(x) / n)

# %% right="accumulate"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    n = len(X)
    for first in range(0, n, size):
        x, y = X[first : first + size], Y[first : first + size]
        delta = len(x) / n * loss.backward(y, module.forward(x))
        module.backward_update_gradient(x, delta)

# %% wrong="series_step" fails=["series_step_moves"] says="f is given a delta that has gone back through it already: call its backward_update_gradient first"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    delta = f.backward_delta(H, delta)
    f.backward_update_gradient(H, delta)
    g.backward_update_gradient(X, delta)
    f.update_parameters(eta)
    g.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="and g one that has gone back twice"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    delta = f.backward_delta(H, delta)
    f.backward_update_gradient(H, delta)
    delta = g.backward_delta(X, delta)
    g.backward_update_gradient(X, delta)
    f.update_parameters(eta)
    g.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="you walked up the slope: the gradient is subtracted"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta)
    g.backward_update_gradient(X, f.backward_delta(H, delta))
    f.update_parameters(-eta)
    g.update_parameters(-eta)
    return L

# %% wrong="by_hand" fails=["by_hand_gradients"] says="each module is given a delta that has gone back through it already: its gradient comes first"
def by_hand(first, act, second, loss, X, Y):
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    delta = loss.backward(Y, z[3])
    deltas = [delta]
    for k in (2, 1, 0):
        delta = modules[k].backward_delta(z[k], delta)
        modules[k].backward_update_gradient(z[k], delta)
        deltas.insert(0, delta)
    return loss.forward(Y, z[3]), deltas

# %% wrong="by_hand" fails=["by_hand_gradients"] says="each module is given X; it wants its own input"
def by_hand(first, act, second, loss, X, Y):
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    delta = loss.backward(Y, z[3])
    deltas = [delta]
    for k in (2, 1, 0):
        modules[k].backward_update_gradient(X, delta)
        delta = modules[k].backward_delta(z[k], delta)
        deltas.insert(0, delta)
    return loss.forward(Y, z[3]), deltas

# %% right="by_hand"
def by_hand(first, act, second, loss, X, Y):
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    delta = loss.backward(Y, z[3])
    deltas = [delta]
    for k in (2, 1, 0):
        modules[k].backward_update_gradient(z[k], delta)
        delta = modules[k].backward_delta(z[k], delta)
        deltas.insert(0, delta)
    return loss.forward(Y, z[3]), deltas

# %% wrong="Sequentiel" fails=["Sequentiel_gradients", "Sequentiel_shared"] says="each module is given a delta that has gone back through it already: its gradient comes first"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        moved = []
        for module in self.modules:
            if not any(module is other for other in moved):
                module.update_parameters(gradient_step)
                moved.append(module)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("forward first")
        for module, x in zip(self.modules[::-1], self.inputs[::-1]):
            delta = module.backward_delta(x, delta)
            module.backward_update_gradient(x, delta, scale)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("forward first")
        for module, x in zip(self.modules[::-1], self.inputs[::-1]):
            delta = module.backward_delta(x, delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gradients", "Sequentiel_shared"] says="the modules come in the forward order, their inputs in reverse: reverse both"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        moved = []
        for module in self.modules:
            if not any(module is other for other in moved):
                module.update_parameters(gradient_step)
                moved.append(module)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("forward first")
        for module, x in zip(self.modules, self.inputs[::-1]):
            module.backward_update_gradient(x, delta, scale)
            delta = module.backward_delta(x, delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("forward first")
        for module, x in zip(self.modules[::-1], self.inputs[::-1]):
            delta = module.backward_delta(x, delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gathers"] says="scale multiplies delta at each module, and is passed on as well: once is enough"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        moved = []
        for module in self.modules:
            if not any(module is other for other in moved):
                module.update_parameters(gradient_step)
                moved.append(module)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("forward first")
        for module, x in zip(self.modules[::-1], self.inputs[::-1]):
            delta = scale * delta
            module.backward_update_gradient(x, delta, scale)
            delta = module.backward_delta(x, delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("forward first")
        for module, x in zip(self.modules[::-1], self.inputs[::-1]):
            delta = module.backward_delta(x, delta)
        return delta

# %% right="Sequentiel"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def update_parameters(self, gradient_step):
        moved = []
        for module in self.modules:
            if not any(module is other for other in moved):
                module.update_parameters(gradient_step)
                moved.append(module)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("forward first")
        for k in range(len(self.modules) - 1, -1, -1):
            self.modules[k].backward_update_gradient(self.inputs[k], delta, scale)
            if k:
                delta = self.modules[k].backward_delta(self.inputs[k], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("forward first")
        for module, x in zip(self.modules[::-1], self.inputs[::-1]):
            delta = module.backward_delta(x, delta)
        return delta

# %% wrong="Z" fails=["Z_learns"] says="the second gradient took the place of the first: add to it"
class Z(Module):
    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.random.randn(1, nz)}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"][:] = 0

    def update_parameters(self, gradient_step):
        self._parameters["theta"] -= gradient_step * self._gradient["theta"]

    def forward(self, X=()):
        return self._parameters["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["theta"] = scale * delta

    def backward_delta(self, input, delta):
        return []

# %% wrong="Z" fails=["Z_learns"] says="scale is not used: add scale times the gradient"
class Z(Module):
    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.random.randn(1, nz)}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"][:] = 0

    def update_parameters(self, gradient_step):
        self._parameters["theta"] -= gradient_step * self._gradient["theta"]

    def forward(self, X=()):
        return self._parameters["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["theta"] += delta

    def backward_delta(self, input, delta):
        return []

# %% wrong="Z" fails=["Z_goes"] says="one delta per input was asked for: there is none, return an empty list"
class Z(Module):
    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.random.randn(1, nz)}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"][:] = 0

    def update_parameters(self, gradient_step):
        self._parameters["theta"] -= gradient_step * self._gradient["theta"]

    def forward(self, X=()):
        return self._parameters["theta"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["theta"] += scale * delta

    def backward_delta(self, input, delta):
        return [delta]

# %% wrong="TanH" fails=["TanH_delta"] says="the square is in the wrong place: 1 - tanh(input)**2"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta * (1 - np.tanh(input**2))

# %% wrong="TanH" fails=["TanH_delta"] says="this is s (1 - s), the form of the sigmoid's derivative: for tanh it is 1 - tanh(input)**2"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta * np.tanh(input) * (1 - np.tanh(input))

# %% wrong="TanH" fails=["TanH_delta"] says="delta is added to the derivative: multiply the two"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta + (1 - np.tanh(input) ** 2)

# %% wrong="TanH" fails=["TanH_delta"] says="expected shape {expected}, got {got}."
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta @ (1 - np.tanh(input) ** 2).T

# %% right="TanH"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return delta / np.cosh(input) ** 2

# %% wrong="Sigmoide" fails=["Sigmoide_delta"] says="the sign is wrong: the derivative is s (1 - s)"
class Sigmoide(Module):
    def forward(self, X):
        return 1 / (1 + np.exp(-X))

    def backward_delta(self, input, delta):
        s = self.forward(input)
        return delta * s * (1 + s)

# %% wrong="Sigmoide" fails=["Sigmoide_delta"] says="one factor is missing: the derivative is s (1 - s)"
class Sigmoide(Module):
    def forward(self, X):
        return 1 / (1 + np.exp(-X))

    def backward_delta(self, input, delta):
        s = self.forward(input)
        return delta * s

# %% right="Sigmoide"
class Sigmoide(Module):
    def forward(self, X):
        return 1 / (1 + np.exp(-X))

    def backward_delta(self, input, delta):
        e = np.exp(-input)
        return delta * e / (1 + e) ** 2

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="this is the loss; its gradient was asked for"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("shapes")
        return np.mean((y - yhat) ** 2)

    def backward(self, y, yhat):
        return np.full(yhat.shape, np.mean((y - yhat) ** 2))

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="these are the squares; their derivative was asked for"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("shapes")
        return np.mean((y - yhat) ** 2)

    def backward(self, y, yhat):
        return (yhat - y) ** 2 / yhat.size

# %% wrong="MSELoss" fails=["MSELoss_backward"] says="the sign of the difference is lost"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise ValueError("shapes")
        return np.mean((y - yhat) ** 2)

    def backward(self, y, yhat):
        return 2 * np.abs(yhat - y) / yhat.size

# %% wrong="confusion" fails=["confusion_counts"] says="the scores are added up: count the examples, by the argmax of each row"
def confusion(Y, Yhat):
    return Y.T @ Yhat

# %% wrong="confusion" fails=["confusion_counts"] says="the columns are those of the true classes, too: they are the predicted ones"
def confusion(Y, Yhat):
    counts = np.zeros((Y.shape[1], Y.shape[1]))
    for i, j in zip(Y.argmax(1), Y.argmax(1)):
        counts[i, j] += 1
    return counts

# %% wrong="confusion" fails=["confusion_counts"] says="expected shape {expected}, got {got}."
def confusion(Y, Yhat):
    return (Y.argmax(1) == Yhat.argmax(1)).sum()

# %% right="confusion"
def confusion(Y, Yhat):
    ny = Y.shape[1]
    return np.bincount(ny * Y.argmax(1) + Yhat.argmax(1), minlength=ny * ny).reshape(ny, ny).astype(float)

# %% wrong="misread" fails=["misread_found"] says="as np.where gives it: take its part [0], and sort"
def misread(Y, Yhat):
    return np.where(Y.argmax(1) != Yhat.argmax(1))

# %% wrong="misread" fails=["misread_found"] says="indices are whole numbers; these are others: scores, or excesses?"
def misread(Y, Yhat):
    excess = Yhat.max(1) - (Y * Yhat).sum(1)
    return sorted(excess[excess > 0], reverse=True)

# %% wrong="misread" fails=["misread_found"] says="these are pairs; one index for each example was asked for"
def misread(Y, Yhat):
    true, guess = Y.argmax(1), Yhat.argmax(1)
    return [(int(i), int(j)) for i, j in zip(true, guess) if i != j]

# %% wrong="train" fails=["train_history"] says="these are the numbers from before the epoch's steps: measure after them"
def train(model, loss, data, epochs, batch, eta):
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"].append(accuracy(Y, Yhat))
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta)
    return history

# %% wrong="Dot" fails=["Dot_delta"] says="delta is passed on as it is: multiply it by the other input"
class Dot(Module):
    def forward(self, X):
        return np.sum(X[0] * X[1], axis=1, keepdims=True)

    def backward_delta(self, input, delta):
        return [delta, delta]

# %% wrong="Dot" fails=["Dot_forward"] says="the products are added up over the examples: add them up row by row, sum(1)"
class Dot(Module):
    def forward(self, X):
        return np.sum(X[0] * X[1], axis=0, keepdims=True)

    def backward_delta(self, input, delta):
        return [delta * input[1], delta * input[0]]

# %% wrong="Sum" fails=["Sum_delta"] says="one delta per input was asked for: return a list with as many arrays as there were inputs"
class Sum(Module):
    def forward(self, X):
        return sum(X)

    def backward_delta(self, input, delta):
        return delta

# %% wrong="Graph" fails=["Graph_module"] says="scale is not passed on to the modules"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_module"] says="the modules do not move: call update_parameters of each"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            pass

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_forward", "Graph_deltas"] says="is given a list of one array"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward([self.z[place] for place in self.nodes[k - 1][1]]))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="has another shape, and its delta is to have the same"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(self.z[0]) for _ in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="has another shape, and its delta is to have the same"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(delta) for _ in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="has another shape, and its delta is to have the same"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(self.z[1]) for _ in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="the way back ends before place 1"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 1, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="here its first row was taken for it"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas"] says="here its first row was taken for it"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta([self.z[place] for place in sources], deltas[k])
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_deltas", "Graph_module"] says="input and delta are swapped: the input comes first"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(deltas[k], self.inputs(k))
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Graph" fails=["Graph_forward", "Graph_deltas", "Graph_module"] says="modules and losses are used by their methods"
class Graph(Module):
    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [np.zeros_like(z) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for module, _ in self.nodes:
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]

# %% wrong="Linear" fails=["Linear_parameters", "Linear_gradient", "Linear_accumulates", "Linear_zero_grad", "Linear_update"] says="your code asks None for what it holds"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_parameters", "Linear_gradient", "Linear_accumulates", "Linear_zero_grad", "Linear_update"] says="your code computes with None"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": None, "b": None}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self._parameters["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_forward"] says="is it misspelt, or does __init__ keep it under another name?"
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self._parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self.params["W"].T + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["W"] -= gradient_step * self._gradient["W"]
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self._parameters["W"]

# %% wrong="Linear" fails=["Linear_parameters", "Linear_forward", "Linear_gradient", "Linear_zero_grad", "Linear_delta", "Linear_update"] says="is None: compute it and store it."
class Linear(Module):
    def __init__(self, nx, ny):
        super().__init__()
        self.parameters = {"W": np.random.normal(0, 1 / np.sqrt(nx), (ny, nx)), "b": np.zeros(ny)}
        self._gradient = {"W": np.zeros((ny, nx)), "b": np.zeros(ny)}

    def zero_grad(self):
        self._gradient["W"][:] = 0
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X @ self.parameters["W"].T + self.parameters["b"]

    def update_parameters(self, gradient_step):
        self.parameters["W"] -= gradient_step * self._gradient["W"]
        self.parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(axis=0)

    def backward_delta(self, input, delta):
        return delta @ self.parameters["W"]

# %% wrong="Sequentiel" fails=["Sequentiel_forward"] says="nothing can be added to a tuple"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = modules
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_forward", "Sequentiel_gradients", "Sequentiel_delta", "Sequentiel_keeps", "Sequentiel_gathers", "Sequentiel_shared", "Sequentiel_refuses"] says="is it misspelt, or does __init__ keep it under another name?"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.layers = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_forward", "Sequentiel_gradients", "Sequentiel_delta", "Sequentiel_keeps", "Sequentiel_gathers", "Sequentiel_shared", "Sequentiel_refuses"] says="modules and losses are used by their methods"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gradients", "Sequentiel_shared"] says="input and delta are swapped in backward_update_gradient"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(delta, self.inputs[i], scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

# %% wrong="Sequentiel" fails=["Sequentiel_gradients", "Sequentiel_shared", "Sequentiel_delta"] says="input and delta are swapped: the input comes first"
class Sequentiel(Module):
    def __init__(self, *modules):
        super().__init__()
        self.modules = list(modules)
        self.inputs = None

    def add(self, module):
        self.modules.append(module)

    def zero_grad(self):
        for module in self.modules:
            module.zero_grad()

    def forward(self, X):
        self.inputs = [X]
        for module in self.modules:
            self.inputs.append(module.forward(self.inputs[-1]))
        return self.inputs[-1]

    def update_parameters(self, gradient_step):
        for module in set(self.modules):
            module.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            self.modules[i].backward_update_gradient(delta, self.inputs[i], scale)
            delta = self.modules[i].backward_delta(delta, self.inputs[i])

    def backward_delta(self, input, delta):
        if self.inputs is None:
            raise RuntimeError("call forward first")
        for i in reversed(range(len(self.modules))):
            delta = self.modules[i].backward_delta(delta, self.inputs[i])
        return delta

# %% wrong="MSELoss" fails=["MSELoss_shapes"] says="raises {kind}; ValueError was asked for"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape != yhat.shape:
            raise Exception("shapes differ")
        return ((yhat - y) ** 2).mean()

    def backward(self, y, yhat):
        return 2 * (yhat - y) / yhat.size

# %% wrong="MSELoss" fails=["MSELoss_shapes"] says="without a word: raise ValueError"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.ndim != yhat.ndim:
            raise ValueError("shapes differ")
        return ((yhat - y) ** 2).mean()

    def backward(self, y, yhat):
        return 2 * (yhat - y) / yhat.size

# %% wrong="MSELoss" fails=["MSELoss_shapes"] says="without a word: raise ValueError"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if len(y) != len(yhat):
            raise ValueError("shapes differ")
        return ((yhat - y) ** 2).mean()

    def backward(self, y, yhat):
        return 2 * (yhat - y) / yhat.size

# %% wrong="MSELoss" fails=["MSELoss_shapes"] says="without a word: raise ValueError"
class MSELoss(Loss):
    def forward(self, y, yhat):
        if y.shape[-1] != yhat.shape[-1]:
            raise ValueError("shapes differ")
        return ((yhat - y) ** 2).mean()

    def backward(self, y, yhat):
        return 2 * (yhat - y) / yhat.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="np.maximum(0, a)"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return max(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_forward"] says="np.max(a, axis)"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.max(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -y * (y * yhat < self.margin) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="the loss is 0 from y yhat = margin on, not from 0"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -y * (y * yhat <= 0) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="the margin is always 1, use the one that was given"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -y * (y * yhat <= 1) / y.size

# %% wrong="HingeLoss" fails=["HingeLoss_backward"] says="not from yhat = margin"
class HingeLoss(Loss):
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        return np.maximum(0, self.margin - y * yhat).mean()

    def backward(self, y, yhat):
        return -y * (yhat <= self.margin) / y.size

# %% wrong="step" fails=["step_moves", "step_returns"] says="modules and losses are used by their methods"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module(X)
    L = loss.forward(Y, Yhat)
    module.backward_update_gradient(X, loss.backward(Y, Yhat))
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_moves", "step_returns"] says="modules and losses are used by their methods"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss(Y, Yhat)
    module.backward_update_gradient(X, loss.backward(Y, Yhat))
    module.update_parameters(eta)
    return L

# %% wrong="step" fails=["step_moves"] says="input and delta are swapped in backward_update_gradient"
def step(module, loss, X, Y, eta):
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    module.backward_update_gradient(loss.backward(Y, Yhat), X)
    module.update_parameters(eta)
    return L

# %% wrong="accumulate" fails=["accumulate_gradient"] says="input and delta are swapped in backward_update_gradient"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    for first in range(0, len(X), size):
        x, y = X[first : first + size], Y[first : first + size]
        delta = loss.backward(y, module.forward(x))
        module.backward_update_gradient(delta, x, scale=len(x) / len(X))

# %% wrong="accumulate" fails=["accumulate_gradient", "accumulate_parts"] says="two sizes do not fit"
def accumulate(module, loss, X, Y, size):
    module.zero_grad()
    for first in range(0, len(X), size):
        x, y = X[first : first + size], Y
        delta = loss.backward(y, module.forward(x))
        module.backward_update_gradient(x, delta, scale=len(x) / len(X))

# %% wrong="series_step" fails=["series_step_moves"] says="input and delta are swapped: the input comes first"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    f.backward_update_gradient(delta, H)
    g.backward_update_gradient(f.backward_delta(H, delta), X)
    f.update_parameters(eta)
    g.update_parameters(eta)
    return L

# %% wrong="series_step" fails=["series_step_moves"] says="input and delta are swapped in backward_delta"
def series_step(g, f, loss, X, Y, eta):
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta)
    g.backward_update_gradient(X, f.backward_delta(delta, H))
    f.update_parameters(eta)
    g.update_parameters(eta)
    return L

# %% wrong="by_hand" fails=["by_hand_gradients"] says="input and delta are swapped in backward_update_gradient"
def by_hand(first, act, second, loss, X, Y):
    modules, z = [first, act, second], [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    deltas = [loss.backward(Y, z[-1])]
    for module, x in zip(modules[::-1], z[2::-1]):
        module.backward_update_gradient(deltas[0], x)
        deltas.insert(0, module.backward_delta(x, deltas[0]))
    return loss.forward(Y, z[-1]), deltas

# %% wrong="by_hand" fails=["by_hand_deltas", "by_hand_gradients"] says="input and delta are swapped"
def by_hand(first, act, second, loss, X, Y):
    modules, z = [first, act, second], [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    deltas = [loss.backward(Y, z[-1])]
    for module, x in zip(modules[::-1], z[2::-1]):
        module.backward_update_gradient(deltas[0], x)
        deltas.insert(0, module.backward_delta(deltas[0], x))
    return loss.forward(Y, z[-1]), deltas

# %% wrong="TanH" fails=["TanH_delta"] says="input and delta are swapped: the derivative is taken at the input"
class TanH(Module):
    def forward(self, X):
        return np.tanh(X)

    def backward_delta(self, input, delta):
        return input * (1 - np.tanh(delta) ** 2)

# %% wrong="misread" fails=["misread_found"] says="bring both into one order"
def misread(Y, Yhat):
    excess = Yhat.max(1) - (Y * Yhat).sum(1)
    order = np.argsort(-excess)
    return order[excess > 0]

# %% wrong="train" fails=["train_history"] says="each epoch has the number of the last"
def train(model, loss, data, epochs, batch, eta):
    names = "loss_train", "loss_test", "acc_train", "acc_test"
    history = {name: [] for name in names}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta)
    for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
        Yhat = model.forward(X)
        history[f"loss_{part}"] = [loss.forward(Y, Yhat)] * epochs
        history[f"acc_{part}"] = [accuracy(Y, Yhat)] * epochs
    return history

# %% wrong="train" fails=["train_history"] says="dict.fromkeys gives one to all"
def train(model, loss, data, epochs, batch, eta):
    names = "loss_train", "loss_test", "acc_train", "acc_test"
    history = dict.fromkeys(names, [])
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"].append(accuracy(Y, Yhat))
    return history

# %% wrong="train" fails=["train_steps"] says="the rows of X and Y do not belong together"
def train(model, loss, data, epochs, batch, eta):
    names = "loss_train", "loss_test", "acc_train", "acc_test"
    history = {name: [] for name in names}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain, eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"].append(accuracy(Y, Yhat))
    return history

# %% wrong="train" fails=["train_history"] says="measure after them"
def train(model, loss, data, epochs, batch, eta):
    names = "loss_train", "loss_test", "acc_train", "acc_test"
    history = {name: [] for name in names}
    for _ in range(epochs):
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"].append(accuracy(Y, Yhat))
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta)
    return history
