# %% [markdown]
# Answers to 09_svm as students write them: wrong ones with the checks they fail and what they are told, right ones in
# other styles than the solution's.

# %% wrong="objective" fails=["objective_value"] says="the hinge losses are averaged; here they are summed"
def objective(w, b, X, y, C):
    f = X @ w + b
    return 0.5 * (w**2).sum() + C * torch.relu(1 - y * f).mean()

# %% wrong="objective" fails=["objective_value"] says="the half before the square of the norm is missing"
def objective(w, b, X, y, C):
    return torch.sum(w**2) + C * torch.sum(torch.relu(1 - y * (X @ w + b)))

# %% wrong="objective" fails=["objective_value"] says="the norm of w is not squared"
def objective(w, b, X, y, C):
    return torch.norm(w) / 2 + C * torch.clamp(1 - y * (X @ w + b), min=0).sum()

# %% wrong="objective" fails=["objective_value"] says="C weighs the wrong term"
def objective(w, b, X, y, C):
    return C * (w @ w) / 2 + torch.clamp(1 - y * (X @ w + b), min=0).sum()

# %% wrong="objective" fails=["objective_value"] says="this is the loss of the perceptron"
def objective(w, b, X, y, C):
    return w.dot(w) / 2 + C * torch.clamp(-y * (X @ w + b), min=0).sum()

# %% wrong="objective" fails=["objective_value"] says="the labels are not used"
def objective(w, b, X, y, C):
    return w.dot(w) / 2 + C * torch.clamp(1 - (X @ w + b), min=0).sum()

# %% wrong="objective" fails=["objective_value"] says="max(0, …) is missing"
def objective(w, b, X, y, C):
    return w.dot(w) / 2 + C * (1 - y * (X @ w + b)).sum()

# %% wrong="objective" fails=["objective_value"] says="the bias is missing from the score"
def objective(w, b, X, y, C):
    return w.dot(w) / 2 + C * torch.relu(1 - y * (X @ w)).sum()

# %% wrong="objective" fails=["objective_value"] says="b is in the first term; only w is"
def objective(w, b, X, y, C):
    return (w.dot(w) + b**2) / 2 + C * torch.relu(1 - y * (X @ w + b)).sum()

# %% wrong="objective" fails=["objective_value"] says="did you forget a sum or a mean?"
def objective(w, b, X, y, C):
    return w.dot(w) / 2 + C * torch.relu(1 - y * (X @ w + b))

# %% wrong="objective" fails=["objective_value"] says="the hinge is squared; here it is not"
def objective(w, b, X, y, C):
    return w.dot(w) / 2 + C * (torch.relu(1 - y * (X @ w + b)) ** 2).sum()

# %% right="objective"
def objective(w, b, X, y, C):
    total = 0.0
    for xi, yi in zip(X, y):
        total += max(0, 1 - float(yi) * (float(xi @ w) + b))
    return 0.5 * float(w.norm()) ** 2 + C * total

# %% right="objective"
def objective(w, b, X, y, C):
    w, X, y = w.numpy(), X.numpy(), y.numpy()
    return 0.5 * np.dot(w, w) + C * np.sum(np.maximum(0, 1 - y * (X.dot(w) + b)))

# %% right="objective"
def objective(w, b, X, y, C):
    hinge = torch.max(torch.zeros_like(y), 1 - y * (torch.mv(X, w) + b))
    J = 0.5 * torch.sum(w * w) + C * torch.sum(hinge)
    return J.reshape(1)

# %% wrong="margin" fails=["margin_width"] says="this is half of the margin"
def margin(w, b, X, y):
    return 1 / w.norm(), (y * (X @ w + b) < 1).sum().item()

# %% wrong="margin" fails=["margin_width"] says="the norm of w is squared"
def margin(w, b, X, y):
    return 2 / (w @ w), (y * (X @ w + b) < 1).sum().item()

# %% wrong="margin" fails=["margin_width"] says="b moves the street"
def margin(w, b, X, y):
    norm = torch.sqrt((w**2).sum() + b**2)
    return 2 / norm, (y * (X @ w + b) < 1).sum().item()

# %% wrong="margin" fails=["margin_intruders"] says="these are the examples on the wrong side"
def margin(w, b, X, y):
    return 2 / w.norm(), (y * (X @ w + b) < 0).sum().item()

# %% wrong="margin" fails=["margin_intruders"] says="an example far on the wrong side is an intruder too"
def margin(w, b, X, y):
    f = X @ w + b
    return 2 / w.norm(), int((f.abs() < 1).sum())

# %% wrong="margin" fails=["margin_intruders"] says="an example on the line, with y f(x) = 1, is no intruder"
def margin(w, b, X, y):
    return 2 / w.norm(), int((y * (X @ w + b) <= 1).sum())

# %% wrong="margin" fails=["margin_intruders"] says="the labels are not used"
def margin(w, b, X, y):
    return 2 / w.norm(), int((X @ w + b < 1).sum())

# %% wrong="margin" fails=["margin_width", "margin_intruders"] says="expected {n} values, separated by commas after return"
def margin(w, b, X, y):
    return 2 / w.norm()

# %% right="margin"
def margin(w, b, X, y):
    width = float(2 / torch.sqrt(torch.sum(w**2)))
    intruders = 0
    for i in range(len(X)):
        if y[i] * (torch.dot(X[i], w) + b) < 1:
            intruders += 1
    return [width, intruders]

# %% right="margin"
def margin(w, b, X, y):
    f = X @ w + b
    return 2.0 / torch.linalg.norm(w), torch.count_nonzero(1 - y * f > 0)

# %% wrong="signs" fails=["signs_values"] says="the labels are reversed"
def signs(Y):
    return 2 * Y[:, 0] - 1

