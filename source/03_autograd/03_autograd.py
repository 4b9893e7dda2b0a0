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
# **You will learn** what a computation graph is, and how a gradient walks back through it: you write this walk yourself;
# what `requires_grad`, `backward()`, `.grad` and `no_grad` do, and the mistakes that everybody makes with them; how to
# write an operation with its own backward pass; to fit house prices by three kinds of descent, and to watch them in
# TensorBoard. At the end, the network of the last notebook learns without your `backward`.
#
# **You need** `02_manual`: its network, its loss, its mini-batches. What is taken over from it is given below.
#
# | part | minutes |
# |---|---|
# | What you bring along | 8 |
# | 1 · A graph that remembers | 15 |
# | 2 · Two paths to one parameter | 22 |
# | 3 · The walk back | 22 |
# | 4 · The rules of `.grad` | 10 |
# | 5 · An operation of your own | 20 |
# | 6 · One step, with autograd | 10 |
# | 7 · The price of a house | 33 |
# | 8 · Back to the circles | 10 |
# | *all together* | *150* |
#
# **How it works.** Where a cell says `YOUR CODE HERE`, replace the line `raise NotImplementedError(…)` by your code.
# The folded cells below it check your answer: `✓` and a name, or a sentence that says what is wrong. Unfold one to see
# what it tries. Change an answer and
# run its cell again: its checks then run by themselves, and `·` stands before one that waits for you to run it.
# `progress()`, in any cell, tells how far you are.
# After the kernel has restarted, or when Python says that a name such as `check` is not defined, run the cells again from
# the top.
# When the notebook is graded, the same checks try more inputs, of other sizes: write for any size, not
# for these numbers. For questions whose answer is a choice, the checks here look only at the form, and print `◦`; when
# graded, each right letter more than guessing would give earns its share of the points. Where a cell sets a name to
# `None`, put your guess there before you run the next cell: it is not graded, and you learn most from a wrong one. One
# question asks for a few sentences; a person will read them.

# %% [markdown] lang="fr"
# # Graphes de calcul et autograd
#
# Dans le notebook précédent, la fonction la plus difficile était `backward` : tous les gradients d'un réseau, écrits à
# la main. Pour un autre réseau, il faudrait en écrire une autre. Ici, PyTorch s'en charge : pendant que vous calculez,
# il note chaque opération ; ensuite il remonte ses notes en dérivant les fonctions composées. C'est *autograd*.
#
# **Vous allez apprendre** ce qu'est un graphe de calcul et comment un gradient le remonte : ce parcours, vous l'écrirez
# vous-même ; ce que font `requires_grad`, `backward()`, `.grad` et `no_grad`, et les erreurs que tout le monde commet
# avec eux ; à écrire une opération avec sa propre passe arrière ; à prédire le prix de logements par trois sortes de
# descente, et à les suivre dans TensorBoard. À la fin, le réseau du notebook précédent apprend sans votre fonction
# `backward`.
#
# **Il vous faut** `02_manual` : son réseau, son coût, ses mini-lots. Ce que l'on en reprend est donné ci-dessous.
#
# | partie | minutes |
# |---|---|
# | Ce que vous apportez | 8 |
# | 1 · Un graphe qui se souvient | 15 |
# | 2 · Deux chemins vers un paramètre | 22 |
# | 3 · Le chemin du retour | 22 |
# | 4 · Les règles de `.grad` | 10 |
# | 5 · Une opération à vous | 20 |
# | 6 · Un pas, avec autograd | 10 |
# | 7 · Le prix d'un logement | 33 |
# | 8 · Retour aux cercles | 10 |
# | *en tout* | *150* |
#
# **Mode d'emploi.** Là où une cellule dit `VOTRE CODE ICI`, remplacez la ligne `raise NotImplementedError(…)` par votre
# code. La description de chaque fonction, sous son nom, est en anglais ; le texte en français dit tout ce qu'elle
# exige. Les cellules repliées qui suivent vérifient votre réponse : `✓` et un nom, ou bien une phrase qui dit ce qui ne
# va pas. Dépliez-en une pour voir ce qu'elle essaie. Modifiez une réponse et
# exécutez de nouveau sa cellule : ses vérifications s'exécutent alors d'elles-mêmes, et `·` en signale une que vous devez
# exécuter. `progress()`, dans n'importe quelle cellule, dit où vous en êtes.
# Quand le noyau a redémarré, ou quand Python dit qu'un nom comme `check` n'est pas défini, exécutez de nouveau les
# cellules depuis le haut.
# Lors de la notation, les mêmes vérifications essaient d'autres
# entrées, d'autres tailles : écrivez pour des tailles quelconques, pas pour ces nombres-ci. Aux questions à choix, les
# vérifications ne regardent ici que la forme, et affichent `◦` ; à la notation, chaque lettre juste de plus que ce
# qu'on obtiendrait en répondant au hasard rapporte sa part des points. Là où une cellule met un nom à `None`, écrivez-y
# votre pronostic avant d'exécuter la cellule suivante : il n'est pas noté, et c'est quand il est faux qu'on apprend le
# plus. Une question demande quelques phrases ; quelqu'un les lira.

# %% setup
import shutil
import time
import warnings

import matplotlib.pyplot as plt
import torch
from torch.utils.tensorboard import SummaryWriter

from helpers import CirclesData, HousingData, check, figures, probes, progress, reveal, start
from helpers.messages import _ as say
from helpers.messages import number
from helpers.samples import random_batch, random_params

start("03_autograd", lang="en")
data = CirclesData()
housing = HousingData()

# %% [markdown] lang="en"
# ## What you bring along · about 8 minutes
#
# Three questions from the first two notebooks. Answer each in your head, then unfold it.
#
# <details>
# <summary>1 · 01_math: an error comes back to a hidden unit from several outputs. What is done with these errors?</summary>
#
# They are added up: $\delta_j = g'(\tilde{h}_j) \sum_k w_{kj} \, \delta_k$. Part 2 meets this sum again, for whatever is
# read more than once.
#
# </details>
#
# <details>
# <summary>2 · 02_manual: why does forward return h, which no prediction needs?</summary>
#
# `backward` needs it: the gradient in $W_y$ is $\delta_y^\top h$, and $\tanh' = 1 - h^2$. What the way back needs is kept
# on the way there. In part 5, an operation of your own keeps it in `ctx`.
#
# </details>
#
# <details>
# <summary>3 · 02_manual: 200 examples, mini-batches of 10. How many updates does one epoch make, and how many with batch descent?</summary>
#
# 20, and one. An epoch reads every example once, whatever the size of a batch. Part 7 counts both.
#
# </details>
#
# These four functions come from `02_manual`, as it left them. Read them again: three of them will serve as they are.
# The fourth, `backward`, is here for the last time, so that you can compare.

# %% [markdown] lang="fr"
# ## Ce que vous apportez · environ 8 minutes
#
# Trois questions sur les deux premiers notebooks. Répondez à chacune de tête, puis dépliez-la.
#
# <details>
# <summary>1 · 01_math : des erreurs reviennent de plusieurs sorties vers une unité cachée. Qu'en fait-on ?</summary>
#
# On les additionne : $\delta_j = g'(\tilde{h}_j) \sum_k w_{kj} \, \delta_k$. La partie 2 retrouve cette somme, pour tout ce
# qui est lu plusieurs fois.
#
# </details>
#
# <details>
# <summary>2 · 02_manual : pourquoi forward renvoie-t-elle h, dont aucune prédiction n'a besoin ?</summary>
#
# C'est `backward` qui en a besoin : le gradient par rapport à $W_y$ est $\delta_y^\top h$, et $\tanh' = 1 - h^2$. Ce dont le
# retour aura besoin se garde à l'aller. Dans la partie 5, une opération à vous le gardera dans `ctx`.
#
# </details>
#
# <details>
# <summary>3 · 02_manual : 200 exemples, des mini-lots de 10. Combien de mises à jour par époque, et combien par lot complet ?</summary>
#
# 20, et une seule. Une époque lit chaque exemple une fois, quelle que soit la taille des lots. La partie 7 compte les
# deux.
#
# </details>
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

# %% claim="z is 49; three leaves, three operations, the last a power that reads the sum"
assert z.item() == 49 and w.grad_fn is None and x.grad_fn is None and b.grad_fn is None
assert [z.grad_fn.name()[:3], z.grad_fn.next_functions[0][0].name()[:3]] == ["Pow", "Add"]

# %% [markdown] lang="en"
# Now the network of `02_manual`, with its loss. Nothing in `forward` and `loss_accuracy` has changed; but the four
# parameters now require a gradient (`requires_grad_()` asks for it after the tensor is made). Each node bears the name
# that PyTorch gives to its operation (`Mm` is a product of matrices, `Permute` a transposition), and the name that we
# gave to its result, if any.
#
# > **Before you run it.** The loss is computed from six tensors: $W_h$, $b_h$, $W_y$, $b_y$, and the data $X$ and $Y$.
# > How many grey leaves will the picture have? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# Voici maintenant le réseau de `02_manual`, avec son coût. Rien n'a changé dans `forward` ni dans `loss_accuracy` ;
# mais les quatre paramètres demandent désormais un gradient (`requires_grad_()` le demande une fois le tenseur créé).
# Chaque nœud porte le nom que PyTorch donne à son opération (`Mm` est un produit de matrices, `Permute` une
# transposition) et, s'il y en a un, le nom que nous avons donné à son résultat.
#
# > **Avant d'exécuter.** Le coût est calculé à partir de six tenseurs : $W_h$, $b_h$, $W_y$, $b_y$, et les données $X$ et
# > $Y$. Combien de feuilles grises l'image aura-t-elle ? Écrivez votre nombre à la place de `None`.

# %% predict="grey_leaves"
grey_leaves = None

# %% demo
drawn = {name: value.requires_grad_() for name, value in random_params(2, 10, 2).items()}
Yhat, outputs = forward(drawn, data.Xtrain)
L, acc = loss_accuracy(Yhat, data.Ytrain)
figures.computation(L, drawn | outputs | {"L": L})
reveal(grey_leaves, sum(tensor.requires_grad for tensor in (*drawn.values(), data.Xtrain, data.Ytrain)))

# %% claim="the leaves of the network's loss are its four parameters; each is a leaf, X and Y want no gradient"
assert len(drawn) == 4 and all(one.is_leaf and one.requires_grad for one in drawn.values())
reached, waiting = set(), [L.grad_fn]
while waiting:
    node = waiting.pop()
    reached |= {id(node.variable)} if hasattr(node, "variable") else set()
    waiting += [source for source, _ in node.next_functions if source is not None]
assert reached == {id(one) for one in drawn.values()}
assert not data.Xtrain.requires_grad and not data.Ytrain.requires_grad

# %% [markdown] lang="en"
# $X$ and $Y$ are missing: nobody asked for a gradient in them, and the graph keeps only the ways that gradients take.
#
# The pictures were drawn by walking the graph from the result. You can walk it too:
#
# | code | what it gives |
# |---|---|
# | `t.grad_fn` | the node of the operation that made the tensor `t` (`None` for a leaf) |
# | `node.name()` | its name, such as `'MulBackward0'` |
# | `node.next_functions` | a tuple of pairs `(node, number)`, one for each input of the operation; the node is `None` where no gradient is wanted |
# | `node.variable` | the leaf itself, if the node stands for a leaf; no other node has it: `hasattr(node, "variable")` |
#
# Write `find_leaves(result)`: it returns a list of the leaves that the tensor `result` was computed from, each once, in
# any order. This is how a library can find the parameters of a computation that it knows nothing about. Mind nodes that
# are `None`, and leaves that can be reached by several ways. To know whether a leaf is already in a list, `in` will not
# do, for it compares values; of nodes you can keep a `set`.

