# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] lang="en"
# # Computation graphs and autograd
#
# In the last notebook the hardest function was `backward`: every gradient of one network, written by hand. For another
# network you would write another one. Here PyTorch does it: while you compute, it notes each operation; then it goes
# back through its notes with the chain rule. That is *autograd*.
#
# **You will learn** what a computation graph is and how a gradient walks back through it; what `requires_grad`,
# `backward()`, `.grad` and `no_grad` do, and the mistakes that everybody makes with them; how to write an operation
# with its own backward pass; to fit house prices by three kinds of descent, and to watch them in TensorBoard. At the
# end, the network of the last notebook learns without your `backward`.
#
# **You need** `02_manual`: its network, its loss, its mini-batches. What is taken over from it is given below.
#
# | part | minutes |
# |---|---|
# | What you bring along | 5 |
# | 1 · A graph that remembers | 15 |
# | 2 · Two paths to one parameter | 20 |
# | 3 · The rules of `.grad` | 10 |
# | 4 · An operation of your own | 20 |
# | 5 · One step, with autograd | 10 |
# | 6 · The price of a house | 35 |
# | 7 · Back to the circles | 10 |
# | *all together* | *125* |
#
# **How it works.** Where a cell says `YOUR CODE HERE`, replace the line `raise NotImplementedError(…)` by your code.
# The folded cells below it check your answer: `✓` and a name, or a sentence that says what is wrong. When the notebook
# is graded, the same checks try more inputs, of other sizes. For questions whose answer is a choice, the checks here
# tell you only that the form is right; when graded, one wrong letter costs all the points of the question. One question
# asks for a few sentences; a person will read them.

# %% [markdown] lang="fr"
# # Graphes de calcul et autograd
#
# Dans le notebook précédent, la fonction la plus difficile était `backward` : tous les gradients d'un réseau, écrits à
# la main. Pour un autre réseau, il faudrait en écrire une autre. Ici, PyTorch s'en charge : pendant que vous calculez,
# il note chaque opération ; ensuite il remonte ses notes en dérivant les fonctions composées. C'est *autograd*.
#
# **Vous allez apprendre** ce qu'est un graphe de calcul et comment un gradient le remonte ; ce que font
# `requires_grad`, `backward()`, `.grad` et `no_grad`, et les erreurs que tout le monde commet avec eux ; à écrire
# une opération avec sa propre passe arrière ; à prédire le prix de logements par trois sortes de descente, et à les
# suivre dans TensorBoard. À la fin, le réseau du notebook précédent apprend sans votre fonction `backward`.
#
# **Il vous faut** `02_manual` : son réseau, son coût, ses mini-lots. Ce que l'on en reprend est donné ci-dessous.
#
# | partie | minutes |
# |---|---|
# | Ce que vous apportez | 5 |
# | 1 · Un graphe qui se souvient | 15 |
# | 2 · Deux chemins vers un paramètre | 20 |
# | 3 · Les règles de `.grad` | 10 |
# | 4 · Une opération à vous | 20 |
# | 5 · Un pas, avec autograd | 10 |
# | 6 · Le prix d'un logement | 35 |
# | 7 · Retour aux cercles | 10 |
# | *en tout* | *125* |
#
# **Mode d'emploi.** Là où une cellule dit `VOTRE CODE ICI`, remplacez la ligne `raise NotImplementedError(…)` par votre
# code. Les cellules repliées qui suivent vérifient votre réponse : `✓` et un nom, ou bien une phrase qui dit ce qui ne
# va pas. Lors de la notation, les mêmes vérifications essaient d'autres entrées, d'autres tailles. Aux questions à
# choix, les vérifications ne vous disent ici qu'une chose : la forme est bonne ; à la notation, une seule lettre fausse
# fait perdre tous les points de la question. Une question demande quelques phrases ; quelqu'un les lira.

# %% setup
import shutil
import time
import warnings

import matplotlib.pyplot as plt
import torch
from torch.utils.tensorboard import SummaryWriter

from helpers import CirclesData, HousingData, check, figures, probes, start
from helpers.messages import _ as say
from helpers.samples import random_batch, random_params, shifted_circles

start("03_autograd", lang="en")
data = CirclesData()
housing = HousingData()

# %% [markdown] lang="en"
# ## What you bring along · about 5 minutes
#
# These four functions come from `02_manual`, as it left them. Read them again: three of them will serve as they are.
# The fourth, `backward`, is here for the last time, so that you can compare.

# %% [markdown] lang="fr"
# ## Ce que vous apportez · environ 5 minutes
#
# Ces quatre fonctions viennent de `02_manual`, telles qu'il les a laissées. Relisez-les : trois d'entre elles serviront
# sans aucun changement. La quatrième, `backward`, est là pour la dernière fois, afin que vous puissiez comparer.


# %% setup
def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    Yhat = torch.softmax(ytilde, 1)
    return Yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": Yhat}


def loss_accuracy(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc


def minibatches(n, batch):
    return list(torch.randperm(n).split(batch))


def backward(params, outputs, Y):
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(0),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0),
    }


# %% [markdown] lang="en"
# ## 1 · A graph that remembers · about 15 minutes
#
# Take $w = 2$, $x = 3$, $b = 1$ and compute $z = (w x + b)^2$. Make the three numbers with `requires_grad=True`, which
# says: *one day I shall want the gradient in this*. Then PyTorch notes every operation in its result, as a *node*. The
# nodes form a graph without cycles. At the top are its *leaves*, in grey: the tensors that you made yourself, with
# their shape (`()`: a single number). Each operation is a node below what it reads; the last one, in orange, makes the
# result. Values are computed downwards; gradients will come back upwards.

# %% [markdown] lang="fr"
# ## 1 · Un graphe qui se souvient · environ 15 minutes
#
# Prenez $w = 2$, $x = 3$, $b = 1$ et calculez $z = (w x + b)^2$. Créez les trois nombres avec `requires_grad=True`, ce
# qui veut dire : *un jour, je voudrai le gradient par rapport à ce nombre*. PyTorch note alors chaque opération dans
# son résultat, sous la forme d'un *nœud*. Les nœuds forment un graphe sans cycle. En haut se trouvent ses *feuilles*,
# en gris : les tenseurs que vous avez créés vous-même, avec leur taille (`()` : un seul nombre). Chaque opération est
# un nœud placé sous ce qu'elle lit ; la dernière, en orange, donne le résultat. Les valeurs se calculent vers le bas ;
# les gradients remonteront vers le haut.

# %% demo
w, x, b = (torch.tensor(number, requires_grad=True) for number in (2.0, 3.0, 1.0))
z = (w * x + b) ** 2
print(z)
figures.computation(z, {"w": w, "x": x, "b": b, "z": z})

# %% [markdown] lang="en"
# Now the network of `02_manual`, with its loss. Nothing in `forward` and `loss_accuracy` has changed; but the four
# parameters now require a gradient (`requires_grad_()` asks for it after the tensor is made). Each node bears the name
# that PyTorch gives to its operation (`Mm` is a product of matrices, `Permute` a transposition), and the name that we
# gave to its result, if any. $X$ and $Y$ are missing: nobody asked for a gradient in them, and the graph keeps only the
# ways that gradients take.

# %% [markdown] lang="fr"
# Voici maintenant le réseau de `02_manual`, avec son coût. Rien n'a changé dans `forward` ni dans `loss_accuracy` ;
# mais les quatre paramètres demandent désormais un gradient (`requires_grad_()` le demande une fois le tenseur créé).
# Chaque nœud porte le nom que PyTorch donne à son opération (`Mm` est un produit de matrices, `Permute` une
# transposition) et, s'il y en a un, le nom que nous avons donné à son résultat. $X$ et $Y$ n'y sont pas : personne n'a
# demandé de gradient par rapport à eux, et le graphe ne garde que les chemins que prennent les gradients.

# %% demo
drawn = {name: value.requires_grad_() for name, value in random_params(2, 10, 2).items()}
Yhat, outputs = forward(drawn, data.Xtrain)
L, acc = loss_accuracy(Yhat, data.Ytrain)
figures.computation(L, drawn | outputs | {"L": L})

# %% [markdown] lang="en"
# The pictures were drawn by walking the graph from the result. You can walk it too:
#
# | code | what it gives |
# |---|---|
# | `t.grad_fn` | the node of the operation that made the tensor `t` (`None` for a leaf) |
# | `node.name()` | its name, such as `'MulBackward0'` |
# | `node.next_functions` | a tuple of pairs `(node, number)`, one for each input of the operation; the node is `None` where no gradient is wanted |
# | `node.variable` | the leaf itself, if the node stands for a leaf; no other node has it: `hasattr(node, "variable")` |
#
# Write `find_leaves`: this is how a library can find the parameters of a computation that it knows nothing about. Start
# from `result.grad_fn`, and keep a list of the nodes still to visit (or let a function call itself). Mind nodes that are
# `None`, and leaves that can be reached by several ways. To know whether a leaf is already in a list, `in` will not do,
# for it compares values: keep a `set` of the nodes that you have seen, or compare with `is`.

# %% [markdown] lang="fr"
# Ces images ont été dessinées en parcourant le graphe à partir du résultat. Vous pouvez le parcourir, vous aussi :
#
# | code | ce qu'il donne |
# |---|---|
# | `t.grad_fn` | le nœud de l'opération qui a produit le tenseur `t` (`None` pour une feuille) |
# | `node.name()` | son nom, par exemple `'MulBackward0'` |
# | `node.next_functions` | un tuple de paires `(nœud, nombre)`, une pour chaque entrée de l'opération ; le nœud vaut `None` là où aucun gradient n'est demandé |
# | `node.variable` | la feuille elle-même, si le nœud représente une feuille ; aucun autre nœud n'a cet attribut : `hasattr(node, "variable")` |
#
# Écrivez `find_leaves` : c'est ainsi qu'une bibliothèque peut retrouver les paramètres d'un calcul dont elle ne sait
# rien. Partez de `result.grad_fn`, et tenez une liste des nœuds à visiter (ou laissez une fonction s'appeler elle-même).
# Attention aux nœuds qui valent `None`, et aux feuilles que l'on atteint par plusieurs chemins. Pour savoir si une
# feuille est déjà dans une liste, `in` ne convient pas, car il compare les valeurs : gardez un ensemble (`set`) des nœuds
# déjà vus, ou comparez avec `is`.


# %% answer="find_leaves"
def find_leaves(result):
    """Find the leaves that a tensor was computed from, by walking its graph.

    result: a tensor with a grad_fn.
    Returns a list of the leaves that require a gradient (the tensors themselves), each once, in
    any order.
    """
    ### BEGIN SOLUTION
    leaves, seen, waiting = [], set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        for source, _ in node.next_functions:
            waiting.append(source)
    return leaves
    ### END SOLUTION


# %% check="find_leaves_all" points=2 ids=["A-graph"]
def verify(expression, wanted, tensors):
    """Compare the leaves that were found with those that the expression has."""
    got = probes.leaves_found(find_leaves, expression, tensors)
    check.that(got != "NoneType", "find_leaves returns nothing: end it with return")
    check.that(isinstance(got, list), "find_leaves should return a list of tensors, not {got}", got=got)
    others = [name for name in got if name not in tensors]
    check.that(
        not others or not set(wanted) <= set(got),
        "besides the leaves, find_leaves returns other things: a node, or leaves of an earlier call (start from a new list each time; a default such as leaves=[] is made only once)",
    )
    check.that(
        not others,
        "what find_leaves returns are not the leaves: collect node.variable, not the nodes or their values",
    )
    missing = [name for name in wanted if name not in got]
    check.that(
        not missing,
        "in {expression}, {missing} is not found: follow every pair of next_functions, to the end",
        expression=expression,
        missing=", ".join(missing),
    )


live = {name: torch.randn(3).requires_grad_() for name in ("w", "x", "b")}
verify("(w * x + b) ** 2", "wxb", live)
verify("(w * 2).sum()", "w", live)
### BEGIN HIDDEN TESTS
live = {name: torch.randn(4, 4).requires_grad_() for name in "abcdef"}
live["d"] = torch.randn(4, 4)  # no gradient is wanted here
verify("torch.tanh(a @ b + c).sum() * (torch.exp(d * e) - f).mean()", "abcef", live)
verify("(d @ torch.cat([a, d * b]).T).mean()", "ab", live)
verify("torch.stack([a, b, c, e]).sum()", "abce", live)
### END HIDDEN TESTS


# %% check="find_leaves_once" points=1 ids=["A-graph"]
def verify(expression, tensors):
    """Look for leaves that come more than once."""
    got = probes.leaves_found(find_leaves, expression, tensors)
    known = [name for name in got if name in tensors] if isinstance(got, list) else []
    check.that(
        len(set(known)) == len(known),
        "in {expression}, a leaf that is read twice is found twice: each leaf once was asked for",
        expression=expression,
    )


live = {name: torch.randn(3).requires_grad_() for name in ("w", "x")}
found = probes.leaves_found(find_leaves, "w * x + w", live)
check.that(
    isinstance(found, list) and any(name != "?" for name in found),
    "in {expression}, no leaf is found",
    expression="w * x + w",
)
verify("w * x + w", live)
### BEGIN HIDDEN TESTS
live = {name: torch.randn(3).requires_grad_() for name in "abc"}
verify("(a * a).sum() + (b.exp() * (a - b)).sum()", live)
verify("torch.stack([a, b, a, c]).sum()", live)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 2 · Two paths to one parameter · about 20 minutes
#
# An *auto-encoder* makes a few numbers out of $x$, called $y$ (here it is no target), then tries to make $x$ again out of
# $y$. Ours uses the same matrix $\theta$ twice, the second time transposed:
#
# $$y = \theta x + b_1 \qquad \hat{x} = \theta^\top y + b_2 \qquad \ell = \sum_{j=1}^{n_x} (\hat{x}_j - x_j)^2$$
#
# | symbol | code | shape |
# |---|---|---|
# | $x$, $\hat{x}$, $b_2$ | `x`, `b2` | $(n_x,)$ |
# | $y$, $b_1$ | `b1` | $(n_h,)$ |
# | $\theta$ | `theta` | $(n_h, n_x)$ |
#
# Here $\ell$ is the loss of one example. Write `autoencoder`, with tensor operations only, so that PyTorch can note them
# all. The product of a matrix and a vector is `A @ v`.

