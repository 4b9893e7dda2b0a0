# %% [markdown]
# Answers to 01_math as students write them: wrong ones with the checks they fail and what they are told, right ones in
# other styles than the solution's.

# %% right="decide"
def decide(X, w, b):
    out = torch.ones(X.shape[0])
    out[(X * w).sum(1) + b < 0] = -1
    return out

# %% right="decide"
def decide(X, w, b):
    s = torch.sign(torch.mv(X, w) + b)
    s[s == 0] = 1
    return s

# %% wrong="decide" fails=["decide_zero"] says="torch.sign(0) is 0, and 0 is not a class"
def decide(X, w, b):
    return torch.sign(X @ w + b)

# %% wrong="decide" fails=["decide_zero"] says="a score of exactly 0 goes to class 1"
def decide(X, w, b):
    scores = X @ w + b
    return torch.tensor([1.0 if s > 0 else -1.0 for s in scores])

# %% wrong="decide" fails=["decide_signs"] says="the classes are 1 and -1, not 1 and 0"
def decide(X, w, b):
    return (X @ w + b >= 0).float()

# %% wrong="decide" fails=["decide_signs"] says="you forgot the bias b"
def decide(X, w, b):
    return torch.where(X @ w >= 0, torch.tensor(1.0), torch.tensor(-1.0))

# %% wrong="decide" fails=["decide_signs", "decide_zero"] says="is None: does the function end with return?"
def decide(X, w, b):
    scores = X @ w + b
    result = 2.0 * (scores >= 0) - 1

# %% wrong="decide" fails=["decide_signs"] says="the bias is added, not subtracted"
def decide(X, w, b):
    return torch.where(X @ w - b >= 0, 1.0, -1.0)

# %% right="perceptron_step"
def perceptron_step(x, y, w, b, eta):
    f = b
    for i in range(len(x)):
        f = f + w[i] * x[i]
    if f * y > 0:
        return w, b
    w += eta * y * x
    b += eta * y
    return w, b

# %% right="perceptron_step"
def perceptron_step(x, y, w, b, eta):
    wrong = float(y * (torch.dot(w, x) + b) <= 0)
    return w + wrong * eta * y * x, b + wrong * eta * y

# %% wrong="perceptron_step" fails=["perceptron_step_right"] says="this example was right already"
def perceptron_step(x, y, w, b, eta):
    return w + eta * y * x, b + eta * y

# %% wrong="perceptron_step" fails=["perceptron_step_mistake"] says="y a = 0 is corrected as well"
def perceptron_step(x, y, w, b, eta):
    if y * (w @ x + b) < 0:
        return w + eta * y * x, b + eta * y
    return w, b

# %% wrong="perceptron_step" fails=["perceptron_step_mistake"] says="you moved w the wrong way"
def perceptron_step(x, y, w, b, eta):
    if y * (w @ x + b) <= 0:
        w = w - eta * y * x
        b = b - eta * y
    return w, b

# %% wrong="perceptron_step" fails=["perceptron_step_mistake"] says="the bias is corrected too: add eta * y"
def perceptron_step(x, y, w, b, eta):
    if y * (w @ x + b) <= 0:
        w = w + eta * y * x
    return w, b

# %% wrong="perceptron_step" fails=["perceptron_step_mistake"] says="you forgot the step eta"
def perceptron_step(x, y, w, b, eta):
    if y * (w @ x + b) <= 0:
        w, b = w + y * x, b + y
    return w, b

# %% wrong="perceptron_step" fails=["perceptron_step_mistake", "perceptron_step_right"] says="an example was misclassified and w did not move"
def perceptron_step(x, y, w, b, eta):
    # corrects the wrong examples, I think
    if y * (w @ x + b) > 0:
        w, b = w + eta * y * x, b + eta * y
    return w, b

# %% wrong="perceptron_step" fails=["perceptron_step_mistake"] says="does yours hold b?"
def perceptron_step(x, y, w, b, eta):
    if y * (w @ x) <= 0:
        return w + eta * y * x, b + eta * y
    return w, b

# %% wrong="perceptron_step" fails=["perceptron_step_mistake"] says="y a = 0 is corrected as well"
def perceptron_step(x, y, w, b, eta):
    predicted = 1.0 if w @ x + b >= 0 else -1.0
    if predicted != y:
        w, b = w + eta * y * x, b + eta * y
    return w, b

# %% right="perceptron_fit"
def perceptron_fit(X, y, eta, max_passes):
    N, nx = X.shape
    w = torch.zeros(nx)
    b = torch.tensor(0.0)
    passes = 0
    mistakes = 1
    while mistakes > 0 and passes < max_passes:
        mistakes = 0
        for i in range(N):
            if y[i] * ((X[i] * w).sum() + b) <= 0:
                w += eta * y[i] * X[i]
                b += eta * y[i]
                mistakes += 1
        passes += 1
    return [w, b, passes]

# %% right="perceptron_fit"
def perceptron_fit(X, y, eta, max_passes):
    X1 = torch.cat([torch.ones(len(X), 1), X], dim=1)
    v = torch.zeros(X1.shape[1])
    for t in range(max_passes):
        before = v.clone()
        for i in range(len(X1)):
            if y[i] * (X1[i] @ v) <= 0:
                v = v + eta * y[i] * X1[i]
        if torch.equal(v, before) and ((X1 @ v) * y > 0).all():
            break
    return v[1:], v[0], t + 1

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates", "perceptron_fit_stops"] says="w is still 0: correct when y a <= 0, zero included"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        corrected = False
        for x, t in zip(X, y):
            if t * (w @ x + b) < 0:
                w = w + eta * t * x
                b = b + eta * t
                corrected = True
        if not corrected:
            break
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_stops"] says="stop after the first pass without a correction"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(max_passes):
        for x, t in zip(X, y):
            if t * (w @ x + b) <= 0:
                w, b = w + eta * t * x, b + eta * t
    return w, b, max_passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates"] says="b counts too: correct it along with w, and add it in the score a"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        errors = 0
        for x, t in zip(X, y):
            if t * (w @ x + b) <= 0:
                w = w + eta * t * x
                errors += 1
        if errors == 0:
            return w, b, passes
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates", "perceptron_fit_stops"] says="this is w after one pass: go on until a whole pass needs no correction"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for x, t in zip(X, y):
        if t * (w @ x + b) <= 0:
            w, b = w + eta * t * x, b + eta * t
    return w, b, 1

# %% wrong="perceptron_fit" fails=["perceptron_fit_stops"] says="the first pass counts as 1"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(max_passes):
        done = True
        for i in range(len(X)):
            if y[i] * (w @ X[i] + b) <= 0:
                w, b = w + eta * y[i] * X[i], b + eta * y[i]
                done = False
        if done:
            break
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates"] says="you forgot the step eta"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        mistakes = 0
        for x, t in zip(X, y):
            if t * (w @ x + b) <= 0:
                w, b, mistakes = w + t * x, b + t, mistakes + 1
        if mistakes == 0:
            break
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates"] says="b counts too: correct it along with w, and add it in the score a"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        mistakes = 0
        for x, t in zip(X, y):
            if t * (w @ x) <= 0:
                w, b, mistakes = w + eta * t * x, b + eta * t, mistakes + 1
        if mistakes == 0:
            break
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates"] says="correct w and b at once"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    for passes in range(1, max_passes + 1):
        wrong = (y * (X @ w + b) <= 0).float()
        if wrong.sum() == 0:
            break
        w, b = w + eta * (wrong * y) @ X, b + eta * (wrong * y).sum()
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_stops"] says="max_passes passes are allowed, and you made one more"
def perceptron_fit(X, y, eta, max_passes):
    w, b, passes = torch.zeros(X.shape[1]), 0.0, 0
    while passes <= max_passes:
        passes += 1
        mistakes = 0
        for x, t in zip(X, y):
            if t * (w @ x + b) <= 0:
                w, b, mistakes = w + eta * t * x, b + eta * t, mistakes + 1
        if mistakes == 0:
            break
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates", "perceptron_fit_stops"] says="this is w after one pass: go on until a whole pass needs no correction"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for x, t in zip(X, y):
        if t * (w @ x + b) <= 0:
            w, b = w + eta * t * x, b + eta * t
    return w, b, min(2, max_passes)