# %% wrong="signs" fails=["signs_values"] says="the labels are −1 and 1, not 0 and 1"
def signs(Y):
    return Y.argmax(1)

# %% wrong="signs" fails=["signs_values"] says="these are one-hot rows still"
def signs(Y):
    return 2 * Y - 1

# %% wrong="signs" fails=["signs_values"] says="is a numpy array; return a torch tensor"
def signs(Y):
    return np.where(Y[:, 1] == 1, 1.0, -1.0)

# %% right="signs"
def signs(Y):
    return Y[:, 1] - Y[:, 0]

# %% right="signs"
def signs(Y):
    return torch.tensor([1 if int(row[1]) == 1 else -1 for row in Y])

# %% right="signs"
def signs(Y):
    return torch.where(Y[:, 1] == 1, 1.0, -1.0)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="SVC was given one-hot targets"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1)
    model.fit(X, Y)
    return model

# %% wrong="fit" fails=["fit_scores"] says="the sign of the scores is reversed"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    y = 2 * Y[:, 0] - 1
    return SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1).fit(X, y)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="C and gamma are swapped"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, C=gamma, gamma=C, degree=2, coef0=1)
    return model.fit(X, 2 * Y[:, 1] - 1)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="gamma is not passed on: SVC then takes"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, C=C, gamma="scale", degree=2, coef0=1)
    return model.fit(X, 2 * Y[:, 1] - 1)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="C is not passed on: SVC then takes 1"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, gamma=gamma, degree=2, coef0=1)
    return model.fit(X, 2 * Y[:, 1] - 1)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="the constant of the polynomial kernel is missing"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, C=C, gamma=gamma, degree=2)
    return model.fit(X, 2 * Y[:, 1] - 1)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="the degree is 3; 2 was asked for"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, C=C, gamma=gamma, coef0=1)
    return model.fit(X, 2 * Y[:, 1] - 1)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="the machine is not trained"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    return SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="fit gives back nothing: return the trained model"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1)
    model.fit(X, 2 * Y[:, 1] - 1)

# %% wrong="fit" fails=["fit_settings"] says="the machine is trained on the classes 0 and 1"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    return SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1).fit(X, Y.argmax(1))

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="expected {expected}, got {got}."
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    return SVC(kernel="rbf", C=C, gamma=gamma).fit(X, 2 * Y.argmax(1) - 1)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="gamma is taken for sigma: pass it on as it is"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, C=C, gamma=1 / (2 * gamma**2), degree=2, coef0=1)
    return model.fit(X, 2 * Y[:, 1] - 1)

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="the machine is a class: make one of it, with parentheses"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    return SVC

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="fit should return the trained sklearn.svm.SVC"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    model = SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1)
    return model.fit(X, 2 * Y[:, 1] - 1).predict(X)

# %% right="fit"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    y = np.where(Y.numpy()[:, 1] > 0.5, 1, -1)
    model = SVC(C=C, kernel=kernel)
    if kernel != "linear":
        model.set_params(gamma=gamma)
    if kernel == "poly":
        model.set_params(degree=2, coef0=1.0)
    model.fit(X.numpy(), y)
    return model

# %% right="fit"
from sklearn import svm


def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    labels = [1.0 if row.argmax() == 1 else -1.0 for row in Y]
    clf = svm.SVC(C=C, kernel=kernel, gamma=gamma, degree=2, coef0=1, cache_size=500)
    return clf.fit(X.double().tolist(), labels)

# %% wrong="columns" fails=["columns_values"] says="the columns are swapped"
def columns(f):
    p = torch.sigmoid(f)
    return torch.stack([p, 1 - p], dim=1)

# %% wrong="columns" fails=["columns_values"] says="these are the scores; the sigmoid is missing"
def columns(f):
    return torch.stack([-f, f], 1)

# %% wrong="columns" fails=["columns_values"] says="SoftMax of (−f, f) is the sigmoid of 2 f"
def columns(f):
    return torch.stack([-f, f], 1).softmax(1)

# %% wrong="columns" fails=["columns_values"] says="these are two rows: stack the columns along dim 1"
def columns(f):
    p = torch.sigmoid(f)
    return torch.stack([1 - p, p])

# %% wrong="columns" fails=["columns_values"] says="these are decisions; keep the sigmoid"
def columns(f):
    p = (f > 0).float()
    return torch.stack([1 - p, p], dim=1)

# %% wrong="columns" fails=["columns_values"] says="exp(f) / (1 + exp(f)) overflows for large f"
def columns(f):
    p = torch.exp(f) / (1 + torch.exp(f))
    return torch.stack([1 - p, p], dim=1)

# %% right="columns"
def columns(f):
    p = 1 / (1 + torch.exp(-f))
    return torch.cat([(1 - p).unsqueeze(1), p.unsqueeze(1)], dim=1)

# %% right="columns"
def columns(f):
    Y = torch.zeros(len(f), 2, dtype=f.dtype)
    Y[:, 1] = f
    return torch.softmax(Y, dim=1)

# %% wrong="why_no_line" fails=["why_no_line_sorted"] earns=1 says="C only weighs the losses"
def why_no_line():
    return {"a": True, "b": True, "c": True, "d": False, "e": False, "f": True}

# %% wrong="why_no_line" fails=["why_no_line_sorted"] says="J is convex: it has one valley"
def why_no_line():
    return {"a": True, "b": False, "c": False, "d": True, "e": True, "f": False}

# %% wrong="why_no_line" fails=["why_no_line_sorted"] says="answer with one of {options}; got {got}."
def why_no_line():
    return {"a": "true", "b": "true", "c": "false", "d": "false", "e": "false", "f": "true"}

# %% right="why_no_line"
def why_no_line():
    return dict(zip("abcdef", [True, True, False, False, False, True]))

# %% wrong="lift" fails=["lift_values"] says="the third feature is the distance: take its square"
def lift(X):
    return torch.cat([X, X.norm(dim=1, keepdim=True)], dim=1)