# %% [markdown] lang="fr"
# ## 2 · Deux chemins vers un paramètre · environ 20 minutes
#
# Un *auto-encodeur* transforme $x$ en quelques nombres, notés $y$ (ici, ce n'est pas une cible), puis essaie de retrouver
# $x$ à partir de $y$. Le nôtre utilise deux fois la même matrice $\theta$, transposée la seconde fois :
#
# $$y = \theta x + b_1 \qquad \hat{x} = \theta^\top y + b_2 \qquad \ell = \sum_{j=1}^{n_x} (\hat{x}_j - x_j)^2$$
#
# | symbole | code | taille |
# |---|---|---|
# | $x$, $\hat{x}$, $b_2$ | `x`, `b2` | $(n_x,)$ |
# | $y$, $b_1$ | `b1` | $(n_h,)$ |
# | $\theta$ | `theta` | $(n_h, n_x)$ |
#
# Ici, $\ell$ est le coût d'un seul exemple. Écrivez `autoencoder`, avec des opérations sur les tenseurs et rien d'autre,
# pour que PyTorch puisse toutes les noter. Le produit d'une matrice et d'un vecteur s'écrit `A @ v`.


# %% answer="autoencoder"
def autoencoder(theta, b1, b2, x):
    """Compute how badly an auto-encoder reproduces one example.

    theta: (nh, nx). b1: (nh,). b2, x: (nx,).
    Returns the loss, one number: a tensor with its graph, where an argument requires a gradient.
    """
    ### BEGIN SOLUTION
    y = theta @ x + b1
    xhat = theta.T @ y + b2
    return ((xhat - x) ** 2).sum()
    ### END SOLUTION


# %% check="autoencoder_value" points=1 ids=["A-graph"]
theta, b1, b2, x = torch.tensor([[2.0, 1.0]]), torch.ones(1), torch.tensor([-6.0, -1.0]), torch.ones(2)
check.close(
    autoencoder(theta, b1, b2, x),  # y = 4, xhat = (2, 3)
    5.0,
    "autoencoder(theta, b1, b2, x)",
    unless={
        "you forgot the bias b1": 2.0,
        "you forgot the bias b2": 58.0,
        "the loss is the sum of the squares over the components of x: no mean, no factor 1/2": 2.5,
        "you returned the norm: the loss is its square": 5**0.5,
        "the differences are not squared": 3.0,
        "square each difference, then add up; not the other way round": 9.0,
        "there is no activation here: y is an affine map of x": (
            (theta.T @ torch.tanh(theta @ x + b1) + b2 - x).square().sum()
        ),
    },
)
### BEGIN HIDDEN TESTS
for nh, nx, dtype in ((3, 5, torch.float32), (4, 1, torch.float32), (6, 3, torch.float64)):
    theta, b1 = torch.randn(nx, nh, dtype=dtype).T, torch.randn(nh, dtype=dtype)
    b2, x = torch.randn(nx, dtype=dtype), torch.randn(nx, dtype=dtype)
    y = torch.mv(theta, x) + b1
    target = torch.mv(theta.T.contiguous(), y)
    true = torch.nn.functional.mse_loss(target + b2, x, reduction="sum")
    check.close(
        autoencoder(theta, b1, b2, x),
        true,
        "autoencoder(theta, b1, b2, x)",
        unless={
            "reshape and view do not transpose: write theta.T": ((theta.reshape(nx, nh) @ y + b2 - x) ** 2).sum(),
            "you forgot the bias b1": ((theta.T @ (y - b1) + b2 - x) ** 2).sum(),
            "you forgot the bias b2": ((target - x) ** 2).sum(),
            "the loss is the sum of the squares over the components of x: no mean, no factor 1/2": true / nx,
            "the loss has no factor 1/2": true / 2,
            "you returned the norm: the loss is its square": true.sqrt(),
        },
    )
### END HIDDEN TESTS

# %% check="autoencoder_graph" points=2 ids=["A-graph", "A-node"]
probe = probes.gradients(autoencoder, torch.ones(1, 2).requires_grad_(), torch.ones(1), torch.ones(2), torch.ones(2))
check.that(
    probe["grads"] is not None,
    "the loss has no graph: compute it with tensor operations only, without .item(), .detach(), .numpy() or torch.tensor()",
)
### BEGIN HIDDEN TESTS
def verify(theta, b1, b2, x):
    """Go back through the student's graph, and compare with ours."""
    live = [tensor.clone().requires_grad_() for tensor in (theta, b1, b2, x)]
    probe = probes.gradients(autoencoder, *live)
    check.that(
        probe["grads"] is not None,
        "the loss has no graph: compute it with tensor operations only, without .item(), .detach(), .numpy() or torch.tensor()",
    )
    # Our own paths, with one theta for each use of it.
    first, second = theta.clone().requires_grad_(), theta.clone().requires_grad_()
    y = torch.mv(first, live[3]) + live[1]
    true = torch.nn.functional.mse_loss(torch.mv(second.T, y) + live[2], live[3], reduction="sum")
    true.backward()
    factor = float(probe["result"] / true)  # a loss with another factor is told, and paid for, by its own check
    for name, leaf, got in zip(("theta", "b1", "b2", "x"), live, probe["grads"]):
        halves = [factor * first.grad, factor * second.grad] if name == "theta" else []
        check.that(
            got is not None and not any(torch.allclose(got, half, rtol=1e-3) for half in halves),
            "a part of the graph is cut off: .detach(), .data, .item() or torch.tensor() hides how {name} was used",
            name=name,
        )
        whole = sum(halves) if halves else factor * leaf.grad
        check.close(got, whole, f"{name}.grad")


verify(torch.randn(3, 5), torch.randn(3), torch.randn(5), torch.randn(5))
verify(torch.randn(6, 2), torch.randn(6), torch.randn(2), torch.randn(2))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Here is the graph of your own function. Look at $\theta$: two arrows leave it.

# %% [markdown] lang="fr"
# Voici le graphe de votre propre fonction. Regardez $\theta$ : deux flèches en partent.

# %% demo
shapes = {"theta": (3, 5), "b1": (3,), "b2": (5,)}
drawn = {name: torch.randn(shape, requires_grad=True) for name, shape in shapes.items()}
loss = autoencoder(*drawn.values(), torch.randn(5))
figures.computation(loss, drawn | {"loss": loss})

# %% [markdown] lang="en"
# ### One node among the others
#
# How does a gradient climb such a graph? Look at one operation only, $z = g(u)$ (here $g$ is any operation). All that
# happens before it is one function $f$, which makes the inputs $u = f(m)$ of $g$ out of the leaves $m$. All that happens
# after it is one function $\mathcal{L}$, which makes the loss $\ell = \mathcal{L}(m, z)$; it may use some leaves again.
# All the numbers that enter or leave are put into one vector: $u_k$, $z_i$, $m_k$ are its components.

# %% [markdown] lang="fr"
# ### Un nœud parmi les autres
#
# Comment un gradient remonte-t-il un tel graphe ? Ne regardez qu'une opération, $z = g(u)$ (ici, $g$ est une opération
# quelconque). Tout ce qui se passe avant elle forme une fonction $f$, qui tire des feuilles $m$ les entrées $u = f(m)$ de
# $g$. Tout ce qui se passe après elle forme une fonction $\mathcal{L}$, qui donne le coût $\ell = \mathcal{L}(m, z)$ ;
# elle peut se servir à nouveau de certaines feuilles. Tous les nombres qui entrent ou qui sortent sont rangés dans un
# vecteur : $u_k$, $z_i$, $m_k$ en sont les composantes.

# %% demo
figures.graph(
    {"m": (0, 0), "f": (1.3, 0), "g": (3.2, 0), "L": (5.1, 0), "l": (6.4, 0), "m again": (3.2, -1)},
    [("m", "f"), ("f", "g"), ("g", "L"), ("L", "l"), ("m again", "L")],
    values={"f": "$u$", "g": "$z$"},
    grads={"f": r"$\partial \ell / \partial u$", "g": r"$\partial \ell / \partial z$"},
    labels={"m": "$m$", "f": "$f$", "g": "$g$", "L": r"$\mathcal{L}$", "l": r"$\ell$", "m again": "$m$"},
)

# %% [markdown] lang="en"
# Going back, the node $g$ receives $\partial \ell / \partial z$ from what comes after it. It multiplies by its own
# derivatives, which it knows without knowing the rest, and hands the result to what comes before it:
#
# $$\frac{\partial \ell}{\partial u_k} = \sum_i \frac{\partial \ell}{\partial z_i} \, \frac{\partial g_i}{\partial u_k}$$
#
# And where a leaf is reached by several ways, the gradients that come by each are **added**:
#
# $$\frac{\partial \ell}{\partial m_k} = \frac{\partial \mathcal{L}}{\partial m_k} + \sum_j \frac{\partial \ell}{\partial u_j} \, \frac{\partial f_j}{\partial m_k}$$
#
# where $\partial \mathcal{L} / \partial m_k$ is taken with $z$ held fixed: it is the way that does not pass through
# $g$.
#
# In the auto-encoder, let $g$ be the decoder, $\hat{x} = \theta^\top y + b_2$: so $z = \hat{x}$, and $g$ has the three
# inputs $\theta^\top$, $y$ and $b_2$. Choose `"f"`, `"g"` or `"L"` (for $\mathcal{L}$):
#
# - **a.** To which of the three does $y = \theta x + b_1$ belong?
# - **b.** To which does the transposition of $\theta$ belong?
# - **c.** To which does the sum of the squares $(\hat{x}_j - x_j)^2$ belong?
# - **d.** To which does the addition of $b_2$ belong?
# - **e.** When the gradients come back, from which of them does $g$ receive $\partial \ell / \partial \hat{x}$?
# - **f.** To which of them does $g$ hand $\partial \ell / \partial y$?

# %% [markdown] lang="fr"
# Au retour, le nœud $g$ reçoit $\partial \ell / \partial z$ de ce qui le suit. Il multiplie par ses propres dérivées,
# qu'il connaît sans rien savoir du reste, et transmet le résultat à ce qui le précède :
#
# $$\frac{\partial \ell}{\partial u_k} = \sum_i \frac{\partial \ell}{\partial z_i} \, \frac{\partial g_i}{\partial u_k}$$
#
# Et quand une feuille est atteinte par plusieurs chemins, les gradients venus par chacun **s'ajoutent** :
#
# $$\frac{\partial \ell}{\partial m_k} = \frac{\partial \mathcal{L}}{\partial m_k} + \sum_j \frac{\partial \ell}{\partial u_j} \, \frac{\partial f_j}{\partial m_k}$$
#
# où $\partial \mathcal{L} / \partial m_k$ se calcule à $z$ fixé : c'est le chemin qui ne passe pas par $g$.
#
# Dans l'auto-encodeur, prenons pour $g$ le décodeur, $\hat{x} = \theta^\top y + b_2$ : alors $z = \hat{x}$, et $g$ a
# les trois entrées $\theta^\top$, $y$ et $b_2$. Choisissez `"f"`, `"g"` ou `"L"` (pour $\mathcal{L}$) :
#
# - **a.** À laquelle des trois appartient $y = \theta x + b_1$ ?
# - **b.** À laquelle appartient la transposition de $\theta$ ?
# - **c.** À laquelle appartient la somme des carrés $(\hat{x}_j - x_j)^2$ ?
# - **d.** À laquelle appartient l'addition de $b_2$ ?
# - **e.** Quand les gradients reviennent, de laquelle $g$ reçoit-elle $\partial \ell / \partial \hat{x}$ ?
# - **f.** À laquelle $g$ transmet-elle $\partial \ell / \partial y$ ?


# %% answer="around_the_node"
def around_the_node():
    """Return a dict from each letter, "a" to "f", to "f", "g" or "L"."""
    ### BEGIN SOLUTION
    return {"a": "f", "b": "f", "c": "L", "d": "g", "e": "L", "f": "f"}
    ### END SOLUTION