# %% [markdown] lang="fr"
# $X$ et $Y$ n'y sont pas : personne n'a demandé de gradient par rapport à eux, et le graphe ne garde que les chemins que
# prennent les gradients.
#
# Ces images ont été dessinées en parcourant le graphe à partir du résultat. Vous pouvez le parcourir, vous aussi :
#
# | code | ce qu'il donne |
# |---|---|
# | `t.grad_fn` | le nœud de l'opération qui a produit le tenseur `t` (`None` pour une feuille) |
# | `node.name()` | son nom, par exemple `'MulBackward0'` |
# | `node.next_functions` | un tuple de paires `(nœud, nombre)`, une pour chaque entrée de l'opération ; le nœud vaut `None` là où aucun gradient n'est demandé |
# | `node.variable` | la feuille elle-même, si le nœud représente une feuille ; aucun autre nœud n'a cet attribut : `hasattr(node, "variable")` |
#
# Écrivez `find_leaves(result)` : elle renvoie la liste des feuilles dont le tenseur `result` a été tiré, chacune une
# seule fois, dans un ordre quelconque. C'est ainsi qu'une bibliothèque peut retrouver les paramètres d'un calcul dont
# elle ne sait rien. Attention aux nœuds qui valent `None`, et aux feuilles que l'on atteint par plusieurs chemins. Pour
# savoir si une feuille est déjà dans une liste, `in` ne convient pas, car il compare les valeurs ; les nœuds, eux, se
# rangent dans un ensemble (`set`).


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


# %% [markdown] hint="find_leaves" lang="en"
# ### The idea
#
# Keep a list of the nodes that are still to be visited; at first it holds the node of `result` alone. Take one out, look
# at it, put what it reads into the list. It ends when the list is empty.
#
# ### What to look at
#
# Three questions at each node, in this order. Is it `None`, or was it visited before? Then go on with the next. Does it
# stand for a leaf? Then its `variable` is one of those wanted. What does it read? The first of each pair in
# `next_functions`. Since no node is visited twice, no leaf comes twice.
#
# ### The code, with blanks
#
# ```python
# leaves, seen, waiting = ..., ..., [...]
# while waiting:
#     node = ...
#     if ... or ...:
#         continue
#     seen.add(...)
#     if hasattr(node, ...):
#         leaves.append(...)
#     for source, _ in node.next_functions:
#         waiting.append(...)
# return leaves
# ```

# %% [markdown] hint="find_leaves" lang="fr"
# ### L'idée
#
# Tenez une liste des nœuds qu'il reste à visiter ; au début, elle ne contient que celui de `result`. Sortez-en un,
# regardez-le, ajoutez à la liste ce qu'il lit. C'est fini quand la liste est vide.
#
# ### Que regarder
#
# Trois questions pour chaque nœud, dans cet ordre. Vaut-il `None`, ou a-t-il déjà été visité ? Alors, au suivant.
# Représente-t-il une feuille ? Alors sa `variable` est l'une de celles que l'on cherche. Que lit-il ? Le premier élément
# de chaque paire de `next_functions`. Comme aucun nœud n'est visité deux fois, aucune feuille ne vient deux fois.
#
# ### Le code, à trous
#
# ```python
# leaves, seen, waiting = ..., ..., [...]
# while waiting:
#     node = ...
#     if ... or ...:
#         continue
#     seen.add(...)
#     if hasattr(node, ...):
#         leaves.append(...)
#     for source, _ in node.next_functions:
#         waiting.append(...)
# return leaves
# ```

# %% check="find_leaves_all" points=2 ids=["A-graph"]
def verify(expression, wanted, tensors):
    """Compare the leaves that were found with those that the expression has."""
    got = probes.leaves_found(find_leaves, expression, tensors)
    check.that(got != "NoneType", "find_leaves returns nothing: end it with return")
    check.that(
        got != "no node",
        "find_leaves stumbles over a node that is None, where no gradient is wanted: leave it out",
    )
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
    found != "no node",
    "find_leaves stumbles over a node that is None, where no gradient is wanted: leave it out",
)
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
# ## 2 · Two paths to one parameter · about 22 minutes
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
# Here $\ell$ is the loss of one example: a sum of squares, no mean. Write `autoencoder(theta, b1, b2, x)`, which returns
# $\ell$, with tensor operations only, so that PyTorch can note them all. The product of a matrix and a vector is `A @ v`.

# %% [markdown] lang="fr"
# ## 2 · Deux chemins vers un paramètre · environ 22 minutes
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
# Ici, $\ell$ est le coût d'un seul exemple : une somme de carrés, pas une moyenne. Écrivez
# `autoencoder(theta, b1, b2, x)`, qui renvoie $\ell$, avec des opérations sur les tenseurs et rien d'autre, pour que
# PyTorch puisse toutes les noter. Le produit d'une matrice et d'un vecteur s'écrit `A @ v`.


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


# %% [markdown] hint="autoencoder" lang="en"
# ### The idea
#
# Three lines, one for each formula: the code, what is made again out of it, and how far that is from $x$.
#
# ### The shapes
#
# $\theta x$ is $(n_h, n_x)$ times $(n_x,)$, so $(n_h,)$ like $b_1$. To come back to $(n_x,)$ the matrix must be
# $(n_x, n_h)$: transposed, `theta.T`. (`reshape` would keep the numbers in a row and mix them up.) The squares are
# $(n_x,)$, and their sum one number.
#
# ### The code, with blanks
#
# ```python
# y = ... + b1
# xhat = ... + b2
# return (...).sum()
# ```

# %% [markdown] hint="autoencoder" lang="fr"
# ### L'idée
#
# Trois lignes, une par formule : le code, ce que l'on en reconstruit, et sa distance à $x$.
#
# ### Les tailles
#
# $\theta x$ est le produit d'une matrice $(n_h, n_x)$ et d'un vecteur $(n_x,)$ : il est de taille $(n_h,)$, comme $b_1$.
# Pour revenir à $(n_x,)$, il faut une matrice $(n_x, n_h)$ : la transposée, `theta.T`. (`reshape` garderait les nombres
# à la suite et les mélangerait.) Les carrés sont de taille $(n_x,)$, et leur somme est un seul nombre.
#
# ### Le code, à trous
#
# ```python
# y = ... + b1
# xhat = ... + b2
# return (...).sum()
# ```