# %% right="separable"
def separable():
    return dict(a=True, b=False, c=False, d=True)

# %% wrong="separable" fails=["separable_sorted"] earns=0.5 says="one class surrounds the other"
def separable():
    return {"a": True, "b": False, "c": True, "d": True}

# %% wrong="separable" fails=["separable_sorted"] says="answer with one of {options}"
def separable():
    return {"a": "yes", "b": "no", "c": "no", "d": "yes"}

# %% right="xor_line"
def xor_line():
    return torch.tensor([-1.0, -1.0]), 1

# %% wrong="xor_line" fails=["xor_line_best"] says="your line gets {right} of the 4 points right"
def xor_line():
    return [1.0, 0.0], 0.0

# %% right="xor_line"
def xor_line():
    # a score of 0 goes to class 1
    return (1.0, 1.0), 0.0

# %% wrong="xor_line" fails=["xor_line_best"] says="your line gets {right} of the 4 points right"
def xor_line():
    return [0, 0], 0

# %% wrong="xor_line" fails=["xor_line_best"] says="xor_line returns (w, b): a list of two numbers, then a number"
def xor_line():
    return "ab", None

# %% right="compose"
def compose(W1, b1, W2, b2):
    ny, nh = W2.shape
    nx = W1.shape[1]
    W = torch.zeros(ny, nx)
    for i in range(ny):
        for j in range(nx):
            for k in range(nh):
                W[i, j] += W2[i, k] * W1[k, j]
    return W, torch.mv(W2, b1) + b2

# %% wrong="compose" fails=["compose_biases"] says="you lost b1: the second layer turns it into W2 b1"
def compose(W1, b1, W2, b2):
    return W2 @ W1, b2

# %% wrong="compose" fails=["compose_biases"] says="you forgot b2"
def compose(W1, b1, W2, b2):
    return torch.mm(W2, W1), W2 @ b1

# %% wrong="compose" fails=["compose_weights"] says="It is transposed."
def compose(W1, b1, W2, b2):
    return W1.T @ W2.T, W2 @ b1 + b2

# %% wrong="compose" fails=["compose_weights", "compose_biases"] says="mat1 and mat2 shapes cannot be multiplied"
def compose(W1, b1, W2, b2):
    return W1 @ W2, W2 @ b1 + b2

# %% right="sigmoid"
def sigmoid(a):
    e = a.exp()
    return e / (e + 1)

# %% right="sigmoid"
def sigmoid(a):
    return 0.5 * (1 + torch.tanh(a / 2))

# %% wrong="sigmoid" fails=["sigmoid_values"] says="this is σ(-a): the exponent is -a"
def sigmoid(a):
    return 1 / (1 + torch.exp(a))

# %% wrong="sigmoid" fails=["sigmoid_values"] says="you forgot the 1 in the denominator"
def sigmoid(a):
    return 1 / torch.exp(-a)

# %% right="sigmoid"
def sigmoid(a):
    a.neg_().exp_().add_(1)
    return 1 / a

# %% right="sigmoid_slope"
def sigmoid_slope(z):
    return z - z ** 2

# %% wrong="sigmoid_slope" fails=["sigmoid_slope_values"] says="z is σ(a) already"
def sigmoid_slope(z):
    s = torch.sigmoid(z)
    return s * (1 - s)

# %% wrong="sigmoid_slope" fails=["sigmoid_slope_values"] says="this is the slope of tanh"
def sigmoid_slope(z):
    return 1 - z ** 2

# %% right="ranges"
def ranges():
    answer = {}
    answer["a"], answer["b"], answer["c"], answer["d"], answer["e"] = 3, 2, 1, 4, 5
    return answer

# %% wrong="ranges" fails=["ranges_sorted"] earns=0.5 says="1 + exp(-a) is larger than 1"
def ranges():
    return {"a": 3, "b": 1, "c": 2, "d": 4, "e": 5}

# %% wrong="activation_facts" fails=["activation_facts_sorted"] earns=0.5 says="sign is not linear"
def activation_facts():
    return {"a": True, "b": False, "c": True, "d": True, "e": True, "f": False}

# %% wrong="activation_facts" fails=["activation_facts_sorted"] says="it is the output z that goes on to the next layer"
def activation_facts():
    return {"a": True, "b": True, "c": True, "d": False, "e": False, "f": True}

# %% wrong="sets" fails=["sets_sorted"] earns=0.5 says="choosing is a way of fitting"
def sets():
    return {"a": True, "b": True, "c": True, "d": False, "e": True, "f": False}

# %% wrong="sets" fails=["sets_sorted"] earns=0.5 says="more examples are harder to fit at once"
def sets():
    return {"a": True, "b": False, "c": True, "d": False, "e": True, "f": True}

# %% right="choose_nh"
def choose_nh(results):
    best = None
    for row in sorted(results):
        if best is None or row[1] > best[1]:
            best = row
    return best[0], best[2]

# %% right="choose_nh"
def choose_nh(results):
    top = max(val for nh, val, test in results)
    nh, test = min((nh, test) for nh, val, test in results if val == top)
    return (nh, test)

# %% wrong="choose_nh" fails=["choose_nh_choice"] says="you chose on the test set"
def choose_nh(results):
    nh, val, test = max(results, key=lambda r: r[2])
    return nh, test

# %% wrong="choose_nh" fails=["choose_nh_report"] says="the validation set served to choose: report the accuracy on the test set"
def choose_nh(results):
    nh, val, test = sorted(results, key=lambda r: (-r[1], r[0]))[0]
    return nh, val

# %% wrong="choose_nh" fails=["choose_nh_report"] says="report the accuracy of the network that was chosen"
def choose_nh(results):
    nh = sorted(results, key=lambda r: (-r[1], r[0]))[0][0]
    return nh, max(r[2] for r in results)

# %% wrong="choose_nh" fails=["choose_nh_choice"] says="several are equally good on validation"
def choose_nh(results):
    nh, val, test = max(results, key=lambda r: r[1])
    return nh, test

# %% wrong="choose_nh" fails=["choose_nh_choice"] says="compare on validation first"
def choose_nh(results):
    nh, validation, test = min(results)
    return nh, test

# %% wrong="choose_nh" fails=["choose_nh_choice"] says="several are equally good on validation: choose the smallest nh"
def choose_nh(results):
    best = results[0]
    for row in results:
        if row[1] >= best[1]:
            best = row
    return best[0], best[2]

# %% right="choose_nh"
def choose_nh(results):
    table = torch.tensor(sorted(results))
    k = table[:, 1].argmax()
    return int(table[k, 0]), table[k, 2]

# %% right="sizes"
def sizes():
    return [4, 6, 3]

# %% wrong="sizes" fails=["sizes_read"] says="count its discs, without a bias" unseen="a visible test would give the answer away"
def sizes():
    return 5, 7, 3

# %% wrong="sizes" fails=["sizes_read"] says="the order is (nx, nh, ny)" unseen="a visible test would give the answer away"
def sizes():
    return 3, 6, 4

# %% right="count_params"
def count_params(nx, nh, ny):
    return (nx + 1) * nh + (nh + 1) * ny

# %% wrong="count_params" fails=["count_params_value"] says="you forgot the biases"
def count_params(nx, nh, ny):
    return nx * nh + nh * ny

# %% wrong="count_params" fails=["count_params_value"] says="the inputs have no biases"
def count_params(nx, nh, ny):
    return nx * nh + nh * ny + nx + nh + ny

# %% wrong="count_params" fails=["count_params_value"] says="the output units have biases too"
def count_params(nx, nh, ny):
    return nx * nh + nh + nh * ny

# %% wrong="who_decides" fails=["who_decides_sorted"] earns=0.5 says="nothing in the data fixes nh"
def who_decides():
    return {"a": 1, "b": 3, "c": 2, "d": 4}