# %% check="around_the_node_choices" points=2 ids=["A-node"]
check.letters(around_the_node(), "abcdef", options=("f", "g", "L"))
### BEGIN HIDDEN TESTS
check.choices(
    around_the_node(),
    {"a": "f", "b": "f", "c": "L", "d": "g", "e": "L", "f": "f"},
    because={
        "a": "y is an input of g, so what computes it comes before g.",
        "b": "g reads the transposed matrix: the transposition is done before.",
        "c": "the squares are taken of the output of g, so they come after it.",
        "d": "b2 is added within g: it is one of its three inputs.",
        "e": "the derivative in the output of g is known from what comes after g.",
        "f": "g hands the derivatives in its inputs to what made them, the part before g.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### The two paths
#
# The gradient in $\theta$ is a sum of two: one came through the decoder, where $\theta^\top$ stands, the other through
# the encoder, by way of $y$. Write `theta_paths`, which tells them apart, in one of two ways. By hand: for a product
# $z = W u$, with $\delta = \partial \ell / \partial z$,
#
# $$\frac{\partial \ell}{\partial W} = \delta \, u^\top \qquad \frac{\partial \ell}{\partial u} = W^\top \delta$$
#
# where $\delta \, u^\top$ is `torch.outer(delta, u)`; and here $\partial \ell / \partial \hat{x} = 2 (\hat{x} - x)$. In
# the decoder $W = \theta^\top$: transpose what you get. Or with autograd: `theta.detach()` has the same values as
# `theta`, but no gradient goes through it; `theta.clone().requires_grad_()` makes a leaf of the plain tensor `theta`.

# %% [markdown] lang="fr"
# ### Les deux chemins
#
# Le gradient par rapport à $\theta$ est une somme de deux termes : l'un est passé par le décodeur, où se trouve
# $\theta^\top$, l'autre par l'encodeur, en traversant $y$. Écrivez `theta_paths`, qui les sépare, de l'une de deux
# façons. Soit à la main : pour un produit $z = W u$, avec $\delta = \partial \ell / \partial z$,
#
# $$\frac{\partial \ell}{\partial W} = \delta \, u^\top \qquad \frac{\partial \ell}{\partial u} = W^\top \delta$$
#
# où $\delta \, u^\top$ s'écrit `torch.outer(delta, u)` ; et ici $\partial \ell / \partial \hat{x} = 2 (\hat{x} - x)$.
# Dans le décodeur, $W = \theta^\top$ : il reste à transposer le résultat. Soit avec autograd : `theta.detach()` a les
# mêmes valeurs que `theta`, mais aucun gradient ne le traverse ; `theta.clone().requires_grad_()` fait une feuille du
# tenseur ordinaire `theta`.


# %% answer="theta_paths"
def theta_paths(theta, b1, b2, x):
    """Split the gradient of the auto-encoder's loss in theta by the way that it came.

    theta: (nh, nx). b1: (nh,). b2, x: (nx,). They require no gradient and are left as they are.
    Returns (encoder, decoder), two tensors (nh, nx): the gradient that comes through y = theta x + b1,
    and the one that comes through theta in xhat. Their sum is the gradient in theta.
    """
    ### BEGIN SOLUTION
    y = theta @ x + b1
    delta = 2 * (theta.T @ y + b2 - x)
    return torch.outer(theta @ delta, x), torch.outer(y, delta)
    ### END SOLUTION


# %% check="theta_paths_values" points=3 ids=["A-graph", "A-node"]
theta, b1, b2, x = torch.tensor([[2.0, 1.0, -1.0]]), torch.ones(1), torch.zeros(3), torch.tensor([3.0, 1.0, 1.0])
encoder, decoder = check.pair(theta_paths(theta, b1, b2, x), "theta_paths(theta, b1, b2, x)")
paths = torch.tensor([[216.0, 72.0, 72.0]]), torch.tensor([[154.0, 84.0, -112.0]])  # y = 7, xhat = (14, 7, -7)
for one in paths:
    check.that(
        not all(
            isinstance(got, torch.Tensor) and got.shape == one.shape and bool((got.float() - one).abs().max() < 0.01)
            for got in (encoder, decoder)
        ),
        "both paths got the same gradient. Are both names given to one tensor, theta.grad? The next backward changes it: keep theta.grad.clone()",
    )
for name, got, true, other in (("[0]", encoder, *paths), ("[1]", decoder, *paths[::-1])):
    check.close(
        got,
        true,
        f"theta_paths(theta, b1, b2, x){name}",
        unless={
            "the two paths are swapped: the encoder first, then the decoder": other,
            "this is the whole gradient, the sum of both paths": true + other,
            "the factor 2 of the derivative of the square is missing": true / 2,
            "the sign is wrong: the derivative is 2 (xhat - x)": -true,
            "the loss is a sum over the components of x, not a mean": true / 3,
        },
    )
### BEGIN HIDDEN TESTS
for nh, nx in ((3, 5), (4, 2)):
    theta, b1, b2, x = torch.randn(nh, nx), torch.randn(nh), torch.randn(nx), torch.randn(nx)
    twice = [theta.clone().requires_grad_(), theta.clone().requires_grad_()]
    y = torch.mv(twice[0], x) + b1
    torch.nn.functional.mse_loss(torch.mv(twice[1].T, y) + b2, x, reduction="sum").backward()
    encoder, decoder = check.pair(theta_paths(theta.clone(), b1, b2, x), "theta_paths(theta, b1, b2, x)")
    for name, got, true, other in (
        ("[0]", encoder, twice[0].grad, twice[1].grad),
        ("[1]", decoder, twice[1].grad, twice[0].grad),
    ):
        check.close(
            got,
            true,
            f"theta_paths(theta, b1, b2, x){name}",
            unless={
                "the two paths are swapped: the encoder first, then the decoder": other,
                "this is the whole gradient, the sum of both paths": true + other,
                "the factor 2 of the derivative of the square is missing": true / 2,
                "the sign is wrong: the derivative is 2 (xhat - x)": -true,
                "the loss is a sum over the components of x, not a mean": true / nx,
            },
        )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# PyTorch adds the two for you. Nothing more is needed for a parameter that is used many times, as in a recurrent network.

# %% [markdown] lang="fr"
# PyTorch fait l'addition pour vous. Il n'en faut pas plus pour un paramètre utilisé plusieurs fois, comme dans un réseau
# récurrent.

# %% demo
torch.manual_seed(0)
theta, b1, b2, x = torch.randn(2, 3), torch.randn(2), torch.randn(3), torch.randn(3)
encoder, decoder = theta_paths(theta, b1, b2, x)
theta.requires_grad_()
autoencoder(theta, b1, b2, x).backward()
print("encoder + decoder =", encoder + decoder, "theta.grad =", theta.grad, sep="\n")

# %% [markdown] lang="en"
# ## 3 · The rules of `.grad` · about 10 minutes
#
# `L.backward()` goes through the graph of `L` once. It leaves the gradient of `L` in the attribute `.grad` of each
# leaf. Four rules, and a fifth that saves memory:
#
# - Only **leaves** keep their gradient. For a tensor that was computed, ask before: `h.retain_grad()`.
# - `backward` **adds** to what `.grad` holds already: it must be reset (`w.grad.zero_()`, or `w.grad = None`).
# - `backward` starts from **one number** that has a graph.
# - Under `with torch.no_grad():` values are computed, and **nothing is noted**.
# - Once gone through, the graph is thrown away.
#
# Here are nine small programs. For each, **predict without running it** what `answer` is: a number, `None`, `True` or
# `False`, or `"error"` if PyTorch refuses. Then run the cell after the check, and correct yourself.

# %% [markdown] lang="fr"
# ## 3 · Les règles de `.grad` · environ 10 minutes
#
# `L.backward()` parcourt une fois le graphe de `L`. Il laisse le gradient de `L` dans l'attribut `.grad` de chaque
# feuille. Quatre règles, et une cinquième pour économiser la mémoire :
#
# - Seules les **feuilles** gardent leur gradient. Pour un tenseur calculé, demandez-le avant : `h.retain_grad()`.
# - `backward` **ajoute** à ce que `.grad` contient déjà : il faut le remettre à zéro (`w.grad.zero_()`, ou
#   `w.grad = None`).
# - `backward` part d'**un seul nombre** qui a un graphe.
# - Sous `with torch.no_grad():` on calcule des valeurs, et **rien n'est noté**.
# - Une fois parcouru, le graphe est jeté.
#
# Voici neuf petits programmes. Pour chacun, **prédisez sans l'exécuter** ce que vaut `answer` : un nombre, `None`,
# `True` ou `False`, ou bien `"error"` si PyTorch refuse. Exécutez ensuite la cellule qui suit la vérification, et
# corrigez-vous.

# %% setup
programs = {
    "a": """
w = torch.tensor(3.0, requires_grad=True)
(w ** 2).backward()
answer = w.grad""",
    "b": """
w = torch.tensor(3.0, requires_grad=True)
(w ** 2).backward()
(w ** 2).backward()
answer = w.grad""",
    "c": """
w = torch.tensor(3.0, requires_grad=True)
(w ** 2).backward()
w.grad.zero_()
(5 * w).backward()
answer = w.grad""",
    "d": """
w = torch.tensor(3.0, requires_grad=True)
h = 2 * w
(h ** 2).backward()
answer = h.grad""",
    "e": """
w = torch.tensor(3.0, requires_grad=True)
h = 2 * w
h.retain_grad()
(h ** 2).backward()
answer = h.grad""",
    "f": """
w = torch.tensor(3.0, requires_grad=True)
with torch.no_grad():
    L = w ** 2
L.backward()
answer = w.grad""",
    "g": """
w = torch.tensor(3.0, requires_grad=True)
L = w ** 2
L.backward()
L.backward()
answer = w.grad""",
    "h": """
w = torch.tensor([1.0, 2.0], requires_grad=True)
(2 * w).backward()
answer = w.grad[0]""",
    "i": """
w = 0.3 * torch.tensor(3.0, requires_grad=True)
answer = w.is_leaf""",
}


def run_program(code):
    scope = {"torch": torch}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(code, scope)
    except RuntimeError:
        return "error"
    answer = scope["answer"]
    return answer.item() if isinstance(answer, torch.Tensor) else answer


# %% answer="predictions"
def predictions():
    """Return a dict from each letter, "a" to "i", to a number, None, True, False or "error"."""
    ### BEGIN SOLUTION
    return {"a": 6, "b": 12, "c": 5, "d": None, "e": 12, "f": "error", "g": "error", "h": "error", "i": False}
    ### END SOLUTION


# %% check="predictions_hold" points=3 ids=["A-grad"]
guess = predictions()
guess = check.keys(guess, list("abcdefghi"), "predictions()")
for letter in "abcdefghi":
    check.that(
        guess[letter] is None
        or (isinstance(guess[letter], str) and guess[letter] == "error")
        or check.is_number(guess[letter]),
        "{letter}: predict a number, None, True, False or \"error\"",
        letter=letter,
    )
check.form_only()
### BEGIN HIDDEN TESTS
check.choices(
    guess,
    {letter: run_program(code) for letter, code in programs.items()},
    because={
        "a": "the derivative of w² is 2w, here 6.",
        "b": "the second backward adds its 6 to the 6 that .grad holds already.",
        "c": "after zero_, only the gradient of 5w is left.",
        "d": "h was computed: it is no leaf, and nobody asked it to retain its gradient.",
        "e": "the gradient of h² in h is 2h, and h is 6.",
        "f": "under no_grad nothing is noted, so L has no graph to go back through.",
        "g": "the graph is thrown away after the first backward: compute L again, or pass retain_graph=True.",
        "h": "backward starts from a single number, and 2w holds two.",
        "i": "w is the result of a product; the leaf is the tensor with 3.0, which has no name any more.",
    },
)
### END HIDDEN TESTS

# %% demo
guess = predictions()
for letter, code in programs.items():
    print(f"{letter}. {guess[letter]!s:>8}  →  {run_program(code)}")

# %% [markdown] lang="en"
# ## 4 · An operation of your own · about 20 minutes
#
# Each node of the graph is an operation that knows two things: its value, and how to bring a gradient back. You can add
# one. It is a class, made from `torch.autograd.Function`, with two functions that PyTorch calls for you. Both receive
# the same object `ctx` (the *context*), to keep things in:
#
# - `forward(ctx, …)` receives the inputs and returns the output. With `ctx.save_for_backward(…)` it keeps what the way
#   back will need.
# - `backward(ctx, grad)` receives the gradient of the loss in the **output** of the operation. It returns the gradient
#   of the loss in each **input**: as many as `forward` has inputs after `ctx`, in the same order, each with the shape
#   of its input. `ctx.saved_tensors` gives back what was kept.
#
# An operation is used through `apply`: `Square.apply(x)`. Here is one.

# %% [markdown] lang="fr"
# ## 4 · Une opération à vous · environ 20 minutes
#
# Chaque nœud du graphe est une opération qui sait deux choses : sa valeur, et comment faire remonter un gradient. Vous
# pouvez en ajouter une. C'est une classe, dérivée de `torch.autograd.Function`, avec deux fonctions que PyTorch appelle
# pour vous. Toutes deux reçoivent le même objet `ctx` (le *contexte*), où garder ce qu'il faut :
#
# - `forward(ctx, …)` reçoit les entrées et renvoie la sortie. Avec `ctx.save_for_backward(…)`, elle garde ce dont le
#   calcul du retour aura besoin.
# - `backward(ctx, grad)` reçoit le gradient du coût par rapport à la **sortie** de l'opération. Elle renvoie le gradient
#   du coût par rapport à chaque **entrée** : autant que `forward` a d'entrées après `ctx`, dans le même ordre, chacun de
#   la taille de son entrée. `ctx.saved_tensors` rend ce qui a été gardé.
#
# On utilise une opération au moyen de `apply` : `Square.apply(x)`. En voici une.


# %% setup
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 2 * x  # the gradient that came, times the derivative of the square


# %% [markdown] lang="en"
# Now the affine map of a whole batch, $Z = X W^\top + b$, as one operation with three inputs. Call
# $\Delta = \partial L / \partial Z$ the gradient in its output, of shape $(n, n_y)$. You know the next ones from `02_manual`:
#
# $$\frac{\partial L}{\partial X} = \Delta \, W \qquad \frac{\partial L}{\partial W} = \Delta^\top X \qquad \frac{\partial L}{\partial b} = \text{the sum of the rows of } \Delta$$
#
# Write `LinearFunction`. In its `backward`, `grad` is $\Delta$. There is no $\frac{1}{n}$ here: if the loss is a mean, $\Delta$
# holds it already.

# %% [markdown] lang="fr"
# Passons à l'application affine d'un lot entier, $Z = X W^\top + b$, en une seule opération à trois entrées. Appelons
# $\Delta = \partial L / \partial Z$ le gradient par rapport à sa sortie, de taille $(n, n_y)$. Vous connaissez les
# suivants depuis `02_manual` :
#
# $$\frac{\partial L}{\partial X} = \Delta \, W \qquad \frac{\partial L}{\partial W} = \Delta^\top X \qquad \frac{\partial L}{\partial b} = \text{la somme des lignes de } \Delta$$
#
# Écrivez `LinearFunction`. Dans sa fonction `backward`, `grad` est $\Delta$. Ici, pas de $\frac{1}{n}$ : si le coût est une
# moyenne, $\Delta$ le contient déjà.


# %% answer="LinearFunction"
class LinearFunction(torch.autograd.Function):
    """The affine map X Wᵀ + b, as one operation."""

    @staticmethod
    def forward(ctx, X, W, b):
        """Compute the output.

        X: (n, nx). W: (ny, nx). b: (ny,).
        Returns a tensor (n, ny).
        """
        ### BEGIN SOLUTION
        ctx.save_for_backward(X, W)
        return X @ W.T + b
        ### END SOLUTION

    @staticmethod
    def backward(ctx, grad):
        """Bring a gradient back.

        grad: the gradient of the loss in the output, (n, ny).
        Returns its gradients in X, W and b, of their shapes.
        """
        ### BEGIN SOLUTION
        X, W = ctx.saved_tensors
        return grad @ W, grad.T @ X, grad.sum(0)
        ### END SOLUTION


# %% check="linear_function_forward" points=1 ids=["A-function"]
inputs = [torch.tensor([[1.0, -3.0]]), torch.tensor([[1.0, 0.0], [4.0, 2.0]]), torch.tensor([0.0, 1.0])]
probe = probes.differentiate(LinearFunction, inputs, torch.ones(1))  # no way back
check.close(
    probe["output"],
    [[1.0, -1.0]],
    "LinearFunction.apply(X, W, b)",
    unless={
        "you forgot the bias b": [[1.0, -2.0]],
        "the product is X @ W.T, with W transposed": [[-11.0, -5.0]],
    },
)
### BEGIN HIDDEN TESTS
for n in (1, 5):
    inputs = [torch.randn(4, n).T, torch.randn(4, 3).T, torch.randn(3)]
    probe = probes.differentiate(LinearFunction, inputs, torch.ones(1))
    check.close(
        probe["output"],
        torch.nn.functional.linear(*inputs),
        "LinearFunction.apply(X, W, b)",
        unless={"you forgot the bias b": torch.nn.functional.linear(*inputs[:2])},
    )
### END HIDDEN TESTS


# %% check="linear_function_arity" points=1 ids=["A-arity"]
def verify(n, nx, ny):
    """Go back once, and look at how many gradients come, and of what shapes."""
    inputs = [torch.randn(n, nx), torch.randn(ny, nx).requires_grad_(), torch.randn(ny).requires_grad_()]
    refused = probes.differentiate(LinearFunction, inputs, torch.randn(n, ny))["refused"]
    check.that(
        "incorrect number" not in refused,
        "backward should return as many gradients as forward has inputs, in their order, with commas between them and no list around; PyTorch says: {why}",
        why=refused,
    )
    check.that(
        not refused,
        "a gradient has the shape of its input, and they come in the order of the inputs; PyTorch says: {why}",
        why=refused,
    )


verify(5, 2, 3)
### BEGIN HIDDEN TESTS
verify(4, 6, 3)
verify(1, 4, 3)
### END HIDDEN TESTS


# %% check="linear_function_backward" points=2 ids=["A-function"]
def verify(X, W, b, slope):
    """Go back from a gradient, and compare with torch's own affine map."""
    live = [tensor.clone().requires_grad_() for tensor in (X, W, b)]
    probe = probes.differentiate(LinearFunction, live, slope)
    check.that(not probe["refused"], "PyTorch refuses what backward returns: {why}", why=probe["refused"])
    check.that(
        probe["grads"] is not None, "forward gives an output of the wrong shape, so backward could not be tried"
    )
    torch.nn.functional.linear(*live).backward(slope)
    for name, leaf, got in zip("XWb", live, probe["grads"]):
        check.that(
            got is not None,
            "backward returns None for {name}: the gradient in {name} was asked for",
            name=name,
        )
        check.close(
            got,
            leaf.grad,
            f"{name}.grad",
            unless={
                "you divided by n: the mean is in the loss, and so in grad already": leaf.grad / len(X),
                "the sign is wrong": -leaf.grad,
            },
        )


verify(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.ones(1, 2), torch.zeros(1), torch.tensor([[1.0], [10.0]]))
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 4), torch.randn(3, 4), torch.randn(3), torch.randn(5, 3))
verify(torch.randn(4, 6).T, torch.randn(4, 3).T, torch.randn(3), torch.randn(3, 6).T)
verify(torch.randn(1, 2), torch.randn(4, 2), torch.randn(4), torch.randn(1, 4))
inputs = [torch.randn(shape, dtype=torch.float64).requires_grad_() for shape in ((5, 4), (3, 4), (3,))]
output = probes.differentiate(LinearFunction, inputs, torch.ones(1))["output"]
right = torch.allclose(output, torch.nn.functional.linear(*inputs))  # else forward has its own check
why = probes.gradcheck(LinearFunction, inputs) if right else ""
check.that(not why, "gradcheck does not agree with backward: {why}", why=why)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# How can one be sure of a `backward`? By moving each input a little and looking at how the output moves: that is what
# `gradcheck` does, with numbers of double precision (`float64`). It returns `True`, or stops and shows both results.