# %% check="autoencoder_value" points=1 ids=["A-graph"]
theta, b1, b2 = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, -1.0]]), torch.tensor([1.0, -1.0]), torch.tensor([-6.0, -1.0, 2.0])
check.close(
    autoencoder(theta, b1, b2, torch.tensor([1.0, 1.0, 2.0])),  # y = (4, -2), xhat = (2, 1, 4)
    5.0,
    "autoencoder(theta, b1, b2, x)",
    unless={
        "you forgot the bias b1": 2.0,
        "you forgot the bias b2": 50.0,
        "the loss is the sum of the squares over the components of x: no mean, no factor 1/2": 5 / 3,
        "the loss has no factor 1/2": 2.5,
        "you returned the norm: the loss is its square": 5**0.5,
        "the differences are not squared": 3.0,
        "square each difference, then add up; not the other way round": 9.0,
        "reshape and view do not transpose: write theta.T": 41.0,
        "there is no activation here: y is an affine map of x": 29.80283,
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
# Whatever autoencoder computes: does going back through its graph give what moving each number a little shows?
point = [torch.tensor(numbers, dtype=torch.float64) for numbers in ([[2.0, 1.0]], [1.0], [-6.0, -1.0], [1.0, 2.0])]
probe = probes.gradients(autoencoder, *[tensor.clone().requires_grad_() for tensor in point])
check.that(
    probe["grads"] is not None,
    "the loss has no graph: compute it with tensor operations only, without .item(), .detach(), .numpy() or torch.tensor()",
)
for k, name in enumerate(("theta", "b1", "b2", "x")):
    slopes = []
    for i in range(point[k].numel()):
        ends = []
        for step in (1e-3, -1e-3):
            moved = [tensor.clone() for tensor in point]
            moved[k].view(-1)[i] += step
            ends.append(check.number(autoencoder(*moved), "autoencoder(theta, b1, b2, x)"))
        slopes.append((ends[0] - ends[1]) / 2e-3)
    got = probe["grads"][k]
    got = torch.zeros(len(slopes)) if got is None else got.reshape(-1)
    check.that(
        torch.allclose(got.double(), torch.tensor(slopes, dtype=torch.float64), rtol=1e-2, atol=1e-2),
        "a part of the graph is cut off: .detach(), .data, .item() or torch.tensor() hides how {name} was used",
        name=name,
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
    factor = float(probe["result"] / true.detach())  # a loss with another factor is told, and paid for, by its own check
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

# %% claim="two nodes read theta, one each of the biases"
nodes, waiting = set(), [loss.grad_fn]
while waiting:
    node = waiting.pop()
    if node not in nodes:
        nodes.add(node)
        waiting += [source for source, _ in node.next_functions if source is not None]
reads = [source.variable for node in nodes for source, _ in node.next_functions if hasattr(source, "variable")]
assert [sum(one is drawn[name] for one in reads) for name in shapes] == [2, 1, 1]

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

# %% demo unclaimed="only a drawing of the formulas below"
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
# In the auto-encoder, let $g$ be the **encoder**, $y = \theta x + b_1$. So $z = y$, the inputs of $g$ are $\theta$, $x$ and
# $b_1$ themselves ($f$ only hands them over), and $\mathcal{L}$ is the decoder with the sum of the squares. The leaves are
# $m = (\theta, b_1, b_2, x)$. Sort these statements into true and false:
#
# - **a.** $\theta$ reaches $\ell$ by two ways: through $g$, and through $\mathcal{L}$ alone.
# - **b.** So does $b_1$.
# - **c.** So does $x$.
# - **d.** $\partial \mathcal{L} / \partial \theta$ is what `theta.grad` holds if `autoencoder` goes on with `y.detach()`.
# - **e.** To hand $\partial \ell / \partial \theta$ back, the node $g$ needs $\partial \ell / \partial y$ and $x$, nothing else.
# - **f.** If the decoder had a matrix of its own in the place of $\theta^\top$, the *sum* in the formula for $\theta$ would be 0.

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
# Dans l'auto-encodeur, prenons pour $g$ l'**encodeur**, $y = \theta x + b_1$. Alors $z = y$, les entrées de $g$ sont
# $\theta$, $x$ et $b_1$ eux-mêmes ($f$ ne fait que les transmettre), et $\mathcal{L}$ est formée du décodeur et de la somme
# des carrés. Les feuilles sont $m = (\theta, b_1, b_2, x)$. Pour chaque affirmation, dites si elle est vraie ou fausse :
#
# - **a.** $\theta$ atteint $\ell$ par deux chemins : par $g$, et par $\mathcal{L}$ seule.
# - **b.** $b_1$ aussi.
# - **c.** $x$ aussi.
# - **d.** $\partial \mathcal{L} / \partial \theta$ est ce que contient `theta.grad` si `autoencoder` continue avec `y.detach()`.
# - **e.** Pour transmettre $\partial \ell / \partial \theta$, il faut au nœud $g$ $\partial \ell / \partial y$ et $x$, rien d'autre.
# - **f.** Si le décodeur avait sa propre matrice à la place de $\theta^\top$, la *somme* dans la formule pour $\theta$ serait nulle.


# %% answer="around_the_node"
def around_the_node():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": True, "e": True, "f": False}
    ### END SOLUTION


# %% check="around_the_node_choices" points=2 ids=["A-node"]
check.letters(around_the_node, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    around_the_node(),
    {"a": True, "b": False, "c": True, "d": True, "e": True, "f": False},
    because={
        "a": "the encoder reads theta, and so does the decoder, transposed.",
        "b": "b1 is read by the encoder alone: its gradient is the sum in the formula, without the first term.",
        "c": "the encoder reads x, and at the end x is subtracted from xhat.",
        "d": "y.detach() holds y fixed: what is left is the way through the decoder.",
        "e": "a node knows its own derivatives; those of y in theta are the components of x.",
        "f": "the first term would be 0, for only g would read theta; the sum is the way through g.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### The two paths
#
# The gradient in $\theta$ is a sum of two: one came through the encoder, by way of $y$ (the sum of the formula), the other
# through the decoder, where $\theta^\top$ stands (its first term, with $y$ held fixed). Write `theta_paths(theta, b1, b2, x)`,
# which returns them in this order, both $(n_h, n_x)$, and leaves its arguments as they are, without a gradient. There are
# two ways to do it. By hand: for a product $z = W u$, with $\delta = \partial \ell / \partial z$,
#
# $$\frac{\partial \ell}{\partial W} = \delta \, u^\top \qquad \frac{\partial \ell}{\partial u} = W^\top \delta$$
#
# where $\delta \, u^\top$ is `torch.outer(delta, u)`; and here $\partial \ell / \partial \hat{x} = 2 (\hat{x} - x)$. In
# the decoder $W = \theta^\top$: transpose what you get. Or with autograd: `theta.detach()` has the same values as
# `theta`, but no gradient goes through it; `theta.clone().requires_grad_()` makes a leaf of the plain tensor `theta`.

# %% [markdown] lang="fr"
# ### Les deux chemins
#
# Le gradient par rapport à $\theta$ est une somme de deux termes : l'un est passé par l'encodeur, en traversant $y$ (la
# somme de la formule), l'autre par le décodeur, où se trouve $\theta^\top$ (son premier terme, à $y$ fixé). Écrivez
# `theta_paths(theta, b1, b2, x)`, qui les renvoie dans cet ordre, tous deux de taille $(n_h, n_x)$, et qui laisse ses
# arguments tels quels, sans gradient. Il y a deux façons de faire. À la main : pour un produit $z = W u$, avec
# $\delta = \partial \ell / \partial z$,
#
# $$\frac{\partial \ell}{\partial W} = \delta \, u^\top \qquad \frac{\partial \ell}{\partial u} = W^\top \delta$$
#
# où $\delta \, u^\top$ s'écrit `torch.outer(delta, u)` ; et ici $\partial \ell / \partial \hat{x} = 2 (\hat{x} - x)$.
# Dans le décodeur, $W = \theta^\top$ : il reste à transposer le résultat. Ou bien avec autograd : `theta.detach()` a les
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


# %% [markdown] hint="theta_paths" lang="en"
# ### The idea
#
# By hand, follow $\delta = \partial \ell / \partial \hat{x}$ upwards. At the decoder it meets a product, $\theta^\top y$: one
# gradient is for the matrix, one for $y$. With the second, do the same at the encoder. With autograd, hide one of the two
# uses of `theta` at a time, and go back twice.
#
# ### The shapes, and a trap
#
# $\delta$ is $(n_x,)$, $\partial \ell / \partial y = \theta \, \delta$ is $(n_h,)$. An outer product has the shape (first, second):
# so which comes first, for $(n_h, n_x)$? With autograd, two calls of `backward` on one leaf add up in the same `.grad`:
# make a new leaf for each.
#
# ### The code, with blanks
#
# By hand:
#
# ```python
# y = ...
# delta = 2 * (...)
# return torch.outer(...), torch.outer(...)
# ```
#
# With autograd, a leaf of the same values, `theta.clone().requires_grad_()`, stands at one of the two places, and `theta`
# itself, which no gradient enters, at the other. Then the `.grad` of the leaf holds what came that way alone.

# %% [markdown] hint="theta_paths" lang="fr"
# ### L'idée
#
# À la main, remontez $\delta = \partial \ell / \partial \hat{x}$. Au décodeur, il rencontre un produit, $\theta^\top y$ : un
# gradient est pour la matrice, un autre pour $y$. Avec le second, faites de même à l'encodeur. Avec autograd, cachez tour
# à tour l'un des deux usages de `theta`, et remontez deux fois.
#
# ### Les tailles, et un piège
#
# $\delta$ est de taille $(n_x,)$, et $\partial \ell / \partial y = \theta \, \delta$ de taille $(n_h,)$. Un produit `outer` a la
# taille (premier, second) : lequel vient donc en premier, pour obtenir $(n_h, n_x)$ ? Avec autograd, deux appels de
# `backward` s'additionnent dans le `.grad` d'une même feuille : faites-en une nouvelle à chaque fois.
#
# ### Le code, à trous
#
# À la main :
#
# ```python
# y = ...
# delta = 2 * (...)
# return torch.outer(...), torch.outer(...)
# ```
#
# Avec autograd, une feuille de mêmes valeurs, `theta.clone().requires_grad_()`, prend l'une des deux places, et `theta`
# lui-même, où n'entre aucun gradient, prend l'autre. Le `.grad` de la feuille contient alors ce qui est venu par ce
# chemin, et rien d'autre.


# %% check="theta_paths_values" points=3 ids=["A-graph", "A-node"]
theta, b1, b2, x = torch.tensor([[2.0, 1.0, -1.0]]), torch.ones(1), torch.zeros(3), torch.tensor([3.0, 1.0, 1.0])
got, given = check.changed(theta_paths, theta, b1, b2, x)
check.that(
    not any(isinstance(tensor, torch.Tensor) and tensor.requires_grad for tensor in given),
    "theta_paths makes a leaf of the caller's own tensor: make one of a copy, theta.clone().requires_grad_()",
)
encoder, decoder = check.pair(got, "theta_paths(theta, b1, b2, x)")
paths = torch.tensor([[216.0, 72.0, 72.0]]), torch.tensor([[154.0, 84.0, -112.0]])  # y = 7, xhat = (14, 7, -7)
same = [
    [isinstance(got, torch.Tensor) and got.shape == one.shape and bool((got.float() - one).abs().max() < 0.01) for got in (encoder, decoder)]
    for one in (*paths, sum(paths))
]
check.that(
    [True, True] not in same[:2],
    "both paths got the same gradient. Are both names given to one tensor, theta.grad? The next backward changes it: keep theta.grad.clone()",
)
check.that(
    same[2] != [True, True],
    "both are the whole gradient, the sum of the two paths. Either no path was cut with detach, or both names are given to one .grad, in which both were added: take a new leaf for each path",
)
check.that(
    not (same[0][0] and same[2][1] or same[1][1] and same[2][0]),
    "one of the two is right, the other is the sum of both: backward added to what .grad held already; reset it, or take a new leaf for each path",
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
# PyTorch adds the two for you: the last two matrices below are the same. Nothing more is needed for a parameter that is used many times, as in a recurrent network.

# %% [markdown] lang="fr"
# PyTorch fait l'addition pour vous : les deux matrices ci-dessous sont égales. Il n'en faut pas plus pour un paramètre utilisé plusieurs fois, comme dans un réseau
# récurrent.

# %% demo
torch.manual_seed(0)
theta, b1, b2, x = torch.randn(2, 3), torch.randn(2), torch.randn(3), torch.randn(3)
encoder, decoder = theta_paths(theta, b1, b2, x)
theta.requires_grad_()
autoencoder(theta, b1, b2, x).backward()
print("encoder + decoder =", encoder + decoder, "theta.grad =", theta.grad, sep="\n")

# %% claim="theta.grad is the sum of both paths, neither of which is 0"
assert torch.allclose(encoder + decoder, theta.grad, atol=1e-4)
assert encoder.abs().max() > 0.1 and decoder.abs().max() > 0.1

# %% [markdown] lang="en"
# ## 3 · The walk back · about 22 minutes
#
# `backward()` takes all these gradients up to the leaves. Write it once yourself. Each node can be called: given the
# gradient in its result, it multiplies by its own derivatives. The function below does that, and returns a tuple, the
# gradient for each thing that the node reads, in the order of `node.next_functions`; None where no gradient is wanted.

# %% [markdown] lang="fr"
# ## 3 · Le chemin du retour · environ 22 minutes
#
# `backward()` fait remonter tous ces gradients jusqu'aux feuilles. Écrivez-la vous-même, une fois. Un nœud peut être
# appelé : on lui donne le gradient par rapport à son résultat, il multiplie par ses propres dérivées. La fonction
# ci-dessous s'en charge et renvoie un tuple : le gradient pour chaque chose que lit le nœud, dans l'ordre de
# `node.next_functions` ; None là où aucun gradient n'est demandé.


# %% setup
handed_back = []  # each call of hand_back, for the picture below


def hand_back(node, grad):
    """Call a node with the gradient in its result; return a tuple, the gradient for each thing that it reads."""
    handed_back.append((node, grad))
    with torch.no_grad():
        slopes = getattr(node, "apply", node)(grad)  # `apply`: for the operations of your own, in part 5
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    readings = zip(slopes, node.next_functions)  # a bias was read once for each row: its gradients are added up
    return tuple(
        slope if source is None else slope.sum_to_size(source._input_metadata[i].shape) for slope, (source, i) in readings
    )


# %% [markdown] lang="en"
# What remains is to go through the graph, and here is the difficulty. Take $h = w x$ and $z = h \, (h + 1)$, at $w = 2$ and
# $x = 3$. Two nodes read $h$: the last product, and the sum $h + 1$. From the product $h$ receives $h + 1 = 7$; from the sum
# it receives $h = 6$, but only once the node of the sum has been called. Whoever calls the node of $h$ when only 7 has
# arrived hands too little on. So:
#
# - What arrives at a node by several ways is **added**.
# - A node is called **once**, when everything that will ever arrive there has arrived: after all the nodes that read it.
#
# Write `walk_back(result)`. Its argument is a tensor of one number, with a graph; the gradient of this number in itself
# is 1. It returns a dict from each leaf (the tensor itself, `node.variable`) to its gradient. Nodes are called with
# `hand_back(node, grad)`, each once; the nodes of leaves have nothing to hand back and are not called. `backward()` and
# `torch.autograd.grad` are not allowed, and no leaf's `.grad` changes.
#
# First think, on paper, of a list of all the nodes in which each stands before those that it reads. Does the order in
# which your `find_leaves` meets them do?

# %% [markdown] lang="fr"
# Il reste à parcourir le graphe, et voici la difficulté. Prenez $h = w x$ et $z = h \, (h + 1)$, en $w = 2$ et $x = 3$. Deux
# nœuds lisent $h$ : le dernier produit, et la somme $h + 1$. Du produit, $h$ reçoit $h + 1 = 7$ ; de la somme, il reçoit
# $h = 6$, mais seulement une fois que le nœud de la somme a été appelé. Qui appelle le nœud de $h$ alors que seul 7 est
# arrivé transmet trop peu. Donc :
#
# - Ce qui arrive à un nœud par plusieurs chemins **s'additionne**.
# - Un nœud est appelé **une seule fois**, quand tout ce qui doit y arriver est arrivé : après tous les nœuds qui le lisent.
#
# Écrivez `walk_back(result)`. Son argument est un tenseur d'un seul nombre, avec un graphe ; le gradient de ce nombre par
# rapport à lui-même vaut 1. Elle renvoie un dictionnaire qui donne à chaque feuille (le tenseur lui-même,
# `node.variable`) son gradient. Les nœuds s'appellent par `hand_back(node, grad)`, chacun une fois ; ceux des feuilles
# n'ont rien à transmettre, on ne les appelle pas. `backward()` et `torch.autograd.grad` ne sont pas permis, et le `.grad`
# des feuilles ne change pas.
#
# Cherchez d'abord, sur le papier, une liste de tous les nœuds où chacun se trouve avant ceux qu'il lit. L'ordre dans
# lequel votre `find_leaves` les rencontre convient-il ?


# %% answer="walk_back"
def walk_back(result):
    """Find the gradient of a result in each leaf of its graph, by walking back through it.

    result: a tensor of one number, with a graph.
    Returns a dict from each leaf that requires a gradient, the tensor itself, to its gradient, of its shape.
    Calls hand_back(node, grad) once for each node, leaves apart; backward and torch.autograd.grad are not
    allowed, and .grad stays as it is.
    """
    ### BEGIN SOLUTION
    order, seen = [], set()

    def visit(node):
        if node is None or node in seen:
            return
        seen.add(node)
        for source, _ in node.next_functions:
            visit(source)
        order.append(node)

    visit(result.grad_fn)
    arrived, grads = {result.grad_fn: torch.ones_like(result)}, {}
    for node in reversed(order):
        if hasattr(node, "variable"):
            grads[node.variable] = arrived[node]
            continue
        for (source, _), slope in zip(node.next_functions, hand_back(node, arrived[node])):
            if source is not None:
                arrived[source] = arrived.get(source, 0) + slope
    return grads
    ### END SOLUTION


# %% [markdown] hint="walk_back" lang="en"
# ### The order
#
# Go the other way round: find a list in which each node stands *after* what it reads, and read it from its end. Such a
# list is easy to fill with a function that calls itself: it first visits all that a node reads, and only then puts the
# node itself at the end of the list. With a `set`, no node is visited twice.
#
# ### The gradients
#
# Keep a dict from each node to the sum of what has arrived there so far. At the start it holds one entry: 1 for the node
# of `result`. Go through the nodes in their order. For a node, everything has arrived: call it, and add each part of what
# it hands back to the entry of the node that it is for. At a leaf, the sum is the answer.
#
# ### The code, with blanks
#
# ```python
# def visit(node):
#     if node is None or ...:
#         return
#     seen.add(...)
#     for source, _ in node.next_functions:
#         ...
#     order.append(...)
#
# visit(...)
# arrived, grads = {...: torch.ones_like(result)}, {}
# for node in reversed(...):
#     if hasattr(node, ...):
#         grads[...] = arrived[...]
#         continue
#     for (source, _), slope in zip(node.next_functions, ...):
#         if ...:
#             arrived[...] = arrived.get(..., 0) + ...
# return grads
# ```

# %% [markdown] hint="walk_back" lang="fr"
# ### L'ordre
#
# Prenez le problème à l'envers : trouvez une liste où chaque nœud se trouve *après* ce qu'il lit, puis lisez-la en
# partant de la fin. Une fonction qui s'appelle elle-même la remplit sans peine : elle visite d'abord tout ce que lit un
# nœud, et ce n'est qu'ensuite qu'elle met le nœud lui-même au bout de la liste. Grâce à un ensemble (`set`), aucun nœud
# n'est visité deux fois.
#
# ### Les gradients
#
# Tenez un dictionnaire qui donne, pour chaque nœud, la somme de ce qui y est arrivé jusqu'ici. Au départ, il n'a qu'une
# entrée : 1 pour le nœud de `result`. Parcourez les nœuds dans l'ordre. Pour chacun, tout est arrivé : appelez-le, et
# ajoutez chaque part de ce qu'il transmet à l'entrée du nœud à qui elle revient. À une feuille, la somme est la réponse.
#
# ### Le code, à trous
#
# ```python
# def visit(node):
#     if node is None or ...:
#         return
#     seen.add(...)
#     for source, _ in node.next_functions:
#         ...
#     order.append(...)
#
# visit(...)
# arrived, grads = {...: torch.ones_like(result)}, {}
# for node in reversed(...):
#     if hasattr(node, ...):
#         grads[...] = arrived[...]
#         continue
#     for (source, _), slope in zip(node.next_functions, ...):
#         if ...:
#             arrived[...] = arrived.get(..., 0) + ...
# return grads
# ```

# %% check="walk_back_gradients" points=3 ids=["A-graph", "A-node"]
def verify(expression, tensors, true, lost=(), started=1):
    """Compare the gradients that walk_back finds with the true ones; lost: what is found where ways are lost."""
    walk = probes.walked_back(walk_back, expression, tensors)
    what = f"walk_back({expression})"
    check.that(walk["kind"] != "NoneType", "walk_back returns nothing: end it with return")
    check.that(
        not walk["kind"],
        "walk_back should return a dict from each leaf to its gradient, not {got}",
        got=walk["kind"],
    )
    check.that(
        not walk["autograd"],
        "walk_back starts PyTorch's own way back: go from node to node with hand_back, without backward and torch.autograd.grad",
    )
    check.that(
        not walk["left"],
        "walk_back writes into .grad of {names}: leaves are not called, their gradients go into the dict",
        names=", ".join(walk["left"]),
    )
    check.that(
        not walk["others"],
        "the keys of the dict should be the leaves alone, node.variable: no nodes, no names",
    )
    grads = check.keys({f"{name}": grad for name, grad in walk["grads"].items()}, list(true), what)
    for name in true:
        grads[name] = torch.tensor(float(grads[name])) if check.is_number(grads[name]) else grads[name]
        check.that(
            torch.is_tensor(grads[name]) and grads[name].shape == tensors[name].shape,
            "the gradient of {name} should be a tensor of its shape",
            name=name,
        )
    with check.table(grads, true):
        for name in true:
            check.that(
                started == 1 or not torch.allclose(grads[name].float(), started * torch.as_tensor(true[name])),
                "the walk starts with the value of the result: its gradient in itself is 1",
            )
            check.that(
                grads[name].any() or not torch.as_tensor(true[name]).any(),
                "the gradient of {name} is 0: the walk starts at the result, whose gradient in itself is 1",
                name=name,
            )
            check.that(
                not any(abs(float(grads[name]) - one[name]) < 1e-3 for one in lost),
                "what arrives at a node by several ways is added, and all of it must have arrived when the node is called: a part is lost here, or counted twice",
            )
            check.close(grads[name], true[name], f"{what}[{name}]")


live = {name: torch.tensor(number).requires_grad_() for name, number in (("w", 2.0), ("x", 3.0), ("b", 1.0))}
verify("(w * x + b) ** 2", live, {"w": 42.0, "x": 28.0, "b": 14.0}, started=49)
live = {name: live[name] for name in "wx"}
verify("(w * 2 + x) * 1", live, {"w": 2.0, "x": 1.0})
verify("w * x + w", live, {"w": 4.0, "x": 2.0}, lost=[{"w": 1, "x": 0}, {"w": 3, "x": 0}])
verify("w + w * x", live, {"w": 4.0, "x": 2.0}, lost=[{"w": 1, "x": 0}, {"w": 3, "x": 0}])
for expression in ("(h := w * x) * (h + 1)", "((h := w * x) + 1) * h"):
    # 13 should arrive at h: not 6 or 7, one way alone, nor one of them twice, nor those before and all together
    lost = [{"w": 3 * arrived, "x": 2 * arrived} for arrived in (6, 7, 12, 14, 19, 20)]
    verify(expression, live, {"w": 39.0, "x": 26.0}, lost)
### BEGIN HIDDEN TESTS
def compare(expression, **tensors):
    """Compare with what autograd finds."""
    live = {name: tensor.detach().clone().requires_grad_(tensor.requires_grad) for name, tensor in tensors.items()}
    eval(expression, {"torch": torch}, dict(live)).backward()
    verify(expression, tensors, {name: one.grad for name, one in live.items() if one.requires_grad})


a, b, c = torch.randn(5, 3).requires_grad_(), torch.randn(3, 4).requires_grad_(), torch.randn(4).requires_grad_()
compare("torch.softmax(torch.tanh(a @ b + c), 1)[:, 0].log().mean()", a=a, b=b, c=c)
compare("((h := torch.tanh(a @ b)) * (h.exp() + h) + (h @ c)[:, None]).sum()", a=a, b=b, c=c)
compare("((h := a @ b) * (g := h * h + h) * (g + h * d)).mean()", a=a, b=b, d=torch.randn(5, 4))
### END HIDDEN TESTS


# %% check="walk_back_once" points=2 ids=["A-graph"]
def verify(expression, *names):
    """Count the calls of hand_back."""
    walk = probes.walked_back(walk_back, expression, {name: torch.tensor(1.5).requires_grad_() for name in names})
    check.that(
        walk["calls"],
        "hand_back is never called: it is what takes a gradient through a node",
    )
    check.that(
        walk["calls"] <= walk["nodes"],
        "in {expression}, hand_back is called {calls} times, but only {nodes} nodes have something to hand back: each once, not once for each way, and no leaves",
        expression=expression,
        calls=walk["calls"],
        nodes=walk["nodes"],
    )
    check.that(
        walk["calls"] == walk["nodes"],
        "in {expression}, hand_back is called {calls} times, but {nodes} nodes have something to hand back: the walk ends too early",
        expression=expression,
        calls=walk["calls"],
        nodes=walk["nodes"],
    )


verify("(w * x).exp()", "w", "x")
verify("(h := w * x) * (h + 1)", "w", "x")
verify("((h := w * x) + 1) * h", "w", "x")
### BEGIN HIDDEN TESTS
verify("(e := (d := (c := (b := a * a) * b) * c) * d) + e * b", "a")
verify("(h := (a * b).tanh()) + (g := h * b) + h * g.exp()", "a", "b")
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Here is your own walk, for $z = h \, (h + 1)$. Beside each node stands when it was called, and with which gradient; beside
# each leaf its gradient, which `backward()` finds too.

# %% [markdown] lang="fr"
# Voici votre propre parcours, pour $z = h \, (h + 1)$. À côté de chaque nœud figurent le moment où il a été appelé et le
# gradient qu'il a reçu ; à côté de chaque feuille, son gradient, que trouve aussi `backward()`.

# %% demo
w, x = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
h = w * x
z = h * (h + 1)
handed_back.clear()
grads = walk_back(z)
called = [(node, float(grad)) for node, grad in handed_back]
notes = {node: f"{place}. ← {number(grad, '.0f')}" for place, (node, grad) in enumerate(called, start=1)}
figures.computation(z, {"w": w, "x": x, "h": h, "z": z}, notes | {leaf: f"← {number(float(grads[leaf]), '.0f')}" for leaf in grads})
z.backward()
print("w.grad =", w.grad, " x.grad =", x.grad)

# %% claim="the node of h is called last, with 13; the leaves get what backward finds, 39 and 26"
assert called[-1] == (h.grad_fn, 13.0) and len(called) == 3
assert grads[w] == w.grad == 39 and grads[x] == x.grad == 26

# %% [markdown] lang="en"
# And the two graphs that you know: the auto-encoder and the network.
#
# How much does it matter that each node is called once? Take $w = 1$ and multiply a number by itself, again and again:
# `h = h * h`, ten times. Each node is read twice by the next one, so each step doubles the number of ways from the result
# to $w$. All the numbers are 1, and so is every derivative on the way: each way brings a gradient of 1, and the sum counts
# them.
#
# > **Before you run it.** How many ways are there? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# Et les deux graphes que vous connaissez : l'auto-encodeur et le réseau.
#
# Qu'importe que chaque nœud ne soit appelé qu'une fois ? Prenez $w = 1$ et multipliez un nombre par lui-même, encore et
# encore : `h = h * h`, dix fois. Chaque nœud est lu deux fois par le suivant : chaque étape double donc le nombre de
# chemins qui mènent du résultat à $w$. Tous les nombres valent 1, et toutes les dérivées rencontrées aussi : chaque chemin
# apporte un gradient de 1, et la somme les compte.
#
# > **Avant d'exécuter.** Combien y a-t-il de chemins ? Écrivez votre nombre à la place de `None`.

# %% predict="ways_back"
ways_back = None

# %% demo
shapes = {"theta": (3, 5), "b1": (3,), "b2": (5,)}
inner = {name: torch.randn(shape, requires_grad=True) for name, shape in shapes.items()}
net = {name: value.requires_grad_() for name, value in random_params(2, 10, 2).items()}
code_loss = autoencoder(*inner.values(), torch.randn(5))
net_loss = loss_accuracy(forward(net, data.Xtrain)[0], data.Ytrain)[0]
differences = {}
for leaves, L in ((inner, code_loss), (net, net_loss)):
    found = walk_back(L)
    L.backward()
    for name, leaf in leaves.items():
        differences[name] = float((found[leaf] - leaf.grad).abs().max())
        print(f"{name:>5}", number(differences[name], ".1e"))
w = torch.ones((), requires_grad=True)
h = w
for _ in range(10):
    h = h * h
handed_back.clear()
ways = int(walk_back(h)[w])
calls = len(handed_back)
print(say("calls of hand_back"), calls)
reveal(ways_back, ways)

# %% claim="the walk finds what backward finds; ten nodes are called, where 1024 ways lead back"
assert max(differences.values()) < 1e-4 and len(differences) == 7
assert calls == 10 and ways == 2**10

# %% [markdown] lang="en"
# Ten calls, for 1024 ways. A walk that followed each way by itself would have to call nodes more than a thousand times; for
# forty steps, a million million times. This is why one walk back costs about as much as the way there, however deep the
# network is.

# %% [markdown] lang="fr"
# Dix appels, pour 1024 chemins. Un parcours qui suivrait chaque chemin séparément devrait appeler des nœuds plus de mille
# fois ; pour quarante étapes, mille milliards de fois. Voilà pourquoi un retour coûte à peu près autant que l'aller,
# quelle que soit la profondeur du réseau.

# %% [markdown] lang="en"
# ## 4 · The rules of `.grad` · about 10 minutes
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
# `False`, or `"error"` if PyTorch refuses. Then run the cell after the check: it shows what came beside what you
# predicted. Correct yourself, and say to yourself which rule you forgot.

# %% [markdown] lang="fr"
# ## 4 · Les règles de `.grad` · environ 10 minutes
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
# `True` ou `False`, ou bien `"error"` si PyTorch refuse. Exécutez ensuite la cellule qui suit la vérification : elle
# montre le résultat à côté de votre pronostic. Corrigez-vous, et dites-vous quelle règle vous aviez oubliée.

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
came = {letter: run_program(code) for letter, code in programs.items()}
for letter in programs:
    print(f"{letter}. {guess[letter]!s:>8}  →  {came[letter]}")

# %% claim="each of the five rules shows in one of the programs"
assert came == {"a": 6, "b": 12, "c": 5, "d": None, "e": 12, "f": "error", "g": "error", "h": "error", "i": False}

# %% [markdown] lang="en"
# ## 5 · An operation of your own · about 20 minutes
#
# Each node that your walk called knows how to bring a gradient back. You can add an operation with a node of its own. It is a class, made from `torch.autograd.Function`, with two functions that PyTorch calls for you. Both receive
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
# ## 5 · Une opération à vous · environ 20 minutes
#
# Chaque nœud que votre parcours a appelé sait faire remonter un gradient. Vous pouvez ajouter une opération, avec un
# nœud à elle. C'est une classe, dérivée de `torch.autograd.Function`, avec deux fonctions que PyTorch appelle
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


# %% [markdown] hint="LinearFunction" lang="en"
# ### The idea
#
# `forward` is one line, after the one that keeps things. Which of the three inputs occur in the formulas of the way back?
# Only these need keeping. `backward` is the three formulas, in the order of the inputs, with commas between them.
#
# ### The shapes
#
# $\Delta$ is $(n, n_y)$. The gradient in $X$ must be $(n, n_x)$: $(n, n_y)$ times $(n_y, n_x)$. That in $W$ must be
# $(n_y, n_x)$: $(n_y, n)$ times $(n, n_x)$. That in $b$ is $(n_y,)$: the sum over the $n$ examples, dimension 0.
#
# ### The code, with blanks
#
# ```python
# ctx.save_for_backward(..., ...)
# return X @ ... + b
# ```
#
# ```python
# X, W = ...
# return grad @ ..., ... @ X, grad.sum(...)
# ```

# %% [markdown] hint="LinearFunction" lang="fr"
# ### L'idée
#
# `forward` tient en une ligne, après celle qui garde ce qu'il faut. Lesquelles des trois entrées figurent dans les
# formules du retour ? Elles seules sont à garder. `backward` donne les trois formules, dans l'ordre des entrées, séparées
# par des virgules.
#
# ### Les tailles
#
# $\Delta$ est de taille $(n, n_y)$. Le gradient par rapport à $X$ doit être de taille $(n, n_x)$ : $(n, n_y)$ fois
# $(n_y, n_x)$. Par rapport à $W$, il doit être de taille $(n_y, n_x)$ : $(n_y, n)$ fois $(n, n_x)$. Par rapport à $b$, il
# est de taille $(n_y,)$ : la somme sur les $n$ exemples, la dimension 0.
#
# ### Le code, à trous
#
# ```python
# ctx.save_for_backward(..., ...)
# return X @ ... + b
# ```
#
# ```python
# X, W = ...
# return grad @ ..., ... @ X, grad.sum(...)
# ```


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
    with check.table(dict(zip("XWb", probe["grads"])), {name: leaf.grad for name, leaf in zip("XWb", live)}):
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
checked = [torch.autograd.gradcheck(Square.apply, [X]), torch.autograd.gradcheck(LinearFunction.apply, [X, W, b])]
print(*checked)

# %% claim="gradcheck agrees with both, and stops at a backward that is wrong"
assert checked == [True, True]
Forgetful = type("Forgetful", (Square,), {"backward": staticmethod(lambda ctx, grad: grad * ctx.saved_tensors[0])})
try:
    torch.autograd.gradcheck(Forgetful.apply, [X])
except RuntimeError:
    pass
else:
    raise AssertionError("gradcheck did not stop")

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


# %% [markdown] hint="MSEFunction" lang="en"
# ### The idea
#
# Derive one term of the double sum in $\hat{Y}_{ki}$: the square gives a factor, the mean another. $Y_{ki}$ stands in the
# same bracket with a minus sign: so the second gradient costs nothing more.
#
# ### The derivation
#
# $\partial \, \text{MSE} / \partial \hat{Y}_{ki} = 2 \, (\hat{Y}_{ki} - Y_{ki}) / (n \, n_y)$, and by the chain rule this is
# multiplied by `grad`. The number of entries is `Y.numel()`.
#
# ### The code, with blanks
#
# ```python
# ctx.save_for_backward(..., ...)
# return (...).mean()
# ```
#
# ```python
# Yhat, Y = ...
# slope = grad * ... / ...
# return slope, ...
# ```

# %% [markdown] hint="MSEFunction" lang="fr"
# ### L'idée
#
# Dérivez un terme de la double somme par rapport à $\hat{Y}_{ki}$ : le carré donne un facteur, la moyenne un autre.
# $Y_{ki}$ figure dans la même parenthèse, avec un signe moins : le second gradient ne coûte donc rien de plus.
#
# ### Le calcul
#
# $\partial \, \text{MSE} / \partial \hat{Y}_{ki} = 2 \, (\hat{Y}_{ki} - Y_{ki}) / (n \, n_y)$, et, en dérivant les fonctions
# composées, on multiplie par `grad`. Le nombre de coefficients est `Y.numel()`.
#
# ### Le code, à trous
#
# ```python
# ctx.save_for_backward(..., ...)
# return (...).mean()
# ```
#
# ```python
# Yhat, Y = ...
# slope = grad * ... / ...
# return slope, ...
# ```


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
    with check.table(dict(zip(("Yhat", "Y"), probe["grads"])), {"Yhat": live[0].grad, "Y": live[1].grad}):
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
# Your two operations, one after the other, are nodes like any other: your own walk back goes through them too.

# %% [markdown] lang="fr"
# Vos deux opérations, l'une après l'autre, sont des nœuds comme les autres : votre propre parcours les traverse aussi.

# %% demo
W, b = torch.zeros(1, 12, requires_grad=True), torch.zeros(1, requires_grad=True)
L = MSEFunction.apply(LinearFunction.apply(housing.Xtrain, W, b), housing.Ytrain)
print(L)
figures.computation(L, {"W": W, "b": b, "L": L})
found = walk_back(L)
print("b:", found[b])

# %% claim="two nodes, both of the student's own, above two leaves; the walk gives b minus twice the mean price"
assert [L.grad_fn.name()[:3], L.grad_fn.next_functions[0][0].name()[:6]] == ["MSE", "Linear"]
assert torch.allclose(found[b], -2 * housing.Ytrain.mean(0)) and found[W].shape == (1, 12)

# %% [markdown] lang="en"
# ## 6 · One step, with autograd · about 10 minutes
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
#
# Write `sgd(params, eta)`; it returns `params`. It will serve several models, whose parameters have other names and
# another number: `params` may be any dictionary of leaves, so go through whatever it holds.

# %% [markdown] lang="fr"
# ## 6 · Un pas, avec autograd · environ 10 minutes
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
#
# Écrivez `sgd(params, eta)`, qui renvoie `params`. Elle servira à plusieurs modèles, dont les paramètres n'ont ni les
# mêmes noms ni le même nombre : `params` peut être n'importe quel dictionnaire de feuilles. Parcourez donc tout ce qu'il
# contient, quoi que ce soit.


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


# %% [markdown] hint="sgd" lang="en"
# ### The idea
#
# One loop over the values of the dictionary; two things for each leaf: go down, reset. All of it inside one
# `with torch.no_grad():`.
#
# ### A trap
#
# `p = p - …` and `p -= …` look alike. The first makes a new tensor; the second changes the one that `params` holds. For
# `.grad` too there are methods that end in `_`, and these change the tensor itself.
#
# ### The code, with blanks
#
# ```python
# with ...:
#     for p in ...:
#         p -= ...
#         ...
# return params
# ```

# %% [markdown] hint="sgd" lang="fr"
# ### L'idée
#
# Une seule boucle sur les valeurs du dictionnaire ; deux gestes pour chaque feuille : descendre, remettre à zéro. Le tout
# dans un même `with torch.no_grad():`.
#
# ### Un piège
#
# `p = p - …` et `p -= …` se ressemblent. Le premier fabrique un nouveau tenseur ; le second modifie celui que contient
# `params`. Pour `.grad` aussi, il y a des méthodes dont le nom finit par `_` : celles-là modifient le tenseur lui-même.
#
# ### Le code, à trous
#
# ```python
# with ...:
#     for p in ...:
#         p -= ...
#         ...
# return params
# ```


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
    true = {name: start[name] - eta * slopes[name] for name in start}
    with check.table(values, true, start):
        check.that(
            len(moved) != 1 or len(start) == 1,
            "only the first parameter moved: is return inside the loop?",
        )
        for name in start:
            value, leaf, _ = got[name]
            check.close(
                value,
                true[name],
                f'sgd(params, eta)["{name}"]',
                unless={
                    "you walked up the slope: the gradient is subtracted": start[name] + eta * slopes[name],
                    "you forgot the learning rate": start[name] - slopes[name],
                    "nothing changed: p = p - … makes a new tensor (change the leaf itself, p -= …), or the gradient was reset before the step": start[name],
                },
            )
            check.that(
                isinstance(leaf, torch.Tensor) and torch.allclose(leaf, true[name], rtol=1e-3, atol=1e-5),
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
# ## 7 · The price of a house · about 33 minutes
#
# A new problem, and the simplest network: one affine map. `housing` holds 506 districts of Boston around 1970, each
# with 12 numbers (rooms, age, distance to work, taxes…), and the median price of a home there, in thousands of dollars.
# The original table has a 13th column, `B`, which encodes the race of the inhabitants: it is left out here. The 12
# features are standardised: mean 0, standard deviation 1. Below, the price is drawn against three of them: `RM`, the
# number of rooms per dwelling; `LSTAT`, the share of residents of lower status; `DIS`, the distance to jobs. Prices are
# capped: whatever cost more than 50 was entered as 50, which is the row of points along the top.
#
# The model is $\hat{Y} = X W^\top + b$, with $W$ of shape $(1, n_x)$ and $b$ of shape $(1,)$. Its loss is the mean of
# the squared errors of a batch:
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} (\hat{y}^{(k)} - y^{(k)})^2$$
#
# Write `regression(data, epochs, batch, eta)`: the loop of `02_manual`, with autograd. Start from $W = 0$ and $b = 0$
# (this loss has one single valley, chance is not needed). For each mini-batch of `minibatches`, drawn anew in each epoch:
# the loss, `backward`, `sgd`. With `batch = n` this is batch descent, with `batch = 1` stochastic descent. Return
# `(params, history)`: `params` holds the leaves `"W"` and `"b"`, `history` two lists, `"loss_train"` and `"loss_test"`,
# with one number an epoch: the loss over *all* the examples, after the steps of the epoch.
#
# > **Mind the shapes.** `Ytrain` is $(n, 1)$. If `Yhat` came out as $(n,)$, then `Yhat - Y` would be a whole table
# > $(n, n)$, without any error message, and the model would learn nonsense.

# %% [markdown] lang="fr"
# ## 7 · Le prix d'un logement · environ 33 minutes
#
# Un nouveau problème, et le plus simple des réseaux : une seule application affine. `housing` contient 506 secteurs de
# Boston vers 1970, chacun décrit par 12 nombres (pièces, ancienneté, distance aux emplois, impôts…), avec le prix
# médian d'un logement, en milliers de dollars. Le tableau d'origine a une 13e colonne, `B`, qui code la race des
# habitants : elle est laissée de côté ici. Les 12 variables sont centrées et réduites : moyenne 0, écart-type 1.
# Ci-dessous, le prix est tracé en fonction de trois d'entre elles : `RM`, le nombre de pièces par logement ; `LSTAT`,
# la part d'habitants de condition modeste ; `DIS`, la distance aux emplois. Les prix sont plafonnés : tout ce qui valait
# plus de 50 a été noté 50, d'où la rangée de points tout en haut.
#
# Le modèle est $\hat{Y} = X W^\top + b$, avec $W$ de taille $(1, n_x)$ et $b$ de taille $(1,)$. Son coût est la moyenne
# des carrés des erreurs d'un lot :
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} (\hat{y}^{(k)} - y^{(k)})^2$$
#
# Écrivez `regression(data, epochs, batch, eta)` : la boucle de `02_manual`, avec autograd. Partez de $W = 0$ et $b = 0$
# (ce coût n'a qu'une seule vallée : inutile de tirer au hasard). Pour chaque mini-lot de `minibatches`, tirés à nouveau à
# chaque époque : le coût, `backward`, `sgd`. Avec `batch = n`, c'est la descente par lot complet ; avec `batch = 1`, la
# descente stochastique. Renvoyez `(params, history)` : `params` contient les feuilles `"W"` et `"b"`, `history` deux
# listes, `"loss_train"` et `"loss_test"`, avec un nombre par époque : le coût sur *tous* les exemples, après les pas de
# l'époque.
#
# > **Attention aux tailles.** `Ytrain` est de taille $(n, 1)$. Si `Yhat` était de taille $(n,)$, alors `Yhat - Y` serait
# > un tableau entier, de taille $(n, n)$, sans le moindre message d'erreur, et le modèle apprendrait n'importe quoi.

# %% demo
print(housing)
capped = int((housing.Ytrain == 50).sum())
print(say("prices at the cap of 50: {n}").format(n=capped))
fig, axes = plt.subplots(1, 3, figsize=(9, 2.8), sharey=True, layout="constrained")
for ax, name in zip(axes, ("RM", "LSTAT", "DIS")):
    ax.scatter(housing.Xtrain[:, housing.names.index(name)], housing.Ytrain, s=8, alpha=0.6, color="#0072B2")
    ax.set(xlabel=name)
axes[0].set(ylabel=say("price (k$)"))
figures.show(
    fig,
    say(
        "Prices of houses by three features: they rise with RM, fall with LSTAT, and show no clear line with "
        "DIS; {n} lie at the cap of 50."
    ).format(n=capped),
)

# %% claim="the features are standardised, and some prices stand at the cap of 50, none above it"
assert housing.Xtrain.shape == (404, 12) and housing.Xtest.shape == (102, 12) and "B" not in housing.names
assert housing.Xtrain.mean(0).abs().max() < 1e-3 and (housing.Xtrain.std(0) - 1).abs().max() < 0.01
assert housing.Ytrain.max() == 50 and capped > 5


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


# %% [markdown] hint="regression" lang="en"
# ### The idea
#
# Two leaves, then two loops: over the epochs, over the mini-batches. In the inner loop, three things: loss, `backward`,
# step. After it, at the end of each epoch, two losses are noted as plain numbers. The loss is needed in three places: an
# inner function of X and Y saves writing it three times.
#
# ### The shapes
#
# `X @ W.T` is $(n, n_x)$ times $(n_x, 1)$, so $(n, 1)$ like $Y$, and $b$, $(1,)$, is added to each row. The leaves are made
# in one go: `torch.zeros(1, …, requires_grad=True)`. Rows are picked with the same `indices` from X and from Y.
#
# ### The code, with blanks
#
# ```python
# params = {
#     "W": ...,
#     "b": ...,
# }
#
# def loss(X, Y):
#     return ...
#
# history = ...
# for _ in range(epochs):
#     for indices in minibatches(...):
#         loss(...)...
#         ...
#     history["loss_train"].append(...)
#     history["loss_test"].append(...)
# return params, history
# ```

# %% [markdown] hint="regression" lang="fr"
# ### L'idée
#
# Deux feuilles, puis deux boucles : sur les époques, sur les mini-lots. Dans la boucle intérieure, trois gestes : le coût,
# `backward`, le pas. Après elle, à la fin de chaque époque, on note deux coûts sous forme de simples nombres. Le coût sert
# à trois endroits : une fonction intérieure de X et Y évite de l'écrire trois fois.
#
# ### Les tailles
#
# `X @ W.T` est le produit d'une matrice $(n, n_x)$ et d'une matrice $(n_x, 1)$ : il est de taille $(n, 1)$, comme $Y$, et $b$,
# $(1,)$, s'ajoute à chaque ligne. Les feuilles se créent en une fois : `torch.zeros(1, …, requires_grad=True)`. On choisit
# les lignes de X et de Y par les mêmes `indices`.
#
# ### Le code, à trous
#
# ```python
# params = {
#     "W": ...,
#     "b": ...,
# }
#
# def loss(X, Y):
#     return ...
#
# history = ...
# for _ in range(epochs):
#     for indices in minibatches(...):
#         loss(...)...
#         ...
#     history["loss_train"].append(...)
#     history["loss_test"].append(...)
# return params, history
# ```


# %% check="regression_batch" points=3 ids=["A-Q1.1", "P-2.2.2"]
pieces = {"Xtrain": torch.tensor([[1.0, 0.0], [2.0, -1.0]]), "Ytrain": torch.tensor([[1.0], [3.0]])}
pieces |= {"Xtest": torch.tensor([[3.0, 1.0], [3.0, 1.0]]), "Ytest": torch.tensor([[2.0], [2.0]])}
refused = probes.refusal(regression, pieces, 2, 2, 0.1)
check.that(
    "leaf Variable" not in refused,
    "PyTorch refuses to change a leaf while it notes operations: take the step under `with torch.no_grad():`",
)
check.that(
    "does not require grad" not in refused,
    "the loss has no graph when backward is called: W and b were made without requires_grad=True, or it was computed under no_grad, or from copies (.detach(), .data) of them",
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
check.tensor(got["W"], (1, 2), 'regression(data, 1, 2, 0.0)[0]["W"]')
check.vector(got["b"], 1, 'regression(data, 1, 2, 0.0)[0]["b"]')
check.that(
    not got["W"].any() and not got["b"].any(),
    "with eta = 0 nothing moves, so W and b should still be 0, where they start",
)
got = check.pair(probes.train_on(regression, pieces, 1, 2, 0.1), "regression(data, 1, 2, 0.1)")[0]
check.close(
    got["W"],
    [[0.7, -0.3]],
    'regression(data, 1, 2, 0.1)[0]["W"]',
    unless={
        "you summed over the batch instead of averaging": [[1.4, -0.6]],
        "nothing moved: call backward on the loss, then sgd": [[0.0, 0.0]],
        "you walked up the slope: the gradient is subtracted": [[-0.7, 0.3]],
        "Yhat - Y has become a table (n, n): give Yhat the shape (n, 1) of Y": [[0.6, -0.2]],
        "the loss has no factor 1/2": [[0.35, -0.15]],
        "the steps are computed from test examples: Xtrain and Ytrain are there to learn from": [[1.2, 0.4]],
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
refused = probes.refusal(regression, pieces, 1, 3, 0.1)
check.that(not refused, "the step cannot be taken; PyTorch says: {why}", why=refused)
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
        "each step uses all the examples: pick those of the mini-batch, Xtrain[indices] and Ytrain[indices]": [1.04],
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
got = check.pair(probes.train_on(regression, pieces, 2, 3, 0.1), "regression(data, 2, 3, 0.1)")[0]
got = check.keys(got, ["b"], "regression(data, 2, 3, 0.1)[0]")
got = check.tensor(got["b"], None, 'regression(data, 2, 3, 0.1)[0]["b"]', finite=False).reshape(-1)
check.close(
    got,  # rows 3, 0, 1, then 2; then rows 2, 3, 0, then 1
    [1.7376],
    'regression(data, 2, 3, 0.1)[0]["b"]',
    unless={
        "each epoch has the same batches: call minibatches anew in each epoch": [1.5776],
        "regression goes through the data once; it should do so once an epoch": [1.16],
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
    refused = probes.refusal(regression, pieces, epochs, size, eta)
    check.that(not refused, "the step cannot be taken; PyTorch says: {why}", why=refused)
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
verify(6, 2, 3, 4, 0.05)
### BEGIN HIDDEN TESTS
verify(22, 3, 1, 22, 0.02)
verify(22, 3, 4, 5, 0.02)
### END HIDDEN TESTS

# %% check="regression_learns" points=1 ids=["A-Q1.1"]
pieces = {name: getattr(housing, name)[:60] for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
refused = probes.refusal(regression, pieces, 1, 60, 0.01)
check.that(not refused, "the step cannot be taken; PyTorch says: {why}", why=refused)
got = check.pair(probes.train_on(regression, pieces, 30, 10, 0.02), "regression(housing, 30, 10, 0.02)")[0]
got = check.keys(got, ["W", "b"], "regression(housing, 30, 10, 0.02)[0]")
W = check.tensor(got["W"], None, 'regression(housing, 30, 10, 0.02)[0]["W"]', finite=False).reshape(-1, 1)
b = check.tensor(got["b"], None, 'regression(housing, 30, 10, 0.02)[0]["b"]', finite=False).reshape(-1)
check.that(len(W) == 12 and len(b) == 1, "W should hold 12 numbers, one for each feature, and b a single one")
check.that(
    all(bool((one.abs() < 1e6).all()) for one in (W, b)),
    "training diverged: {name} holds NaN, infinity or huge numbers. The usual cause is an eta too large for the gradients: a loss that is summed instead of averaged, or gradients that add up",
    name="params",
)
error, alone = (float(((guess - pieces["Ytrain"]) ** 2).mean()) for guess in (pieces["Xtrain"] @ W + b, pieces["Ytrain"].mean()))
check.that(
    error < 0.5 * alone,
    "on 60 districts, after 30 epochs, the mean squared error on the training examples is {error:.0f}; whoever always guesses the mean price has {alone:.0f}, and less than half of it was expected",
    error=error,
    alone=alone,
)
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
# Write `log_curves(history, folder)`: all the lists of `history` become curves in the folder. The step is the number of
# the epoch, **from 1**. Each curve has the name of its list in `history`. Close the writer: until then, numbers may be
# waiting in memory.

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
# Écrivez `log_curves(history, folder)` : toutes les listes de `history` deviennent des courbes dans le dossier.
# L'abscisse est le numéro de l'époque, **à partir de 1**. Chaque courbe porte le nom de sa liste dans `history`. Fermez
# le `writer` : jusque-là, des nombres peuvent attendre en mémoire.


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


# %% [markdown] hint="log_curves" lang="en"
# ### The idea
#
# One writer for the folder. Two loops: over the lists of `history`, with their names, and over the numbers of a list.
#
# ### Counting from 1
#
# `enumerate(values, start=1)` gives pairs: 1 and the first number, 2 and the second. Mind the order of the arguments of
# `add_scalar`: name, value, step.
#
# ### The code, with blanks
#
# ```python
# writer = ...
# for name, values in ...:
#     for epoch, value in ...:
#         writer.add_scalar(..., ..., ...)
# writer...
# ```

# %% [markdown] hint="log_curves" lang="fr"
# ### L'idée
#
# Un seul `writer` pour le dossier. Deux boucles : sur les listes de `history`, avec leurs noms, puis sur les nombres d'une
# liste.
#
# ### Compter à partir de 1
#
# `enumerate(values, start=1)` donne des paires : 1 et le premier nombre, 2 et le deuxième. Attention à l'ordre des
# arguments de `add_scalar` : nom, valeur, abscisse.
#
# ### Le code, à trous
#
# ```python
# writer = ...
# for name, values in ...:
#     for epoch, value in ...:
#         writer.add_scalar(..., ..., ...)
# writer...
# ```


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
check.that(
    not probes.writers_left_open(log_curves, {"loss_train": [4.0, 2.0]}),
    "the writer is still open when log_curves returns, and numbers may still be waiting in memory: writer.close()",
)
### BEGIN HIDDEN TESTS
verify({"loss_train": torch.rand(7).tolist(), "acc_test": torch.rand(7).tolist(), "b": torch.rand(7).tolist()})
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### Three descents, three clocks
#
# How fast is a descent? That depends on what one counts: **epochs** (how many times each example was used), **updates**
# (calls of `sgd`) or **seconds**. To compare, one fixes a level, here 30, and looks at when the test loss first gets there;
# `epochs_to` below finds that epoch. All three descents have the same small $\eta$. A first run, of which nothing is kept,
# only warms the computer up. Each curve is written for TensorBoard, in a folder `runs` beside this notebook.
#
# > **Before you run it.** Mini-batches of 20 make 21 updates an epoch, and reach the level after about 23 epochs. Batch descent
# > makes one update an epoch. After how many epochs does it get there, about? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# ### Trois descentes, trois horloges
#
# À quelle vitesse va une descente ? Cela dépend de ce que l'on compte : des **époques** (combien de fois chaque exemple
# a servi), des **mises à jour** (appels de `sgd`) ou des **secondes**. Pour comparer, on fixe un niveau, ici 30, et on
# regarde quand le coût sur le test l'atteint pour la première fois ; `epochs_to`, ci-dessous, trouve cette époque. Les
# trois descentes ont le même petit $\eta$. Une première exécution, dont on ne garde rien, ne sert qu'à préchauffer
# l'ordinateur. Chaque courbe est écrite pour TensorBoard, dans un dossier `runs` à côté de ce notebook.
#
# > **Avant d'exécuter.** Les mini-lots de 20 font 21 mises à jour par époque, et atteignent le niveau après environ
# > 23 époques. La descente par lot complet n'en fait qu'une par époque. Après combien d'époques, environ, y arrive-t-elle ?
# > Écrivez votre nombre à la place de `None`.


# %% setup
def epochs_to(losses, level):
    """Return the number of the first epoch, from 1, whose loss is at most level; None if there is none."""
    return next((epoch for epoch, loss in enumerate(losses, start=1) if loss <= level), None)


# %% predict="epochs_of_batch"
epochs_of_batch = None

# %% demo
threads = torch.get_num_threads()
torch.set_num_threads(1)  # for matrices so small, several threads would mostly wait for one another
torch.manual_seed(0)
regression(housing, 20, 404, 0.002)
fig, axes = plt.subplots(1, 3, figsize=(9, 3.2), sharey=True, layout="constrained")
print(f"{'':>12} {say('epochs'):>10} {say('updates'):>12} {say('seconds'):>10}")
shutil.rmtree("runs/03_autograd", ignore_errors=True)
counts = {}
for name, batch, epochs, style in (("batch", 404, 700, "-"), ("mini-batches", 20, 40, "--"), ("stochastic", 1, 4, ":")):
    begin = time.perf_counter()
    history = regression(housing, epochs, batch, eta=0.002)[1]
    seconds = (time.perf_counter() - begin) / epochs
    log_curves(history, f"runs/03_autograd/{name}")
    updates = -(-404 // batch)
    for ax, unit in zip(axes, (1, updates, seconds)):
        x = [unit * epoch for epoch in range(1, epochs + 1)]
        ax.plot(x, history["loss_test"], style, marker="o" if epochs < 10 else "", label=say(name))
    counts[name] = count = epochs_to(history["loss_test"], 30)
    if count:
        print(f"{say(name):>12} {count:>10} {count * updates:>12} {number(count * seconds, '.3f'):>10}")
for ax, label in zip(axes, (say("epochs"), say("updates"), say("seconds"))):
    ax.axhline(30, color="#999999", linewidth=1)
    ax.set(xlabel=label, xscale="log", yscale="log")
    ax.grid(alpha=0.3)
    ax.minorticks_off()
axes[0].set(ylabel=say("loss (test)"), yticks=(20, 30, 50, 100, 200, 500), yticklabels=(20, 30, 50, 100, 200, 500))
axes[1].legend(loc="lower left")
figures.show(
    fig,
    say(
        "The loss on the test examples of three descents, with the whole batch, mini-batches and single "
        "examples: by epochs, by updates, by seconds."
    ),
)
torch.set_num_threads(threads)
reveal(epochs_of_batch, counts["batch"])

# %% claim="updates are about equal for batch and mini-batches; stochastic descent gets there within two epochs"
assert 0.9 < counts["batch"] / (21 * counts["mini-batches"]) < 1.1
assert 22 <= counts["mini-batches"] <= 24 and 450 < counts["batch"] < 500
assert counts["stochastic"] <= 2

# %% [markdown] lang="en"
# Read the table with care, for the loss is measured at the end of each epoch, and only there. For stochastic descent
# that is every 404 updates: it may have reached the level long before the number in the table. For batch descent it is
# after *each* update: its seconds are largely spent on measuring the two losses, not on learning.
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
# Lisez le tableau avec précaution : le coût est mesuré à la fin de chaque époque, et là seulement. Pour la descente
# stochastique, c'est toutes les 404 mises à jour : elle a pu atteindre le niveau bien avant le nombre indiqué. Pour la
# descente par lot complet, c'est après *chaque* mise à jour : une bonne part de ses secondes passe à mesurer les deux
# coûts, et non à apprendre.
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
check.letters(which_clock, "abcde", options=("epochs", "updates", "seconds"))
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
# stays stable? Add a cell and look at `regression(housing, 20, 404, 0.1)[1]["loss_test"]`; then try 0.02 and 0.05 with
# `batch = 20`, and with `batch = 1` (4 epochs will do) 0.1, then 0.005. Which would you choose for ten million houses?
# Ten lines are enough.

# %% [markdown] lang="fr"
# **Comparez les trois descentes** sur le prix des logements, avec les nombres de votre propre tableau (recopiez-les dans
# votre réponse). Laquelle est la plus rapide, selon chacune des trois horloges, et pourquoi ? Qu'est-ce qui change si
# chacune prend le plus grand $\eta$ qu'elle supporte ? Ajoutez une cellule et regardez
# `regression(housing, 20, 404, 0.1)[1]["loss_test"]` ; essayez ensuite 0,02 et 0,05 avec `batch = 20` et, avec
# `batch = 1` (4 époques suffisent), 0,1, puis 0,005. Laquelle choisiriez-vous pour dix millions de logements ? Dix lignes suffisent.

# %% [markdown] open="compare_speed" points=3 ids=["A-Q1.3"]
# **English.** My table: batch 475 epochs, 475 updates, 0.16 s; mini-batches 23 epochs, 483 updates, 0.10 s; stochastic
# 2 epochs, 808 updates, 0.16 s. In epochs, stochastic descent wins by far: it takes 404 steps where batch descent takes
# one. In updates they are about equal: with the same small step, each goes about as far (the stochastic one is only
# measured at the end of an epoch). In seconds, an update costs almost the same on 20 examples as on one, and more on
# 404 (and batch descent measures its losses after each one), so mini-batches win. But the exact gradient of the whole
# batch allows a larger $\eta$: with 0.1 batch descent gets there in 9 epochs, that is 9 updates, the fewest of all;
# mini-batches are calm with 0.02 and need 3 epochs (63 updates), while with 0.05 they get there in one and then jump back
# above the level. In seconds the two are now close. Stochastic descent stays calm with 0.005 (one epoch) and diverges
# before 0.1 (NaN), since single examples with extreme features have steep slopes. For ten million
# houses, one update of batch descent reads them all: mini-batches, which have learnt most before the first epoch is
# over.
#
# **Français.** Mon tableau : lot complet 475 époques, 475 mises à jour, 0,16 s ; mini-lots 23 époques, 483 mises à jour,
# 0,10 s ; stochastique 2 époques, 808 mises à jour, 0,16 s. En époques, la descente stochastique l'emporte de loin :
# elle fait 404 pas quand l'autre en fait un. En mises à jour, elles se valent à peu près : avec le même petit pas,
# chacune avance d'autant (la stochastique n'est mesurée qu'en fin d'époque). En secondes, une mise à jour coûte
# presque autant sur 20 exemples que sur un seul, et davantage sur 404 (et le lot complet mesure ses coûts après chacune) :
# les mini-lots gagnent. Mais le gradient exact du lot complet permet un $\eta$ plus grand : avec 0,1, la descente par lot
# complet y arrive en 9 époques, donc 9 mises à jour, moins que toutes les autres ; les mini-lots restent calmes avec 0,02
# et demandent 3 époques (63 mises à jour), alors qu'avec 0,05 ils y arrivent en une, puis repassent au-dessus du niveau.
# En secondes, les deux se tiennent alors de près. La stochastique reste calme avec 0,005 (une époque) et diverge avant
# 0,1 (NaN), car des exemples isolés aux valeurs extrêmes ont des pentes très raides. Pour dix
# millions de logements, une seule mise à jour par lot complet les lit tous : des mini-lots, qui ont presque tout appris
# avant la fin de la première époque.

# %% [markdown] marking="compare_speed"
# - 1 point: the numbers of the student's own run, and from them a winner for at least two of the clocks that agrees
#   with these numbers. Seconds depend on the machine: any reading that agrees with the table is right.
# - 1 point: a reason: updates per epoch (404, 21, 1), or the cost of an update, or the larger $\eta$ that the exact
#   gradient allows (for the full batch $\eta$ may reach $2 / 11.6 \approx 0.17$; mini-batches of 20 are calm up to 0.03;
#   single examples become restless at 0.01 and diverge near 0.05).
# - 1 point: mini-batches (or stochastic descent) for large data, because a full-batch update reads everything for one
#   step.
# - "Stochastic is fastest" without a clock earns nothing.
# - see `say('updates'):>12`

# %% [markdown] lang="en"
# ## 8 · Back to the circles · about 10 minutes
#
# Now the network of `02_manual`. Its parameters must become leaves:
#
# ```python
# W = torch.randn(3, 5, requires_grad=True)         # a leaf
# W = 0.3 * torch.randn(3, 5, requires_grad=True)   # no leaf: it is the result of a product
# W = (0.3 * torch.randn(3, 5)).requires_grad_()    # a leaf again
# ```
#
# Write `init_params(nx, nh, ny)`. It returns a dictionary of four leaves: `"Wh"` $(n_h, n_x)$, `"bh"` $(n_h,)$, `"Wy"`
# $(n_y, n_h)$, `"by"` $(n_y,)$. Weights are drawn as before, anew at each call: normal, mean 0, standard deviation 0.3.
# Biases may be 0, and need a gradient too.

# %% [markdown] lang="fr"
# ## 8 · Retour aux cercles · environ 10 minutes
#
# Revenons au réseau de `02_manual`. Ses paramètres doivent devenir des feuilles :
#
# ```python
# W = torch.randn(3, 5, requires_grad=True)         # une feuille
# W = 0.3 * torch.randn(3, 5, requires_grad=True)   # pas une feuille : c'est le résultat d'un produit
# W = (0.3 * torch.randn(3, 5)).requires_grad_()    # de nouveau une feuille
# ```
#
# Écrivez `init_params(nx, nh, ny)`. Elle renvoie un dictionnaire de quatre feuilles : `"Wh"` $(n_h, n_x)$, `"bh"`
# $(n_h,)$, `"Wy"` $(n_y, n_h)$, `"by"` $(n_y,)$. Les poids sont tirés comme avant, à nouveau à chaque appel : loi normale,
# moyenne 0, écart-type 0,3. Les biais peuvent valoir 0, et il leur faut un gradient, à eux aussi.


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


# %% [markdown] hint="init_params" lang="en"
# ### The idea
#
# First make the four tensors, plain, as in `02_manual`. Then, in one loop over the dictionary, ask each for a gradient:
# what is scaled before that is a leaf all the same.
#
# ### The shapes
#
# A layer from $n_x$ to $n_h$ has weights (outputs, inputs), so `torch.randn(nh, nx)`, and a bias for each output.
#
# ### The code, with blanks
#
# ```python
# params = {
#     "Wh": 0.3 * ...,
#     "bh": torch.zeros(...),
#     "Wy": 0.3 * ...,
#     "by": torch.zeros(...),
# }
# for p in params.values():
#     p...
# return params
# ```

# %% [markdown] hint="init_params" lang="fr"
# ### L'idée
#
# Faites d'abord les quatre tenseurs, ordinaires, comme dans `02_manual`. Puis, dans une boucle sur le dictionnaire,
# demandez un gradient à chacun : ce qui a été multiplié avant cela reste une feuille.
#
# ### Les tailles
#
# Une couche de $n_x$ vers $n_h$ a des poids (sorties, entrées), donc `torch.randn(nh, nx)`, et un biais par sortie.
#
# ### Le code, à trous
#
# ```python
# params = {
#     "Wh": 0.3 * ...,
#     "bh": torch.zeros(...),
#     "Wy": 0.3 * ...,
#     "by": torch.zeros(...),
# }
# for p in params.values():
#     p...
# return params
# ```


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
apart = {name: float((p.grad - by_hand[name].reshape(p.shape)).abs().max()) for name, p in params.items()}
for name, difference in apart.items():
    print(f"{name}: {number(difference, '.1e')}")

# %% claim="autograd and the backward by hand agree up to rounding"
assert max(apart.values()) < 1e-5
assert max(float(p.grad.abs().max()) for p in params.values()) > 1e-3

# %% [markdown] lang="en"
# ### Which step is broken?
#
# All is there for the training loop. Six people have written it like this, with six different bodies:
#
# ```python
# params = init_params(2, 10, 2)
# for _ in range(15):
#     for indices in minibatches(200, 10):
#         X, Y = data.Xtrain[indices], data.Ytrain[indices]
#         …  # the lines of the letter
# ```
#
# One of the six learns. Find the first cause of what goes wrong with each of the others, **before you run anything**:
#
# - `"reset"`: gradients are not reset before the next `backward`.
# - `"leaf"`: the step makes new tensors, instead of changing the leaves.
# - `"no_grad"`: the step is not taken under `no_grad`.
# - `"graph"`: from the first step on, the loss has no graph.
# - `"nothing"`: nothing is wrong, it learns.

# %% [markdown] lang="fr"
# ### Quel pas est fautif ?
#
# Tout est prêt pour la boucle d'apprentissage. Six personnes l'ont écrite ainsi, avec six corps différents :
#
# ```python
# params = init_params(2, 10, 2)
# for _ in range(15):
#     for indices in minibatches(200, 10):
#         X, Y = data.Xtrain[indices], data.Ytrain[indices]
#         …  # les lignes de la lettre
# ```
#
# L'une des six apprend. Pour chacune des autres, trouvez la première cause de ce qui se passe mal, **avant d'exécuter
# quoi que ce soit** :
#
# - `"reset"` : les gradients ne sont pas remis à zéro avant le `backward` suivant.
# - `"leaf"` : le pas fabrique de nouveaux tenseurs, au lieu de modifier les feuilles.
# - `"no_grad"` : le pas n'est pas fait sous `no_grad`.
# - `"graph"` : dès le premier pas, le coût n'a pas de graphe.
# - `"nothing"` : tout va bien, elle apprend.

# %% setup
bodies = {
    "a": """
L, _ = loss_accuracy(forward(params, X)[0], Y)
L.backward()
with torch.no_grad():
    for p in params.values():
        p -= 0.3 * p.grad
""",
    "b": """
L, _ = loss_accuracy(forward(params, X)[0], Y)
L.backward()
with torch.no_grad():
    for p in params.values():
        grad, p.grad = p.grad, None
        p = p - 0.3 * grad
""",
    "c": """
L, _ = loss_accuracy(forward(params, X)[0], Y)
L.backward()
for p in params.values():
    p -= 0.3 * p.grad
    p.grad = None
""",
    "d": """
with torch.no_grad():
    L, _ = loss_accuracy(forward(params, X)[0], Y)
    L.backward()
    for p in params.values():
        p -= 0.3 * p.grad
        p.grad = None
""",
    "e": """
for p in params.values():
    p.grad = None
L, _ = loss_accuracy(forward(params, X)[0], Y)
L.backward()
with torch.no_grad():
    for p in params.values():
        p -= 0.3 * p.grad
""",
    "f": """
L, _ = loss_accuracy(forward(params, X)[0], Y)
L.backward()
with torch.no_grad():
    for name, p in params.items():
        params[name] = p - 0.3 * p.grad
""",
}
for letter, body in bodies.items():
    print(f"{letter}.{body}")


def run_body(body, epochs=15):
    """Train with the lines of a letter; return the loss after each epoch, and what PyTorch said if it refused."""
    scope, losses = {"torch": torch, "forward": forward, "loss_accuracy": loss_accuracy}, []
    scope["params"] = init_params(2, 10, 2)
    try:
        for _ in range(epochs):
            for indices in minibatches(200, 10):
                exec(body, scope | {"X": data.Xtrain[indices], "Y": data.Ytrain[indices]})
            with torch.no_grad():
                losses.append(float(loss_accuracy(forward(scope["params"], data.Xtrain)[0], data.Ytrain)[0]))
    except RuntimeError as error:
        return losses, str(error).split("\n")[0]
    return losses, ""


# %% answer="broken_steps"
def broken_steps():
    """Return a dict from each letter, "a" to "f", to "reset", "leaf", "no_grad", "graph" or "nothing"."""
    ### BEGIN SOLUTION
    return {"a": "reset", "b": "leaf", "c": "no_grad", "d": "graph", "e": "nothing", "f": "leaf"}
    ### END SOLUTION


# %% check="broken_steps_causes" points=2 ids=["P-2.2.2", "P-2.2.3"]
check.letters(broken_steps, "abcdef", options=("reset", "leaf", "no_grad", "graph", "nothing"))
### BEGIN HIDDEN TESTS
check.choices(
    broken_steps(),
    {"a": "reset", "b": "leaf", "c": "no_grad", "d": "graph", "e": "nothing", "f": "leaf"},
    because={
        "a": "each backward adds to .grad, so the steps grow and grow.",
        "b": "p = p - … gives the name p to a new tensor: params still holds the old leaves, and nothing is learnt.",
        "c": "PyTorch refuses to change a leaf in place while it notes operations.",
        "d": "forward and the loss are computed under no_grad too: nothing is noted, and backward finds no graph.",
        "e": "the gradients are reset before backward instead of after the step, which is just as good.",
        "f": "params now holds new tensors, made under no_grad: no gradient is wanted in them, so the second loss has no graph.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now run them: your answers stand beside what came. A broken step may stop with an error, stand still, or do harm.

# %% [markdown] lang="fr"
# Exécutez-les maintenant : vos réponses figurent à côté de ce qui s'est passé. Un pas fautif peut s'arrêter sur une
# erreur, rester sur place, ou faire du dégât.

# %% demo
causes = broken_steps()
ran = {}
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for (letter, body), style in zip(bodies.items(), ("-", "--", "", "", "-.", "")):
    torch.manual_seed(2)
    losses, refused = ran[letter] = run_body(body)
    print(f"{letter}. {causes.get(letter)!s:>8}  →  {refused or [round(loss, 2) for loss in losses[::7]]}")
    if not refused:
        ax.plot(range(1, 16), losses, style, label=letter)
ax.set(xlabel=say("epochs"), ylabel=say("loss (train)"), ylim=(0, 2))
ax.legend()
figures.show(fig, say("The loss with those of the loops that run."))

# %% claim="a blows up, b stands still, c d and f are refused, f after its first step only; e learns"
assert not any(ran[letter][1] for letter in "abe") and all(ran[letter][1] for letter in "cdf")
ends = {letter: ran[letter][0][-1] for letter in "abe"}
assert not ends["a"] < 0.7 and 0.6 < ends["b"] < 0.8 and max(ran["b"][0]) - min(ran["b"][0]) < 1e-4
assert ends["e"] < 0.55 and "leaf" in ran["c"][1] and "does not require grad" in ran["d"][1]

# %% [markdown] lang="en"
# Here is the whole program, and the same picture as at the end of `02_manual`, without one gradient of yours: 150 epochs,
# mini-batches of 10, ten hidden units. Compare `train` with that of `02_manual`: where are `outputs` and `grads`?

# %% [markdown] lang="fr"
# Voici le programme entier, et la même image qu'à la fin de `02_manual`, sans un seul gradient de votre main :
# 150 époques, des mini-lots de 10, dix unités cachées. Comparez `train` à celle de `02_manual` : où sont passés `outputs`
# et `grads` ?


# %% setup
def train(data, nh, epochs, batch, eta):
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


# %% demo
torch.manual_seed(0)
params, history = train(data, nh=10, epochs=150, batch=10, eta=0.3)
data.plot_data_with_grid(forward(params, data.Xgrid)[0])
for numbers in zip(*(history[name] for name in ("loss_train", "loss_test", "acc_train", "acc_test"))):
    data.plot_loss(*numbers)

# %% claim="the network separates the circles, as that of 02_manual did"
assert history["acc_train"][-1] > 0.9 and history["acc_test"][-1] > 0.9
assert history["loss_train"][-1] < 0.3

# %% [markdown] lang="en"
# ## What you have built
#
# A `backward` that works for any computation: you wrote the walk that PyTorch makes, through the graph that it notes while
# you compute; you gave it two operations of your own, and fitted house prices and circles. Remember the four moves of a
# training loop:
# loss, `backward()`, a step under `no_grad`, gradients reset. What is left by hand is the network itself, its parameters
# and its `forward`. In the next notebook, `torch.nn` writes these.
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓`, or
# `◦` where the answer is a choice. `✓` means that the check holds for the inputs that you see; `◦` promises only that
# the form is right, so read those questions once more. Have you compared the three descents, in part 7? Save, and
# hand in this file without renaming it.

# %% [markdown] lang="fr"
# ## Ce que vous avez construit
#
# Une fonction `backward` qui vaut pour tout calcul : vous avez écrit le parcours que fait PyTorch, à travers le graphe
# qu'il note pendant que vous calculez ; vous y avez ajouté deux opérations à vous, et vous avez appris le prix des
# logements et les cercles. Retenez les quatre gestes d'une boucle d'apprentissage : le coût, `backward()`, un pas sous `no_grad`, les gradients
# remis à zéro. Ce qui reste à la main, c'est le réseau lui-même, ses paramètres et sa fonction `forward`. Dans le
# prochain notebook, `torch.nn` les écrit.
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓`, ou `◦` si la réponse est un choix. `✓` signifie que la vérification tient pour les entrées que
# vous voyez ; `◦` ne promet que la forme : relisez donc ces questions-là. Avez-vous comparé les trois descentes, dans
# la partie 7 ? Enregistrez, puis rendez ce fichier sans le renommer.