# %% wrong="lift" fails=["lift_values"] says="the third feature is the square of a sum"
def lift(X):
    return torch.stack([X[:, 0], X[:, 1], X.sum(1) ** 2], dim=1)

# %% wrong="lift" fails=["lift_values"] says="x1 and x2 are missing: keep them, and add the third"
def lift(X):
    return (X**2).sum(1, keepdim=True)

# %% wrong="lift" fails=["lift_values"] says="these are the squares of both"
def lift(X):
    return torch.cat([X, X**2], dim=1)

# %% wrong="lift" fails=["lift_values"] says="It is transposed."
def lift(X):
    return torch.stack([X[:, 0], X[:, 1], X[:, 0] ** 2 + X[:, 1] ** 2])

# %% right="lift"
def lift(X):
    r2 = X[:, 0] * X[:, 0] + X[:, 1] * X[:, 1]
    return torch.column_stack((X, r2))

# %% right="lift"
def lift(X):
    Z = np.hstack([X.numpy(), np.sum(X.numpy() ** 2, axis=1, keepdims=True)])
    return torch.from_numpy(Z)

# %% right="lift"
def lift(X):
    return torch.tensor([[x1, x2, x1**2 + x2**2] for x1, x2 in X.tolist()])

# %% wrong="poly_kernel" fails=["poly_kernel_values"] says="the constant c is missing"
def poly_kernel(X, Z, c):
    return (X @ Z.T) ** 2

# %% wrong="poly_kernel" fails=["poly_kernel_values"] says="the constant is added after the square"
def poly_kernel(X, Z, c):
    return (X @ Z.T) ** 2 + c

# %% wrong="poly_kernel" fails=["poly_kernel_values"] says="the square is missing"
def poly_kernel(X, Z, c):
    return X @ Z.T + c

# %% wrong="poly_kernel" fails=["poly_kernel_values"] says="this is the table of K(z, x): row i is for X[i]"
def poly_kernel(X, Z, c):
    return (Z @ X.T + c) ** 2

# %% wrong="poly_kernel" fails=["poly_kernel_values"] says="these are the pairs of the same rank"
def poly_kernel(X, Z, c):
    return ((X * Z).sum(1) + c) ** 2

# %% right="poly_kernel"
def poly_kernel(X, Z, c):
    K = torch.zeros(len(X), len(Z))
    for i in range(len(X)):
        for j in range(len(Z)):
            K[i, j] = (torch.dot(X[i], Z[j]) + c) ** 2
    return K

# %% wrong="poly_kernel" fails=["poly_kernel_values"] says="write it yourself: scikit-learn's kernels are not allowed here"
def poly_kernel(X, Z, c):
    from sklearn.metrics.pairwise import polynomial_kernel

    return torch.from_numpy(polynomial_kernel(X.numpy(), Z.numpy(), degree=2, gamma=1, coef0=c))

# %% wrong="features" fails=["features_dots"] says="the term x1 x2 weighs half of what it should"
def features(X, c):
    x1, x2 = X[:, 0], X[:, 1]
    r = (2 * c) ** 0.5
    return torch.stack([x1**2, x2**2, x1 * x2, r * x1, r * x2, torch.full_like(x1, c)], dim=1)

# %% wrong="features" fails=["features_dots"] says="the factors 2 and 2c are shared"
def features(X, c):
    x1, x2 = X[:, 0], X[:, 1]
    return torch.stack([x1**2, x2**2, 2 * x1 * x2, 2 * c * x1, 2 * c * x2, torch.full_like(x1, c)], dim=1)

# %% wrong="features" fails=["features_dots"] says="the constant feature is c: it is not 1"
def features(X, c):
    x1, x2 = X[:, 0], X[:, 1]
    r = (2 * c) ** 0.5
    return torch.stack([x1**2, x2**2, 2**0.5 * x1 * x2, r * x1, r * x2, torch.ones_like(x1)], dim=1)

# %% wrong="features" fails=["features_dots"] says="none of the factors is there"
def features(X, c):
    x1, x2 = X[:, 0], X[:, 1]
    return torch.stack([x1**2, x2**2, x1 * x2, x1, x2, torch.ones_like(x1)], dim=1)

# %% wrong="features" fails=["features_dots"] says="the factor of x1 and x2 is √(2c): the 2 is missing"
def features(X, c):
    x1, x2 = X[:, 0], X[:, 1]
    return torch.stack([x1**2, x2**2, 2**0.5 * x1 * x2, c**0.5 * x1, c**0.5 * x2, torch.full_like(x1, c)], dim=1)

# %% right="features"
def features(X, c):
    a, b = X.T
    one = torch.ones(len(X), dtype=X.dtype)
    return torch.vstack([c * one, np.sqrt(2 * c) * a, np.sqrt(2 * c) * b, a * a, np.sqrt(2) * a * b, b * b]).T

# %% right="features"
import math


def features(X, c):
    rows = []
    for x1, x2 in X.tolist():
        rows.append([x1**2, x2**2, math.sqrt(2) * x1 * x2, math.sqrt(2 * c) * x1, math.sqrt(2 * c) * x2, c])
    return torch.tensor(rows)

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="the distance is not squared"
def rbf_kernel(X, Z, gamma):
    return torch.exp(-gamma * torch.cdist(X, Z))

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="gamma is taken for sigma"
def rbf_kernel(X, Z, gamma):
    return torch.exp(-(torch.cdist(X, Z) ** 2) / (2 * gamma**2))

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="gamma is not used"
def rbf_kernel(X, Z, gamma):
    return torch.exp(-(torch.cdist(X, Z) ** 2))

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="the minus sign is missing"
def rbf_kernel(X, Z, gamma):
    return torch.exp(gamma * torch.cdist(X, Z) ** 2)

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="this is the table of K(z, x): row i is for X[i]"
def rbf_kernel(X, Z, gamma):
    return torch.exp(-gamma * ((X[None] - Z[:, None]) ** 2).sum(2))

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="a half stands before the square of the distance"
def rbf_kernel(X, Z, gamma):
    return torch.exp(-gamma * torch.cdist(X, Z) ** 2 / 2)

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="the squares are averaged over the features"
def rbf_kernel(X, Z, gamma):
    return torch.exp(-gamma * ((X[:, None] - Z) ** 2).mean(-1))

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="gamma stands before the exponential"
def rbf_kernel(X, Z, gamma):
    return gamma * torch.exp(-torch.cdist(X, Z).pow(2))