# %% [markdown] lang="fr"
# Comment être sûr d'une fonction `backward` ? En faisant varier un peu chaque entrée et en regardant comment varie la
# sortie : c'est ce que fait `gradcheck`, avec des nombres en double précision (`float64`). Cette fonction renvoie `True`,
# ou s'arrête et montre les deux résultats.

# %% demo
X, W, b = (torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in ((5, 4), (3, 4), (3,)))
print(torch.autograd.gradcheck(Square.apply, [X]), torch.autograd.gradcheck(LinearFunction.apply, [X, W, b]))

# %% [markdown] lang="en"
# The second operation is a loss, the *mean squared error* over all the entries of two tensors of the same shape:
#
# $$\text{MSE}(\hat{Y}, Y) = \frac{1}{n \, n_y} \sum_{k=1}^{n} \sum_{i=1}^{n_y} (\hat{Y}_{ki} - Y_{ki})^2$$
#
# Its output is one number, and so is `grad`: 1 if the loss is the end of the graph, something else if more follows. Write
# `MSEFunction`. It has two inputs: return both gradients, the one in $Y$ too.

# %% [markdown] lang="fr"
# La seconde opération est un coût, l'*erreur quadratique moyenne* (mean squared error) sur tous les coefficients de
# deux tenseurs de même taille :
#
# $$\text{MSE}(\hat{Y}, Y) = \frac{1}{n \, n_y} \sum_{k=1}^{n} \sum_{i=1}^{n_y} (\hat{Y}_{ki} - Y_{ki})^2$$
#
# Sa sortie est un seul nombre, et `grad` aussi : 1 si le graphe se termine par ce coût, autre chose s'il y a une suite.
# Écrivez `MSEFunction`. Elle a deux entrées : renvoyez les deux gradients, y compris celui par rapport à $Y$.


# %% answer="MSEFunction"
class MSEFunction(torch.autograd.Function):
    """The mean squared error, as one operation."""

    @staticmethod
    def forward(ctx, Yhat, Y):
        """Compute the loss.

        Yhat, Y: (n, ny).
        Returns a tensor with one number: the mean of the squared differences over all n × ny entries.
        """
        ### BEGIN SOLUTION
        ctx.save_for_backward(Yhat, Y)
        return ((Yhat - Y) ** 2).mean()
        ### END SOLUTION

    @staticmethod
    def backward(ctx, grad):
        """Bring a gradient back.

        grad: the gradient in the output, one number.
        Returns the gradients in Yhat and in Y, both (n, ny).
        """
        ### BEGIN SOLUTION
        Yhat, Y = ctx.saved_tensors
        slope = grad * 2 * (Yhat - Y) / Y.numel()
        return slope, -slope
        ### END SOLUTION


# %% check="mse_function_forward" points=1 ids=["A-function"]
guess, target = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), torch.tensor([[1.0, 0.0], [3.0, 4.0], [5.0, 5.0]])
got = probes.differentiate(MSEFunction, [guess, target], torch.ones(1, 1))["output"]
check.close(
    got,
    5 / 6,
    "MSEFunction.apply(Yhat, Y)",
    unless={
        "you summed instead of averaging": 5.0,
        "you averaged over the examples only: average over all the entries": 5 / 3,
        "the differences are not squared": 0.5,
        "the loss has no factor 1/2": 5 / 12,
    },
)
### BEGIN HIDDEN TESTS
for n in (1, 7):
    guess, target = torch.randn(3, n).T, torch.randn(n, 3)
    true = torch.nn.functional.mse_loss(guess, target)
    check.close(
        probes.differentiate(MSEFunction, [guess, target], torch.ones(1, 1))["output"],
        true,
        "MSEFunction.apply(Yhat, Y)",
        unless={
            "you summed instead of averaging": true * 3 * n,
            "you averaged over the examples only: average over all the entries": true * 3,
            "the loss has no factor 1/2": true / 2,
        },
    )
### END HIDDEN TESTS


# %% check="mse_function_backward" points=2 ids=["A-function", "A-arity"]
def verify(guess, target, slope):
    """Go back from a gradient, and compare with torch's own mean squared error."""
    live = [guess.clone().requires_grad_(), target.clone().requires_grad_()]
    output = probes.differentiate(MSEFunction, [guess, target], torch.ones(7))["output"]  # no way back
    check.that(
        isinstance(output, torch.Tensor),
        "forward should return a tensor, without .item() or float(): its result is a node of the graph",
    )
    shape = tuple(output.shape) if output.numel() == 1 else ()
    probe = probes.differentiate(MSEFunction, live, torch.full(shape, slope))
    check.that(
        "incorrect number" not in probe["refused"],
        "backward should return as many gradients as forward has inputs, in their order, with commas between them and no list around; PyTorch says: {why}",
        why=probe["refused"],
    )
    check.that(not probe["refused"], "PyTorch refuses what backward returns: {why}", why=probe["refused"])
    check.that(
        probe["grads"] is not None, "forward gives an output of the wrong shape, so backward could not be tried"
    )
    torch.nn.functional.mse_loss(*live).backward(torch.tensor(slope))
    n, ny = guess.shape
    for name, leaf, got in zip(("Yhat", "Y"), live, probe["grads"]):
        check.that(
            got is not None,
            "backward returns None for {name}: the gradient in {name} was asked for",
            name=name,
        )
        true = leaf.grad
        check.close(
            got,
            true,
            f"{name}.grad",
            unless={
                "you forgot to multiply by grad, the gradient that comes from what follows": true / slope,
                "the sign is wrong": -true,
                "the factor 2 of the derivative of the square is missing": true / 2,
                "you summed instead of averaging": true * n * ny,
                "you averaged over the examples only: average over all the entries": true * ny,
            },
        )


verify(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 0.0], [0.0, 4.0]]), 3.0)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 3), torch.randn(5, 3), -0.7)
verify(torch.randn(4, 6).T, torch.randn(6, 4), 2.5)
verify(torch.randn(1, 3), torch.randn(1, 3), 0.1)
inputs = [torch.randn(5, 3, dtype=torch.float64).requires_grad_() for _ in range(2)]
output = probes.differentiate(MSEFunction, inputs, torch.ones(1, 1))["output"]
right = torch.allclose(output, torch.nn.functional.mse_loss(*inputs))  # else forward has its own check
why = probes.gradcheck(MSEFunction, inputs) if right else ""
check.that(not why, "gradcheck does not agree with backward: {why}", why=why)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Your two operations, one after the other, are nodes like any other.

# %% [markdown] lang="fr"
# Vos deux opérations, l'une après l'autre, sont des nœuds comme les autres.

# %% demo
W, b = torch.zeros(1, 12, requires_grad=True), torch.zeros(1, requires_grad=True)
L = MSEFunction.apply(LinearFunction.apply(housing.Xtrain, W, b), housing.Ytrain)
print(L)
figures.computation(L, {"W": W, "b": b, "L": L})

# %% [markdown] lang="en"
# ## 5 · One step, with autograd · about 10 minutes
#
# Here is how one step changes from the last notebook to this one:
#
# | | `02_manual` | with autograd |
# |---|---|---|
# | forward | `Yhat, outputs = forward(params, X)` | the same |
# | loss | `L, acc = loss_accuracy(Yhat, Y)` | the same |
# | gradients | `grads = backward(params, outputs, Y)`, and the nine lines of `backward` | `L.backward()` |
# | step | `sgd(params, grads, eta)` | `sgd(params, eta)`: each parameter brings its gradient |
#
# So `sgd` loses an argument, and takes on three duties. A step is no part of the computation whose gradient we want: it
# must be taken **under `torch.no_grad()`**, or PyTorch refuses to change a leaf. It must change the **leaf itself**
# (`p -= …`): `p = p - …` only gives the name `p` to a new tensor, and the leaf in `params` stays as it was. And since
# `backward` adds to `.grad`, the gradients must be **reset** once used.

# %% [markdown] lang="fr"
# ## 5 · Un pas, avec autograd · environ 10 minutes
#
# Voici comment un pas change, du notebook précédent à celui-ci :
#
# | | `02_manual` | avec autograd |
# |---|---|---|
# | passe avant | `Yhat, outputs = forward(params, X)` | la même |
# | coût | `L, acc = loss_accuracy(Yhat, Y)` | le même |
# | gradients | `grads = backward(params, outputs, Y)`, et les neuf lignes de `backward` | `L.backward()` |
# | pas | `sgd(params, grads, eta)` | `sgd(params, eta)` : chaque paramètre apporte son gradient |
#
# `sgd` perd donc un argument, mais reçoit trois obligations. Un pas ne fait pas partie du calcul dont on veut le
# gradient : il faut le faire **sous `torch.no_grad()`**, sinon PyTorch refuse de modifier une feuille. Il faut modifier
# la **feuille elle-même** (`p -= …`) : `p = p - …` ne fait que donner le nom `p` à un nouveau tenseur, et la feuille de
# `params` reste inchangée. Enfin, puisque `backward` ajoute à `.grad`, il faut **remettre à zéro** les gradients une
# fois qu'ils ont servi.