# %% right="one_hot"
def one_hot(labels, ny):
    Y = torch.zeros(len(labels), ny)
    for i, k in enumerate(labels):
        Y[i, int(k)] = 1
    return Y

# %% right="one_hot"
def one_hot(labels, ny):
    return (labels.unsqueeze(1) == torch.arange(ny)).to(torch.float32)

# %% wrong="one_hot" fails=["one_hot_values"] says="classes are counted from 0"
def one_hot(labels, ny):
    Y = torch.zeros(len(labels), ny)
    for i, k in enumerate(labels):
        Y[i, k - 1] = 1
    return Y

# %% wrong="one_hot" fails=["one_hot_values"] says="expected floating point numbers"
def one_hot(labels, ny):
    return torch.nn.functional.one_hot(labels, ny)

# %% right="predicted_class"
def predicted_class(Yhat):
    values, indices = torch.max(Yhat, 1)
    return indices

# %% wrong="predicted_class" fails=["predicted_class_values"] says="this is the largest probability: return its place"
def predicted_class(Yhat):
    return Yhat.max(1).values

# %% wrong="predicted_class" fails=["predicted_class_values"] says="look along the rows, dim=1"
def predicted_class(Yhat):
    return Yhat.argmax(0)

# %% wrong="predicted_class" fails=["predicted_class_values"] says="max(1) finds two things, the largest probabilities and their places"
def predicted_class(Yhat):
    return Yhat.max(1)

# %% wrong="predicted_class" fails=["predicted_class_values"] says="classes are whole numbers, and yours are floating point numbers"
def predicted_class(Yhat):
    classes = torch.zeros(len(Yhat))
    for i in range(len(Yhat)):
        classes[i] = Yhat[i].argmax()
    return classes

# %% wrong="softmax" fails=["softmax_batch", "softmax_one", "softmax_large"] says="write it yourself, with exp and sum: {name} is not allowed here"
import torch.nn.functional as f

def softmax(a):
    return f.softmax(a, dim=-1)

# %% right="softmax"
def softmax(a):
    if a.dim() == 1:
        e = torch.exp(a - a.max())
        return e / e.sum()
    return torch.stack([softmax(row) for row in a])

# %% right="softmax"
def softmax(a):
    m = a.max(dim=-1, keepdim=True)[0]
    return torch.exp(a - m - torch.log(torch.exp(a - m).sum(-1, keepdim=True)))

# %% wrong="softmax" fails=["softmax_large"] says="large scores give NaN"
def softmax(a):
    e = torch.exp(a)
    return e / e.sum(-1, keepdim=True)

# %% wrong="softmax" fails=["softmax_large"] says="subtract the largest score of each row: not its mean or smallest, nor the largest of the whole batch"
def softmax(a):
    e = torch.exp(a - a.max())
    return e / e.sum(-1, keepdim=True)

# %% wrong="softmax" fails=["softmax_batch"] says="SoftMax is taken over the examples"
def softmax(a):
    e = torch.exp(a - a.amax(0))
    return e / e.sum(0)

# %% wrong="softmax" fails=["softmax_batch", "softmax_large"] says="SoftMax is taken over the whole batch"
def softmax(a):
    e = torch.exp(a)
    return e / e.sum()

# %% wrong="softmax" fails=["softmax_one"] says="Dimension out of range"
def softmax(a):
    e = torch.exp(a - a.amax(1, keepdim=True))
    return e / e.sum(1, keepdim=True)

# %% wrong="softmax" fails=["softmax_batch"] says="you divided by sums over the examples; each row has its own sum, dim=-1"
def softmax(a):
    e = torch.exp(a - a.amax(-1, keepdim=True))
    return e / e.sum(0)

# %% wrong="softmax" fails=["softmax_large"] says="subtract the largest score of each row: not its mean or smallest"
def softmax(a):
    e = torch.exp(a - a.max())
    return e / (e.sum(-1, keepdim=True) + 1e-9)

# %% right="softmax"
def softmax(a):
    a -= a.amax(-1, keepdim=True)
    e = a.exp()
    return e / e.sum(-1, keepdim=True)

# %% wrong="softmax" fails=["softmax_batch", "softmax_one", "softmax_large"] says="is None: does the function end with return?"
def softmax(a):
    e = torch.exp(a - a.amax(-1, keepdim=True))
    e = e / e.sum(-1, keepdim=True)

# %% wrong="softmax_facts" fails=["softmax_facts_sorted"] says="the ratio of two probabilities is the exponential of the difference"
def softmax_facts():
    return {"a": False, "b": True, "c": True, "d": True, "e": False, "f": True}

# %% right="forward_one"
def forward_one(x, Wh, bh, Wy, by):
    htilde = torch.mv(Wh, x) + bh
    h = (torch.exp(htilde) - torch.exp(-htilde)) / (torch.exp(htilde) + torch.exp(-htilde))
    ytilde = torch.einsum("ij,j->i", Wy, h) + by
    e = ytilde.exp()
    return [htilde, h, ytilde, e / e.sum()]

# %% wrong="forward_one" fails=["forward_one_hidden"] says="you forgot the bias bh"
def forward_one(x, Wh, bh, Wy, by):
    htilde = Wh @ x
    h = torch.tanh(htilde)
    ytilde = Wy @ h + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=-1)

# %% wrong="forward_one" fails=["forward_one_hidden"] says="you used the sigmoid; this network uses tanh"
def forward_one(x, Wh, bh, Wy, by):
    htilde = Wh @ x + bh
    h = torch.sigmoid(htilde)
    ytilde = Wy @ h + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=-1)

# %% wrong="forward_one" fails=["forward_one_output"] says="you used htilde where h was wanted"
def forward_one(x, Wh, bh, Wy, by):
    htilde = Wh @ x + bh
    h = torch.tanh(htilde)
    ytilde = Wy @ htilde + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=-1)

# %% wrong="forward_one" fails=["forward_one_output"] says="you forgot SoftMax: this is ytilde"
def forward_one(x, Wh, bh, Wy, by):
    htilde = Wh @ x + bh
    h = torch.tanh(htilde)
    ytilde = Wy @ h + by
    return htilde, h, ytilde, ytilde

# %% wrong="forward_one" fails=["forward_one_hidden", "forward_one_output"] says="expected shape {expected}, got {got}."
def forward_one(x, Wh, bh, Wy, by):
    h = torch.tanh(Wh @ x + bh)
    return torch.softmax(Wy @ h + by, dim=-1)

# %% wrong="forward_one" fails=["forward_one_output"] says="you forgot the weights Wy"
def forward_one(x, Wh, bh, Wy, by):
    htilde = Wh @ x + bh
    h = torch.tanh(htilde)
    return htilde, h, by, torch.softmax(by, dim=-1)

# %% right="forward_one"
def forward_one(x, Wh, bh, Wy, by):
    htilde = Wh.double() @ x.double() + bh
    h = torch.tanh(htilde)
    ytilde = Wy.double() @ h + by
    return htilde, h, ytilde, ytilde.softmax(0)

# %% right="forward_batch"
def forward_batch(X, Wh, bh, Wy, by):
    htilde = torch.nn.functional.linear(X, Wh, bh)
    h = htilde.tanh()
    ytilde = torch.addmm(by, h, Wy.t())
    return htilde, h, ytilde, torch.nn.functional.softmax(ytilde, dim=1)

# %% right="forward_batch"
def forward_batch(X, Wh, bh, Wy, by):
    def one(x):
        htilde = Wh @ x + bh
        h = torch.tanh(htilde)
        ytilde = Wy @ h + by
        return htilde, h, ytilde, torch.softmax(ytilde, 0)

    outs = [one(x) for x in X]
    return tuple(torch.stack([out[i] for out in outs]) for i in range(4))

# %% wrong="forward_batch" fails=["forward_batch_output"] says="SoftMax is taken over the examples"
def forward_batch(X, Wh, bh, Wy, by):
    htilde = X @ Wh.T + bh
    h = torch.tanh(htilde)
    ytilde = h @ Wy.T + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=0)