# %% right="rbf_kernel"
def rbf_kernel(X, Z, gamma):
    return torch.exp(-gamma * torch.cdist(X, Z).pow(2))

# %% right="rbf_kernel"
def rbf_kernel(X, Z, gamma):
    K = torch.empty(X.shape[0], Z.shape[0])
    for i, x in enumerate(X):
        for j, z in enumerate(Z):
            K[i, j] = torch.exp(-gamma * torch.sum((x - z) ** 2))
    return K

# %% right="rbf_kernel"
def rbf_kernel(X, Z, gamma):
    d2 = (X**2).sum(1, keepdim=True) - 2 * X @ Z.T + (Z**2).sum(1)
    return (-gamma * d2.clamp(min=0)).exp()

# %% wrong="decision" fails=["decision_scores"] says="the number b is missing"
def decision(X, S, a, b, gamma):
    return rbf_kernel(X, S, gamma) @ a

# %% wrong="decision" fails=["decision_scores"] says="b is subtracted; add it"
def decision(X, S, a, b, gamma):
    return rbf_kernel(X, S, gamma) @ a - b

# %% wrong="decision" fails=["decision_scores"] says="the coefficients a are missing"
def decision(X, S, a, b, gamma):
    return rbf_kernel(X, S, gamma).sum(1) + b

# %% wrong="decision" fails=["decision_scores"] says="gamma is not passed on to the kernel"
def decision(X, S, a, b, gamma):
    return rbf_kernel(X, S, 1) @ a + b

# %% wrong="decision" fails=["decision_scores"] says="these are labels; the score itself was asked for"
def decision(X, S, a, b, gamma):
    return torch.sign(rbf_kernel(X, S, gamma) @ a + b)

# %% wrong="decision" fails=["decision_scores"] says="Drop the last dimension: squeeze(-1)"
def decision(X, S, a, b, gamma):
    return rbf_kernel(X, S, gamma) @ a[:, None] + b

# %% right="decision"
def decision(X, S, a, b, gamma):
    return (a[:, None] * rbf_kernel(S, X, gamma)).sum(0) + b

# %% right="decision"
def decision(X, S, a, b, gamma):
    scores = torch.zeros(len(X), dtype=X.dtype)
    for i in range(len(X)):
        for k in range(len(S)):
            scores[i] += a[k] * torch.exp(-gamma * torch.norm(X[i] - S[k]) ** 2)
    return scores + b

# %% right="decision"
def decision(X, S, a, b, gamma):
    return torch.stack([rbf_kernel(x[None], S, gamma)[0].dot(a) + b for x in X])

# %% wrong="pictures" fails=["pictures_matched"] earns=0.5 says="a wide margin with many support vectors in it"
def pictures():
    return {"a": 1, "b": 4, "c": 2, "d": 3}

# %% wrong="pictures" fails=["pictures_matched"] earns=0.5 says="every support vector is heard everywhere"
def pictures():
    return {"a": 3, "b": 2, "c": 4, "d": 1}

# %% right="pictures"
def pictures():
    answer = {"b": 4, "c": 2}
    answer["a"] = 3
    answer["d"] = 1
    return answer

# %% wrong="influence" fails=["influence_sorted"] earns=0.5 says="a larger C makes intrusions dearer"
def influence():
    return {"a": True, "b": False, "c": True, "d": True, "e": False, "f": False}

# %% wrong="influence" fails=["influence_sorted"] earns=1 says="it falls as sigma grows"
def influence():
    return {"a": False, "b": True, "c": True, "d": True, "e": True, "f": False}

# %% wrong="influence" fails=["influence_sorted"] says="choose on the validation examples"
def influence():
    return {"a": False, "b": True, "c": False, "d": False, "e": False, "f": True}

# %% right="influence"
def influence():
    answers = {letter: False for letter in "aef"}
    answers.update(b=True, c=True, d=True)
    return answers

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="these are the accuracies on train; measure on other"
def accuracy_table(train, other, Cs, gammas):
    X, Y = train
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            model = fit(X, Y, "rbf", C, gamma)
            table[i, j] = model.score(X, signs(Y))
    return table

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="the table is transposed: a row for each C"
def accuracy_table(train, other, Cs, gammas):
    table = []
    for gamma in gammas:
        table.append([fit(*train, "rbf", C, gamma).score(other[0], signs(other[1])) for C in Cs])
    return torch.tensor(table)

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="C and gamma are swapped"
def accuracy_table(train, other, Cs, gammas):
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = fit(train[0], train[1], "rbf", gamma, C).score(other[0], signs(other[1]))
    return table

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="the machines are trained on train and other together"
def accuracy_table(train, other, Cs, gammas):
    X, Y = torch.cat([train[0], other[0]]), torch.cat([train[1], other[1]])
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = fit(X, Y, "rbf", C, gamma).score(other[0], signs(other[1]))
    return table

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="gamma is not used: all the columns are those of gamma = 1"
def accuracy_table(train, other, Cs, gammas):
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = fit(*train, C=C).score(other[0], signs(other[1]))
    return table

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="all the columns are those of gamma ="
def accuracy_table(train, other, Cs, gammas):
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            model = SVC(C=C).fit(train[0], signs(train[1]))
            table[i, j] = model.score(other[0], signs(other[1]))
    return table

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="the accuracy is a rate between 0 and 1, not a percentage"
def accuracy_table(train, other, Cs, gammas):
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = 100 * fit(*train, "rbf", C, gamma).score(other[0], signs(other[1]))
    return table

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="expected {kind}, got {got}."
def accuracy_table(train, other, Cs, gammas):
    return [[fit(*train, "rbf", C, gamma).score(other[0], signs(other[1])) for gamma in gammas] for C in Cs]

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="they are compared with 0 and 1"
def accuracy_table(train, other, Cs, gammas):
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = fit(*train, "rbf", C, gamma).score(other[0], other[1].argmax(1))
    return table