# %% answer="sgd"
def sgd(params, eta):
    """Take one step of gradient descent, and reset the gradients.

    params: dict of leaves, under any names, each with its gradient in .grad; the leaves themselves
    are changed.
    eta: learning rate, >= 0.
    Returns params.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
            p.grad.zero_()
    return params
    ### END SOLUTION


# %% check="sgd_step" points=2 ids=["P-2.2.3"]
def verify(start, slopes, eta):
    """Take one step, and look at the leaves and at what params holds."""
    probe = probes.descend(sgd, start, slopes, eta)
    check.that(
        "leaf Variable" not in probe["refused"],
        "PyTorch refuses to change a leaf while it notes operations: take the step under `with torch.no_grad():`",
    )
    check.that(
        "NoneType" not in probe["refused"],
        "sgd meets a gradient that is None: it was reset before the step, or .grad was asked of a copy, such as p.data",
    )
    check.that(
        "zeros_" not in probe["refused"],
        "tensors have no method zeros_: the one that fills a gradient with zeros is .grad.zero_()",
    )
    check.that(
        not probe["refused"],
        "after sgd, PyTorch no longer notes operations: write `with torch.no_grad():`, which ends with its block",
    )
    got = check.keys(probe["steps"][0], list(start), "sgd(params, eta)")
    values = {
        name: check.tensor(got[name][0], tuple(start[name].shape), f'sgd(params, eta)["{name}"]') for name in start
    }
    moved = [name for name in start if not torch.equal(values[name], start[name])]
    check.that(
        len(moved) != 1 or len(start) == 1,
        "only the first parameter moved: is return inside the loop?",
    )
    for name in start:
        value, leaf, _ = got[name]
        true = start[name] - eta * slopes[name]
        check.close(
            value,
            true,
            f'sgd(params, eta)["{name}"]',
            unless={
                "you walked up the slope: the gradient is subtracted": start[name] + eta * slopes[name],
                "you forgot the learning rate": start[name] - slopes[name],
                "nothing changed: p = p - … makes a new tensor (change the leaf itself, p -= …), or the gradient was reset before the step": start[name],
            },
        )
        check.that(
            isinstance(leaf, torch.Tensor) and torch.allclose(leaf, true, rtol=1e-3, atol=1e-5),
            "the leaf was replaced by another tensor instead of changed: other code that holds it sees nothing; write p -= …",
        )
        check.that(
            value.requires_grad,
            "after the step, {name} does not require a gradient any more",
            name=name,
        )


weights = {"Wh": torch.tensor([[1.0, 2.0]]), "bh": torch.tensor([0.5])}
weights |= {"Wy": torch.tensor([[1.0]]), "by": torch.tensor([0.5])}
slopes = {"Wh": torch.tensor([[10.0, -10.0]]), "bh": torch.tensor([1.0])}
verify(weights, slopes | {"Wy": torch.tensor([[2.0]]), "by": torch.tensor([3.0])}, 0.1)
### BEGIN HIDDEN TESTS
verify(random_params(3, 7, 4), random_params(3, 7, 4), 0.07)
verify(random_params(2, 5, 3), random_params(2, 5, 3), 1.3)
### END HIDDEN TESTS


# %% check="sgd_resets" points=2 ids=["P-2.2.3", "A-grad"]
def verify(start, slopes, eta, steps):
    """Take several steps, and look at the gradients in between."""
    probe = probes.descend(sgd, start, slopes, eta, steps)
    check.that(not probe["refused"], "the step cannot be taken; PyTorch says: {why}", why=probe["refused"])
    for name in start:
        for got in probe["steps"][:1]:
            got = check.keys(got, list(start), "sgd(params, eta)")
            check.tensor(got[name][0], None, f'sgd(params, eta)["{name}"]', finite=False)
            left = got[name][2]
            check.that(
                left is None or not left.any(),
                "after the step, the gradient of {name} is still there, and the next backward will add to it: reset it",
                name=name,
            )


verify(random_params(1, 2, 1), random_params(1, 2, 1), 0.5, 1)
### BEGIN HIDDEN TESTS
verify(random_params(3, 7, 4), random_params(3, 7, 4), 0.07, 3)
verify(random_params(3, 2, 4), random_params(3, 2, 4), 0.0, 2)
### END HIDDEN TESTS


# %% check="sgd_any_network" points=1 ids=["P-2.2.3"]
def verify(start, slopes, eta, steps):
    """Take steps on a network of other names, and compare with the same steps without autograd."""
    probe = check.any_keys(lambda: probes.descend(sgd, start, slopes, eta, steps), "sgd")
    check.that(not probe["refused"], "the step cannot be taken; PyTorch says: {why}", why=probe["refused"])
    got = check.keys(probe["steps"][0], list(start), "sgd(params, eta)")
    for name in start:
        what = f'sgd(params, eta)["{name}"]'
        value = check.tensor(got[name][0], tuple(start[name].shape), what)
        if eta:
            check.that(
                not torch.equal(value, start[name]),
                "{name} has not moved: go through whatever params holds",
                name=name,
            )
        else:
            check.close(value, start[name], what)
    check.that(
        len(probe["steps"]) == steps,
        "after a step, params holds tensors that are no leaves with a gradient: a second step is impossible",
    )


verify({"W3": torch.ones(2, 5)}, {"W3": torch.ones(2, 5)}, 0.5, 1)
### BEGIN HIDDEN TESTS
shapes = {"W3": (2, 5), "b3": (2,), "a": (1,)}
weights, slopes = ({name: torch.randn(shape) for name, shape in shapes.items()} for _ in range(2))
verify(weights, slopes, 0.2, 2)
verify(weights, slopes, 0.0, 1)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 6 · The price of a house · about 35 minutes
#
# A new problem, and the simplest network: one affine map. `housing` holds 506 districts of Boston around 1970, each
# with 12 numbers (rooms, age, distance to work, taxes…), and the median price of a home there, in thousands of dollars.
# The original table has a 13th column, `B`, which encodes the race of the inhabitants: it is left out here. The 12
# features are standardised: mean 0, standard deviation 1. Below, the price is drawn against three of them: `RM`, the
# number of rooms per dwelling; `LSTAT`, the share of residents of lower status; `DIS`, the distance to jobs.
#
# The model is $\hat{Y} = X W^\top + b$, with $W$ of shape $(1, n_x)$ and $b$ of shape $(1,)$. Its loss is the mean of
# the squared errors of a batch:
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} (\hat{y}^{(k)} - y^{(k)})^2$$
#
# Write `regression`: the loop of `02_manual`, with autograd. Start from $W = 0$ and $b = 0$ (this loss has one single
# valley, chance is not needed). For each mini-batch: the loss, `backward`, `sgd`. With `batch = n` this is batch
# descent, with `batch = 1` stochastic descent.
#
# > **Mind the shapes.** `Ytrain` is $(n, 1)$. If `Yhat` came out as $(n,)$, then `Yhat - Y` would be a whole table
# > $(n, n)$, without any error message, and the model would learn nonsense.

# %% [markdown] lang="fr"
# ## 6 · Le prix d'un logement · environ 35 minutes
#
# Un nouveau problème, et le plus simple des réseaux : une seule application affine. `housing` contient 506 secteurs de
# Boston vers 1970, chacun décrit par 12 nombres (pièces, ancienneté, distance aux emplois, impôts…), avec le prix
# médian d'un logement, en milliers de dollars. Le tableau d'origine a une 13e colonne, `B`, qui code la race des
# habitants : elle est laissée de côté ici. Les 12 variables sont centrées et réduites : moyenne 0, écart-type 1.
# Ci-dessous, le prix est tracé en fonction de trois d'entre elles : `RM`, le nombre de pièces par logement ; `LSTAT`,
# la part d'habitants de condition modeste ; `DIS`, la distance aux emplois.
#
# Le modèle est $\hat{Y} = X W^\top + b$, avec $W$ de taille $(1, n_x)$ et $b$ de taille $(1,)$. Son coût est la moyenne
# des carrés des erreurs d'un lot :
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} (\hat{y}^{(k)} - y^{(k)})^2$$
#
# Écrivez `regression` : la boucle de `02_manual`, avec autograd. Partez de $W = 0$ et $b = 0$ (ce coût n'a qu'une seule
# vallée : inutile de tirer au hasard). Pour chaque mini-lot : le coût, `backward`, `sgd`. Avec `batch = n`, c'est la
# descente par lot complet ; avec `batch = 1`, la descente stochastique.
#
# > **Attention aux tailles.** `Ytrain` est de taille $(n, 1)$. Si `Yhat` était de taille $(n,)$, alors `Yhat - Y` serait
# > un tableau entier, de taille $(n, n)$, sans le moindre message d'erreur, et le modèle apprendrait n'importe quoi.

# %% demo
print(housing)
fig, axes = plt.subplots(1, 3, figsize=(9, 2.8), sharey=True, layout="constrained")
for ax, name in zip(axes, ("RM", "LSTAT", "DIS")):
    ax.scatter(housing.Xtrain[:, housing.names.index(name)], housing.Ytrain, s=8, alpha=0.6, color="#0072B2")
    ax.set(xlabel=name)
axes[0].set(ylabel=say("price (k$)"))
plt.show()


# %% answer="regression"
def regression(data, epochs, batch, eta):
    """Fit Ytrain by an affine map of Xtrain, by mini-batch descent with autograd.

    data: holds Xtrain (n, nx), Ytrain (n, 1), Xtest, Ytest. epochs: passes over the training
    examples. batch: size of a mini-batch. eta: learning rate.
    Uses minibatches, anew in each epoch, and sgd.
    Returns (params, history): params is a dict of leaves "W" (1, nx) and "b" (1,), which start at 0;
    history is a dict of two lists, "loss_train" and "loss_test", one number an epoch, the mean squared
    error over all the examples, after the steps of the epoch.
    """
    ### BEGIN SOLUTION
    params = {
        "W": torch.zeros(1, data.Xtrain.shape[1], requires_grad=True),
        "b": torch.zeros(1, requires_grad=True),
    }

    def loss(X, Y):
        return ((X @ params["W"].T + params["b"] - Y) ** 2).mean()

    history = {"loss_train": [], "loss_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            loss(data.Xtrain[indices], data.Ytrain[indices]).backward()
            sgd(params, eta)
        history["loss_train"].append(loss(data.Xtrain, data.Ytrain).item())
        history["loss_test"].append(loss(data.Xtest, data.Ytest).item())
    return params, history
    ### END SOLUTION


# %% check="regression_batch" points=3 ids=["A-Q1.1"]
pieces = {"Xtrain": torch.tensor([[1.0], [2.0]]), "Ytrain": torch.tensor([[1.0], [3.0]])}
pieces |= {"Xtest": torch.tensor([[3.0], [3.0]]), "Ytest": torch.tensor([[2.0], [2.0]])}
refused = probes.refusal(regression, pieces, 2, 2, 0.1)
check.that(
    "leaf Variable" not in refused,
    "PyTorch refuses to change a leaf while it notes operations: take the step under `with torch.no_grad():`",
)
check.that(
    "does not require grad" not in refused,
    "the loss has no graph when backward is called: it was computed under no_grad, or from copies (.detach(), .data) of W and b",
)
check.that(
    not refused,
    "a gradient is None. Was backward called before the step? Does W = W - … replace the leaf by a tensor that is none? Change the leaf itself, W -= …",
)
got = check.pair(probes.train_on(regression, pieces, 1, 2, 0.0), "regression(data, 1, 2, 0.0)")[0]
got = check.keys(got, ["W", "b"], "regression(data, 1, 2, 0.0)[0]")
check.that(
    not isinstance(got["W"], torch.Tensor) or got["W"].ndim == 2,
    "W should be a matrix with one row, of shape (1, nx): create it with torch.zeros(1, nx)",
)
check.tensor(got["W"], (1, 1), 'regression(data, 1, 2, 0.0)[0]["W"]')
check.vector(got["b"], 1, 'regression(data, 1, 2, 0.0)[0]["b"]')
check.that(
    not got["W"].any() and not got["b"].any(),
    "with eta = 0 nothing moves, so W and b should still be 0, where they start",
)
got = check.pair(probes.train_on(regression, pieces, 1, 2, 0.1), "regression(data, 1, 2, 0.1)")[0]
check.close(
    got["W"],
    [[0.7]],
    'regression(data, 1, 2, 0.1)[0]["W"]',
    unless={
        "you summed over the batch instead of averaging": [[1.4]],
        "nothing moved: call backward on the loss, then sgd": [[0.0]],
        "you walked up the slope: the gradient is subtracted": [[-0.7]],
        "Yhat - Y has become a table (n, n): give Yhat the shape (n, 1) of Y": [[0.6]],
        "the loss has no factor 1/2": [[0.35]],
        "the steps are computed from test examples: Xtrain and Ytrain are there to learn from": [[1.2]],
    },
)
check.close(
    got["b"].reshape(-1),
    [0.4],
    'regression(data, 1, 2, 0.1)[0]["b"]',
    unless={"b has not moved: is it a leaf that requires a gradient?": [0.0]},
)
### BEGIN HIDDEN TESTS
n, nx, epochs, eta = 23, 4, 5, 0.05
x, y = torch.randn(n, nx), torch.randn(n, 1) + 2
pieces = {"Xtrain": x, "Ytrain": y, "Xtest": torch.randn(6, nx), "Ytest": torch.randn(6, 1)}


def follow(factor=1.0, keep=0.0, table=False):
    """Walk down without autograd: factor scales the gradient, keep is the share of old ones, table the wrong shape."""
    w, b, old = torch.zeros(nx, dtype=torch.float64), torch.zeros((), dtype=torch.float64), 0.0
    X, Y = x.double(), y.double()[:, 0]
    for _ in range(epochs):
        error = X @ w + b - (Y.mean() if table else Y)
        slope = factor * 2 / n * torch.cat([X.T @ error, error.sum()[None]]) + keep * old
        old = slope
        w, b = w - eta * slope[:-1], b - eta * slope[-1]
    return w[None], b[None]


got = check.pair(probes.train_on(regression, pieces, epochs, n, eta), "regression(data, 5, n, 0.05)")[0]
got = check.keys(got, ["W", "b"], "regression(data, 5, n, 0.05)[0]")
check.tensor(got["W"], (1, nx), 'regression(data, 5, n, 0.05)[0]["W"]', finite=False)
got["b"] = check.tensor(got["b"], None, 'regression(data, 5, n, 0.05)[0]["b"]', finite=False).reshape(-1)
for i, name in enumerate(("W", "b")):
    check.that(
        not isinstance(got[name], torch.Tensor) or bool(got[name].isfinite().all()),
        "training diverged: {name} holds NaN, infinity or huge numbers. The usual cause is an eta too large for the gradients: a loss that is summed instead of averaged, or gradients that add up",
        name=name,
    )
    check.close(
        got[name],
        follow()[i],
        f'regression(data, 5, n, 0.05)[0]["{name}"]',
        unless={
            "you summed over the batch instead of averaging": follow(n)[i],
            "nothing moved: call backward on the loss, then sgd": torch.zeros_like(follow()[i]),
            "you walked up the slope: the gradient is subtracted": follow(-1)[i],
            "the gradients add up from step to step: reset them after each": follow(keep=1)[i],
            "Yhat - Y has become a table (n, n): give Yhat the shape (n, 1) of Y": follow(table=True)[i],
            "the loss has no factor 1/2": follow(0.5)[i],
        },
    )
### END HIDDEN TESTS

# %% check="regression_minibatch" points=2 ids=["A-Q1.3"]
pieces = {"Xtrain": torch.ones(4, 1), "Ytrain": torch.tensor([[3.0], [5.0], [4.0], [1.0]])}
pieces |= {"Xtest": torch.ones(4, 1), "Ytest": torch.ones(4, 1)}
got = check.pair(probes.train_on(regression, pieces, 1, 3, 0.1), "regression(data, 1, 3, 0.1)")[0]
got = check.keys(got, ["W", "b"], "regression(data, 1, 3, 0.1)[0]")
W, got = (
    check.tensor(got[name], None, f'regression(data, 1, 3, 0.1)[0]["{name}"]', finite=False) for name in ("W", "b")
)
check.that(W.any() or got.any(), "nothing moved: call backward on the loss, then sgd")
got = got.reshape(-1)
if got.shape == (1,) and abs(float(got) - 0.6) < 1e-3:  # one step is missing: that of the last batch, or the first of all?
    twice = check.pair(probes.train_on(regression, pieces, 2, 4, 0.1), "regression(data, 2, 4, 0.1)")[0]
    twice = check.keys(twice, ["b"], "regression(data, 2, 4, 0.1)[0]")
    twice = check.tensor(twice["b"], None, 'regression(data, 2, 4, 0.1)[0]["b"]', finite=False)
    check.that(
        abs(float(twice.sum()) - 0.65) > 1e-3,
        "sgd is called too early, before there is a gradient: compute the loss, call backward, then sgd",
    )
check.that(
    got.shape != (1,) or not any(abs(float(got) - other) < 1e-3 for other in (0.68, 1.0, 1.32)),
    "the batches are not those of minibatches, which draws them anew in each epoch: cut them with it",
)
check.close(
    got,  # batches of rows 3, 0, 1, then of row 2; above, with another row at the end
    [1.16],
    'regression(data, 1, 3, 0.1)[0]["b"]',
    unless={
        "one step for each mini-batch was asked for, not one for each epoch": [0.65],
        "the last, shorter mini-batch of each epoch is not used": [0.6],
        "only the last mini-batch of each epoch makes a step: backward and sgd belong in the loop over mini-batches": [0.8],
        "the gradients of the mini-batches add up: take a step after each backward, with sgd, which resets them": [1.4],
        "the gradients add up from step to step: reset them after each": [1.76],
        "b has not moved: is it a leaf that requires a gradient?": [0.0],
        "you summed over the batch instead of averaging": [1.88],
        "the loss has no factor 1/2": [0.64],
        "the steps are computed from test examples: Xtrain and Ytrain are there to learn from": [0.32],
    },
)
### BEGIN HIDDEN TESTS
n, nx, epochs, size, eta = 23, 4, 3, 6, 0.05
x, y = torch.randn(n, nx), torch.randn(n, 1) + 2
pieces = {"Xtrain": x, "Ytrain": y, "Xtest": torch.randn(5, nx), "Ytest": torch.randn(5, 1)}


def follow(size, each=1, last=True, order=None, once=False, add=False, end=False):
    """Walk down without autograd, in the batches that minibatches cuts."""
    point, Y = torch.zeros(nx + 1, dtype=torch.float64), y.double()[:, 0]
    X = torch.cat([x, torch.ones(n, 1)], 1).double()
    for epoch in range(1, 2 if once else epochs + 1):
        rows = torch.arange(n).roll(each * epoch + (1 - each)) if order is None else order
        slope = 0.0
        for chosen in rows.split(size)[-1:] if end else rows.split(size):
            if last or len(chosen) == size:
                slope = slope * add + 2 / len(chosen) * X[chosen].T @ (X[chosen] @ point - Y[chosen])
                point = point - eta * slope * (not add)
        point = point - eta * slope * add
    return point[None, :-1], point[-1:]


got, again = (
    check.pair(probes.train_on(regression, pieces, epochs, size, eta), "regression(data, 3, 6, 0.05)")[0] for _ in range(2)
)
got = check.keys(got, ["W", "b"], "regression(data, 3, 6, 0.05)[0]")
again = check.keys(again, ["W", "b"], "regression(data, 3, 6, 0.05)[0]")
for run in (got, again):
    run["W"] = check.tensor(run["W"], (1, nx), 'regression(data, 3, 6, 0.05)[0]["W"]', finite=False)
    run["b"] = check.tensor(run["b"], None, 'regression(data, 3, 6, 0.05)[0]["b"]', finite=False).reshape(-1)
check.that(
    bool(got["W"].isnan().any()) or torch.equal(got["W"], again["W"]),  # a call of minibatches draws nothing here
    "the batches are not those of minibatches, which draws them anew in each epoch: cut them with it",
)
for i, name in enumerate(("W", "b")):
    check.close(
        got[name],
        follow(size)[i],
        f'regression(data, 3, 6, 0.05)[0]["{name}"]',
        unless={
            "one step for each mini-batch was asked for, not one for each epoch": follow(n)[i],
            "each epoch has the same batches: call minibatches anew in each epoch": follow(size, each=0)[i],
            "the last, shorter mini-batch of each epoch is not used": follow(size, last=False)[i],
            "regression goes through the data once; it should do so once an epoch": follow(size, once=True)[i],
            "the batches are not those of minibatches, which draws them anew in each epoch: cut them with it": (
                follow(size, order=torch.arange(n))[i]
            ),
            "only the last mini-batch of each epoch makes a step: backward and sgd belong in the loop over mini-batches": (
                follow(size, end=True)[i]
            ),
            "the gradients of the mini-batches add up: take a step after each backward, with sgd, which resets them": (
                follow(size, add=True)[i]
            ),
        },
    )
### END HIDDEN TESTS


# %% check="regression_history" points=1 ids=["A-Q1.2"]
def verify(n, nx, epochs, size, eta):
    """Compare what regression notes with the errors of the parameters that it returns."""
    call = f"regression(data, {epochs}, {size}, {eta})"
    pieces = {"Xtrain": torch.randn(n, nx), "Ytrain": torch.randn(n, 1)}
    pieces |= {"Xtest": torch.randn(n + 4, nx), "Ytest": torch.randn(n + 4, 1) + 1}
    got, log = check.pair(probes.train_on(regression, pieces, epochs, size, eta), call)
    got = check.keys(got, ["W", "b"], f"{call}[0]")
    log = check.keys(log, ["loss_train", "loss_test"], f"{call}[1]")
    W = check.tensor(got["W"], None, f'{call}[0]["W"]', finite=False).reshape(-1, 1)
    b = check.vector(got["b"], 1, f'{call}[0]["b"]')
    check.that(len(W) == nx, "W should be a matrix with one row, of shape (1, nx): create it with torch.zeros(1, nx)")

    def error(X, Y):
        return torch.nn.functional.mse_loss(X @ W + b, Y)

    errors = {part: error(pieces[f"X{part}"], pieces[f"Y{part}"]) for part in ("train", "test")}
    early = {part: (pieces[f"Y{part}"] ** 2).mean() for part in ("train", "test")}
    rows = torch.arange(n).roll(epochs).split(size)[-1]
    for part, other in (("train", "test"), ("test", "train")):
        name = f"loss_{part}"
        log[name] = check.numbers(
            log[name],
            epochs,
            f'{call}[1]["{name}"]',
            unless={
                "one number too many: note the losses after each epoch, not before the first": epochs + 1,
                "note one number an epoch, not one a step": epochs * -(-n // size),
            },
        )
        check.close(
            log[name][-1],
            errors[part],
            f'{call}[1]["{name}"][-1]',
            unless={
                "these are the numbers of the other half of the data: train and test are mixed up": errors[other],
                "these are the numbers of the last mini-batch; measure on all the examples": (
                    error(pieces["Xtrain"][rows], pieces["Ytrain"][rows])
                ),
                "measure on all the examples, after the steps of the epoch": early[part] if epochs == 1 else float("inf"),
                "you summed over the examples instead of averaging": errors[part] * len(pieces[f"Y{part}"]),
            },
        )
        check.that(
            epochs == 1 or not W.any() or float(log[name][0]) != float(log[name][-1]),
            "every number is the last one: measure after each epoch, not at the end",
        )


verify(6, 2, 1, 6, 0.05)
### BEGIN HIDDEN TESTS
verify(22, 3, 1, 22, 0.02)
verify(22, 3, 4, 5, 0.02)
### END HIDDEN TESTS

# %% check="regression_learns" points=1 ids=["A-Q1.1"]
pieces = {name: getattr(housing, name)[:50] for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
got = check.pair(probes.train_on(regression, pieces, 1, 50, 0.01), "regression(housing, 1, 50, 0.01)")[0]
got = check.keys(got, ["W", "b"], "regression(housing, 1, 50, 0.01)[0]")
### BEGIN HIDDEN TESTS
pieces = {name: getattr(housing, name) for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
got = check.pair(probes.train_on(regression, pieces, 30, 20, 0.01), "regression(housing, 30, 20, 0.01)")[0]
got = check.keys(got, ["W", "b"], "regression(housing, 30, 20, 0.01)[0]")
got["W"] = check.tensor(got["W"], (1, 12), 'regression(housing, 30, 20, 0.01)[0]["W"]', finite=False)
got["b"] = check.tensor(got["b"], None, 'regression(housing, 30, 20, 0.01)[0]["b"]', finite=False).reshape(-1)
check.that(len(got["b"]) == 1, "b is one number, of shape (1,)")
check.that(
    all(bool((got[name].abs() < 1e6).all()) for name in ("W", "b")),
    "training diverged: {name} holds NaN, infinity or huge numbers. The usual cause is an eta too large for the gradients: a loss that is summed instead of averaged, or gradients that add up",
    name="params",
)
guess = torch.nn.functional.linear(housing.Xtest, got["W"], got["b"])
error = torch.nn.functional.mse_loss(guess, housing.Ytest)
check.that(
    error < 30,
    "on Boston Housing, the mean squared error on the test districts is {error:.0f} after 30 epochs; below 30 was expected",
    error=float(error),
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### TensorBoard
#
# Training can last for hours; *TensorBoard* shows its curves in the browser while it runs. The program only has to
# write numbers into *event files*, in a folder of its own for each run:
#
# ```python
# writer = SummaryWriter(folder)
# writer.add_scalar("loss_train", 31.5, 1)  # name of the curve, value, step
# writer.close()
# ```
#
# Write `log_curves`. The step is the number of the epoch, **from 1**. Each curve has the name of its list in `history`.

# %% [markdown] lang="fr"
# ### TensorBoard
#
# Un apprentissage peut durer des heures ; *TensorBoard* en montre les courbes dans le navigateur pendant qu'il tourne.
# Le programme n'a qu'à écrire des nombres dans des *fichiers d'événements*, dans un dossier différent pour chaque
# essai :
#
# ```python
# writer = SummaryWriter(folder)
# writer.add_scalar("loss_train", 31.5, 1)  # nom de la courbe, valeur, abscisse
# writer.close()
# ```
#
# Écrivez `log_curves`. L'abscisse est le numéro de l'époque, **à partir de 1**. Chaque courbe porte le nom de sa liste
# dans `history`.


# %% answer="log_curves"
def log_curves(history, folder):
    """Write the curves of a training run into event files for TensorBoard.

    history: dict of lists of numbers, one an epoch. folder: where to write, a string.
    Each list becomes one curve of scalars with the name of its key, at the steps 1, 2, 3…
    When it returns, all the numbers are in the files: close the writer. Returns nothing.
    """
    ### BEGIN SOLUTION
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name, value, epoch)
    writer.close()
    ### END SOLUTION


# %% check="log_curves_events" points=2 ids=["A-Q1.2"]
def verify(log):
    """Have the curves written, and read the event files back."""
    found = probes.scalars_written(log_curves, log)
    check.that(
        found,
        "there is no scalar in the event files of the folder: create SummaryWriter(folder), call add_scalar, and close the writer",
    )
    missing = [name for name in log if name not in found]
    check.that(
        not missing,
        "TensorBoard would not show {missing}, but it would show {found}: the first argument of add_scalar is the key in history",
        missing=", ".join(map(repr, missing)),
        found=", ".join(map(repr, found)),
    )
    for name, values in log.items():
        steps, numbers = [point[0] for point in found[name]], [point[1] for point in found[name]]
        check.that(
            len(steps) <= len(values),
            "the curve {name} has {got} points instead of {n}: give each list a name of its own, and write it once",
            name=name,
            got=len(steps),
            n=len(values),
        )
        check.same(
            steps,
            list(range(1, len(values) + 1)),
            f'steps["{name}"]',
            unless={
                "every point is at step 0: the third argument of add_scalar is the epoch": [0] * len(values),
                "count the epochs from 1, not from 0": list(range(len(values))),
                "only the last point is there: call add_scalar for each of them": [len(values)],
                "value and step are swapped: add_scalar(name, value, step)": [int(value) for value in values],
            },
        )
        check.close(torch.tensor(numbers), values, name)


verify({"loss_train": [4.0, 2.0, 1.5], "loss_test": [5.0, 3.0, 2.5]})
### BEGIN HIDDEN TESTS
verify({"loss_train": torch.rand(7).tolist(), "acc_test": torch.rand(7).tolist(), "b": torch.rand(7).tolist()})
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### Three descents, three clocks
#
# How fast is a descent? That depends on what one counts: **epochs** (how many times each example was used), **updates**
# (calls of `sgd`) or **seconds**. To compare, one fixes a level, and looks at when the loss first gets there. Write
# `epochs_to`.

# %% [markdown] lang="fr"
# ### Trois descentes, trois horloges
#
# À quelle vitesse va une descente ? Cela dépend de ce que l'on compte : des **époques** (combien de fois chaque exemple
# a servi), des **mises à jour** (appels de `sgd`) ou des **secondes**. Pour comparer, on fixe un niveau, et on regarde
# quand le coût l'atteint pour la première fois. Écrivez `epochs_to`.


# %% answer="epochs_to"
def epochs_to(losses, level):
    """Tell after how many epochs a loss first reached a level.

    losses: list of numbers, the loss after the first epoch, after the second…
    Returns the number of the first epoch, from 1, whose loss is at most level; None if there is none.
    """
    ### BEGIN SOLUTION
    for epoch, loss in enumerate(losses, start=1):
        if loss <= level:
            return epoch
    return None
    ### END SOLUTION


# %% check="epochs_to_value" points=1 ids=["A-Q1.3"]
check.same(
    epochs_to([9.0, 4.0, 2.0, 3.0, 1.0], 2.5),
    3,
    "epochs_to([9.0, 4.0, 2.0, 3.0, 1.0], 2.5)",
    unless={
        "count the epochs from 1, not from 0": 2,
        "the first epoch that reaches the level was asked for, not the last": 5,
        "the loss must be at most the level, not at least": 1,
    },
)
### BEGIN HIDDEN TESTS
check.same(
    epochs_to([5.0, 2.0, 1.0], 2.0),
    2,
    "epochs_to([5.0, 2.0, 1.0], 2.0)",
    unless={"at most the level: a loss equal to it has reached it": 3},
)
check.same(epochs_to([float("nan"), float("inf"), 7.0, 8.0], 6.5), None, "epochs_to([nan, inf, 7.0, 8.0], 6.5)")
check.same(epochs_to([1.0, 9.0], 6.5), 1, "epochs_to([1.0, 9.0], 6.5)")
check.same(epochs_to([8.0, 7.0, 9.0, 6.0, 6.2], 6.5), 4, "epochs_to([8.0, 7.0, 9.0, 6.0, 6.2], 6.5)")
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now the three descents, with the same small $\eta$. A first run, of which nothing is kept, only warms the computer up.
# Each curve is written for TensorBoard, in a folder `runs` beside this notebook.

# %% [markdown] lang="fr"
# Voici les trois descentes, avec le même petit $\eta$. Une première exécution, dont on ne garde rien, ne sert qu'à
# préchauffer l'ordinateur. Chaque courbe est écrite pour TensorBoard, dans un dossier `runs` à côté de ce notebook.

# %% demo
threads = torch.get_num_threads()
torch.set_num_threads(1)  # for matrices so small, several threads would mostly wait for one another
torch.manual_seed(0)
regression(housing, 20, 404, 0.002)
fig, axes = plt.subplots(1, 3, figsize=(9, 3.2), sharey=True, layout="constrained")
print(f"{'':>12} {say('epochs'):>10} {say('updates'):>12} {say('seconds'):>10}")
shutil.rmtree("runs/03_autograd", ignore_errors=True)
for name, batch, epochs, style in (("batch", 404, 700, "-"), ("mini-batches", 20, 40, "--"), ("stochastic", 1, 4, ":")):
    begin = time.perf_counter()
    history = regression(housing, epochs, batch, eta=0.002)[1]
    seconds = (time.perf_counter() - begin) / epochs
    log_curves(history, f"runs/03_autograd/{name}")
    updates = -(-404 // batch)
    for ax, unit in zip(axes, (1, updates, seconds)):
        x = [unit * epoch for epoch in range(1, epochs + 1)]
        ax.plot(x, history["loss_test"], style, marker="o" if epochs < 10 else "", label=say(name))
    count = epochs_to(history["loss_test"], 30)
    if count:
        print(f"{say(name):>12} {count:>10} {count * updates:>12} {count * seconds:>10.3f}")
for ax, label in zip(axes, (say("epochs"), say("updates"), say("seconds"))):
    ax.axhline(30, color="#999999", linewidth=1)
    ax.set(xlabel=label, xscale="log", yscale="log")
    ax.grid(alpha=0.3)
    ax.minorticks_off()
axes[0].set(ylabel=say("loss (test)"), yticks=(20, 30, 50, 100, 200, 500), yticklabels=(20, 30, 50, 100, 200, 500))
axes[1].legend(loc="lower left")
plt.show()
torch.set_num_threads(threads)

# %% [markdown] lang="en"
# Read the table with care: the loss is measured at the end of an epoch only. For stochastic descent that is every 404
# updates, and it may have reached the level long before the number in the table.
#
# To see the same curves in TensorBoard, add a cell here with these two lines, in JupyterLab or on Colab; or run
# `tensorboard --logdir runs` in a terminal.
#
# ```python
# %load_ext tensorboard
# %tensorboard --logdir runs/03_autograd
# ```
#
# Choose `"epochs"`, `"updates"` or `"seconds"`:
#
# - **a.** With the same small $\eta$, the three descents need about the same number of …
# - **b.** On another computer the table would change, but only in the column of …
# - **c.** In reading all the examples once, stochastic descent makes 404 …, batch descent only one.
# - **d.** An example that is very expensive to read should be read as seldom as possible. Then one counts …
# - **e.** To know how long you will have to wait, you count …

# %% [markdown] lang="fr"
# Lisez le tableau avec précaution : le coût n'est mesuré qu'à la fin d'une époque. Pour la descente stochastique, c'est
# toutes les 404 mises à jour, et elle a pu atteindre le niveau bien avant le nombre indiqué.
#
# Pour voir les mêmes courbes dans TensorBoard, ajoutez ici une cellule avec ces deux lignes, dans JupyterLab ou sur
# Colab ; ou bien lancez `tensorboard --logdir runs` dans un terminal.
#
# ```python
# %load_ext tensorboard
# %tensorboard --logdir runs/03_autograd
# ```
#
# Choisissez `"epochs"` (époques), `"updates"` (mises à jour) ou `"seconds"` (secondes) :
#
# - **a.** Avec le même petit $\eta$, les trois descentes demandent à peu près le même nombre de …
# - **b.** Sur un autre ordinateur, le tableau changerait, mais seulement dans la colonne des …
# - **c.** En lisant une fois tous les exemples, la descente stochastique fait 404 …, celle par lot complet une seule.
# - **d.** Si lire un exemple coûte très cher, il faut le lire le moins souvent possible. On compte alors les …
# - **e.** Pour savoir combien de temps il faudra attendre, on compte les …


# %% answer="which_clock"
def which_clock():
    """Return a dict from each letter, "a" to "e", to "epochs", "updates" or "seconds"."""
    ### BEGIN SOLUTION
    return {"a": "updates", "b": "seconds", "c": "updates", "d": "epochs", "e": "seconds"}
    ### END SOLUTION


# %% check="which_clock_choices" points=2 ids=["A-Q1.3"]
check.letters(which_clock(), "abcde", options=("epochs", "updates", "seconds"))
### BEGIN HIDDEN TESTS
check.choices(
    which_clock(),
    {"a": "updates", "b": "seconds", "c": "updates", "d": "epochs", "e": "seconds"},
    because={
        "a": "small steps of the same length on the same slope: on average each descends as far, whatever the batch it was computed from.",
        "b": "epochs and updates count what the algorithm does, not the time that a machine takes for it.",
        "c": "stochastic descent takes a step after each example, batch descent one after all of them.",
        "d": "an epoch is one reading of each example.",
        "e": "neither epochs nor updates cost the same in all three descents; only the clock tells how long they take.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# **Compare the three descents** on the house prices, with the numbers of your own table (copy them into your answer).
# Which is fastest, by each of the three clocks, and why? What changes if each takes the largest $\eta$ with which it
# stays stable? Add a cell and look at `regression(housing, 20, 404, 0.1)[1]["loss_test"]`; then try 0.05 with
# `batch = 20`, and with `batch = 1` (4 epochs will do) 0.1, then 0.01. Which would you choose for ten million houses?
# Ten lines are enough.

# %% [markdown] lang="fr"
# **Comparez les trois descentes** sur le prix des logements, avec les nombres de votre propre tableau (recopiez-les dans
# votre réponse). Laquelle est la plus rapide, selon chacune des trois horloges, et pourquoi ? Qu'est-ce qui change si
# chacune prend le plus grand $\eta$ qu'elle supporte ? Ajoutez une cellule et regardez
# `regression(housing, 20, 404, 0.1)[1]["loss_test"]` ; essayez ensuite 0,05 avec `batch = 20` et, avec `batch = 1`
# (4 époques suffisent), 0,1, puis 0,01. Laquelle choisiriez-vous pour dix millions de logements ? Dix lignes suffisent.

# %% [markdown] open="compare_speed" points=3 ids=["A-Q1.3"]
# **English.** My table: batch 475 epochs, 475 updates, 0.16 s; mini-batches 23 epochs, 483 updates, 0.10 s; stochastic
# 2 epochs, 808 updates, 0.16 s. In epochs, stochastic descent wins by far: it takes 404 steps where batch descent takes
# one. In updates they are about equal: with the same small step, each goes about as far (the stochastic one is only
# measured at the end of an epoch). In seconds, an update costs almost the same on 20 examples as on one, and more on
# 404, so mini-batches win. But the exact gradient of the whole batch allows a larger $\eta$: with 0.1 batch descent
# gets there in 9 epochs, that is 9 updates, the fewest of all; mini-batches stay stable with 0.05, not without jolts,
# and need one or two epochs (21 or 42 updates). In seconds the two are now close. Stochastic descent jumps about from
# 0.01 on and diverges before 0.1 (NaN), since single examples with extreme features have steep slopes. For ten million
# houses, one update of batch descent reads them all: mini-batches, which have learnt most before the first epoch is
# over.
#
# **Français.** Mon tableau : lot complet 475 époques, 475 mises à jour, 0,16 s ; mini-lots 23 époques, 483 mises à jour,
# 0,10 s ; stochastique 2 époques, 808 mises à jour, 0,16 s. En époques, la descente stochastique l'emporte de loin :
# elle fait 404 pas quand l'autre en fait un. En mises à jour, elles se valent à peu près : avec le même petit pas,
# chacune avance d'autant (la stochastique n'est mesurée qu'en fin d'époque). En secondes, une mise à jour coûte
# presque autant sur 20 exemples que sur un seul, et davantage sur 404 : les mini-lots gagnent. Mais le gradient exact
# du lot complet permet un $\eta$ plus grand : avec 0,1, la descente par lot complet y arrive en 9 époques, donc 9 mises
# à jour, moins que toutes les autres ; les mini-lots restent stables avec 0,05, non sans secousses, et demandent une ou
# deux époques (21 ou 42 mises à jour). En secondes, les deux se tiennent alors de près. La stochastique s'agite dès
# 0,01 et diverge avant 0,1 (NaN), car des exemples isolés aux valeurs extrêmes ont des pentes très raides. Pour dix
# millions de logements, une seule mise à jour par lot complet les lit tous : des mini-lots, qui ont presque tout appris
# avant la fin de la première époque.

# %% [markdown] marking="compare_speed"
# - 1 point: the numbers of the student's own run, and from them a winner for at least two of the clocks that agrees
#   with these numbers. Seconds depend on the machine: any reading that agrees with the table is right.
# - 1 point: a reason: updates per epoch (404, 21, 1), or the cost of an update, or the larger $\eta$ that the exact
#   gradient allows (for the full batch $\eta$ may reach $2 / 11.6 \approx 0.17$; single examples become restless at
#   0.01 and diverge near 0.05).
# - 1 point: mini-batches (or stochastic descent) for large data, because a full-batch update reads everything for one
#   step.
# - "Stochastic is fastest" without a clock earns nothing.

# %% [markdown] lang="en"
# ## 7 · Back to the circles · about 10 minutes
#
# Now the network of `02_manual`. Its parameters must become leaves:
#
# ```python
# W = torch.randn(3, 5, requires_grad=True)         # a leaf
# W = 0.3 * torch.randn(3, 5, requires_grad=True)   # no leaf: it is the result of a product
# W = (0.3 * torch.randn(3, 5)).requires_grad_()    # a leaf again
# ```
#
# Write `init_params`: normal, mean 0, standard deviation 0.3, as before; biases may be 0, and need a gradient too.

# %% [markdown] lang="fr"
# ## 7 · Retour aux cercles · environ 10 minutes
#
# Revenons au réseau de `02_manual`. Ses paramètres doivent devenir des feuilles :
#
# ```python
# W = torch.randn(3, 5, requires_grad=True)         # une feuille
# W = 0.3 * torch.randn(3, 5, requires_grad=True)   # pas une feuille : c'est le résultat d'un produit
# W = (0.3 * torch.randn(3, 5)).requires_grad_()    # de nouveau une feuille
# ```
#
# Écrivez `init_params` : loi normale, moyenne 0, écart-type 0,3, comme avant ; les biais peuvent valoir 0, et il
# leur faut un gradient, à eux aussi.


# %% answer="init_params"
def init_params(nx, nh, ny):
    """Draw the parameters of a network with one hidden layer, ready for autograd.

    nx, nh, ny: numbers of inputs, hidden units and outputs.
    Returns a dict of float tensors: "Wh" (nh, nx), "bh" (nh,), "Wy" (ny, nh), "by" (ny,). All four are
    leaves that require a gradient. Weights are drawn from a normal distribution of mean 0 and
    standard deviation 0.3, anew at each call; biases may be 0.
    """
    ### BEGIN SOLUTION
    params = {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": torch.zeros(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": torch.zeros(ny),
    }
    for p in params.values():
        p.requires_grad_()
    return params
    ### END SOLUTION


# %% check="init_params_values" points=1 ids=["P-2.2.1"]
def verify(nx, nh, ny):
    """Look at the shapes, and at how the weights are drawn."""
    call = f"init_params({nx}, {nh}, {ny})"
    weights, again = init_params(nx, nh, ny), init_params(nx, nh, ny)
    weights, again = (check.keys(one, ["Wh", "bh", "Wy", "by"], call) for one in (weights, again))
    check.tensor(weights["Wh"], (nh, nx), f'{call}["Wh"]')
    check.vector(weights["bh"], nh, f'{call}["bh"]')
    check.tensor(weights["Wy"], (ny, nh), f'{call}["Wy"]')
    check.vector(weights["by"], ny, f'{call}["by"]')
    for name in ("Wh", "Wy"):
        drawn = weights[name].detach()
        check.that(
            drawn.dtype == torch.float32,
            "{name} holds {dtype}; keep torch.float32, the type of X",
            name=name,
            dtype=str(drawn.dtype),
        )
        std, mean = float(drawn.std()), float(drawn.mean())
        check.that(std > 0, "all the weights are equal: the hidden units could never become different")
        check.that(
            not torch.equal(drawn, check.tensor(again[name], None, f'{call}["{name}"]')),
            "two calls give the same weights: draw anew at each call, without fixing the seed",
        )
        check.that(
            abs(std - 1) > 0.1, "{name} has a standard deviation of 1: multiply by 0.3", name=name
        )
        check.that(float(drawn.min()) < 0, "no weight of {name} is negative: randn, not rand", name=name)
        check.that(
            abs(std - 0.3) < 0.03,
            "the standard deviation of {name} is {std:.2f}, not 0.3",
            name=name,
            std=std,
        )
        check.that(abs(mean) < 0.05, "the mean of {name} is {mean:.2f}, not 0", name=name, mean=mean)
        check.that(
            min(float(drawn.std(0).min()), float(drawn.std(1).min())) > 0.1 * std,
            "all the weights of a row or a column are equal: draw each one",
        )
        check.that(
            float(drawn.abs().max()) > 0.75,
            "{name} is not drawn from a normal distribution: its tails are missing",
            name=name,
        )


verify(70, 90, 80)
### BEGIN HIDDEN TESTS
verify(90, 80, 70)
### END HIDDEN TESTS


# %% check="init_params_leaves" points=2 ids=["P-2.2.1"]
def verify(nx, nh, ny):
    """Go back through a sum of squares, and look for the gradients."""
    probe = probes.leaf_gradients(init_params, nx, nh, ny)
    weights, grads = probe["params"], probe["grads"]
    weights = check.keys(weights, ["Wh", "bh", "Wy", "by"], f"init_params({nx}, {nh}, {ny})")
    for name in ("Wh", "bh", "Wy", "by"):
        check.that(
            isinstance(weights[name], torch.Tensor) and weights[name].requires_grad,
            "{name} does not require a gradient: give it requires_grad=True",
            name=name,
        )
        check.that(
            grads[name] is not None,
            "{name} gets no gradient, for it is no leaf: it was computed after requires_grad=True; scale first, then call requires_grad_()",
            name=name,
        )
        check.that(
            name in probe["leaves"],
            "{name} is no leaf: it was computed after requires_grad=True, and retain_grad does not change that; scale first, then call requires_grad_()",
            name=name,
        )
        check.close(grads[name], 2 * check.tensor(weights[name], None, name), f"{name}.grad")


verify(2, 10, 3)
### BEGIN HIDDEN TESTS
verify(4, 7, 5)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Does autograd find the same gradients as your `backward`? Here is the largest difference, for each parameter.

# %% [markdown] lang="fr"
# Autograd trouve-t-il les mêmes gradients que votre `backward` ? Voici la plus grande différence, pour chaque
# paramètre.

# %% demo
params = init_params(2, 10, 2)
Yhat, outputs = forward(params, data.Xtrain)
by_hand = backward(params, outputs, data.Ytrain)
loss_accuracy(Yhat, data.Ytrain)[0].backward()
for name in params:
    print(f"{name}: {(params[name].grad - by_hand[name].reshape(params[name].shape)).abs().max():.1e}")

# %% [markdown] lang="en"
# Only `train` is left. Here it is as `02_manual` left it, on the left; on the right, what becomes of each line.
#
# | `02_manual` | here |
# |---|---|
# | `params = init_params(nx, nh, ny)` | the same: leaves now |
# | `for _ in range(epochs):` | the same |
# | `for indices in minibatches(n, batch):` | the same |
# | `_, outputs = forward(params, data.Xtrain[indices])` | `Yhat, _ = …`: nobody needs `outputs` any more |
# | (the loss of the batch was not even computed) | `L, _ = loss_accuracy(Yhat, data.Ytrain[indices])` |
# | `grads = backward(params, outputs, data.Ytrain[indices])` | `L.backward()` |
# | `params = sgd(params, grads, eta)` | `sgd(params, eta)` |
# | note losses and accuracies in `history`, after each epoch | the same, as numbers: `float(L)`; under `no_grad` it costs less |
#
# Write `train`.

# %% [markdown] lang="fr"
# Il ne reste que `train`. À gauche, la voici telle que `02_manual` l'a laissée ; à droite, ce que devient chaque ligne.
#
# | `02_manual` | ici |
# |---|---|
# | `params = init_params(nx, nh, ny)` | la même : des feuilles, à présent |
# | `for _ in range(epochs):` | la même |
# | `for indices in minibatches(n, batch):` | la même |
# | `_, outputs = forward(params, data.Xtrain[indices])` | `Yhat, _ = …` : plus personne n'a besoin de `outputs` |
# | (le coût du lot n'était même pas calculé) | `L, _ = loss_accuracy(Yhat, data.Ytrain[indices])` |
# | `grads = backward(params, outputs, data.Ytrain[indices])` | `L.backward()` |
# | `params = sgd(params, grads, eta)` | `sgd(params, eta)` |
# | noter coûts et taux de réussite dans `history`, après chaque époque | pareil, comme nombres : `float(L)` ; sous `no_grad`, cela coûte moins |
#
# Écrivez `train`.


# %% answer="train"
def train(data, nh, epochs, batch, eta):
    """Train a network with one hidden layer by mini-batch descent, with autograd.

    data: holds Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    nh: hidden units. epochs: passes over the training examples. batch: size of a mini-batch.
    eta: learning rate.
    Uses init_params, minibatches, forward, loss_accuracy and sgd.
    Returns (params, history): history is a dict of four lists, "loss_train", "loss_test",
    "acc_train", "acc_test", with one number an epoch, measured after its steps.
    """
    ### BEGIN SOLUTION
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            L, _ = loss_accuracy(forward(params, data.Xtrain[indices])[0], data.Ytrain[indices])
            L.backward()
            sgd(params, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(forward(params, X)[0], Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return params, history
    ### END SOLUTION


# %% check="train_history" points=1 ids=["P-2.2.2"]
def verify(seed, epochs, size):
    """Run train with stand-ins that learn nothing, and compare what it notes with what it should."""
    call = f"train(data, 3, {epochs}, {size}, 0.1)"
    parts = shifted_circles(seed)
    run = probes.record_descent(train, shifted_circles(seed), 3, epochs, size, 0.1)
    log = check.pair(run["result"], call)[1]
    log = check.keys(log, ["loss_train", "loss_test", "acc_train", "acc_test"], f"{call}[1]")
    for name in ("loss_train", "loss_test", "acc_train", "acc_test"):
        log[name] = check.numbers(
            log[name],
            epochs,
            f'{call}[1]["{name}"]',
            unless={
                "one number too many: note the losses after each epoch, not before the first": epochs + 1,
                "note one number an epoch, not one a step": epochs * -(-200 // size),
            },
        )
    measures = {"loss": lambda x, y: (x * y).mean(), "acc": lambda x, y: (x - y).abs().mean()}
    for part, other in (("train", "test"), ("test", "train")):
        x, y = parts[f"X{part}"], parts[f"Y{part}"]
        x_other, y_other = parts[f"X{other}"], parts[f"Y{other}"]
        last = [torch.arange(200).roll(epoch)[-size:] for epoch in range(1, epochs + 1)]
        for name, swapped in (("loss", "acc"), ("acc", "loss")):
            measure = measures[name]
            true = measure(x, y).repeat(epochs)
            early, running = true.clone(), true.clone()
            early[0] = measure(x + 1, y)
            rows = torch.arange(200).roll(1).split(size)
            running[0] = torch.stack([measure(x[some] + (i == 0), y[some]) for i, some in enumerate(rows)]).mean()
            check.close(
                log[f"{name}_{part}"],
                true,
                f'{call}[1]["{name}_{part}"]',
                unless={
                    "these are the numbers of the other half of the data: train and test are mixed up": (
                        measure(x_other, y_other).repeat(epochs)
                    ),
                    "X and Y are not of the same half of the data": measure(x, y_other).repeat(epochs),
                    "these are the numbers of the last mini-batch; measure on all the examples": torch.stack(
                        [measure(x[rows], y[rows]) for rows in last]
                    ),
                    "loss and accuracy are swapped": measures[swapped](x, y).repeat(epochs),
                    "measure after the steps of the epoch, not before": early,
                    "this is the mean over the mini-batches, while the parameters were still moving: measure on all the examples, after the steps": running,
                },
            )


verify(0, 2, 50)
### BEGIN HIDDEN TESTS
verify(4, 3, 40)
### END HIDDEN TESTS


# %% check="train_loop" points=3 ids=["P-2.2.2", "P-2.2.3"]
def verify(seed, nh, epochs, size, eta):
    """Run train with stand-ins that learn nothing, and look at each backward and at each step."""
    call = f"train(data, {nh}, {epochs}, {size}, {eta})"
    parts = shifted_circles(seed)
    run = probes.record_descent(train, shifted_circles(seed), nh, epochs, size, eta)
    check.that(run["sizes"] is not None, "train does not call init_params")
    check.same(run["sizes"], [2, nh, 2], "(nx, nh, ny)")
    check.that(
        not run["by_hand"],
        "train still works by hand, as in 02_manual: L.backward() takes the place of backward, and sgd needs no grads",
    )
    batches = -(-200 // size)
    check.that(run["steps"], "the steps are never taken: call sgd(params, eta) for each mini-batch")
    check.that(
        any(slope is not None for slope in run["steps"]),
        "when sgd is called, the gradients are None: call backward on the loss of the batch first",
    )
    check.same(
        len(run["steps"]),
        epochs * batches,
        f"{call}: {say('calls of sgd')}",
        unless={
            "one step for each mini-batch was asked for, not one for each epoch": epochs,
            "train goes through the data once; it should do so once an epoch": batches,
            "the last, shorter mini-batch of each epoch is not used": epochs * (200 // size),
        },
    )
    check.that(
        all(slope is not None for slope in run["steps"]),
        "some steps find no gradient: call backward on the loss of each mini-batch, then sgd",
    )
    check.same(
        len(run["batches"]),
        epochs * batches,
        f"{call}: {say('calls of backward')}",
        unless={
            "call backward on the loss that loss_accuracy returns": 0,
            "backward is also called on the losses that are only measured: gradients come from mini-batches alone": (
                epochs * (batches + 2)
            ),
        },
    )
    place = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"])}
    tested = {tuple(row.tolist()) for row in parts["Xtest"]}
    seen = []
    for x, y, given in run["batches"]:
        rows = [tuple(row.tolist()) for row in x]
        check.that(
            not any(torch.allclose(given.sum(dim), torch.ones(given.shape[1 - dim])) for dim in (0, 1)),
            "SoftMax is taken twice: forward ends with it, so give loss_accuracy the Yhat that forward returns",
        )
        check.that(
            not tested & set(rows),
            "train learns from test examples: use Xtrain and Ytrain for the steps",
        )
        check.that(
            all(row in place for row in rows),
            "train learns from other examples than those of its argument data",
        )
        check.that(
            len(x) == len(y) and torch.equal(parts["Ytrain"][[place[row] for row in rows]], y.float()),
            "the rows of X and Y do not belong together: pick both with the same indices",
        )
        seen += [place[row] for row in rows]
    check.that(
        sorted(seen) == sorted([*range(200)] * epochs),
        "each training example should be used once an epoch, in one mini-batch",
    )
    check.that(
        epochs * batches == 1 or not torch.equal(run["batches"][0][0], run["batches"][batches][0]),
        "each epoch has the same batches: call minibatches anew in each epoch",
    )
    moved = check.pair(run["result"], call)[0]
    moved = check.keys(moved, ["W"], f"{call}[0]")
    check.close(
        moved["W"],
        [-0.5 * eta * epochs * batches],
        f'{call}[0]["W"]',
        unless={
            "the parameters are drawn anew at each epoch: draw them once, before the loop": [-0.5 * eta * batches],
            "the learning rate eta is not passed on to sgd": [-0.5 * 0.3 * epochs * batches],
            "you walked up the slope: the gradient is subtracted": [0.5 * eta * epochs * batches],
        },
    )


verify(0, 3, 3, 50, 0.1)
### BEGIN HIDDEN TESTS
verify(4, 5, 3, 48, 0.02)
### END HIDDEN TESTS

# %% check="train_learns" points=2 ids=["P-2.2.2", "P-2.2.3"]
run = probes.record_descent(train, shifted_circles(0), 10, 1, 100, 0.3)
check.that(
    all(slope is not None for slope in run["steps"]),
    "some steps find no gradient: call backward on the loss of each mini-batch, then sgd",
)
check.pair(run["result"], "train(data, 10, 1, 100, 0.3)")
### BEGIN HIDDEN TESTS
# Stand-ins that are no network: what lies where students can look is not what they are to write.
STAND_INS = """
import torch