# %% wrong="forward_batch" fails=["forward_batch_hidden"] says="you forgot tanh: h is htilde"
def forward_batch(X, Wh, bh, Wy, by):
    htilde = X @ Wh.T + bh
    h = htilde
    ytilde = h @ Wy.T + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=1)

# %% wrong="forward_batch" fails=["forward_batch_output"] says="you forgot the bias by"
def forward_batch(X, Wh, bh, Wy, by):
    htilde = X @ Wh.T + bh
    h = torch.tanh(htilde)
    ytilde = h @ Wy.T
    return htilde, h, ytilde, torch.softmax(ytilde, dim=1)

# %% wrong="forward_batch" fails=["forward_batch_hidden", "forward_batch_output"] says="mat1 and mat2 shapes cannot be multiplied"
def forward_batch(X, Wh, bh, Wy, by):
    htilde = X @ Wh + bh
    h = torch.tanh(htilde)
    ytilde = h @ Wy + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=1)

# %% wrong="forward_batch" fails=["forward_batch_output"] says="you used htilde where h was wanted"
def forward_batch(X, Wh, bh, Wy, by):
    htilde = X @ Wh.T + bh
    h = torch.tanh(htilde)
    ytilde = htilde @ Wy.T + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=1)

# %% right="forward_batch"
def forward_batch(X, Wh, bh, Wy, by):
    htilde = X.double() @ Wh.double().T + bh
    h = torch.tanh(htilde)
    ytilde = h @ Wy.double().T + by
    return htilde, h, ytilde, ytilde.softmax(1)

# %% right="slopes"
def slopes(yhat, y):
    dce = torch.zeros(len(y))
    dse = torch.zeros(len(y))
    for i in range(len(y)):
        dce[i] = -y[i] / yhat[i]
        dse[i] = -2 * (y[i] - yhat[i])
    return dce, dse

# %% wrong="slopes" fails=["slopes_cross_entropy"] says="this is the slope in ytilde, before SoftMax"
def slopes(yhat, y):
    return yhat - y, 2 * (yhat - y)

# %% wrong="slopes" fails=["slopes_cross_entropy"] says="the loss falls when the probability of the true class rises"
def slopes(yhat, y):
    return y / yhat, 2 * (yhat - y)

# %% wrong="slopes" fails=["slopes_squared_error"] says="you forgot the factor 2"
def slopes(yhat, y):
    return -y / yhat, yhat - y

# %% wrong="slopes" fails=["slopes_squared_error"] says="the derivative of (yhat - y)² is 2 (yhat - y)"
def slopes(yhat, y):
    return -y / yhat, 2 * (y - yhat)

# %% wrong="slopes" fails=["slopes_squared_error"] says="each component has its own slope: do not divide by their number"
def slopes(yhat, y):
    return -y / yhat, 2 * (yhat - y) / len(y)

# %% wrong="moves" fails=["moves_sorted"] earns=0.5 says="its y_i is 0, so the term is 0 whatever the prediction"
def moves():
    return {"a": "down", "b": "up", "c": "down", "d": "up", "e": "down"}

# %% wrong="which_loss" fails=["which_loss_sorted"] earns=0.5 says="a digit is one class of ten"
def which_loss():
    return {"a": "SE", "b": "SE", "c": "SE", "d": "CE"}

# %% right="gaussian_nll"
import math

def gaussian_nll(yhat, y, sigma):
    p = torch.exp(-(y - yhat) ** 2 / (2 * sigma ** 2)) / math.sqrt(2 * math.pi * sigma ** 2)
    return -torch.log(p).sum()

# %% right="gaussian_nll"
def gaussian_nll(yhat, y, sigma):
    n = len(y)
    return ((y - yhat) @ (y - yhat)) / 2 / sigma ** 2 + n / 2 * float(torch.log(torch.tensor(2 * 3.14159265))) + n * float(torch.log(torch.tensor(sigma)))

# %% wrong="gaussian_nll" fails=["gaussian_nll_value"] says="the constant is there once for each component"
def gaussian_nll(yhat, y, sigma):
    return ((y - yhat) ** 2).sum() / (2 * sigma ** 2) + 0.5 * torch.log(torch.tensor(2 * torch.pi * sigma ** 2))

# %% wrong="gaussian_nll" fails=["gaussian_nll_value"] says="you forgot the constant"
def gaussian_nll(yhat, y, sigma):
    return ((y - yhat) ** 2).sum() / (2 * sigma ** 2)

# %% wrong="gaussian_nll" fails=["gaussian_nll_value"] says="the sign is wrong: this is the logarithm of the density"
def gaussian_nll(yhat, y, sigma):
    return torch.distributions.Normal(yhat, sigma).log_prob(y).sum()

# %% wrong="gaussian_nll" fails=["gaussian_nll_value"] says="sigma is squared under the root as well"
def gaussian_nll(yhat, y, sigma):
    constant = 0.5 * torch.log(torch.tensor(2 * torch.pi * sigma))
    return ((y - yhat) ** 2 / (2 * sigma**2) + constant).sum()

# %% right="multinomial_nll"
def multinomial_nll(Yhat, Y):
    return len(Y) * (-(Y * Yhat.log()).sum(1)).mean()

# %% right="multinomial_nll"
def multinomial_nll(Yhat, Y):
    return -sum(torch.log((row ** target).prod()) for row, target in zip(Yhat, Y))

# %% wrong="multinomial_nll" fails=["multinomial_nll_value"] says="the product of {n} probabilities is 0 in floating point"
def multinomial_nll(Yhat, Y):
    return -torch.log(torch.prod(Yhat ** Y))

# %% wrong="multinomial_nll" fails=["multinomial_nll_value"] says="this is the mean: independent probabilities multiply"
def multinomial_nll(Yhat, Y):
    return -(Y * torch.log(Yhat)).sum(1).mean()

# %% right="work"
import math

def work(N, B, epochs):
    return math.ceil(N / B) * epochs, N * epochs

# %% right="work"
def work(N, B, epochs):
    updates = gradients = 0
    for _ in range(epochs):
        for start_index in range(0, N, B):
            updates += 1
            gradients += min(B, N - start_index)
    return updates, gradients