# %% right="accuracy_table"
def accuracy_table(train, other, Cs, gammas):
    y = signs(other[1])
    rows = []
    for C in Cs:
        row = []
        for gamma in gammas:
            model = fit(X=train[0], Y=train[1], kernel="rbf", C=C, gamma=gamma)
            predicted = torch.from_numpy(model.predict(other[0]))
            row.append((predicted == y).float().mean())
        rows.append(torch.stack(row))
    return torch.stack(rows)

# %% right="accuracy_table"
def accuracy_table(train, other, Cs, gammas):
    X, Y = other
    table = np.zeros((len(Cs), len(gammas)))
    for (i, C), (j, gamma) in [(a, b) for a in enumerate(Cs) for b in enumerate(gammas)]:
        scores = fit(*train, gamma=gamma, C=C).decision_function(X.numpy())
        table[i, j] = np.mean((scores > 0) == (Y[:, 1].numpy() == 1))
    return torch.as_tensor(table)

# %% right="accuracy_table"
def accuracy_table(train, other, Cs, gammas):
    (X, Y), (Xo, Yo) = train, other
    return torch.tensor(
        [
            [SVC(kernel="rbf", C=C, gamma=g).fit(X, Y.argmax(1)).score(Xo, Yo.argmax(1)) for g in gammas]
            for C in Cs
        ]
    )

# %% wrong="select" fails=["select_settings", "select_rate"] says="the settings are chosen on the test examples"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, test, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    return Cs[i], gammas[j], table.max()

# %% wrong="select" fails=["select_settings", "select_rate"] says="the settings are chosen on the training examples"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, train, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    return Cs[i], gammas[j], fit(*train, "rbf", Cs[i], gammas[j]).score(test[0], signs(test[1]))

# %% wrong="select" fails=["select_rate"] says="this is the accuracy on the validation examples"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, valid, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    return Cs[i], gammas[j], table[i, j].item()

# %% wrong="select" fails=["select_rate"] says="this is the accuracy on the training examples; report that on test"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, valid, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    return Cs[i], gammas[j], fit(*train, "rbf", Cs[i], gammas[j]).score(train[0], signs(train[1]))

# %% wrong="select" fails=["select_rate"] says="the machine is trained on the test examples too"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, valid, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    X = torch.cat([train[0], valid[0], test[0]])
    Y = torch.cat([train[1], valid[1], test[1]])
    return Cs[i], gammas[j], fit(X, Y, "rbf", Cs[i], gammas[j]).score(test[0], signs(test[1]))

# %% wrong="select" fails=["select_rate"] says="the machine is trained on train and valid together"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, valid, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    X, Y = torch.cat([train[0], valid[0]]), torch.cat([train[1], valid[1]])
    return Cs[i], gammas[j], fit(X, Y, "rbf", Cs[i], gammas[j]).score(test[0], signs(test[1]))

# %% wrong="select" fails=["select_settings"] says="C and gamma are swapped"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, valid, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    return gammas[j], Cs[i], fit(*train, "rbf", Cs[i], gammas[j]).score(test[0], signs(test[1]))

# %% wrong="select" fails=["select_settings"] says="these are places in the lists"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, valid, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    return i, j, fit(*train, "rbf", Cs[i], gammas[j]).score(test[0], signs(test[1]))

