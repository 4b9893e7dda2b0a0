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


# %% wrong="objective" fails=["objective_value", "objective_slopes"] says="did you forget a sum or a mean?"
def objective(w, b, X, y, C):
    return w.dot(w) / 2 + C * torch.relu(1 - y * (X @ w + b))


# %% wrong="objective" fails=["objective_value"] says="the hinge is squared; here it is not"
def objective(w, b, X, y, C):
    return w.dot(w) / 2 + C * (torch.relu(1 - y * (X @ w + b)) ** 2).sum()


# %% wrong="objective" fails=["objective_slopes"] says="autograd does not see all of J"
def objective(w, b, X, y, C):
    total = 0.0
    for xi, yi in zip(X, y):
        total += max(0, 1 - float(yi) * (float(xi @ w) + b))
    return 0.5 * float(w.norm()) ** 2 + C * total


# %% wrong="objective" fails=["objective_slopes"] says="autograd cannot follow numpy"
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


# %% wrong="features" fails=["features_dots"] says="the root goes over the 2 too"
def features(X, c):
    x1, x2 = X[:, 0], X[:, 1]
    return torch.stack([x1**2, x2**2, 2**0.5 * x1 * x2, 2 * c**0.5 * x1, 2 * c**0.5 * x2, torch.full_like(x1, c)], dim=1)


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
        [[SVC(kernel="rbf", C=C, gamma=g).fit(X, Y.argmax(1)).score(Xo, Yo.argmax(1)) for g in gammas] for C in Cs]
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