def init_params(nx, nh, ny):
    start = {"square": torch.zeros(ny, nx), "slope": torch.zeros(ny, nx), "height": torch.linspace(4, -4, ny)}
    return {name: value.requires_grad_() for name, value in start.items()}

turn = [0]

def minibatches(n, batch):
    turn[0] += 1
    return list(torch.randperm(n, generator=torch.Generator().manual_seed(turn[0])).split(batch))

def forward(params, X):
    curved = 4 * X**2 @ params["square"].T + X @ params["slope"].T + params["height"]
    return curved, dict.fromkeys(("htilde", "h", "ytilde", "yhat"), curved) | {"X": X}

def loss_accuracy(Yhat, Y):
    return ((Yhat - Y) ** 2).sum(1).mean(), ((Yhat > 0.5) == (Y > 0.5)).float().mean()

def sgd(params, eta):
    for value in params.values():
        if value.grad is not None:
            value.data -= 0.04 * eta * value.grad / (value.grad.norm() + 0.01)
            value.grad = None
    return params
"""
circles = CirclesData(7)
rings = {name: getattr(circles, name) for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
rings |= {name: rings[name].flip(1) for name in ("Ytrain", "Ytest")}  # what was learnt at home is wrong here
given = {name: part.clone() for name, part in rings.items()}
learnt, log = check.pair(probes.train_with(STAND_INS, train, given, 10, 30, 10, 0.5), "train(data, 10, 30, 10, 0.5)")
learnt = check.keys(learnt, ["square", "slope", "height"], "train(data, 10, 30, 10, 0.5)[0]")
shapes = {"square": (2, 2), "slope": (2, 2), "height": (2,)}
learnt = {
    name: check.tensor(learnt[name], shape, f'train(data, 10, 30, 10, 0.5)[0]["{name}"]', finite=False)
    for name, shape in shapes.items()
}
check.that(
    all(bool(value.isfinite().all()) for value in learnt.values()),
    "training diverged: {name} holds NaN, infinity or huge numbers. The usual cause is an eta too large for the gradients: a loss that is summed instead of averaged, or gradients that add up",
    name="params",
)
scores = 4 * rings["Xtest"] ** 2 @ learnt["square"].T + rings["Xtest"] @ learnt["slope"].T + learnt["height"]
rate = float(((scores > 0.5) == (rings["Ytest"] > 0.5)).float().mean())
check.that(
    rate > 0.8,
    "on other circles, the trained network is right on {rate:.0%} of the test examples",
    rate=rate,
)
if isinstance(log, dict) and "acc_test" in log:
    noted = check.items(log["acc_test"], 'train(data, 10, 30, 10, 0.5)[1]["acc_test"]')
    check.that(
        not noted or abs(rate - check.number(noted[-1], 'train(data, 10, 30, 10, 0.5)[1]["acc_test"][-1]')) < 0.1,
        "the params that train returns are not those whose accuracy it noted last",
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# And the same picture as at the end of `02_manual`, without one gradient of yours: 150 epochs, mini-batches of 10, ten
# hidden units.

# %% [markdown] lang="fr"
# Et voici la même image qu'à la fin de `02_manual`, sans un seul gradient de votre main : 150 époques, des mini-lots de
# 10, dix unités cachées.

# %% demo
torch.manual_seed(0)
params, history = train(data, nh=10, epochs=150, batch=10, eta=0.3)
data.plot_data_with_grid(forward(params, data.Xgrid)[0])
for numbers in zip(*(history[name] for name in ("loss_train", "loss_test", "acc_train", "acc_test"))):
    data.plot_loss(*numbers)

# %% [markdown] lang="en"
# ## What you have built
#
# A `backward` that works for any computation, since PyTorch writes it while you compute: you saw its graph, gave it two
# operations of your own, and fitted house prices and circles with it. Remember the four moves of a training loop:
# loss, `backward()`, a step under `no_grad`, gradients reset. What is left by hand is the network itself, its parameters
# and its `forward`. In the next notebook, `torch.nn` writes these.
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓` (the run
# stops at the first one that does not). Have you compared the three descents, in part 6? Save, and hand in this file
# without renaming it.

# %% [markdown] lang="fr"
# ## Ce que vous avez construit
#
# Une fonction `backward` qui vaut pour tout calcul, puisque PyTorch l'écrit pendant que vous calculez : vous avez vu son
# graphe, vous y avez ajouté deux opérations à vous, et vous avez appris avec elle le prix des logements et les cercles.
# Retenez les quatre gestes d'une boucle d'apprentissage : le coût, `backward()`, un pas sous `no_grad`, les gradients
# remis à zéro. Ce qui reste à la main, c'est le réseau lui-même, ses paramètres et sa fonction `forward`. Dans le
# prochain notebook, `torch.nn` les écrit.
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓` (l'exécution s'arrête à la première qui ne l'affiche pas). Avez-vous comparé les trois descentes,
# dans la partie 6 ? Enregistrez, puis rendez ce fichier sans le renommer.