# %% wrong="select" fails=["select_settings", "select_rate"] says="row and column are mixed up"
def select(train, valid, test, Cs, gammas):
    k = int(accuracy_table(train, valid, Cs, gammas).argmax())
    C, gamma = Cs[k % len(Cs)], gammas[k // len(Cs) % len(gammas)]
    return C, gamma, fit(*train, "rbf", C, gamma).score(test[0], signs(test[1]))

# %% wrong="select" fails=["select_rate"] says="this is a machine with C = 1 and gamma = 1"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, valid, Cs, gammas)
    i, j = divmod(int(table.argmax()), len(gammas))
    return Cs[i], gammas[j], fit(*train).score(test[0], signs(test[1]))

# %% right="select"
def select(train, valid, test, Cs, gammas):
    best_rate, chosen = -1, None
    for C in Cs:
        for gamma in gammas:
            model = SVC(kernel="rbf", C=C, gamma=gamma).fit(train[0], train[1].argmax(1))
            rate = model.score(valid[0], valid[1].argmax(1))
            if rate > best_rate:
                best_rate, chosen = rate, (C, gamma, model)
    C, gamma, model = chosen
    return C, gamma, model.score(test[0], test[1].argmax(1))

# %% right="select"
def select(train, valid, test, Cs, gammas):
    table = accuracy_table(train, valid, Cs, gammas)
    i, j = (table == table.max()).nonzero()[0]
    rate = accuracy_table(train, test, Cs, gammas)[i, j]
    return [torch.tensor(Cs)[i].item(), torch.tensor(gammas)[j].item(), rate]

# %% right="select"
def select(train, valid, test, Cs, gammas):
    C, gamma = max(
        ((C, gamma) for C in Cs for gamma in gammas),
        key=lambda pair: float(accuracy_table(train, valid, [pair[0]], [pair[1]])),
    )
    rate = accuracy_table(train, test, [C], [gamma]).item()
    return C, gamma, rate

# %% wrong="objective" fails=["objective_value"] says="is None: does the function end with return?"
def objective(w, b, X, y, C):
    """Compute what a linear support vector machine minimises.

    w: weights (nx,). b: bias, a number. X: examples (n, nx). y: labels (n,), -1.0 or 1.0.
    C: price of the hinge loss, > 0.
    Returns J(w, b), a single number: half the square of the norm of w, plus C times the sum of the hinge losses.
    """
    hinge = torch.clamp(1 - y * (X @ w + b), min=0)
    w @ w / 2 + C * hinge.sum()

# %% right="objective"
def objective(w, b, X, y, C):
    """Compute what a linear support vector machine minimises.

    w: weights (nx,). b: bias, a number. X: examples (n, nx). y: labels (n,), -1.0 or 1.0.
    C: price of the hinge loss, > 0.
    Returns J(w, b), a single number: half the square of the norm of w, plus C times the sum of the hinge losses.
    """
    hinge = torch.stack([(1 - yi * (torch.dot(w, x) + b)).clamp(min=0) for x, yi in zip(X, y)])
    return 0.5 * w.norm() ** 2 + C * hinge.sum()

# %% right="objective"
def objective(w, b, X, y, C):
    """Compute what a linear support vector machine minimises.

    w: weights (nx,). b: bias, a number. X: examples (n, nx). y: labels (n,), -1.0 or 1.0.
    C: price of the hinge loss, > 0.
    Returns J(w, b), a single number: half the square of the norm of w, plus C times the sum of the hinge losses.
    """
    hinge = torch.clamp(1 - y * (X @ w + b), min=0)
    return float((w**2).sum()) / 2 + C * sum(hinge.tolist())

# %% right="margin"
def margin(w, b, X, y):
    """Measure the margin of a cut.

    w: weights (nx,), not all 0. b: bias, a number. X: examples (n, nx). y: labels (n,), -1.0 or 1.0.
    Returns (width, intruders): width, the distance from the line f = -1 to the line f = 1; intruders, how many
    examples have y f(x) < 1, a whole number.
    """
    intruders = int((y * (X @ w + b) < 1).sum())
    return [float(2 / (w @ w).sqrt()), torch.tensor(intruders)]

# %% right="signs"
def signs(Y):
    """Turn one-hot targets of two classes into labels.

    Y: one-hot targets (n, 2).
    Returns a tensor (n,) that holds -1 for class 0 and 1 for class 1.
    """
    return torch.where(Y[:, 1] > Y[:, 0], 1, -1)

# %% right="signs"
def signs(Y):
    """Turn one-hot targets of two classes into labels.

    Y: one-hot targets (n, 2).
    Returns a tensor (n,) that holds -1 for class 0 and 1 for class 1.
    """
    return Y @ torch.tensor([-1.0, 1.0], dtype=Y.dtype)

# %% wrong="signs" fails=["signs_values"] says="expected shape {expected}, got {got}."
def signs(Y):
    """Turn one-hot targets of two classes into labels.

    Y: one-hot targets (n, 2).
    Returns a tensor (n,) that holds -1 for class 0 and 1 for class 1.
    """
    return 2.0 * Y.argmax(0) - 1

# %% wrong="fit" fails=["fit_settings"] says="the machine is trained on the classes 0 and 1: its labels are −1 and 1"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    """Train a support vector machine.

    X: examples (n, nx). Y: one-hot targets (n, 2).
    kernel: "linear", "poly" or "rbf". C: price of the hinge loss. gamma: a number, of the last two kernels: "poly" is
    (gamma x·z + coef0) ** degree, "rbf" is exp(-gamma ‖x - z‖²).
    May use signs.
    Returns a sklearn.svm.SVC, trained on the labels -1 (class 0) and 1 (class 1). For "poly", its degree is 2 and
    its coef0 is 1.
    """
    model = SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1.0)
    return model.fit(X, Y.argmax(1))

# %% wrong="fit" fails=["fit_settings", "fit_scores"] says="fit should return the trained sklearn.svm.SVC; it returns: {kind}"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    """Train a support vector machine.

    X: examples (n, nx). Y: one-hot targets (n, 2).
    kernel: "linear", "poly" or "rbf". C: price of the hinge loss. gamma: a number, of the last two kernels: "poly" is
    (gamma x·z + coef0) ** degree, "rbf" is exp(-gamma ‖x - z‖²).
    May use signs.
    Returns a sklearn.svm.SVC, trained on the labels -1 (class 0) and 1 (class 1). For "poly", its degree is 2 and
    its coef0 is 1.
    """
    model = SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1.0)
    model.fit(X, signs(Y))
    return model.decision_function(X)

# %% right="fit"
def fit(X, Y, kernel="rbf", C=1.0, gamma=1.0):
    """Train a support vector machine.

    X: examples (n, nx). Y: one-hot targets (n, 2).
    kernel: "linear", "poly" or "rbf". C: price of the hinge loss. gamma: a number, of the last two kernels: "poly" is
    (gamma x·z + coef0) ** degree, "rbf" is exp(-gamma ‖x - z‖²).
    May use signs.
    Returns a sklearn.svm.SVC, trained on the labels -1 (class 0) and 1 (class 1). For "poly", its degree is 2 and
    its coef0 is 1.
    """
    model = SVC(kernel=kernel, C=C, gamma=gamma, degree=2, coef0=1.0)
    model.fit(X.numpy(), signs(Y).numpy().astype(int))
    return model

# %% wrong="columns" fails=["columns_values"] says="exp(f) / (1 + exp(f)) overflows for large f, infinity over infinity:"
def columns(f):
    """Turn scores into what plot_data_with_grid draws.

    f: a tensor of scores (n,), positive for class 1; they may be large.
    Returns a tensor (n, 2): the sigmoid of f in column 1, and 1 minus it in column 0.
    """
    p = torch.exp(f) / (1 + torch.exp(f))
    return torch.stack([1 - p, p], dim=1)

# %% right="columns"
def columns(f):
    """Turn scores into what plot_data_with_grid draws.

    f: a tensor of scores (n,), positive for class 1; they may be large.
    Returns a tensor (n, 2): the sigmoid of f in column 1, and 1 minus it in column 0.
    """
    p = 1 / (1 + torch.exp(-f))
    return torch.cat([(1 - p)[:, None], p[:, None]], dim=1)

# %% right="columns"
def columns(f):
    """Turn scores into what plot_data_with_grid draws.

    f: a tensor of scores (n,), positive for class 1; they may be large.
    Returns a tensor (n, 2): the sigmoid of f in column 1, and 1 minus it in column 0.
    """
    return torch.sigmoid(torch.outer(f, torch.tensor([-1.0, 1.0], dtype=f.dtype)))

# %% right="lift"
def lift(X):
    """Add the square of the distance from 0 as a third feature.

    X: examples (n, 2). Returns a new tensor (n, 3): x1, x2, and x1² + x2².
    """
    return torch.column_stack([X, X.square().sum(1)])

# %% wrong="poly_kernel" fails=["poly_kernel_values"] says="the shapes do not fit: X @ Z.T makes all n × m dot products"
def poly_kernel(X, Z, c):
    """Compute the polynomial kernel of degree 2 between all rows of two batches.

    X: (n, nx). Z: (m, nx). c: constant, >= 0.
    Returns K (n, m): K[i, j] = (X[i] · Z[j] + c)².
    """
    return (X @ Z + c) ** 2

# %% wrong="poly_kernel" fails=["poly_kernel_values"] says="these are the pairs of the same rank; compute all n × m pairs"
def poly_kernel(X, Z, c):
    """Compute the polynomial kernel of degree 2 between all rows of two batches.

    X: (n, nx). Z: (m, nx). c: constant, >= 0.
    Returns K (n, m): K[i, j] = (X[i] · Z[j] + c)².
    """
    return ((X * Z).sum(1) + c) ** 2

# %% right="poly_kernel"
def poly_kernel(X, Z, c):
    """Compute the polynomial kernel of degree 2 between all rows of two batches.

    X: (n, nx). Z: (m, nx). c: constant, >= 0.
    Returns K (n, m): K[i, j] = (X[i] · Z[j] + c)².
    """
    return torch.stack([torch.stack([(x @ z + c) ** 2 for z in Z]) for x in X])

# %% right="poly_kernel"
def poly_kernel(X, Z, c):
    """Compute the polynomial kernel of degree 2 between all rows of two batches.

    X: (n, nx). Z: (m, nx). c: constant, >= 0.
    Returns K (n, m): K[i, j] = (X[i] · Z[j] + c)².
    """
    return torch.einsum('id,jd->ij', X, Z).add(c).square()

# %% wrong="features" fails=["features_dots"] says="the factor of x1 and x2 is √(2c): the root goes over the c too"
def features(X, c):
    """Compute the features that the polynomial kernel of degree 2 stands for.

    X: examples (n, 2). c: constant of the kernel, >= 0.
    Returns a tensor (n, 6), such that features(X, c) @ features(Z, c).T is (X @ Z.T + c) ** 2.
    """
    x1, x2 = X[:, 0], X[:, 1]
    root = 2**0.5
    return torch.stack([x1**2, x2**2, root * x1 * x2, root * c * x1, root * c * x2, 0 * x1 + c], dim=1)

# %% right="features"
def features(X, c):
    """Compute the features that the polynomial kernel of degree 2 stands for.

    X: examples (n, 2). c: constant of the kernel, >= 0.
    Returns a tensor (n, 6), such that features(X, c) @ features(Z, c).T is (X @ Z.T + c) ** 2.
    """
    x1, x2 = X.unbind(1)
    root = 2**0.5
    return torch.stack([x1**2, x2**2, root * x1 * x2, (2 * c) ** 0.5 * x1, (2 * c) ** 0.5 * x2, torch.full_like(x1, c)], dim=1)

# %% right="features"
def features(X, c):
    """Compute the features that the polynomial kernel of degree 2 stands for.

    X: examples (n, 2). c: constant of the kernel, >= 0.
    Returns a tensor (n, 6), such that features(X, c) @ features(Z, c).T is (X @ Z.T + c) ** 2.
    """
    x1, x2 = X[:, 0], X[:, 1]
    root = 2**0.5
    return torch.stack([0 * x1 + c, root * c**0.5 * x2, root * c**0.5 * x1, root * x1 * x2, x2**2, x1**2], dim=1)

# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="X − Z fits row by row only, and X has n rows, Z has m: X[:, None] −"
def rbf_kernel(X, Z, gamma):
    """Compute the RBF kernel between all rows of two batches.

    X: (n, nx). Z: (m, nx). gamma: > 0.
    Returns K (n, m): K[i, j] = exp(-gamma times the square of the distance from X[i] to Z[j]).
    """
    d2 = ((X - Z) ** 2).sum(1)
    return torch.exp(-gamma * d2)

# %% right="rbf_kernel"
def rbf_kernel(X, Z, gamma):
    """Compute the RBF kernel between all rows of two batches.

    X: (n, nx). Z: (m, nx). gamma: > 0.
    Returns K (n, m): K[i, j] = exp(-gamma times the square of the distance from X[i] to Z[j]).
    """
    d2 = torch.cdist(X, Z) ** 2
    return torch.exp(-gamma * d2)

# %% right="rbf_kernel"
def rbf_kernel(X, Z, gamma):
    """Compute the RBF kernel between all rows of two batches.

    X: (n, nx). Z: (m, nx). gamma: > 0.
    Returns K (n, m): K[i, j] = exp(-gamma times the square of the distance from X[i] to Z[j]).
    """
    d2 = torch.stack([((X - z) ** 2).sum(1) for z in Z], dim=1)
    return torch.exp(-gamma * d2)

# %% wrong="decision" fails=["decision_scores"] says="expected shape {expected}, got {got}."
def decision(X, S, a, b, gamma):
    """Compute the scores of a support vector machine with the RBF kernel.

    X: examples (n, nx). S: support vectors (m, nx). a: their coefficients (m,). b: a number. gamma: of the kernel.
    May use rbf_kernel.
    Returns the scores of X, a tensor (n,).
    """
    return (rbf_kernel(X, S, gamma) * a).sum() + b

# %% right="decision"
def decision(X, S, a, b, gamma):
    """Compute the scores of a support vector machine with the RBF kernel.

    X: examples (n, nx). S: support vectors (m, nx). a: their coefficients (m,). b: a number. gamma: of the kernel.
    May use rbf_kernel.
    Returns the scores of X, a tensor (n,).
    """
    return (a * torch.exp(-gamma * ((X[:, None] - S) ** 2).sum(-1))).sum(1) + b

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="the machine is scored on one-hot targets: it gives labels, −1 or 1,"
def accuracy_table(train, other, Cs, gammas):
    """Measure RBF machines trained with each C and each gamma.

    train: pair (X, Y) to train on, X (n, nx), Y one-hot (n, 2). other: pair (X, Y) to measure on.
    Cs, gammas: lists of numbers.
    May use fit and signs.
    Returns a tensor (len(Cs), len(gammas)): entry [i, j] is the accuracy on other, a rate between 0 and 1, with
    Cs[i] and gammas[j].
    """
    X, Y = other
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = fit(*train, "rbf", C, gamma).score(X, Y)
    return table

# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="expected {kind}, got {got}."
def accuracy_table(train, other, Cs, gammas):
    """Measure RBF machines trained with each C and each gamma.

    train: pair (X, Y) to train on, X (n, nx), Y one-hot (n, 2). other: pair (X, Y) to measure on.
    Cs, gammas: lists of numbers.
    May use fit and signs.
    Returns a tensor (len(Cs), len(gammas)): entry [i, j] is the accuracy on other, a rate between 0 and 1, with
    Cs[i] and gammas[j].
    """
    X, Y = other
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = fit(*train, "rbf", C, gamma).score(X, signs(Y))
    return table.tolist()

# %% right="accuracy_table"
def accuracy_table(train, other, Cs, gammas):
    """Measure RBF machines trained with each C and each gamma.

    train: pair (X, Y) to train on, X (n, nx), Y one-hot (n, 2). other: pair (X, Y) to measure on.
    Cs, gammas: lists of numbers.
    May use fit and signs.
    Returns a tensor (len(Cs), len(gammas)): entry [i, j] is the accuracy on other, a rate between 0 and 1, with
    Cs[i] and gammas[j].
    """
    X, Y = other
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = float((torch.tensor(fit(*train, C=C, gamma=gamma).predict(X)) == signs(Y)).float().mean())
    return table

# %% wrong="select" fails=["select_settings"] says="C and gamma are swapped"
def select(train, valid, test, Cs, gammas):
    """Choose the settings of an RBF machine, and report its accuracy.

    train, valid, test: pairs (X, Y), X (n, nx), Y one-hot (n, 2). Cs, gammas: lists of numbers.
    May use accuracy_table, fit and signs. Every machine is trained on train alone.
    Returns (C, gamma, rate): the C and gamma with the best accuracy on valid (of equals, any), and the accuracy on
    test, between 0 and 1, of the machine with these.
    """
    best = int(accuracy_table(train, valid, Cs, gammas).argmax())
    C, gamma = Cs[best // len(gammas)], gammas[best % len(gammas)]
    X, Y = test
    return gamma, C, fit(*train, "rbf", C, gamma).score(X, signs(Y))

# %% wrong="select" fails=["select_settings", "select_rate"] says="expected {n} values, separated by commas after return; got {got}."
def select(train, valid, test, Cs, gammas):
    """Choose the settings of an RBF machine, and report its accuracy.

    train, valid, test: pairs (X, Y), X (n, nx), Y one-hot (n, 2). Cs, gammas: lists of numbers.
    May use accuracy_table, fit and signs. Every machine is trained on train alone.
    Returns (C, gamma, rate): the C and gamma with the best accuracy on valid (of equals, any), and the accuracy on
    test, between 0 and 1, of the machine with these.
    """
    best = int(accuracy_table(train, valid, Cs, gammas).argmax())
    C, gamma = Cs[best // len(gammas)], gammas[best % len(gammas)]
    X, Y = test
    return C, gamma

# %% right="select"
def select(train, valid, test, Cs, gammas):
    """Choose the settings of an RBF machine, and report its accuracy.

    train, valid, test: pairs (X, Y), X (n, nx), Y one-hot (n, 2). Cs, gammas: lists of numbers.
    May use accuracy_table, fit and signs. Every machine is trained on train alone.
    Returns (C, gamma, rate): the C and gamma with the best accuracy on valid (of equals, any), and the accuracy on
    test, between 0 and 1, of the machine with these.
    """
    table = accuracy_table(train, valid, Cs, gammas)
    _, C, gamma = max((float(table[i, j]), C, gamma) for i, C in enumerate(Cs) for j, gamma in enumerate(gammas))
    X, Y = test
    return C, gamma, fit(*train, "rbf", C, gamma).score(X, signs(Y))