# %% wrong="select" fails=["select_settings"] says="row and column are mixed up"
def select(train, valid, test, Cs, gammas):
    best = int(accuracy_table(train, valid, Cs, gammas).argmax())
    C, gamma = Cs[best % len(gammas)], gammas[best // len(gammas)]
    model = fit(*train, C=C, gamma=gamma)
    return C, gamma, model.score(torch.as_tensor(test[0]).numpy(), signs(test[1]))

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


# %% wrong="objective" fails=["objective_value", "objective_slopes"] says="is None: does the function end with return?"
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


# %% wrong="objective" fails=["objective_slopes"] says="autograd does not see all of J"
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
    return torch.einsum("id,jd->ij", X, Z).add(c).square()


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
    return torch.stack(
        [x1**2, x2**2, root * x1 * x2, (2 * c) ** 0.5 * x1, (2 * c) ** 0.5 * x2, torch.full_like(x1, c)], dim=1
    )


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


# %% wrong="objective" fails=["objective_slopes"] says="autograd does not see all of J"
def objective(w, b, X, y, C):
    hinge = torch.clamp(1 - y * (X @ w + b), min=0)
    return w @ w / 2 + C * hinge.sum().item()


# %% wrong="objective" fails=["objective_value"] says="the sign is reversed"
def objective(w, b, X, y, C):
    return w @ w / 2 + C * torch.relu(1 + y * (X @ w + b)).sum()


# %% wrong="objective" fails=["objective_value"] says="C is not used"
def objective(w, b, X, y, C):
    return w @ w / 2 + torch.relu(1 - y * (X @ w + b)).sum()


# %% wrong="objective" fails=["objective_value"] says="max is taken of the sum"
def objective(w, b, X, y, C):
    return w @ w / 2 + C * torch.relu((1 - y * (X @ w + b)).sum())


# %% wrong="objective" fails=["objective_value"] says="the first term is missing"
def objective(w, b, X, y, C):
    return C * torch.relu(1 - y * (X @ w + b)).sum()


# %% wrong="objective" fails=["objective_value"] says="the norm of w is not squared"
def objective(w, b, X, y, C):
    f = torch.matmul(X, w) + b
    losses = torch.maximum(torch.zeros_like(f), 1 - y * f)
    return 0.5 * torch.linalg.norm(w) + C * losses.sum()


# %% right="objective"
def objective(w, b, X, y, C):
    total = w.pow(2).sum() / 2
    for i in range(len(y)):
        missing = 1 - y[i] * (w @ X[i] + b)
        if missing > 0:
            total = total + C * missing
    return total


# %% right="objective"
def objective(w, b, X, y, C):
    f = (X * w).sum(dim=1) + b
    loss = torch.where(y * f < 1, 1 - y * f, torch.zeros_like(f))
    return torch.norm(w).square() * 0.5 + C * torch.sum(loss)


# %% wrong="margin" fails=["margin_width"] says="this is the norm of w"
def margin(w, b, X, y):
    return w.norm(), int((y * (X @ w + b) < 1).sum())


# %% wrong="margin" fails=["margin_width"] says="the norm of w is the root of the sum of its squares"
def margin(w, b, X, y):
    return 2 / w.abs().sum(), int((y * (X @ w + b) < 1).sum())


# %% wrong="margin" fails=["margin_intruders"] says="these are the examples that are in their place"
def margin(w, b, X, y):
    return 2 / w.norm(), int((y * (X @ w + b) >= 1).sum())


# %% wrong="margin" fails=["margin_intruders"] says="the bias is missing from the score"
def margin(w, b, X, y):
    return 2 / w.norm(), int((y * (X @ w) < 1).sum())


# %% wrong="margin" fails=["margin_intruders"] says="one true or false for each example; count the true ones"
def margin(w, b, X, y):
    return 2 / w.norm(), y * (X @ w + b) < 1


# %% right="descend"
def descend(X, y, C, etas):
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.tensor(0.0, requires_grad=True)
    Js = []
    for step in range(len(etas)):
        J = objective(w, b, X, y, C)
        Js.append(float(J.detach()))
        gw, gb = torch.autograd.grad(J, (w, b))
        w = (w - etas[step] * gw).detach().requires_grad_()
        b = (b - etas[step] * gb).detach().requires_grad_()
    return w.detach(), b.detach(), Js


# %% right="descend"
def descend(X, y, C, etas):
    w = torch.nn.Parameter(torch.zeros(len(X[0])))
    b = torch.nn.Parameter(torch.zeros(1))
    optim = torch.optim.SGD([w, b], lr=1.0)
    values = []
    for eta in etas:
        optim.param_groups[0]["lr"] = eta
        optim.zero_grad()
        J = objective(w, b, X, y, C)
        values.append(J.item())
        J.backward()
        optim.step()
    return w.data, b.item(), values


# %% right="descend"
def descend(X, y, C, etas):
    theta = torch.zeros(X.shape[1] + 1, requires_grad=True)
    history = []
    for eta in etas:
        J = objective(theta[:-1], theta[-1], X, y, C)
        J.backward()
        with torch.no_grad():
            theta -= eta * theta.grad
            theta.grad.zero_()
        history.append(J)
    return theta[:-1], theta[-1], history


# %% wrong="descend" fails=["descend_steps"] says="the gradients add up from step to step: reset them after each"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    history = []
    for eta in etas:
        J = objective(w, b, X, y, C)
        J.backward()
        history.append(J.item())
        with torch.no_grad():
            w -= eta * w.grad
            b -= eta * b.grad
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_steps"] says="you walked up the slope"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    history = []
    for eta in etas:
        J = objective(w, b, X, y, C)
        J.backward()
        history.append(J.item())
        with torch.no_grad():
            w += eta * w.grad
            b += eta * b.grad
        w.grad = b.grad = None
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_steps"] says="the first one is used for all"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    optim, history = torch.optim.SGD([w, b], lr=etas[0]), []
    for _ in etas:
        optim.zero_grad()
        J = objective(w, b, X, y, C)
        J.backward()
        optim.step()
        history.append(J.item())
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_steps"] says="b does not move: it is trained too"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros(())
    history = []
    for eta in etas:
        J = objective(w, b, X, y, C)
        J.backward()
        history.append(J.item())
        with torch.no_grad():
            w -= eta * w.grad
        w.grad = None
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_steps"] says="call objective, and take the gradient of what it returns"
def descend(X, y, C, etas):
    w, b, history = torch.zeros(X.shape[1]), 0.0, []
    for eta in etas:
        history.append(float(objective(w, b, X, y, C)))
        pays = (y * (X @ w + b) < 1).float()
        w, b = w - eta * (w - C * (pays * y) @ X), b + eta * C * float((pays * y).sum())
    return w, b, history


# %% wrong="descend" fails=["descend_steps", "descend_history"] says="this is a single step: go through all the learning rates"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    J = objective(w, b, X, y, C)
    J.backward()
    w, b = (w - etas[0] * w.grad).detach(), (b - etas[0] * b.grad).detach()
    return w, b, [J.item()] * len(etas)


# %% wrong="descend" fails=["descend_steps", "descend_history"] says="PyTorch refuses to change a leaf while it notes operations"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    history = []
    for eta in etas:
        J = objective(w, b, X, y, C)
        J.backward()
        history.append(J.item())
        w -= eta * w.grad
        b -= eta * b.grad
        w.grad = b.grad = None
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_steps", "descend_history"] says="a gradient is None. Was backward called before the step?"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    history = []
    for eta in etas:
        J = objective(w, b, X, y, C)
        J.backward()
        history.append(J.item())
        w = w - eta * w.grad
        b = b - eta * b.grad
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_steps", "descend_history"] says="nothing asks for gradients: make w and b with requires_grad=True"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1]), torch.zeros(())
    history = []
    for eta in etas:
        J = objective(w, b, X, y, C)
        J.backward()
        history.append(J.item())
        with torch.no_grad():
            w -= eta * w.grad
            b -= eta * b.grad
        w.grad = b.grad = None
    return w, b, history


# %% wrong="descend" fails=["descend_steps", "descend_history"] says="the same J is used twice: call objective again in each step"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    history = []
    J = objective(w, b, X, y, C)
    for eta in etas:
        J.backward()
        history.append(J.item())
        with torch.no_grad():
            w -= eta * w.grad
            b -= eta * b.grad
        w.grad = b.grad = None
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_history"] says="these are the values after each step: note J before it"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    history = []
    for eta in etas:
        objective(w, b, X, y, C).backward()
        with torch.no_grad():
            w -= eta * w.grad
            b -= eta * b.grad
        w.grad = b.grad = None
        history.append(objective(w, b, X, y, C).item())
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_history"] says="one number too many: J before each step, none after the last"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    history = [objective(w, b, X, y, C).item()]
    for eta in etas:
        objective(w, b, X, y, C).backward()
        with torch.no_grad():
            w -= eta * w.grad
            b -= eta * b.grad
        w.grad = b.grad = None
        history.append(objective(w, b, X, y, C).item())
    return w.detach(), b.item(), history


# %% wrong="descend" fails=["descend_history"] says="this is a single number: note J in each step"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    for eta in etas:
        J = objective(w, b, X, y, C)
        J.backward()
        with torch.no_grad():
            w -= eta * w.grad
            b -= eta * b.grad
        w.grad = b.grad = None
    return w.detach(), b.item(), [J.item()]


# %% wrong="descend" fails=["descend_steps", "descend_history"] says="expected {n} values, separated by commas after return"
def descend(X, y, C, etas):
    w, b = torch.zeros(X.shape[1], requires_grad=True), torch.zeros((), requires_grad=True)
    for eta in etas:
        objective(w, b, X, y, C).backward()
        with torch.no_grad():
            w -= eta * w.grad
            b -= eta * b.grad
        w.grad = b.grad = None
    return w.detach(), b.item()


# %% right="recover"
def recover(a, S):
    return (a[:, None] * S).sum(0)


# %% right="recover"
def recover(a, S):
    w = torch.zeros(S.shape[1], dtype=S.dtype)
    for ak, sk in zip(a, S):
        w += ak * sk
    return w


# %% right="recover"
def recover(a, S):
    return torch.einsum("k,kj->j", a, S)


# %% wrong="recover" fails=["recover_weights"] says="the coefficients a are missing: each support vector has its own"
def recover(a, S):
    return S.sum(0)


# %% wrong="recover" fails=["recover_weights"] says="take a itself, not its sign"
def recover(a, S):
    return torch.sign(a) @ S


# %% wrong="recover" fails=["recover_weights"] says="this is a mean; take the sum"
def recover(a, S):
    return (a[:, None] * S).mean(dim=0)


# %% wrong="recover" fails=["recover_weights"] says="so a goes before S"
def recover(a, S):
    return S @ a


# %% wrong="recover" fails=["recover_weights"] says="so a goes before S"
def recover(a, S):
    return (a * S).sum(0)


# %% wrong="recover" fails=["recover_weights"] says="multiplied, but not added up"
def recover(a, S):
    return a.unsqueeze(1) * S


# %% wrong="recover" fails=["recover_weights"] says="the sum goes over the features; it goes over the support vectors"
def recover(a, S):
    return (a[:, None] * S).sum(1)


# %% wrong="lift" fails=["lift_values"] says="the third feature is the product of the two"
def lift(X):
    return torch.cat([X, X.prod(1, keepdim=True)], dim=1)


# %% wrong="lift" fails=["lift_values"] says="x1 and x2 are squared too"
def lift(X):
    S = X**2
    return torch.cat([S, S.sum(1, keepdim=True)], dim=1)


# %% wrong="rbf_kernel" fails=["rbf_kernel_values"] says="the differences are added before they are squared"
def rbf_kernel(X, Z, gamma):
    return torch.exp(-gamma * (X[:, None] - Z).sum(2) ** 2)


# %% wrong="decision" fails=["decision_scores"] says="the signs of the coefficients are lost"
def decision(X, S, a, b, gamma):
    return rbf_kernel(X, S, gamma) @ torch.abs(a) + b


# %% wrong="decision" fails=["decision_scores"] says="b is added to each vote; add it once"
def decision(X, S, a, b, gamma):
    return (rbf_kernel(X, S, gamma) * a + b).sum(1)


# %% wrong="decision" fails=["decision_scores"] says="the votes are averaged; add them"
def decision(X, S, a, b, gamma):
    return (rbf_kernel(X, S, gamma) * a).mean(1) + b


# %% wrong="decision" fails=["decision_scores"] says="the table of kernels is turned over"
def decision(X, S, a, b, gamma):
    return rbf_kernel(S, X, gamma) @ a + b


# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="this is the rate of errors"
def accuracy_table(train, other, Cs, gammas):
    y = signs(other[1]).numpy()
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = float((fit(*train, "rbf", C, gamma).predict(other[0]) != y).mean())
    return table


# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="these are the numbers of examples that are right"
def accuracy_table(train, other, Cs, gammas):
    y = signs(other[1]).numpy()
    table = torch.zeros(len(Cs), len(gammas))
    for i, C in enumerate(Cs):
        for j, gamma in enumerate(gammas):
            table[i, j] = int((fit(*train, "rbf", C, gamma).predict(other[0]) == y).sum())
    return table


# %% wrong="accuracy_table" fails=["accuracy_table_values"] says="the machines are trained on other; train on train"
def accuracy_table(train, other, Cs, gammas):
    X, Y = other
    return torch.tensor([[fit(X, Y, "rbf", C, gamma).score(X, signs(Y)) for gamma in gammas] for C in Cs])


# %% wrong="select" fails=["select_settings", "select_rate"] says="these are the settings with the lowest accuracy"
def select(train, valid, test, Cs, gammas):
    k = int(accuracy_table(train, valid, Cs, gammas).argmin())
    C, gamma = Cs[k // len(gammas)], gammas[k % len(gammas)]
    return C, gamma, fit(*train, "rbf", C, gamma).score(test[0], signs(test[1]))


# %% wrong="select" fails=["select_rate"] says="this is the best accuracy on test over all the settings"
def select(train, valid, test, Cs, gammas):
    k = int(accuracy_table(train, valid, Cs, gammas).argmax())
    rate = accuracy_table(train, test, Cs, gammas).max()
    return Cs[k // len(gammas)], gammas[k % len(gammas)], rate


# %% wrong="select" fails=["select_rate"] says="the machine is trained on the test examples: train it on train"
def select(train, valid, test, Cs, gammas):
    k = int(accuracy_table(train, valid, Cs, gammas).argmax())
    C, gamma = Cs[k // len(gammas)], gammas[k % len(gammas)]
    return C, gamma, fit(*test, "rbf", C, gamma).score(test[0], signs(test[1]))


# %% wrong="select" fails=["select_rate"] says="the accuracy is a rate between 0 and 1, not a percentage"
def select(train, valid, test, Cs, gammas):
    k = int(accuracy_table(train, valid, Cs, gammas).argmax())
    C, gamma = Cs[k // len(gammas)], gammas[k % len(gammas)]
    return C, gamma, 100 * fit(*train, "rbf", C, gamma).score(test[0], signs(test[1]))