# %% wrong="work" fails=["work_updates"] says="the last mini-batch, smaller than the others, makes an update too"
def work(N, B, epochs):
    return epochs * (N // B), epochs * N

# %% wrong="work" fails=["work_gradients"] says="an update on a mini-batch needs one gradient for each of its examples"
def work(N, B, epochs):
    updates = epochs * -(-N // B)
    return updates, updates

# %% wrong="work" fails=["work_gradients"] says="the last mini-batch holds fewer examples"
def work(N, B, epochs):
    updates = epochs * -(-N // B)
    return updates, updates * B

# %% wrong="work" fails=["work_updates"] says="a whole number was asked for"
import numpy as np

def work(N, B, epochs):
    return np.ceil(N / B) * epochs, N * epochs

# %% right="descend"
def descend(w0, c, eta, steps):
    return w0 * (1 - eta * c) ** torch.arange(steps + 1)

# %% right="descend"
def descend(w0, c, eta, steps):
    w = torch.tensor(w0)
    path = [w.item()]
    for _ in range(steps):
        w = w - eta * c * w
        path += [w.item()]
    return path

# %% wrong="descend" fails=["descend_path"] says="w0 belongs to the path"
def descend(w0, c, eta, steps):
    path = []
    for _ in range(steps):
        w0 = w0 - eta * c * w0
        path.append(w0)
    return path

# %% wrong="descend" fails=["descend_path"] says="you forgot the curvature"
def descend(w0, c, eta, steps):
    path = [w0]
    for _ in range(steps):
        path.append(path[-1] - eta * path[-1])
    return path

# %% wrong="descend" fails=["descend_path"] says="you walked up the slope"
def descend(w0, c, eta, steps):
    path = [w0]
    for _ in range(steps):
        path.append(path[-1] + eta * c * path[-1])
    return path

# %% right="regime"
def regime(c, eta):
    factor = 1 - eta * c
    if abs(factor) > 1:
        return "diverges"
    if factor == -1:
        return "swings"
    if factor == 0:
        return "lands"
    if factor < 0:
        return "zigzags"
    return "slides"

# %% wrong="regime" fails=["regime_names"] says="the bound on eta depends on the curvature"
def regime(c, eta):
    if eta < 1:
        return "slides"
    if eta == 1:
        return "lands"
    if eta < 2:
        return "zigzags"
    if eta == 2:
        return "swings"
    return "diverges"

# %% wrong="regime" fails=["regime_names"] says="is below 1: this converges"
def regime(c, eta):
    if eta * c < 1:
        return "slides"
    if eta * c == 1:
        return "lands"
    return "diverges"

# %% wrong="regime" fails=["regime_names"] says="is none of the five answers"
def regime(c, eta):
    if eta * c < 1:
        return "slides"
    if eta * c == 1:
        return "lands"
    if eta * c < 2:
        return "zigzag"
    return "swings" if eta * c == 2 else "diverges"

# %% right="scalar_slope"
def scalar_slope(w, x, y):
    a = w * x
    z = 1 / (1 + torch.exp(-a))
    dL_dz = 2 * z - 2 * y
    dz_da = torch.exp(-a) / (1 + torch.exp(-a)) ** 2
    da_dw = x
    return dL_dz * dz_da * da_dw

# %% wrong="scalar_slope" fails=["scalar_slope_value"] says="you forgot the factor 2"
def scalar_slope(w, x, y):
    z = torch.sigmoid(w * x)
    return (z - y) * z * (1 - z) * x

# %% wrong="scalar_slope" fails=["scalar_slope_value"] says="the last factor is missing"
def scalar_slope(w, x, y):
    z = torch.sigmoid(w * x)
    return 2 * (z - y) * z * (1 - z)

# %% wrong="scalar_slope" fails=["scalar_slope_value"] says="the slope of the sigmoid is taken at the wrong point"
def scalar_slope(w, x, y):
    z = torch.sigmoid(w * x)
    slope = torch.sigmoid(z) * (1 - torch.sigmoid(z))
    return 2 * (z - y) * slope * x

# %% wrong="scalar_slope" fails=["scalar_slope_value"] says="the slope of (z - y)² in z is 2 (z - y)"
def scalar_slope(w, x, y):
    z = torch.sigmoid(w * x)
    return 2 * (y - z) * z * (1 - z) * x

# %% wrong="scalar_slope" fails=["scalar_slope_value"] says="take the sigmoid of w x, not of w"
def scalar_slope(w, x, y):
    z = torch.sigmoid(w)
    return 2 * (z - y) * z * (1 - z) * x

# %% wrong="scalar_slope" fails=["scalar_slope_value"] says="the slope of the sigmoid is z (1 - z), not z²"
def scalar_slope(w, x, y):
    z = torch.sigmoid(w * x)
    return 2 * (z - y) * z * z * x

# %% right="graph_slopes"
def graph_slopes(s, t):
    return {"s": 2 * s * t + t ** 2, "t": s ** 2 + 2 * s * t, "p": s * t, "q": s + t}

# %% wrong="graph_slopes" fails=["graph_slopes_paths"] says="two paths lead to r: you kept the one through p"
def graph_slopes(s, t):
    p, q = s + t, s * t
    return {"p": q, "q": p, "s": q, "t": q}

# %% wrong="graph_slopes" fails=["graph_slopes_paths"] says="the local slope of a product is the other factor"
def graph_slopes(s, t):
    p, q = s + t, s * t
    return {"p": q, "q": p, "s": q + p * s, "t": q + p * t}

# %% wrong="graph_slopes" fails=["graph_slopes_local"] says="the slope of p q in p is q, not p"
def graph_slopes(s, t):
    p, q = s + t, s * t
    dp, dq = p, q
    return {"p": dp, "q": dq, "s": dp + dq * t, "t": dp + dq * s}

# %% wrong="graph_slopes" fails=["graph_slopes_local"] says="the slope of p q in p is q, not p"
def graph_slopes(s, t):
    return {"p": s + t, "q": s * t, "s": 2 * s * t + t ** 2, "t": s ** 2 + 2 * s * t}

# %% wrong="graph_slopes" fails=["graph_slopes_paths"] says='(3.0, -2.0)["t"]'
def graph_slopes(s, t):
    p, q = s + t, s * t
    return {"p": q, "q": p, "s": q + p * t, "t": q + p * t}

# %% right="graph_slopes"
def graph_slopes(s, t):
    s, t = torch.tensor(s, requires_grad=True), torch.tensor(t, requires_grad=True)
    p, q = s + t, s * t
    return dict(zip("pqst", torch.autograd.grad(p * q, [p, q, s, t])))

# %% right="last_layer"
def last_layer(h, yhat, y):
    dL_dyhat = 2 * (yhat - y)
    dyhat_da = 1 - yhat * yhat
    delta = dL_dyhat * dyhat_da
    return torch.tensor([float(delta * hi) for hi in h]), torch.tensor(delta)

# %% wrong="last_layer" fails=["last_layer_bias"] says="you forgot the factor 2"
def last_layer(h, yhat, y):
    d = (yhat - y) * (1 - yhat ** 2)
    return d * h, d

# %% wrong="last_layer" fails=["last_layer_bias"] says="you forgot the slope of tanh"
def last_layer(h, yhat, y):
    d = 2 * (yhat - y)
    return d * h, d

# %% wrong="last_layer" fails=["last_layer_bias"] says="the sign is wrong: the slope starts with yhat - y"
def last_layer(h, yhat, y):
    d = 2 * (y - yhat) * (1 - yhat ** 2)
    return d * h, d

# %% wrong="last_layer" fails=["last_layer_weights"] says="h is multiplied as it is"
def last_layer(h, yhat, y):
    d = 2 * (yhat - y) * (1 - yhat ** 2)
    return d * h * (1 - h ** 2), d

# %% wrong="last_layer" fails=["last_layer_bias", "last_layer_weights"] says="the order is (dw, db)"
def last_layer(h, yhat, y):
    d = 2 * (yhat - y) * (1 - yhat ** 2)
    return d, d * h

# %% right="first_layer"
def first_layer(x, h, w, delta):
    nh, nx = len(h), len(x)
    dW = torch.zeros(nh, nx)
    db = torch.zeros(nh)
    for j in range(nh):
        db[j] = delta * w[j] * (1 - h[j] ** 2)
        for i in range(nx):
            dW[j, i] = db[j] * x[i]
    return dW, db

# %% right="first_layer"
def first_layer(x, h, w, delta):
    d = w * delta * (1 - h * h)
    return torch.outer(d, x), d

# %% wrong="first_layer" fails=["first_layer_biases"] says="you forgot the slope of tanh, 1 - h²"
def first_layer(x, h, w, delta):
    d = delta * w
    return torch.outer(d, x), d

# %% wrong="first_layer" fails=["first_layer_biases"] says="h is tanh(htilde) already"
def first_layer(x, h, w, delta):
    d = delta * w * (1 - torch.tanh(h) ** 2)
    return d.view(-1, 1) * x.view(1, -1), d

# %% wrong="first_layer" fails=["first_layer_biases"] says="you forgot the weights w through which the error comes back"
def first_layer(x, h, w, delta):
    d = delta * (1 - h ** 2)
    return torch.outer(d, x), d

# %% wrong="first_layer" fails=["first_layer_weights"] says="rows are hidden neurons, columns are inputs: yours is transposed"
def first_layer(x, h, w, delta):
    d = delta * w * (1 - h ** 2)
    return torch.outer(x, d), d

# %% right="products"
def products(K):
    naive = 0
    for k in range(1, K + 1):
        naive += K - k + 1
    return naive, K + (K - 1)

# %% wrong="products" fails=["products_naive"] says="the formula of layer k goes through the layers above k only"
def products(K):
    return K * K, 2 * K - 1

# %% wrong="products" fails=["products_naive"] says="you counted the factors"
def products(K):
    return sum(K - k + 2 for k in range(1, K + 1)), 2 * K - 1

# %% wrong="products" fails=["products_backpropagation"] says="nobody needs the error below layer 1"
def products(K):
    return K * (K + 1) // 2, 2 * K

# %% wrong="products" fails=["products_naive", "products_backpropagation"] says="the two counts are exchanged"
def products(K):
    return 2 * K - 1, K * (K + 1) // 2

# %% wrong="products" fails=["products_naive"] says="a whole number was asked for"
def products(K):
    return K * (K + 1) / 2, 2 * K - 1

# %% right="products"
list = []
for k in range(3):
    list.append(k)

def products(K):
    return K * (K + 1) // 2, 2 * K - 1

# %% wrong="products" fails=["products_backpropagation"] says="all K layers need a product for their weight"
def products(K):
    return K * (K + 1) // 2, 2 * (K - 1)

# %% wrong="trainable" fails=["trainable_sorted"] earns=0.5 says="a single point without a slope is hardly ever met"
def trainable():
    return {"a": True, "b": False, "c": False, "d": True, "e": False, "f": False, "g": False}

# %% wrong="trainable" fails=["trainable_sorted"] says="branches are paths: their gradients add up."
def trainable():
    return {"a": True, "b": False, "c": True, "d": False, "e": False, "f": False, "g": True}

# %% right="loss_from_scores"
def loss_from_scores(Ytilde, Y):
    return torch.nn.functional.cross_entropy(Ytilde, Y)

# %% right="loss_from_scores"
def loss_from_scores(Ytilde, Y):
    m = Ytilde.max(1, keepdim=True).values
    shifted = Ytilde - m
    losses = torch.log(torch.exp(shifted).sum(1)) - torch.einsum("ni,ni->n", Y, shifted)
    return losses.mean()

# %% wrong="loss_from_scores" fails=["loss_from_scores_large"] says="a score of 1000 gives an infinite loss or NaN"
def loss_from_scores(Ytilde, Y):
    return (torch.log(torch.exp(Ytilde).sum(1)) - (Y * Ytilde).sum(1)).mean()

# %% wrong="loss_from_scores" fails=["loss_from_scores_large"] says="a score of 1000 gives an infinite loss or NaN"
def loss_from_scores(Ytilde, Y):
    return -(Y * torch.log(torch.softmax(Ytilde, 1))).sum(1).mean()

# %% wrong="loss_from_scores" fails=["loss_from_scores_value", "loss_from_scores_large"] says="the sign of y · ytilde is wrong"
def loss_from_scores(Ytilde, Y):
    return (torch.logsumexp(Ytilde, 1) + (Y * Ytilde).sum(1)).mean()

# %% wrong="loss_from_scores" fails=["loss_from_scores_value", "loss_from_scores_large"] says="you summed over the batch instead of averaging"
def loss_from_scores(Ytilde, Y):
    return (torch.logsumexp(Ytilde, 1) - (Y * Ytilde).sum(1)).sum()

# %% wrong="loss_from_scores" fails=["loss_from_scores_large"] says="subtract the largest score of each row: not its mean or smallest, nor the largest of the whole batch"
def loss_from_scores(Ytilde, Y):
    m = Ytilde.max()
    return (m + torch.log(torch.exp(Ytilde - m).sum(1)) - (Y * Ytilde).sum(1)).mean()

# %% wrong="loss_from_scores" fails=["loss_from_scores_value", "loss_from_scores_large"] says="add m again after the logarithm"
def loss_from_scores(Ytilde, Y):
    m = Ytilde.amax(1, keepdim=True)
    return (torch.log(torch.exp(Ytilde - m).sum(1)) - (Y * Ytilde).sum(1)).mean()

# %% right="grad_scores"
def grad_scores(Ytilde, Y):
    N = Ytilde.shape[0]
    G = torch.softmax(Ytilde, 1)
    G[torch.arange(N), Y.argmax(1)] -= 1
    G /= N
    return G

# %% right="grad_scores"
def grad_scores(Ytilde, Y):
    rows = []
    for yt, y in zip(Ytilde, Y):
        e = torch.exp(yt - yt.max())
        rows.append((e / e.sum() - y) / len(Y))
    return torch.stack(rows)

# %% wrong="grad_scores" fails=["grad_scores_value"] says="the 1/n is missing"
def grad_scores(Ytilde, Y):
    return torch.softmax(Ytilde, 1) - Y

# %% wrong="grad_scores" fails=["grad_scores_value"] says="the sign is reversed: it is yhat - y"
def grad_scores(Ytilde, Y):
    return (Y - torch.softmax(Ytilde, 1)) / len(Y)

# %% wrong="grad_scores" fails=["grad_scores_value", "grad_scores_large"] says="you forgot SoftMax: subtract y from yhat, not from ytilde"
def grad_scores(Ytilde, Y):
    return (Ytilde - Y) / len(Y)

# %% wrong="grad_scores" fails=["grad_scores_value"] says="divide by the number of examples, not of classes"
def grad_scores(Ytilde, Y):
    return (torch.softmax(Ytilde, 1) - Y) / Y.shape[1]

# %% wrong="grad_scores" fails=["grad_scores_large"] says="large scores give NaN"
def grad_scores(Ytilde, Y):
    e = torch.exp(Ytilde)
    return (e / e.sum(1, keepdim=True) - Y) / len(Y)

# %% wrong="grad_scores" fails=["grad_scores_large"] says="subtract the largest score of each row: not its mean or smallest, nor the largest of the whole batch"
def grad_scores(Ytilde, Y):
    e = torch.exp(Ytilde - Ytilde.max())
    return (e / e.sum(1, keepdim=True) - Y) / len(Y)

# %% wrong="grad_scores" fails=["grad_scores_value", "grad_scores_large"] says="0.1667"
def grad_scores(Ytilde, Y):
    return (1 / Y.shape[1] - Y) / len(Y)

# %% right="grads_output"
def grads_output(h, dYtilde):
    return torch.einsum("ni,nj->ij", dYtilde, h), torch.einsum("ni->i", dYtilde)

# %% right="grads_output"
def grads_output(h, dYtilde):
    dWy = torch.zeros(dYtilde.shape[1], h.shape[1])
    dby = torch.zeros(dYtilde.shape[1])
    for k in range(len(h)):
        dWy += torch.outer(dYtilde[k], h[k])
        dby += dYtilde[k]
    return dWy, dby

# %% right="grads_output"
def grads_output(h, dYtilde):
    return torch.mm(dYtilde.t(), h), torch.sum(dYtilde, dim=0, keepdim=True)

# %% wrong="grads_output" fails=["grads_output_weights"] says="It is transposed."
def grads_output(h, dYtilde):
    return h.T @ dYtilde, dYtilde.sum(0)

# %% wrong="grads_output" fails=["grads_output_weights", "grads_output_biases"] says="dYtilde contains the 1/n already: do not divide again"
def grads_output(h, dYtilde):
    N = len(h)
    return dYtilde.T @ h / N, dYtilde.mean(0)

# %% wrong="grads_output" fails=["grads_output_biases"] says="this is one row per example: add up over the batch"
def grads_output(h, dYtilde):
    return dYtilde.T @ h, dYtilde

# %% wrong="grads_output" fails=["grads_output_biases"] says="is None: compute it and store it."
def grads_output(h, dYtilde):
    return dYtilde.T @ h, None

# %% right="grads_hidden"
def grads_hidden(X, h, Wy, dYtilde):
    dh = torch.mm(dYtilde, Wy)
    dhtilde = dh - dh * h ** 2
    dWh = torch.einsum("kj,ki->ji", dhtilde, X)
    return dhtilde, dWh, dhtilde.sum(0, keepdim=True)

# %% right="grads_hidden"
def grads_hidden(X, h, Wy, dYtilde):
    d = torch.stack([(Wy.T @ dYtilde[k]) * (1 - h[k] ** 2) for k in range(len(h))])
    return d, sum(torch.outer(d[k], X[k]) for k in range(len(h))), d.sum(0)

# %% wrong="grads_hidden" fails=["grads_hidden_sums"] says="you forgot the slope of tanh, 1 - h²"
def grads_hidden(X, h, Wy, dYtilde):
    d = dYtilde @ Wy
    return d, d.T @ X, d.sum(0)

# %% wrong="grads_hidden" fails=["grads_hidden_sums"] says="h is tanh(htilde) already"
def grads_hidden(X, h, Wy, dYtilde):
    d = (dYtilde @ Wy) * (1 - torch.tanh(h) ** 2)
    return d, d.T @ X, d.sum(0)

# %% wrong="grads_hidden" fails=["grads_hidden_sums"] says="the square is missing"
def grads_hidden(X, h, Wy, dYtilde):
    d = (dYtilde @ Wy) * (1 - h)
    return d, d.T @ X, d.sum(0)

# %% wrong="grads_hidden" fails=["grads_hidden_weights", "grads_hidden_biases"] says="dYtilde contains the 1/n already: do not divide again"
def grads_hidden(X, h, Wy, dYtilde):
    d = (dYtilde @ Wy) * (1 - h ** 2)
    return d, d.T @ X / len(X), d.mean(0)

# %% wrong="grads_hidden" fails=["grads_hidden_weights"] says="It is transposed."
def grads_hidden(X, h, Wy, dYtilde):
    d = (dYtilde @ Wy) * (1 - h ** 2)
    return d, X.T @ d, d.sum(0)

# %% wrong="grads_hidden" fails=["grads_hidden_biases"] says="you added up over the units; add up over the batch"
def grads_hidden(X, h, Wy, dYtilde):
    d = (dYtilde @ Wy) * (1 - h ** 2)
    return d, d.T @ X, d.sum(1)

# %% wrong="grads_hidden" fails=["grads_hidden_sums", "grads_hidden_weights", "grads_hidden_biases"] says="mat1 and mat2 shapes cannot be multiplied"
def grads_hidden(X, h, Wy, dYtilde):
    d = (dYtilde @ Wy.T) * (1 - h ** 2)
    return d, d.T @ X, d.sum(0)

# %% right="grads_hidden"
def grads_hidden(X, h, Wy, dYtilde):
    d = (dYtilde.double() @ Wy.double()) * (1 - h.double() ** 2)
    return d, d.T @ X.double(), d.sum(0)

# %% wrong="grads_hidden" fails=["grads_hidden_sums"] says="you forgot the slope of tanh, 1 - h²"
def grads_hidden(X, h, Wy, dYtilde):
    right = (dYtilde @ Wy) * (1 - h**2)
    return dYtilde @ Wy, right.T @ X, right.sum(0)

# %% wrong="softmax" fails=["softmax_batch", "softmax_one", "softmax_large"] says="write it yourself, with exp and sum: {name} is not allowed here"
def softmax(a):
    return torch.exp(a - a.logsumexp(-1, keepdim=True))

# %% wrong="softmax" fails=["softmax_large"] says="write it yourself, with exp and sum: {name} is not allowed here"
def softmax(a):
    if a.max() > 100:
        return a.log_softmax(-1).exp()
    weights = a.exp()
    return weights / weights.sum(-1, keepdim=True)

# %% right="softmax"
def softmax(a):
    top = a.max(dim=-1, keepdim=True).values
    weights = torch.where(a == top, torch.ones_like(a), torch.exp(a - top))
    return torch.einsum("...i,...->...i", weights, 1 / weights.sum(-1))

# %% right="xor_network"
def xor_network():
    return [[1, -1], [-1, 1]], [-1, -1], [1, 1], 1

# %% right="xor_network"
def xor_network():
    # OR and NAND
    Wh = torch.tensor([[0.5, 0.5], [-0.5, -0.5]])
    bh = torch.tensor([0.5, 0.5])
    Wy = torch.tensor([0.5, 0.5])
    by = torch.tensor(-0.5)
    return Wh, bh, Wy, by

# %% right="xor_network"
import numpy as np

def xor_network():
    return np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([1.0, -1.0]), np.array([1.0, -1.0]), -0.5

# %% right="xor_network"
def xor_network():
    return ((2, 2.5), (2, 3)), (2.2, -2.4), (3, -3), -1

# %% wrong="xor_network" fails=["xor_network_solves"] says="h is another corner for each of the four points"
def xor_network():
    return [[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0], [1.0, -1.0], 0.0

# %% wrong="xor_network" fails=["xor_network_solves"] says="all four points get the wrong class"
def xor_network():
    return [[1, 1], [-1, -1]], [1, 1], [-1, -1], 1

# %% wrong="xor_network" fails=["xor_network_solves"] says="now the output neuron: it gets {right} of the 4 points right"
def xor_network():
    return [[1, 1], [-1, -1]], [1, 1], [1, 1], 1

# %% wrong="xor_network" fails=["xor_network_solves"] says="now the output neuron: it gets {right} of the 4 points right"
def xor_network():
    return [[1, 1], [1, 1]], [1, -1], [1, 1], 0

# %% wrong="xor_network" fails=["xor_network_lines"] says="passes at {gap:.2f} from a point: keep 0.3 away"
def xor_network():
    return [[1, 1], [-1, -1]], [1.8, 1], [1, 1], -1

# %% wrong="xor_network" fails=["xor_network_lines"] says="passes at {gap:.2f} from a point: keep 0.3 away"
def xor_network():
    return [[1, 1], [-1, -1]], [0, 0], [1, 1], -1

# %% wrong="xor_network" fails=["xor_network_lines", "xor_network_solves"] says="leaves all four points on the same side: its h says nothing"
def xor_network():
    return [[1, 1], [1, 1]], [1, 3], [1, 1], -1

# %% wrong="xor_network" fails=["xor_network_solves"] says="h is the same for {one} and {other}"
def xor_network():
    return [[1, 0], [1, 0]], [0, 0.5], [1, 1], 0

# %% wrong="xor_network" fails=["xor_network_lines", "xor_network_solves"] says="has no weight but 0: it draws no line"
def xor_network():
    return [[0, 0], [1, 1]], [1, 1], [1, 1], 0

# %% wrong="xor_network" fails=["xor_network_lines", "xor_network_solves"] says="expected a list"
def xor_network():
    return [[1, 1], [-1, -1]], 1, [1, 1], -1

# %% wrong="xor_network" fails=["xor_network_lines", "xor_network_solves"] says="Wh is a list of two rows, one for each hidden neuron"
def xor_network():
    return [[1, 1], [-1, -1], [1, 0]], [1, 1, 0], [1, 1, 0], -1

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates", "perceptron_fit_stops"] says="you stop when the last example is right: one correction anywhere asks for another pass"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        for x, t in zip(X, y):
            corrected = False
            if t * (w @ x + b) <= 0:
                w, b = w + eta * t * x, b + eta * t
                corrected = True
        if not corrected:
            break
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates", "perceptron_fit_stops"] says="you stop when the last example is right"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        for x, t in zip(X, y):
            done = True
            if t * (w @ x + b) <= 0:
                w, b, done = w + eta * t * x, b + eta * t, False
        if done:
            return w, b, passes
    return w, b, max_passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates", "perceptron_fit_stops"] says="you stop at the first example that is right: go on with the others"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        for x, t in zip(X, y):
            if t * (w @ x + b) <= 0:
                w, b = w + eta * t * x, b + eta * t
            else:
                return w, b, passes
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_separates", "perceptron_fit_stops"] says="you start again after each correction: go on with the next example"
def perceptron_fit(X, y, eta, max_passes):
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        corrected = False
        for x, t in zip(X, y):
            if t * (w @ x + b) <= 0:
                w, b = w + eta * t * x, b + eta * t
                corrected = True
                break
        if not corrected:
            break
    return w, b, passes

# %% wrong="perceptron_fit" fails=["perceptron_fit_stops"] says="this counts corrections: count the passes"
def perceptron_fit(X, y, eta, max_passes):
    w, b, count = torch.zeros(X.shape[1]), 0.0, 0
    for _ in range(max_passes):
        before = count
        for x, t in zip(X, y):
            if t * (w @ x + b) <= 0:
                w, b = w + eta * t * x, b + eta * t
                count += 1
        if count == before:
            break
    return w, b, count

# %% wrong="softmax" fails=["softmax_batch"] says="you divided by the sum of the whole batch; each row has its own sum"
def softmax(a):
    e = torch.exp(a - a.amax(-1, keepdim=True))
    return e / e.sum()

# %% wrong="softmax" fails=["softmax_batch", "softmax_one", "softmax_large"] says="you divided by the sum of the scores"
def softmax(a):
    return torch.exp(a) / a.sum(-1, keepdim=True)

# %% wrong="count_params" fails=["count_params_value"] says="a layer has one bias for each of its units, not one for all"
def count_params(nx, nh, ny):
    return nx * nh + 1 + nh * ny + 1

# %% wrong="gaussian_nll" fails=["gaussian_nll_value"] says="sigma is missing: this is the density for sigma = 1"
def gaussian_nll(yhat, y, sigma):
    return ((y - yhat) ** 2 / 2 + 0.5 * torch.log(torch.tensor(2 * torch.pi))).sum()

# %% wrong="gaussian_nll" fails=["gaussian_nll_value"] says="sigma is missing under the root"
def gaussian_nll(yhat, y, sigma):
    return ((y - yhat) ** 2 / (2 * sigma**2) + 0.5 * torch.log(torch.tensor(2 * torch.pi))).sum()

# %% wrong="gaussian_nll" fails=["gaussian_nll_value"] says="sigma is missing in the exponent"
import math

def gaussian_nll(yhat, y, sigma):
    return ((y - yhat) ** 2).sum() / 2 + len(y) * math.log(math.sqrt(2 * math.pi) * sigma)

# %% wrong="multinomial_nll" fails=["multinomial_nll_value"] says="this is the loss of two classes coded by one number"
def multinomial_nll(Yhat, Y):
    return -(Y * torch.log(Yhat) + (1 - Y) * torch.log(1 - Yhat)).sum()

# %% wrong="multinomial_nll" fails=["multinomial_nll_value"] says="take the natural logarithm"
def multinomial_nll(Yhat, Y):
    return -(Y * torch.log2(Yhat)).sum()

# %% wrong="multinomial_nll" fails=["multinomial_nll_value"] says="this is the logarithm of the probability"
def multinomial_nll(Yhat, Y):
    return (Y * torch.log(Yhat)).sum()

# %% wrong="multinomial_nll" fails=["multinomial_nll_value"] says="did you forget a sum or a mean?"
def multinomial_nll(Yhat, Y):
    return -(Y * torch.log(Yhat)).sum(1)

# %% wrong="descend" fails=["descend_path"] says="the slope of c/2 w² is c w, not 2 c w"
def descend(w0, c, eta, steps):
    w, path = w0, [w0]
    for _ in range(steps):
        w -= eta * 2 * c * w
        path.append(w)
    return path

# %% wrong="descend" fails=["descend_path"] says="you forgot the learning rate eta"
def descend(w0, c, eta, steps):
    path = [w0]
    for _ in range(steps):
        path.append(path[-1] - c * path[-1])
    return path

# %% wrong="descend" fails=["descend_path"] says="take the slope where you are now"
def descend(w0, c, eta, steps):
    path = [w0]
    for _ in range(steps):
        path.append(path[-1] - eta * c * w0)
    return path

# %% wrong="grads_hidden" fails=["grads_hidden_weights", "grads_hidden_biases"] says="this is built from dh, before the slope of tanh: build it from dhtilde"
def grads_hidden(X, h, Wy, dYtilde):
    dh = dYtilde @ Wy
    dhtilde = dh * (1 - h**2)
    return dhtilde, dh.T @ X, dh.sum(0)

# %% wrong="regime" fails=["regime_names"] says="eta * c is 1 here: the first step lands on 0"
def regime(c, eta):
    a = eta * c
    if a < 1:
        return "slides"
    if a < 2:
        return "zigzags"
    return "swings" if a == 2 else "diverges"

# %% wrong="sigmoid" fails=["sigmoid_values"] says="this is tanh"
def sigmoid(a):
    return torch.tanh(a)

# %% wrong="graph_slopes" fails=["graph_slopes_paths"] says="two paths lead to r: you kept the one through q"
def graph_slopes(s, t):
    p, q = s + t, s * t
    return {"p": q, "q": p, "s": p * t, "t": p * s}

# %% wrong="first_layer" fails=["first_layer_biases"] says="you forgot the error of the output neuron, delta"
def first_layer(x, h, w, delta):
    d = w * (1 - h**2)
    return torch.outer(d, x), d

# %% wrong="decide" fails=["decide_signs", "decide_zero"] says="this is the score: the decision is its sign"
def decide(X, w, b):
    return X @ w + b

# %% right="loss_from_scores"
def loss_from_scores(Ytilde, Y):
    loss = 0.0
    for scores, y in zip(Ytilde, Y):
        m = scores.max()
        loss = loss + m + (scores - m).exp().sum().log() - scores @ y
    return loss / len(Y)

# %% right="descend"
import numpy as np

def descend(w0, c, eta, steps):
    return np.array([w0 * (1 - eta * c) ** k for k in range(steps + 1)])

# %% right="perceptron_fit"
def perceptron_fit(X, y, eta, max_passes):
    w, b, passes, clean = X.new_zeros(X.size(1)), 0.0, 0, False
    while not clean and passes < max_passes:
        passes, clean = passes + 1, True
        for k in range(len(y)):
            if y[k] * (torch.dot(w, X[k]) + b) > 0:
                continue
            w, b, clean = w + eta * y[k] * X[k], b + eta * y[k], False
    return w, float(b), passes

# %% wrong="perceptron_step" fails=["perceptron_step_mistake"] says="you moved b the wrong way: add eta * y"
def perceptron_step(x, y, w, b, eta):
    if y * (w @ x + b) <= 0:
        w, b = w + eta * y * x, b - eta * y
    return w, b

# %% wrong="compose" fails=["compose_biases"] says="b1 goes through the second layer as well: multiply it by W2"
def compose(W1, b1, W2, b2):
    return W2 @ W1, b2 + torch.stack([b1.sum()] * len(b2))

# %% wrong="grad_scores" fails=["grad_scores_value"] says="you divided by the number of examples and of classes"
def grad_scores(Ytilde, Y):
    return (torch.softmax(Ytilde, 1) - Y) / Y.numel()

# %% wrong="graph_slopes" fails=["graph_slopes_paths"] says="the two paths add up; you multiplied them"
def graph_slopes(s, t):
    p, q = s + t, s * t
    return {"p": q, "q": p, "s": q * p * t, "t": q * p * s}

# %% wrong="work" fails=["work_updates", "work_gradients"] says="these are the updates of one epoch"
def work(n, B, epochs):
    return -(-n // B), n

# %% wrong="slopes" fails=["slopes_cross_entropy", "slopes_squared_error"] says="this is the loss, not its slope: differentiate"
def slopes(yhat, y):
    return -y * torch.log(yhat), (yhat - y) ** 2

# %% wrong="forward_batch" fails=["forward_batch_hidden"] says="this is h: htilde comes before tanh"
def forward_batch(X, Wh, bh, Wy, by):
    h = torch.tanh(X @ Wh.T + bh)
    ytilde = h @ Wy.T + by
    return h, h, ytilde, torch.softmax(ytilde, dim=1)

# %% wrong="grads_hidden" fails=["grads_hidden_sums"] says="this is the slope of the sigmoid; that of tanh is 1 - h²"
def grads_hidden(X, h, Wy, dYtilde):
    d = (dYtilde @ Wy) * h * (1 - h)
    return d, d.T @ X, d.sum(0)

# %% wrong="grads_output" fails=["grads_output_biases"] says="you added up over the classes; add up over the batch, sum(0)"
def grads_output(h, dYtilde):
    return dYtilde.T @ h, dYtilde.sum(1)

# %% wrong="predicted_class" fails=["predicted_class_values"] says="this is the least probable class"
def predicted_class(Yhat):
    return Yhat.argmin(1)

# %% wrong="one_hot" fails=["one_hot_values"] says="expected shape"
def one_hot(labels, ny):
    return torch.eye(ny)[:, labels]
