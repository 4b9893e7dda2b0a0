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
# # torch.nn
#
# The same network, the same circles, once more. This time PyTorch brings the layers and the loss. `init_params` and
# `forward` disappear; `loss_accuracy`, `sgd` and `train` stay, almost unchanged. What is left can train any network.
#
# **You will learn** to build a model and its loss from modules; to take a step on all `model.parameters()`, whatever
# the model; to keep SoftMax out of the model and to put it back for a picture; to write modules of your own, and to
# know what they register; to build a network of any depth from a list of sizes; to find what is wrong with a program
# that runs without an error.
#
# **You need** the program that `03_autograd` ended with. It is given below, and you go on from there: `init_params`,
# `forward`, a loss, `L.backward()`, an update under `torch.no_grad()`, gradients reset.
#
# | part | minutes |
# |---|---|
# | Where you stand | 7 |
# | 1 · A model and its loss | 12 |
# | 2 · Loss and accuracy | 6 |
# | 3 · One step, whatever the model | 6 |
# | 4 · Training | 15 |
# | 5 · Modules of your own | 17 |
# | 6 · With and without a container | 14 |
# | 7 · Any depth | 16 |
# | A playground | 8 |
# | 8 · Five programs that run, and are wrong | 27 |
# | *all together* | *128* |
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
# `None`, put your guess there before you run the next cell: it is not graded, and you learn most from a wrong one.

# %% [markdown] lang="fr"
# # torch.nn
#
# Le même réseau, les mêmes cercles, encore une fois. Cette fois, PyTorch apporte les couches et le coût. `init_params`
# et `forward` disparaissent ; `loss_accuracy`, `sgd` et `train` restent, presque inchangés. Ce qui subsiste sait
# entraîner n'importe quel réseau.
#
# **Vous allez apprendre** à construire un modèle et son coût à partir de modules ; à faire un pas sur tous les
# `model.parameters()`, quel que soit le modèle ; à laisser le SoftMax hors du modèle, et à le remettre pour une image ;
# à écrire vos propres modules, et à savoir ce qu'ils enregistrent ; à construire un réseau de profondeur quelconque à
# partir d'une liste de tailles ; à trouver ce qui ne va pas dans un programme qui tourne sans erreur.
#
# **Il vous faut** le programme auquel `03_autograd` a abouti. Il est donné ci-dessous, et vous en repartez :
# `init_params`, `forward`, un coût, `L.backward()`, une mise à jour sous `torch.no_grad()`, des gradients remis à zéro.
#
# | partie | minutes |
# |---|---|
# | Où vous en êtes | 7 |
# | 1 · Un modèle et son coût | 12 |
# | 2 · Coût et taux de réussite | 6 |
# | 3 · Un pas, quel que soit le modèle | 6 |
# | 4 · L'apprentissage | 15 |
# | 5 · Vos propres modules | 17 |
# | 6 · Avec ou sans conteneur | 14 |
# | 7 · Profondeur quelconque | 16 |
# | Un terrain de jeu | 8 |
# | 8 · Cinq programmes qui tournent, et qui sont faux | 27 |
# | *en tout* | *128* |
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
# plus.

# %% setup
import functools

import matplotlib.pyplot as plt
import torch

from helpers import CirclesData, HousingData, check, figures, playground, probes, progress, reveal, start
from helpers.messages import _ as say
from helpers.messages import number
from helpers.samples import LINEAR_TRAINING, by_shape, random_batch, shifted_circles

start("04_nn", lang="en")
data = CirclesData()

# %% [markdown] lang="en"
# ## Where you stand · about 7 minutes
#
# Three questions from earlier notebooks. Answer each in your head, then unfold it.
#
# <details>
# <summary>1 · 01_math: add 5 to all the scores of an example. What becomes of its probabilities?</summary>
#
# Nothing: SoftMax looks only at differences of scores. In particular the largest score stays the largest probability,
# and large scores can be made harmless before the exponential. In part 1, a module does so for you.
#
# </details>
#
# <details>
# <summary>2 · 02_manual: which shapes have the weights and the bias of the hidden layer, and how are they used?</summary>
#
# $W_h$ has the shape $(n_h, n_x)$, $b_h$ the shape $(n_h,)$, and a batch $X$, $(n, n_x)$, becomes $X W_h^T + b_h$,
# $(n, n_h)$. A `Linear` of PyTorch keeps its two tensors in these very shapes.
#
# </details>
#
# <details>
# <summary>3 · 03_autograd: two backward passes, no reset between them. What is in p.grad?</summary>
#
# The sum of the two gradients: `backward` adds to what is there. So every step ends with a reset. In part 8 you will
# see what a forgotten one looks like.
#
# </details>
#
# This is the program of `03_autograd`, whole. Autograd computes the gradients; all the rest is by hand: the four
# tensors, their shapes, the products, tanh, SoftMax, the logarithm. Three functions carry `_03` in their names, because
# you are about to write their successors.

# %% [markdown] lang="fr"
# ## Où vous en êtes · environ 7 minutes
#
# Trois questions sur les notebooks précédents. Répondez à chacune de tête, puis dépliez-la.
#
# <details>
# <summary>1 · 01_math : on ajoute 5 à tous les scores d'un exemple. Que deviennent ses probabilités ?</summary>
#
# Rien ne change : le SoftMax ne dépend que des différences entre scores. En particulier, le plus grand score reste la
# plus grande probabilité, et l'on peut rendre inoffensifs de grands scores avant l'exponentielle. Dans la partie 1, un
# module s'en charge pour vous.
#
# </details>
#
# <details>
# <summary>2 · 02_manual : quelles sont les tailles des poids et du biais de la couche cachée, et à quoi servent-ils ?</summary>
#
# $W_h$ est de taille $(n_h, n_x)$, $b_h$ de taille $(n_h,)$, et un lot $X$, $(n, n_x)$, devient $X W_h^T + b_h$,
# $(n, n_h)$. Un `Linear` de PyTorch garde ses deux tenseurs exactement sous ces tailles.
#
# </details>
#
# <details>
# <summary>3 · 03_autograd : deux passes arrière, sans remise à zéro entre les deux. Que contient p.grad ?</summary>
#
# La somme des deux gradients : `backward` ajoute à ce qui s'y trouve. C'est pourquoi chaque pas se termine par une
# remise à zéro. Dans la partie 8, vous verrez à quoi ressemble un oubli.
#
# </details>
#
# Voici le programme de `03_autograd`, en entier. Autograd calcule les gradients ; tout le reste est fait à la main :
# les quatre tenseurs, leurs tailles, les produits, tanh, SoftMax, le logarithme. Trois fonctions ont `_03` dans leur
# nom, parce que vous allez écrire celles qui leur succèdent.


# %% setup
def init_params(nx, nh, ny):
    params = {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": torch.zeros(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": torch.zeros(ny),
    }
    for p in params.values():
        p.requires_grad_()
    return params


def forward(params, X):
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    Yhat = torch.softmax(ytilde, 1)
    return Yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": Yhat}


def minibatches(n, batch):
    return list(torch.randperm(n).split(batch))


def loss_accuracy_03(Yhat, Y):
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc


def sgd_03(params, eta):
    with torch.no_grad():
        for p in params.values():
            p -= eta * p.grad
            p.grad.zero_()
    return params


def train_03(data, nh, epochs, batch, eta):
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat, _ = forward(params, data.Xtrain[indices])
            L, _ = loss_accuracy_03(Yhat, data.Ytrain[indices])
            L.backward()
            sgd_03(params, eta)
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy_03(forward(params, X)[0], Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return params, history


# %% demo
torch.manual_seed(0)
params, history = train_03(data, nh=10, epochs=80, batch=10, eta=0.3)
with torch.no_grad():
    data.plot_data_with_grid(forward(params, data.Xgrid)[0], title="03_autograd")

# %% claim="the program of 03 separates the circles"
assert history["acc_train"][-1] > 0.9 and history["acc_test"][-1] > 0.85

# %% [markdown] lang="en"
# At the end of part 4 you will see nearly the same picture, from a program that no longer knows what a weight matrix
# is.
#
# ## 1 · A model and its loss · about 12 minutes
#
# A *module* is a piece of a network: an object that you apply to a tensor, and that keeps the parameters that it needs.
# For every line of `forward` there is one.
#
# | by hand | module | its parameters |
# |---|---|---|
# | `X @ Wh.T + bh` | `torch.nn.Linear(nx, nh)` | `weight` $(n_h, n_x)$, `bias` $(n_h,)$ |
# | `torch.tanh(htilde)` | `torch.nn.Tanh()` | none |
# | one line after the other | `torch.nn.Sequential(…, …, …)` | those of its modules |
# | `-(Y * torch.log(Yhat)).sum(1).mean()` | `torch.nn.CrossEntropyLoss()` | none |
#
# The first column makes tensors and needs `params`. The second makes *objects*: `model = torch.nn.Sequential(…)`, once,
# and then `model(X)` as often as you like. The weights are drawn when a `Linear` is made.
#
# **SoftMax is missing from this table, and from the model.** `CrossEntropyLoss` takes the scores $\tilde{y}$, not the
# probabilities $\hat{y}$, and does SoftMax and logarithm by itself:
#
# $$\ell(y, \tilde{y}) = -\sum_{i=1}^{n_y} y_i \, \tilde{y}_i + \log \sum_{j=1}^{n_y} e^{\tilde{y}_j}$$
#
# for one example, with $y$ and $\tilde{y}$ of shape $(n_y,)$. It computes the last term as in `01_math`, so that large
# scores do no harm. For a batch it returns the mean. The call is `loss(Ytilde, Y)`, in this order: the scores, then the
# targets, both of shape $(n, n_y)$.
#
# So the model ends with its last `Linear`. What it gives are **scores**, and the code calls them `Ytilde`. They can be
# negative, and a row does not add up to 1.
#
# Write `init_model`: the network of the circles, with $n_h$ hidden units and tanh, and its loss. Each call draws new
# weights.

# %% [markdown] lang="fr"
# À la fin de la partie 4, vous reverrez cette image, à peu de chose près, produite par un programme qui ne sait plus ce
# qu'est une matrice de poids.
#
# ## 1 · Un modèle et son coût · environ 12 minutes
#
# Un *module* est un morceau de réseau : un objet que l'on applique à un tenseur, et qui garde les paramètres dont il a
# besoin. À chaque ligne de `forward` correspond un module.
#
# | à la main | module | ses paramètres |
# |---|---|---|
# | `X @ Wh.T + bh` | `torch.nn.Linear(nx, nh)` | `weight` $(n_h, n_x)$, `bias` $(n_h,)$ |
# | `torch.tanh(htilde)` | `torch.nn.Tanh()` | aucun |
# | une ligne après l'autre | `torch.nn.Sequential(…, …, …)` | ceux de ses modules |
# | `-(Y * torch.log(Yhat)).sum(1).mean()` | `torch.nn.CrossEntropyLoss()` | aucun |
#
# La première colonne fabrique des tenseurs et a besoin de `params`. La deuxième fabrique des *objets* :
# `model = torch.nn.Sequential(…)`, une seule fois, puis `model(X)` autant de fois que l'on veut. Les poids sont tirés
# au moment où l'on crée un `Linear`.
#
# **Le SoftMax ne figure ni dans ce tableau, ni dans le modèle.** `CrossEntropyLoss` prend les scores $\tilde{y}$, et
# non les probabilités $\hat{y}$ ; elle fait elle-même SoftMax et logarithme :
#
# $$\ell(y, \tilde{y}) = -\sum_{i=1}^{n_y} y_i \, \tilde{y}_i + \log \sum_{j=1}^{n_y} e^{\tilde{y}_j}$$
#
# pour un exemple, où $y$ et $\tilde{y}$ sont de taille $(n_y,)$. Elle calcule le dernier terme comme dans `01_math`, si
# bien que de grands scores ne posent pas de problème. Pour un lot, elle renvoie la moyenne. L'appel est
# `loss(Ytilde, Y)`, dans cet ordre : les scores, puis les cibles, de taille $(n, n_y)$ les uns et les autres.
#
# Le modèle s'arrête donc à son dernier `Linear`. Ce qu'il donne, ce sont des **scores**, que le code appelle `Ytilde`.
# Ils peuvent être négatifs, et la somme d'une ligne n'est pas 1.
#
# Écrivez `init_model` : le réseau des cercles, avec $n_h$ unités cachées et tanh, et son coût. La fonction renvoie
# `(model, loss)` ; chaque appel tire de nouveaux poids.


# %% answer="init_model"
def init_model(nx, nh, ny):
    """Make a network with one hidden layer, and its loss.

    nx, nh, ny: numbers of inputs, hidden units and outputs.
    Returns (model, loss): model, a torch.nn.Module drawn anew at each call, takes X (n, nx) to scores
    (n, ny) by an affine map, tanh and an affine map, without SoftMax; loss takes such scores and one-hot
    targets (n, ny) to their cross-entropy, averaged over the n examples.
    """
    ### BEGIN SOLUTION
    model = torch.nn.Sequential(
        torch.nn.Linear(nx, nh),
        torch.nn.Tanh(),
        torch.nn.Linear(nh, ny),
    )
    return model, torch.nn.CrossEntropyLoss()
    ### END SOLUTION


# %% [markdown] hint="init_model" lang="en"
# ### The idea
#
# The table above is the recipe: one module for each line of `forward`, chained in the same order, then the loss. The
# answer is two objects: the model, and a loss that has been made, with parentheses.
#
# ### The shapes
#
# $X$, $(n, n_x)$, becomes $(n, n_h)$, then $(n, n_y)$: `Linear` takes the number of what comes in, then of what goes
# out. Nothing follows the last one: SoftMax is the work of the loss.
#
# ### The code, with blanks
#
# ```python
# model = ...(
#     torch.nn.Linear(nx, ...),
#     ...,
#     torch.nn.Linear(..., ny),
# )
# ```

# %% [markdown] hint="init_model" lang="fr"
# ### L'idée
#
# Le tableau ci-dessus est la recette : un module pour chaque ligne de `forward`, enchaînés dans le même ordre, puis le
# coût. La réponse, ce sont deux objets : le modèle, et un coût que l'on a créé, avec des parenthèses.
#
# ### Les tailles
#
# $X$, $(n, n_x)$, devient $(n, n_h)$, puis $(n, n_y)$ : `Linear` prend le nombre de ce qui entre, puis de ce qui sort.
# Rien ne suit le dernier : le SoftMax est l'affaire du coût.
#
# ### Le code, à trous
#
# ```python
# model = ...(
#     torch.nn.Linear(nx, ...),
#     ...,
#     torch.nn.Linear(..., ny),
# )
# ```


# %% check="init_model_returns" points=1 ids=["P-2.3.1"]
def verify(x, nh, ny):
    """Make a model and call it once."""
    call = f"init_model({x.shape[1]}, {nh}, {ny})"
    model, loss = check.pair(check.made(init_model, x.shape[1], nh, ny), call)
    about, other = probes.describe(model), probes.describe(loss)
    check.that(
        not other.get("parameters") or about.get("parameters"),
        "the two values are swapped: the model first, then the loss",
    )
    check.module(about, f"{call}[0]")
    try:
        got = model(x)
    except RuntimeError as error:
        check.that(
            "cannot be multiplied" not in str(error),
            "the parameters of the model have the shapes {found}; expected {wanted}",
            found=", ".join(str(tuple(facts["shape"])) for facts in about["parameters"].values()),
            wanted=f"{(nh, x.shape[1])}, {(nh,)}, {(ny, nh)}, {(ny,)}",
        )
        raise
    check.tensor(got, (len(x), ny), "model(X)")
    check.that(got.requires_grad, "model(X) has no graph: autograd cannot follow it back")
    unreached = probes.unreached(model, x)
    check.that(
        not unreached,
        "a part of the graph is cut off, by .detach(), .data or no_grad: no gradient reaches {names}",
        names=", ".join(unreached),
    )


verify(torch.zeros(6, 2), 10, 3)
verify(torch.ones(1, 2), 10, 3)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 4), 7, 3)
verify(torch.randn(1, 4), 7, 3)
verify(torch.randn(4, 5).T, 7, 3)
### END HIDDEN TESTS


# %% check="init_model_scores" points=2 ids=["P-2.3.1"]
def verify(n, nx, nh, ny):
    """Compare the model with the network that its own parameters make."""
    call = f"init_model({nx}, {nh}, {ny})"
    model = check.pair(check.made(init_model, nx, nh, ny), call)[0]
    check.module(probes.describe(model), f"{call}[0]")
    params = probes.parameters(model)
    weights = by_shape(params, nx, nh, ny)
    check.that(
        any(value.ndim == 1 for value in params.values()) or len(params) != 2,
        "the layers have no bias: torch.nn.Linear(…) makes them with one, unless it is told bias=False",
    )
    check.that(
        weights is not None,
        "the parameters of the model have the shapes {found}; expected {wanted}",
        found=", ".join(str(tuple(value.shape)) for value in params.values()),
        wanted=f"{(nh, nx)}, {(nh,)}, {(ny, nh)}, {(ny,)}",
    )
    x = 3 * torch.randn(n, nx)
    check.that(
        torch.equal(model(x), model(x)),
        "two calls on the same X give different scores: no dropout here, and no layer made in forward",
    )

    def network(act):
        h = act(torch.nn.functional.linear(x, weights["Wh"], weights["bh"]))
        return torch.nn.functional.linear(h, weights["Wy"], weights["by"])

    scores = network(torch.tanh)
    check.close(
        model(x),
        scores,
        "model(X)",
        also=scores.log_softmax(1),
        unless={
            "the model ends with SoftMax: CrossEntropyLoss does it itself, so the model stops at the scores": scores.softmax(
                1
            ),
            "the model ends with SoftMax, and over the examples: leave it out, CrossEntropyLoss does it itself, over the classes": scores.softmax(
                0
            ),
            "there is no activation between the two layers: put tanh there": network(lambda a: a),
            "you used ReLU; this network uses tanh": network(torch.relu),
            "you used the sigmoid; this network uses tanh": network(torch.sigmoid),
            "you used SoftMax between the layers; this network uses tanh": network(lambda a: a.softmax(1)),
            "the model ends with tanh: the scores are not squeezed, they come out of the last affine map": scores.tanh(),
            "the model ends with a sigmoid: the scores are not squeezed, they come out of the last affine map": scores.sigmoid(),
        },
    )


verify(6, 2, 10, 3)
### BEGIN HIDDEN TESTS
verify(5, 4, 7, 3)
verify(11, 3, 9, 5)
### END HIDDEN TESTS

# %% check="init_model_loss" points=1 ids=["P-2.3.1"]
loss = check.pair(check.made(init_model, 3, 5, 2), "init_model(3, 5, 2)")[1]
kind = probes.describe(loss)["kind"]
check.that(kind != "type", "the loss is a class: make one of it, with parentheses")
check.that(
    kind != "NLLLoss",
    "NLLLoss takes logarithms of probabilities and numbers of classes; CrossEntropyLoss takes scores and one-hot targets",
)
check.that(
    kind != "BCELoss",
    "BCELoss takes a probability for each output on its own; CrossEntropyLoss takes scores and one-hot targets",
)
guess = torch.tensor([[1.0, 1.0], [0.0, 2.0], [5.0, 4.0]])
target = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
try:
    below = loss(-guess, target.clone())
except (NotImplementedError, TypeError, ValueError):
    below = None
check.that(
    below is not None, "the second value cannot be called as loss(Ytilde, Y): it should be a torch.nn.CrossEntropyLoss()"
)
check.that(
    not isinstance(below, torch.Tensor) or not below.isnan().any(),
    "the logarithm of a negative score is NaN: CrossEntropyLoss takes the scores, and does SoftMax and logarithm itself",
)
check.close(
    loss(guess, target),
    0.37778,
    "loss(Ytilde, Y)",
    unless={
        "the loss sums over the batch; keep the mean, which does not grow with the batch": 1.13334,
        "this is the squared error; the cross-entropy was asked for": 5.66667,
        "this is the error of L1Loss; the cross-entropy was asked for": 1.66667,
        "this is a binary cross-entropy for each output on its own; CrossEntropyLoss was asked for": 1.07858,
        "SoftMax is taken twice: this loss applies it to numbers that went through SoftMax already": 0.52162,
        "SoftMax and logarithm are missing from this loss: it is given scores": -8 / 3,
    },
)
### BEGIN HIDDEN TESTS
loss = check.pair(check.made(init_model, 4, 7, 3), "init_model(4, 7, 3)")[1]
guess, target = 4 * torch.randn(5, 3), random_batch(5, 4, 3)[1]
expected = -(target * guess.log_softmax(1)).sum(1).mean()
check.close(
    loss(guess, target),
    expected,
    "loss(Ytilde, Y)",
    unless={
        "the loss sums over the batch; keep the mean, which does not grow with the batch": expected
        * 5,
        "this is the squared error; the cross-entropy was asked for": ((guess - target) ** 2).mean(),
        "this is the error of L1Loss; the cross-entropy was asked for": (
            (guess - target).abs().mean()
        ),
        "this is a binary cross-entropy for each output on its own; CrossEntropyLoss was asked for": (
            torch.nn.functional.binary_cross_entropy_with_logits(guess, target)
        ),
        "SoftMax is taken twice: this loss applies it to numbers that went through SoftMax already": (
            torch.nn.functional.cross_entropy(guess.softmax(1), target)
        ),
    },
)
### END HIDDEN TESTS

# %% check="init_model_fresh" points=1 ids=["P-2.3.1"]
def verify(nx, nh, ny):
    """Make two models and compare their weights."""
    call = f"init_model({nx}, {nh}, {ny})"
    models = [check.pair(check.made(init_model, nx, nh, ny), call)[0] for _ in range(2)]
    check.module(probes.describe(models[0]), f"{call}[0]")
    first, again = (list(probes.parameters(model).values()) for model in models)
    check.that(
        all(float(value.std()) > 0 for value in first if value.ndim == 2 and min(value.shape) > 1),
        "all the weights are equal: the hidden units could never become different",
    )
    check.that(
        any(not torch.equal(one, other) for one, other in zip(first, again)),
        "two calls give the same weights: make the layers inside init_model, without fixing the seed",
    )


verify(4, 7, 3)
### BEGIN HIDDEN TESTS
verify(5, 9, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 2 · Loss and accuracy · about 6 minutes
#
# `loss_accuracy` gets one more argument, the loss: a function of the scores `Ytilde` and of `Y`. The line with the
# logarithm goes; a call takes its place. Then any loss will do, and `loss_accuracy` need not know which.
#
# The line of the accuracy stays as it was, but that it now gets the scores. The largest score is also the largest probability, since SoftMax keeps the
# order: to find the predicted class, no SoftMax is needed.
#
# `L` must still be a tensor at the end of its graph: `L.backward()` starts there. The accuracy is a rate between 0 and
# 1.

# %% [markdown] lang="fr"
# ## 2 · Coût et taux de réussite · environ 6 minutes
#
# `loss_accuracy` reçoit un argument de plus, le coût : une fonction des scores `Ytilde` et de `Y`. La ligne du
# logarithme disparaît ; un appel la remplace. Dès lors, n'importe quel coût convient, et `loss_accuracy` n'a pas à
# savoir lequel.
#
# La ligne du taux de réussite ne change pas, sinon qu'elle reçoit maintenant les scores. Le plus grand score est aussi la plus grande probabilité, car le SoftMax
# conserve l'ordre : pour trouver la classe prédite, pas besoin de SoftMax.
#
# `L` doit rester un tenseur, au bout de son graphe : c'est de là que part `L.backward()`. Le taux de réussite est
# compris entre 0 et 1 ; la fonction renvoie les deux, `(L, acc)`.


# %% answer="loss_accuracy"
def loss_accuracy(loss, Ytilde, Y):
    """Measure the error of a batch of predictions.

    loss: a function of Ytilde and Y, such as torch.nn.CrossEntropyLoss().
    Ytilde: scores (n, ny), as the model gives them. Y: one-hot targets (n, ny).
    Returns (L, acc), two single numbers: L, what loss gives for Ytilde and Y, still on its graph; acc, the
    share of examples whose class is predicted right, between 0 and 1.
    """
    ### BEGIN SOLUTION
    L = loss(Ytilde, Y)
    acc = (Ytilde.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc
    ### END SOLUTION


# %% [markdown] hint="loss_accuracy" lang="en"
# ### The idea
#
# `loss` is a function: call it, on the scores as they are, and return what it gives. For the accuracy, compare the
# class that was predicted with the true one, example by example.
#
# ### The shapes
#
# `argmax(1)` finds the place of the largest number of each row: $(n, n_y)$ becomes $(n,)$, class numbers. $Y$ is
# one-hot, so it needs one too. Comparing gives $n$ booleans; `.float()` makes 0 and 1 of them, and their mean is the
# rate.
#
# ### The code, with blanks
#
# ```python
# L = loss(...)
# acc = (... == ...).float()...
# ```

# %% [markdown] hint="loss_accuracy" lang="fr"
# ### L'idée
#
# `loss` est une fonction : appelez-la sur les scores tels qu'ils sont, et renvoyez ce qu'elle donne. Pour le taux de
# réussite, comparez la classe prédite à la vraie, exemple par exemple.
#
# ### Les tailles
#
# `argmax(1)` trouve la place du plus grand nombre de chaque ligne : $(n, n_y)$ devient $(n,)$, des numéros de classe.
# $Y$ est one-hot, il lui en faut donc un aussi. La comparaison donne $n$ booléens ; `.float()` en fait des 0 et des 1,
# dont la moyenne est le taux.
#
# ### Le code, à trous
#
# ```python
# L = loss(...)
# acc = (... == ...).float()...
# ```


# %% check="loss_accuracy_loss" points=1 ids=["P-2.3.2"]
def measured(guess, target, **options):
    """Measure with a CrossEntropyLoss that has these options."""
    try:
        return probes.measured(loss_accuracy, "CrossEntropyLoss", options, guess, target)
    except RuntimeError as error:
        check.that("The size of tensor a" not in str(error), "Y is one-hot: compare with Y.argmax(1)")
        check.that("Got: Bool" not in str(error), "a comparison gives booleans, which have no mean: make numbers of them first, .float()")
        raise


def verify(guess, target, **options):
    """Measure with a CrossEntropyLoss that has these options."""
    entropy = torch.nn.functional.cross_entropy
    run = measured(*check.copies(guess, target), **options)
    L = check.pair(run["result"], "loss_accuracy(loss, Ytilde, Y)")[0]
    check.that(
        check.is_finite(L),
        "the logarithm of a negative score is NaN: CrossEntropyLoss takes the scores, and does SoftMax and logarithm itself",
    )
    check.close(
        L,
        entropy(guess, target, **options),
        "loss_accuracy(loss, Ytilde, Y)[0]",
        unless={
            "the two values are swapped: the loss first, then the accuracy": (
                (guess.argmax(1) == target.argmax(1)).double().mean()
            ),
            "SoftMax is taken twice: the loss does it already, give it the scores as they are": entropy(
                guess.softmax(1), target, **options
            ),
            "SoftMax is taken twice, and over the examples: give the loss the scores as they are": entropy(
                guess.softmax(0), target, **options
            ),
            "the loss takes the scores as they are, without a sigmoid": entropy(guess.sigmoid(), target, **options),
            "the two arguments of the loss are swapped: the scores first, then Y": entropy(
                target, guess, **options
            ),
            "the argument loss is not used: L is what loss gives for the scores and Y": entropy(
                guess, target
            ),
            "L is divided by the number of examples, or averaged, once more: the loss does it already": entropy(
                guess, target, **options
            )
            / len(guess),
        },
    )
    check.that(
        run["slope"] is not None,
        "L is cut off from its graph: return what the loss gives, so that L.backward() can start there",
    )


verify(torch.tensor([[3.0, -1.0], [0.5, 0.0], [-4.0, 1.0]]), torch.eye(2)[[0, 1, 1]])
verify(torch.tensor([[3.0, -1.0], [0.5, 0.0], [-4.0, 1.0]]), torch.eye(2)[[0, 1, 1]], reduction="sum")
### BEGIN HIDDEN TESTS
target = torch.eye(4)[[0, 1, 2, 3, 2, 1, 0]]
verify(3 * torch.randn(7, 4), target)
verify(3 * torch.randn(4, 7).T, target, label_smoothing=0.2)
verify(3 * torch.randn(7, 4, dtype=torch.float64), target.double(), reduction="sum")
verify(3 * torch.randn(1, 4), target[:1])
### END HIDDEN TESTS

# %% check="loss_accuracy_rate" points=1 ids=["P-2.3.2"]
def measured(guess, target, **options):
    """Measure with a CrossEntropyLoss that has these options."""
    try:
        return probes.measured(loss_accuracy, "CrossEntropyLoss", options, guess, target)
    except RuntimeError as error:
        check.that("The size of tensor a" not in str(error), "Y is one-hot: compare with Y.argmax(1)")
        check.that("Got: Bool" not in str(error), "a comparison gives booleans, which have no mean: make numbers of them first, .float()")
        raise


guess = torch.tensor([[4.0, 1.0], [-1.0, -2.0], [0.2, 1.8], [-3.0, -0.5]])
target = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
run = measured(guess, target)
check.close(
    check.pair(run["result"], "loss_accuracy(loss, Ytilde, Y)")[1],
    0.75,  # 3 of 4
    "loss_accuracy(loss, Ytilde, Y)[1]",
    unless={
        "the two values are swapped: the loss first, then the accuracy": (
            torch.nn.functional.cross_entropy(guess, target)
        ),
        "argmax() looks at the whole table: the class of an example is the largest value of its row, argmax(1)": 1.0,
        "divide by the number of examples, not by that of the entries of Y": 0.375,
        "the accuracy is a rate between 0 and 1, not a percentage": 75.0,
        "this counts the right predictions; divide by their number": 3.0,
        "this is the rate of errors, not of right predictions": 0.25,
        "you compared the columns: the class of an example is the largest value of its row, argmax(1)": 0.5,
        "these are scores, not probabilities: compare with argmax(1), not with one half": 0.625,
    },
)
### BEGIN HIDDEN TESTS
target = torch.eye(4)[[0, 1, 2, 3, 2, 3, 0, 1, 0, 2, 3]]
guess = torch.randn(11, 4) - 3
guess[:6] += 5 * target[:6]
right = guess.max(1).indices == target.max(1).indices
run = measured(guess, target)
check.close(
    check.pair(run["result"], "loss_accuracy(loss, Ytilde, Y)")[1],
    right.double().mean(),
    "loss_accuracy(loss, Ytilde, Y)[1]",
    unless={
        "the accuracy is a rate between 0 and 1, not a percentage": 100 * right.double().mean(),
        "this counts the right predictions; divide by their number": right.sum(),
        "you compared the columns: the class of an example is the largest value of its row, argmax(1)": (
            (guess.argmax(0) == target.argmax(0)).double().mean()
        ),
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 3 · One step, whatever the model · about 6 minutes
#
# `params` is gone: where are the weights now? In the modules. `model.parameters()` goes through all of them, however
# the model is made, each with its `.grad` after `L.backward()`. And `model.zero_grad()` resets all the gradients at
# once.
#
# | `03_autograd` | now |
# |---|---|
# | `for p in params.values():` | `for p in model.parameters():` |
# | `p.grad.zero_()`, in the loop | `model.zero_grad()`, once, **after** the loop |
#
# Why after? `zero_grad` makes every `.grad` of the model `None`, also those that the loop has not yet reached.
#
# Write `sgd`. As before, the update is done under `torch.no_grad()`: it is not a computation to be differentiated.

# %% [markdown] lang="fr"
# ## 3 · Un pas, quel que soit le modèle · environ 6 minutes
#
# `params` a disparu : où sont passés les poids ? Dans les modules. `model.parameters()` les parcourt tous, de quelque
# façon que le modèle soit fait, chacun avec son `.grad` après `L.backward()`. Et `model.zero_grad()` remet tous les
# gradients à zéro d'un coup.
#
# | `03_autograd` | maintenant |
# |---|---|
# | `for p in params.values():` | `for p in model.parameters():` |
# | `p.grad.zero_()`, dans la boucle | `model.zero_grad()`, une seule fois, **après** la boucle |
#
# Pourquoi après ? `zero_grad` met à `None` tous les `.grad` du modèle, y compris ceux que la boucle n'a pas encore
# atteints.
#
# Écrivez `sgd`. Comme avant, la mise à jour se fait sous `torch.no_grad()` : ce n'est pas un calcul à dériver. Les
# paramètres sont modifiés sur place, puis les gradients remis à zéro ; la fonction renvoie `model`, ou rien.


# %% answer="sgd"
def sgd(model, eta):
    """Take one step of gradient descent, then reset the gradients.

    model: a torch.nn.Module, whatever its layers, with the gradients that L.backward() left; its
    parameters are changed in place, and still require gradients afterwards.
    eta: learning rate, >= 0.
    Returns model, or nothing.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        for p in model.parameters():
            p -= eta * p.grad
    model.zero_grad()
    return model
    ### END SOLUTION


# %% [markdown] hint="sgd" lang="en"
# ### The idea
#
# It is the `sgd_03` above. Only two things differ: who gives the tensors, and how they are all reset.
#
# ### Where each line stands
#
# Under `torch.no_grad()` stands the loop, and in it the update, in place. The reset comes after the loop: it takes away
# the gradients of all the parameters at once.
#
# ### The code, with blanks
#
# ```python
# with torch.no_grad():
#     for p in ...:
#         p -= ...
# model.z...
# ```

# %% [markdown] hint="sgd" lang="fr"
# ### L'idée
#
# C'est le `sgd_03` ci-dessus. Deux choses seulement diffèrent : qui donne les tenseurs, et comment on les remet tous à
# zéro.
#
# ### La place de chaque ligne
#
# Sous `torch.no_grad()` se trouve la boucle, et dans la boucle la mise à jour, sur place. La remise à zéro vient après
# la boucle : elle enlève d'un coup les gradients de tous les paramètres.
#
# ### Le code, à trous
#
# ```python
# with torch.no_grad():
#     for p in ...:
#         p -= ...
# model.z...
# ```


# %% check="sgd_step" points=1 ids=["P-2.3.3"]
def verify(layers, values, slopes, eta):
    """Take one step and compare every parameter."""
    run = probes.one_step(sgd, layers, values, slopes, [eta])
    check.stepped(run)
    moved = [not torch.equal(new, old) for new, old in zip(run["values"], values)]
    true = {i: old - eta * slope for i, (old, slope) in enumerate(zip(values, slopes))}
    with check.table(dict(enumerate(run["values"])), true, dict(enumerate(values))):
        check.that(
            all(moved) or moved != [value.ndim > 1 for value in values],
            "only the weights move: the biases are parameters too",
        )
        check.that(
            not moved[0] or any(moved[1:]),
            "only the first parameter moved: are return and zero_grad inside the loop?",
        )
        for i, (new, old, slope) in enumerate(zip(run["values"], values, slopes)):
            check.close(
                new,
                true[i],
                f"list(model.parameters())[{i}]",
                unless={
                    "you walked up the slope: the gradient is subtracted": old + eta * slope,
                    "you forgot the learning rate": old - slope,
                    "the learning rate is always 0.1: take the argument eta": old - 0.1 * slope,
                    "nothing changed: w = w - … gives the name to another tensor (change the parameter itself, in place), or the gradients were reset before the step": old,
                },
            )
    check.that(
        all(run["trained"]),
        "after sgd, the parameters no longer require gradients: leave requires_grad as it is",
    )


verify(
    [["Linear", 2, 1], ["Linear", 1, 1]],
    [torch.tensor([[1.0, 2.0]]), torch.tensor([0.5]), torch.tensor([[3.0]]), torch.tensor([-1.0])],
    [torch.tensor([[10.0, -10.0]]), torch.tensor([1.0]), torch.tensor([[4.0]]), torch.tensor([2.0])],
    0.25,
)
### BEGIN HIDDEN TESTS
shapes = [(7, 3), (7,), (4, 7), (4,)]
verify(
    [["Linear", 3, 7], ["Tanh"], ["Linear", 7, 4]],
    [torch.randn(shape) for shape in shapes],
    [torch.randn(shape) for shape in shapes],
    0.07,
)
### END HIDDEN TESTS

# %% check="sgd_reset" points=1 ids=["P-2.3.3"]
shapes = [(5, 3), (5,), (2, 5), (2,)]
values, slopes = ([torch.randn(shape) for shape in shapes] for _ in range(2))
layers = [["Linear", 3, 5], ["Tanh"], ["Linear", 5, 2]]
for eta in (0.1, 0.0):
    run = probes.one_step(sgd, layers, values, slopes, [eta])
    left = any(slope is not None and slope.any() for slope in run["slopes"])
    if left:
        check.stepped(run)  # what went wrong before the reset
    check.that(
        not left,
        "the gradients are still there after sgd: reset them, with model.zero_grad(), or the next backward adds to them",
    )
for new, old in zip(run["values"], values):
    check.that(torch.equal(new, old), "with eta = 0, no parameter may change")


# %% check="sgd_any_model" points=1 ids=["P-2.3.3"]
def verify(layers, shapes):
    """Take one step on another network; how far it goes, sgd_step tells."""
    values, slopes = ([torch.randn(shape) for shape in shapes] for _ in range(2))
    run = probes.one_step(sgd, layers, values, slopes, [0.1])
    moved = [not torch.equal(new, old) for new, old in zip(run["values"], values)]
    if not all(moved):
        check.stepped(run)
    check.that(
        any(moved),
        "nothing changed: w = w - … gives the name to another tensor (change the parameter itself, in place), or the gradients were reset before the step",
    )
    check.that(
        not moved[0] or any(moved[1:]),
        "only the first parameter moved: are return and zero_grad inside the loop?",
    )
    check.that(
        moved != [len(shape) > 1 for shape in shapes],
        "only the weights move: the biases are parameters too",
    )
    check.that(
        all(moved),
        "some parameters of another network do not move: go through model.parameters(), whatever the layers",
    )


verify(
    [["Conv2d", 1, 2, 3], ["ReLU"], ["Flatten"], ["Linear", 8, 3], ["Tanh"], ["Linear", 3, 4]],
    [(2, 1, 3, 3), (2,), (3, 8), (3,), (4, 3), (4,)],
)
verify([["BatchNorm1d", 3], ["Linear", 3, 5]], [(3,), (3,), (5, 3), (5,)])
### BEGIN HIDDEN TESTS
verify(
    [["Linear", 3, 7, False], ["Tanh"], ["BatchNorm1d", 7], ["Linear", 7, 4]],
    [(7, 3), (7,), (7,), (4, 7), (4,)],
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 4 · Training · about 15 minutes
#
# First the picture. It wants probabilities, the model gives scores: here SoftMax comes back, once, after the model.
# `torch.softmax(Ytilde, 1)` does it (or `torch.nn.Softmax(dim=1)`, a module), over the classes. Nothing will be
# differentiated, so compute it under `torch.no_grad()`.
#
# Write `probabilities`.

# %% [markdown] lang="fr"
# ## 4 · L'apprentissage · environ 15 minutes
#
# D'abord l'image. Elle demande des probabilités, le modèle donne des scores : c'est ici que revient le SoftMax, une
# seule fois, après le modèle. `torch.softmax(Ytilde, 1)` le fait (ou `torch.nn.Softmax(dim=1)`, un module), sur les
# classes. Rien ne sera dérivé : calculez-le sous `torch.no_grad()`.
#
# Écrivez `probabilities`.


# %% answer="probabilities"
def probabilities(model, X):
    """Compute what the model predicts, as probabilities.

    model: a torch.nn.Module that gives scores (n, ny). X: inputs (n, nx).
    Returns a tensor (n, ny), each row adding up to 1, without a graph.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        return torch.softmax(model(X), 1)
    ### END SOLUTION


# %% [markdown] hint="probabilities" lang="en"
# The scores come from a call of the model, SoftMax from the function that the text names; it runs over the classes,
# along dimension 1, so that each row adds up to 1. Both lie in one block that records no graph.

# %% [markdown] hint="probabilities" lang="fr"
# Les scores viennent d'un appel du modèle, le SoftMax de la fonction que nomme le texte ; il se prend sur les classes,
# le long de la dimension 1, pour que chaque ligne ait pour somme 1. Le tout dans un même bloc, qui n'enregistre pas de
# graphe.


# %% check="probabilities_values" points=1 ids=["P-2.3.3"]
def verify(x, ny):
    """Take one affine map as the model."""
    W, b = 2 * torch.randn(ny, x.shape[1]), torch.randn(ny)
    got = probes.on_model(probabilities, [["Linear", x.shape[1], ny]], *check.copies([W, b], x))
    scores = torch.nn.functional.linear(x, W, b)
    check.close(
        got,
        scores.softmax(1),
        "probabilities(model, X)",
        unless={
            "SoftMax is missing: these are the scores": scores,
            "SoftMax is taken over the examples; take it over the classes, dim=1": scores.softmax(
                0
            ),
            "SoftMax is taken over the whole batch; take it row by row, dim=1": scores.flatten()
            .softmax(0)
            .reshape(scores.shape),
            "SoftMax is taken twice": scores.softmax(1).softmax(1),
            "these are the logarithms of the probabilities": scores.log_softmax(1),
            "you used the sigmoid; the output uses SoftMax": scores.sigmoid(),
        },
    )


verify(torch.randn(6, 2), 3)
### BEGIN HIDDEN TESTS
verify(torch.randn(7, 5), 4)
verify(torch.randn(5, 7).T, 4)
verify(torch.randn(1, 5), 4)
### END HIDDEN TESTS

# %% check="probabilities_no_graph" points=1 ids=["P-2.3.3"]
layers, values, x = [["Linear", 2, 3]], [torch.randn(3, 2), torch.randn(3)], torch.randn(6, 2)
got, again = (probes.on_model(probabilities, layers, values, x) for _ in range(2))
check.tensor(got, (6, 3), "probabilities(model, X)")
check.that(
    not got.requires_grad,
    "the probabilities still hang on a graph: compute them under torch.no_grad()",
)
check.that(
    torch.equal(got, again), "two calls with the same model and the same examples give other numbers"
)
other = probes.on_model(probabilities, layers, values, torch.randn(6, 2))
check.that(
    not torch.equal(got, other), "probabilities gives the same whatever the model and the examples"
)

# %% [markdown] lang="en"
# Before any training, the weights are as they were drawn. The next cell shows what such a model believes.
#
# > **Before you run it.** Two classes, and a network that knows nothing. How large is its cross-entropy, the mean over
# > the training examples, about? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# Avant tout apprentissage, les poids sont tels qu'ils ont été tirés. La cellule suivante montre ce que croit un tel
# modèle.
#
# > **Avant d'exécuter.** Deux classes, et un réseau qui ne sait rien. Combien vaut à peu près son entropie croisée, en
# > moyenne sur les exemples d'apprentissage ? Écrivez votre nombre à la place de `None`.

# %% predict="loss_before"
loss_before = None


# %% demo
torch.manual_seed(0)
model, loss = init_model(2, 10, 2)
data.plot_data_with_grid(probabilities(model, data.Xgrid), title=say("before training"))
with torch.no_grad():
    at_start = float(loss_accuracy(loss, model(data.Xtrain), data.Ytrain)[0])
    believed = probabilities(model, data.Xtrain)
reveal(loss_before, round(at_start, 2))

# %% claim="before training the loss is near log 2, the probabilities near one half"
assert abs(at_start - 0.693) < 0.1
assert 0.2 < believed.min() and believed.max() < 0.8

# %% [markdown] lang="en"
# Near $\log 2 \approx 0.69$, the loss of probabilities of one half. A first loss far from that would be a sign that
# something is wrong: look at it whenever you start a training.
#
# Now write `train`. It is `train_03` above, with three changes:
#
# - `init_model` makes the model and the loss, once, in the place of `init_params`;
# - `model(X)` takes the place of `forward(params, X)`;
# - `loss_accuracy` gets the loss, and `sgd` gets the model.
#
# The rest stays: mini-batches drawn anew in each epoch, `L.backward()`, one step, and after each epoch the loss and the
# accuracy on *all* training examples and on *all* test examples, under `torch.no_grad()`.

# %% [markdown] lang="fr"
# Près de $\log 2 \approx 0{,}69$, le coût de probabilités égales à un demi. Un premier coût très différent serait le
# signe que quelque chose ne va pas : regardez-le chaque fois que vous lancez un apprentissage.
#
# Écrivez maintenant `train`. C'est `train_03` ci-dessus, avec trois changements :
#
# - `init_model` crée le modèle et le coût, une seule fois, à la place de `init_params` ;
# - `model(X)` remplace `forward(params, X)` ;
# - `loss_accuracy` reçoit le coût, et `sgd` reçoit le modèle.
#
# Le reste ne change pas : des mini-lots tirés à nouveau à chaque époque, `L.backward()`, un pas et, après chaque
# époque, le coût et le taux de réussite sur *tous* les exemples d'apprentissage et sur *tous* les exemples de test,
# sous `torch.no_grad()`. La fonction renvoie `(model, history)`, où `history` est un dictionnaire de quatre listes de
# nombres : `"loss_train"`, `"loss_test"`, `"acc_train"`, `"acc_test"`.


# %% answer="train"
def train(data, nh, epochs, batch, eta):
    """Train a network with one hidden layer by mini-batch descent.

    data: holds Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    nh: hidden units. epochs: passes over the training examples. batch: size of a mini-batch.
    eta: learning rate.
    Uses init_model, minibatches, loss_accuracy and sgd.
    Returns (model, history): history is a dict of four lists, "loss_train", "loss_test", "acc_train",
    "acc_test", with one number per epoch, measured after its steps, under torch.no_grad().
    """
    ### BEGIN SOLUTION
    model, loss = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Ytilde = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Ytilde, data.Ytrain[indices])
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
    ### END SOLUTION


# %% [markdown] hint="train" lang="en"
# ### The idea
#
# Copy `train_03` and go through it line by line with the three changes of the list. There is nothing else to invent.
#
# ### What is what
#
# `init_model` is called once, before the loops, and gives two things to keep. In the inner loop there are four lines:
# the scores of a batch, its loss, the way back, the step. The scores and the targets of a batch take the same indices.
# After the inner loop, and still in the outer one, comes the measuring; `float(…)` makes a plain number of a tensor.
#
# ### The code, with blanks
#
# ```python
# model, loss = init_model(data.Xtrain.shape[1], ..., ...)
# for _ in range(epochs):
#     for indices in ...:
#         Ytilde = ...
#         L, _ = loss_accuracy(..., Ytilde, ...)
#         # the way back, the step
#     with torch.no_grad():
#         # for each of the two halves
#         L, acc = loss_accuracy(loss, ..., Y)
# ```

# %% [markdown] hint="train" lang="fr"
# ### L'idée
#
# Copiez `train_03` et parcourez-la ligne par ligne avec les trois changements de la liste. Il n'y a rien d'autre à
# inventer.
#
# ### Ce qui est quoi
#
# `init_model` est appelée une seule fois, avant les boucles, et donne deux choses à garder. Dans la boucle intérieure,
# il y a quatre lignes : les scores d'un lot, son coût, la passe arrière, le pas. Les scores et les cibles d'un lot
# prennent les mêmes indices. Après la boucle intérieure, mais toujours dans la boucle extérieure, viennent les
# mesures ; `float(…)` fait d'un tenseur un simple nombre.
#
# ### Le code, à trous
#
# ```python
# model, loss = init_model(data.Xtrain.shape[1], ..., ...)
# for _ in range(epochs):
#     for indices in ...:
#         Ytilde = ...
#         L, _ = loss_accuracy(..., Ytilde, ...)
#         # la passe arrière, le pas
#     with torch.no_grad():
#         # pour chacune des deux moitiés
#         L, acc = loss_accuracy(loss, ..., Y)
# ```


# %% check="train_history" points=2 ids=["P-2.3.2", "P-2.3.3"]
def verify(seed, epochs, size):
    """Run train on a model of one affine map, and compare what it notes last with what it should."""
    call = f"train(data, 3, {epochs}, {size}, 0.1)"
    run = probes.watch_training(
        LINEAR_TRAINING, train, shifted_circles(seed), 3, epochs, size, 0.1
    )
    parts = shifted_circles(seed)
    model, log = check.pair(run["result"], call)
    check.that(
        not (isinstance(model, dict) and "loss_train" in model), "the two values are swapped: the model, then the history"
    )
    log = check.keys(log, ["loss_train", "loss_test", "acc_train", "acc_test"], f"{call}[1]")
    for name in ("loss_train", "loss_test", "acc_train", "acc_test"):
        noted = check.items(log[name], f'{call}[1]["{name}"]')
        log[name] = check.numbers(
            noted,
            epochs,
            f'{call}[1]["{name}"]',
            unless={
                "one number too many: note the losses after each epoch, not before the first": epochs + 1,
                "note one number an epoch, not one a step": epochs * -(-200 // size),
            },
        )
        check.that(
            not any(isinstance(number, torch.Tensor) and number.requires_grad for number in noted),
            "the history keeps the graph of each loss, and the memory fills: keep L.item()",
        )
    check.module(probes.describe(model), f"{call}[0]")
    check.that(
        run["passes"], "no gradient is ever computed: call L.backward() for each mini-batch"
    )
    learnt = [len(one["X"]) for one in run["passes"] if len(one["X"]) > size]
    check.that(
        len([n for n in run["graphs"] if n > size]) <= len(learnt),
        "the measurements on all the examples record a graph: make them under torch.no_grad()",
    )
    batches, last = -(-200 // size), probes.parameters(model)
    # Otherwise train_loop tells what is wrong, and only the last epoch is compared.
    counted = len(run["passes"]) == epochs * batches and len(run["notes"]) == 1
    firsts = [one["params"] for one in run["passes"][::batches]] if counted else [last]
    ends = [*firsts[1:], last]

    def measure(params, x, y):
        """Return loss and accuracy after each epoch."""
        errors = [torch.nn.functional.linear(x, one["weight"], one["bias"]) - y for one in params]
        return {
            "loss": torch.stack([(error**2).mean() for error in errors]),
            "acc": torch.stack([error.abs().mean() for error in errors]),
        }

    # The error of a batch follows from its gradient: that of the mean of n squares is 2 / n times the error.
    errors = [one["delta"] * one["delta"].numel() / 2 for one in run["passes"]]
    steps = {
        "loss": torch.stack([(error**2).mean() for error in errors]),
        "acc": torch.stack([error.abs().mean() for error in errors]),
    }
    for part, other in (("train", "test"), ("test", "train")):
        x, y = parts[f"X{part}"], parts[f"Y{part}"]
        x_other, y_other = parts[f"X{other}"], parts[f"Y{other}"]
        true = measure(ends, x, y)
        for name, swapped in (("loss", "acc"), ("acc", "loss")):
            mistakes = {
                "train does not use the loss that init_model made": (
                    torch.stack(
                        [
                            torch.nn.functional.cross_entropy(
                                torch.nn.functional.linear(x, one["weight"], one["bias"]), y
                            )
                            for one in ends
                        ]
                    )
                ),
                "these are the numbers of the other half of the data: train and test are mixed up": (
                    measure(ends, x_other, y_other)[name]
                ),
                "X and Y are not of the same half of the data": measure(ends, x, y_other)[name],
                "loss and accuracy are swapped": true[swapped],
                "every number is the last one: measure after each epoch, not at the end": (
                    true[name][-1].expand(len(ends))
                ),
                "SoftMax is taken of the scores before the loss, which takes them as they are: CrossEntropyLoss does it itself": (
                    torch.stack(
                        [
                            (error**2).mean() if name == "loss" else error.abs().mean()
                            for one in ends
                            for error in [torch.nn.functional.linear(x, one["weight"], one["bias"]).softmax(1) - y]
                        ]
                    )
                ),
            }
            if counted:
                mistakes |= {
                    "no step follows this gradient: call sgd after each L.backward(), in the loop over mini-batches": (
                        measure([one["params"] for one in run["passes"][batches - 1 :: batches]], x, y)[name]
                    ),
                    "measure after the steps of the epoch, not before": measure(firsts, x, y)[name],
                    "these are the numbers of the last mini-batch; measure on all the examples": (
                        steps[name][batches - 1 :: batches]
                    ),
                    "this is the mean over the mini-batches, while the parameters were still moving: measure on all the examples, after the steps": (
                        steps[name].reshape(epochs, batches).mean(1)
                    ),
                }
            check.close(
                log[f"{name}_{part}"][-len(ends) :],
                true[name],
                f'{call}[1]["{name}_{part}"]',
                unless=mistakes,
            )


verify(0, 2, 50)
### BEGIN HIDDEN TESTS
verify(4, 3, 48)
### END HIDDEN TESTS


# %% check="train_loop" points=2 ids=["P-2.3.2", "P-2.3.3"]
def verify(seed, nh, epochs, size, eta):
    """Run train on a model of one affine map, and look at each backward pass and each step."""
    call = f"train(data, {nh}, {epochs}, {size}, {eta})"
    parts = shifted_circles(seed)
    for half in ("train", "test"):  # a third input, two more classes: sizes that tell each other apart
        X, Y = parts[f"X{half}"], parts[f"Y{half}"]
        parts[f"X{half}"] = torch.cat([X, X[:, :1] * X[:, 1:]], 1)
        parts[f"Y{half}"] = torch.cat([Y, torch.zeros(len(Y), 2)], 1)
    try:
        run = probes.watch_training(LINEAR_TRAINING, train, check.copies(parts)[0], nh, epochs, size, eta)
    except RuntimeError as error:
        unlike = "cannot be multiplied" in str(error) or "The size of tensor a" in str(error)
        if unlike:  # with two inputs and two classes, does it run?
            probes.watch_training(LINEAR_TRAINING, train, shifted_circles(seed), nh, epochs, size, eta)
        check.that(
            not unlike,
            "the sizes of the network are those of the data: data.Xtrain.shape[1] inputs, data.Ytrain.shape[1] outputs",
        )
        raise
    check.that(run["notes"], "train does not call init_model")
    check.that(
        len(run["notes"]) == 1, "the model is made anew at each epoch: make it once, before the loop"
    )
    check.same(run["notes"][0], [3, nh, 4], "(nx, nh, ny)")
    passes, batches = run["passes"], -(-200 // size)
    check.that(passes, "no gradient is ever computed: call L.backward() for each mini-batch")
    check.module(probes.describe(check.pair(run["result"], call)[0]), f"{call}[0]")
    check.same(
        len(passes),
        epochs * batches,
        f"{call}: len(steps)",
        unless={
            "backward is also called on the losses that are only measured: gradients come from mini-batches alone": (
                epochs * (batches + 2)
            ),
            "one step for each mini-batch was asked for, not one for each epoch": epochs,
            "train goes through the data once; it should do so once an epoch": batches,
            "the last, shorter mini-batch of each epoch is not used": epochs * (200 // size),
        },
    )
    place = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"])}
    tested = {tuple(row.tolist()) for row in parts["Xtest"]}
    seen, ends = [], [later["params"] for later in passes[1:]]
    ends.append(probes.parameters(check.pair(run["result"], call)[0]) or passes[-1]["params"])
    sums = {"weight": 0.0, "bias": 0.0}
    for one, end in zip(passes, ends):
        rows = [tuple(row.tolist()) for row in one["X"]]
        check.that(
            not tested & set(rows),
            "train learns from test examples: use Xtrain and Ytrain for the steps",
        )
        check.that(
            all(row in place for row in rows),
            "train learns from other examples than those of its argument data",
        )
        chosen = [place[row] for row in rows]
        seen += chosen
        for dim in (1, 0):
            twice = one["Yhat"].clone().requires_grad_()
            ((twice.softmax(dim) - parts["Ytrain"][chosen]) ** 2).mean().backward()
            check.that(
                not torch.allclose(one["delta"], twice.grad, rtol=1e-3, atol=1e-6),
                "SoftMax is taken of the scores before the loss, which takes them as they are: CrossEntropyLoss does it itself",
            )
        # The targets follow from the gradient: that of the mean of n squares is 2 / n times the error.
        target = one["Yhat"] - one["delta"] * one["delta"].numel() / 2
        check.that(
            all(float((row - torch.eye(4)).abs().sum(1).min()) < 1e-2 for row in target),
            "the gradient that comes back to model(X) is not that of the loss that init_model made: call backward on the L of loss_accuracy(loss, model(X), Y), as it is",
        )
        check.that(
            torch.allclose(target, parts["Ytrain"][chosen], atol=1e-3),
            "the rows of X and Y do not belong together: pick both with the same indices",
        )
        own = {"weight": one["delta"].T @ one["X"], "bias": one["delta"].sum(0)}
        sums = {name: sums[name] + own[name] for name in own}
        with check.table(one["grads"], own):
            for name in ("weight", "bias"):
                check.close(
                    one["grads"][name],
                    own[name],
                    f"model.{name}.grad",
                    unless={
                        "the gradients of earlier mini-batches are still in it: reset them after each step": sums[
                            name
                        ]
                    },
                )
                old = one["params"][name]
                check.close(
                    end[name],
                    old - 2 * eta * own[name],
                    f"model.{name}",
                    also=old - eta * own[name],  # that of a step without sgd, whose stand-in goes twice as far
                    unless={
                        "no step follows this gradient: call sgd after each L.backward(), in the loop over mini-batches": old,
                        "the learning rate eta is not passed on to sgd": old - 2 * 0.3 * own[name],
                        "you walked up the slope: the gradient is subtracted": old + 2 * eta * own[name],
                    },
                )
    check.that(
        sorted(seen) == sorted([*range(200)] * epochs),
        "each training example should be used once an epoch, in one mini-batch",
    )
    check.that(
        epochs * batches == 1 or not torch.equal(passes[0]["X"], passes[batches]["X"]),
        "each epoch has the same batches: call minibatches anew in each epoch",
    )


verify(0, 3, 2, 50, 0.1)
### BEGIN HIDDEN TESTS
verify(4, 5, 3, 48, 0.02)
### END HIDDEN TESTS

# %% check="train_learns" points=1 ids=["P-2.3.1", "P-2.3.2", "P-2.3.3"]
parts, call = shifted_circles(0), "train(data, 3, 10, 20, 0.1)"
run = probes.watch_training(LINEAR_TRAINING, train, shifted_circles(0), 3, 10, 20, 0.1)
learnt = check.pair(run["result"], call)[0]
check.that(
    not (isinstance(learnt, dict) and "loss_train" in learnt), "the two values are swapped: the model, then the history"
)
check.module(probes.describe(learnt), f"{call}[0]")
check.that(run["passes"], "no gradient is ever computed: call L.backward() for each mini-batch")
check.that(
    len(run["notes"]) == 1, "the model is made anew at each epoch: make it once, before the loop"
)
weights = probes.parameters(learnt)
check.that(
    all(bool(value.isfinite().all()) for value in weights.values()),
    "training diverged, the weights are NaN or infinite: gradients that are not reset, a loss that is summed, or too large an eta",
)
error = torch.nn.functional.linear(parts["Xtrain"], weights["weight"], weights["bias"]) - parts["Ytrain"]
table = torch.cat([torch.ones(200, 1), parts["Xtrain"]], 1)
best = parts["Ytrain"] - table @ torch.linalg.lstsq(table, parts["Ytrain"]).solution
check.that(
    float((error**2).mean()) < 1.5 * float((best**2).mean()),
    "after 100 steps of a small training, the loss is {got:.3f}, and this model can reach {best:.3f}: it has not learnt. What train_history and train_loop say comes first",
    got=float((error**2).mean()),
    best=float((best**2).mean()),
)
### BEGIN HIDDEN TESTS
# Stand-ins that are no network: what lies where students can look is not what they are to write. With
# gradients that add up, or one step an epoch, they end far below 85 %.
STAND_INS = """
import torch

class Curved(torch.nn.Module):
    def __init__(self, nx, ny):
        super().__init__()
        start = [torch.zeros(ny, nx), torch.zeros(ny, nx), torch.linspace(2, -2, ny), torch.ones(ny)]
        self.terms = torch.nn.ParameterList(start)

    def forward(self, X):
        square, slope, height, scale = self.terms
        return scale * (4 * X**2 @ square.T + X @ slope.T + height)

def init_model(nx, nh, ny):
    return Curved(nx, ny), torch.nn.SmoothL1Loss(beta=2.0)

turn = [0]

def minibatches(n, batch):
    turn[0] += 1
    return list(torch.randperm(n, generator=torch.Generator().manual_seed(turn[0])).split(batch))

def loss_accuracy(loss, Ytilde, Y):
    return loss(Ytilde, Y), ((Ytilde > 0.5) == (Y > 0.5)).float().mean()

def sgd(model, eta):
    for value in model.terms:
        if value.grad is not None:
            value.data -= value.grad * eta / (12 + value.grad.norm())
            value.grad = None
    return model
"""
circles = CirclesData(7)
rings = {name: getattr(circles, name) for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
rings |= {name: rings[name].flip(1) for name in ("Ytrain", "Ytest")}  # what was learnt at home is wrong here
given = {name: part.clone() for name, part in rings.items()}
learnt, log = check.pair(
    probes.train_with(STAND_INS, train, given, 10, 30, 10, 1.0), "train(data, 10, 30, 10, 1.0)"
)
check.module(probes.describe(learnt), "train(data, 10, 30, 10, 1.0)[0]")
scores = learnt(rings["Xtest"].clone())
check.that(
    bool(scores.isfinite().all()),
    "training diverged, the weights are NaN or infinite: gradients that are not reset, a loss that is summed, or too large an eta",
)
rate = float(((scores > 0.5) == (rings["Ytest"] > 0.5)).float().mean())
check.that(
    rate > 0.85,
    "on other circles, the trained network is right on {rate:.0%} of the test examples",
    rate=rate,
)
if isinstance(log, dict) and "acc_test" in log:
    # Where the two are swapped, train_history says so.
    curves = [check.items(log[name], f'train(…)[1]["{name}"]') for name in ("acc_test", "loss_test") if name in log]
    last = [check.number(noted[-1], 'train(…)[1]["acc_test"][-1]') for noted in curves if noted]
    check.that(
        not last or any(abs(rate - one) < 0.1 for one in last),
        "the model that train returns is not the one whose accuracy it noted last",
    )
### END HIDDEN TESTS

# %% setup
@functools.cache
def trained(train, make, seed=0, nh=10, epochs=80, eta=0.3):
    """Call your train on the circles, with make in the place of init_model. What ran once is remembered."""
    global init_model
    mine, init_model = init_model, make
    try:
        torch.manual_seed(seed)
        return train(data, nh, epochs, 10, eta)
    finally:
        init_model = mine


# %% [markdown] lang="en"
# The same training as above: 80 epochs, mini-batches of 10, ten hidden units. It takes a few seconds, on a slow
# computer up to half a minute.

# %% [markdown] lang="fr"
# Le même apprentissage que plus haut : 80 époques, des mini-lots de 10, dix unités cachées. Il prend quelques
# secondes, jusqu'à une demi-minute sur un ordinateur lent.

# %% demo
model, history = trained(train, init_model, seed=0)
data.plot_data_with_grid(probabilities(model, data.Xgrid), title="04_nn")
for numbers in zip(
    *(history[name] for name in ("loss_train", "loss_test", "acc_train", "acc_test"))
):
    data.plot_loss(*numbers)

# %% claim="it learns the circles, as the program of 03 did"
assert history["acc_train"][-1] > 0.9 and history["acc_test"][-1] > 0.85 and history["loss_train"][-1] < 0.25

# %% [markdown] lang="en"
# Nearly the same picture: `Linear` draws its first weights differently. And here is what it took, before and now: what
# is marked in orange has disappeared, what is marked in blue is new.

# %% [markdown] lang="fr"
# Presque la même image : `Linear` tire autrement ses premiers poids. Et voici ce qu'il a fallu, avant et maintenant :
# ce qui est marqué en orange a disparu, ce qui est marqué en bleu est nouveau.

# %% demo unclaimed="code beside code"
figures.side_by_side(
    ([init_params, forward], [init_model]),
    ([loss_accuracy_03], [loss_accuracy]),
    ([sgd_03], [sgd]),
    ([train_03], [train]),
)

# %% [markdown] lang="en"
# ### What the hidden units do
#
# A hidden unit $\tanh(w \cdot x + b)$ divides the plane by a straight line, $w \cdot x + b = 0$: near $-1$ on one side, near
# $1$ on the other. The direction of $w$ says how the line lies, its length how steep the step is there. The next cell
# trains once more and keeps a picture of the ten units every four epochs, blue where a unit is near $-1$, orange near
# $1$, white between. (It shows your model's first `Linear`.)
#
# > **Before you play it.** The units start with weights of about the same length. How many of the ten become at least
# > twice as steep as they were? Put a number in the place of `None`.

# %% [markdown] lang="fr"
# ### Ce que font les unités cachées
#
# Une unité cachée $\tanh(w \cdot x + b)$ partage le plan par une droite, $w \cdot x + b = 0$ : près de $-1$ d'un côté, près
# de $1$ de l'autre. La direction de $w$ dit comment la droite est placée, sa longueur, combien la marche y est raide. La
# cellule suivante entraîne encore une fois et garde une image des dix unités toutes les quatre époques, en bleu là où une
# unité est proche de $-1$, en orange près de $1$, en blanc entre les deux. (Elle montre le premier `Linear` de votre
# modèle.)
#
# > **Avant de les faire défiler.** Les poids des unités ont au départ à peu près la même longueur. Combien des dix unités
# > deviennent au moins deux fois plus raides qu'elles ne l'étaient ? Écrivez un nombre à la place de `None`.

# %% predict="twice_as_steep"
twice_as_steep = None

# %% demo
torch.manual_seed(0)
model, loss = init_model(2, 10, 2)
first = next(layer for layer in model.modules() if isinstance(layer, torch.nn.Linear))
maps, weights = {}, []
for epoch in range(77):
    if epoch % 4 == 0:
        with torch.no_grad():
            units = torch.tanh(first(data.Xgrid)).T.reshape(10, 40, 40).flip(1)  # the first row on top
        maps[say("epoch {n}").format(n=epoch)] = units / 2 + 0.5
        weights.append(first.weight.detach().clone())
    for indices in minibatches(200, 10):
        loss_accuracy(loss, model(data.Xtrain[indices]), data.Ytrain[indices])[0].backward()
        sgd(model, 0.3)
times = weights[-1].norm(dim=1) / weights[0].norm(dim=1)
turned = torch.nn.functional.cosine_similarity(weights[0], weights[-1]).acos().rad2deg()
figures.moving_images(
    maps,
    columns=5,
    alt=say("Ten hidden units over the plane, each blue and orange on the two sides of a white line."),
    ends=(
        say("Broad white bands: no unit is steep."),
        say("{n} units have narrow bands, the others have broad ones.").format(n=int((times > 2).sum())),
    ),
)
reveal(twice_as_steep, int((times > 2).sum()))

# %% claim="some become steep, the others do not; these turn more"
assert 3 <= (times > 2).sum() <= 7
assert times[times > 2].mean() > 3 * times[times <= 2].mean()
assert turned[times > 2].mean() < turned[times <= 2].mean()

# %% [markdown] lang="en"
# They part. About half of them become several times as steep: a ramp over the whole plane tells little of where a point
# lies, a step at the right place a lot. Their lines turn a little, until they pass along the rim of the inner circle, and
# of these few steps the second `Linear` makes the ring. The others stay flat and turn about: what they say hardly counts.

# %% [markdown] lang="fr"
# Elles se partagent. La moitié environ devient plusieurs fois plus raide : une rampe sur tout le plan dit peu de choses de
# la place d'un point, une marche au bon endroit en dit beaucoup. Leurs droites tournent un peu, jusqu'à longer le bord du
# cercle intérieur, et de ces quelques marches le second `Linear` fait l'anneau. Les autres restent plates et tournent en
# tous sens : ce qu'elles disent ne compte guère.

# %% [markdown] lang="en"
# ### One SoftMax too many
#
# What if the model does end with SoftMax? Nothing fails: it trains, and often even the accuracy is good. But the loss
# takes probabilities for scores, and between 0 and 1 scores are never far apart.
#
# > **Before you run it.** Take an example of the first class, $y = (1, 0)$, and the best possible output of such a
# > model, the "scores" $(1, 0)$. What is their loss? So low can the curve come, and no lower.

# %% [markdown] lang="fr"
# ### Un SoftMax de trop
#
# Et si le modèle se terminait quand même par un SoftMax ? Rien n'échoue : il apprend, et souvent même le taux de
# réussite est bon. Mais le coût prend des probabilités pour des scores, et entre 0 et 1, des scores ne sont jamais bien
# loin l'un de l'autre.
#
# > **Avant d'exécuter.** Prenons un exemple de la première classe, $y = (1, 0)$, et la meilleure sortie possible d'un
# > tel modèle, les « scores » $(1, 0)$. Quel est leur coût ? La courbe peut descendre jusque-là, et pas plus bas.

# %% predict="lowest_loss"
lowest_loss = None


# %% demo
def one_too_many(nx, nh, ny):
    model, loss = init_right(nx, nh, ny)
    return torch.nn.Sequential(model, torch.nn.Softmax(dim=1)), loss


init_right = init_model
curves = {make.__name__: trained(train, make, seed=0)[1] for make in (init_right, one_too_many)}
floor = float(torch.nn.functional.cross_entropy(torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0]])))
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for (name, history), style in zip(curves.items(), ("-", "--")):
    label = f"{name}, {say('accuracy')} {number(history['acc_train'][-1], '.2f')}"
    ax.plot(range(1, 81), history["loss_train"], style, label=label)
ax.axhline(floor, color="#999999", linewidth=1)
ax.set(xlabel=say("epoch"), ylabel=say("loss"), ylim=(0, None))
ax.legend()
ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "The loss with and without one SoftMax too many; a grey line at {floor:.2f} shows how low it can come "
        "with it."
    ).format(floor=floor),
)
reveal(lowest_loss, round(floor, 2))

# %% claim="with one SoftMax too many the loss stays above 0.31, and the accuracy can be good"
right, twice = curves.values()
assert 0.31 < floor < 0.32 and min(twice["loss_train"]) > floor and right["loss_train"][-1] < 0.2
assert twice["acc_train"][-1] > 0.75

# %% [markdown] lang="en"
# The grey line is the floor, $\log(1 + e^{-1}) \approx 0.31$. And when such a network is wrong and sure of it, its
# gradient is nearly 0: the SoftMax of the model is flat there.

# %% [markdown] lang="fr"
# La ligne grise est ce plancher, $\log(1 + e^{-1}) \approx 0{,}31$. Et quand un tel réseau se trompe tout en étant sûr
# de lui, son gradient est presque nul : le SoftMax du modèle y est plat.

# %% [markdown] lang="en"
# ## 5 · Modules of your own · about 17 minutes
#
# `Sequential` chains modules. For anything else, write a class made from `torch.nn.Module`. A network is itself a
# module, and it needs two methods:
#
# - `__init__` makes its parts, **after** `super().__init__()`, and keeps them as attributes of `self`;
# - `forward` says how the output is computed from the input. You call `model(X)`; PyTorch calls `forward` for you.
#
# There is no `backward` to write: autograd follows what `forward` does.
#
# Write `OneHidden`: the network of part 1, as a class.

# %% [markdown] lang="fr"
# ## 5 · Vos propres modules · environ 17 minutes
#
# `Sequential` enchaîne des modules. Pour tout le reste, on écrit une classe, dérivée de `torch.nn.Module`. Un réseau
# est lui-même un module, et il lui faut deux méthodes :
#
# - `__init__` crée ses morceaux, **après** `super().__init__()`, et les garde comme attributs de `self` ;
# - `forward` dit comment la sortie se calcule à partir de l'entrée. Vous appelez `model(X)` ; PyTorch appelle `forward`
#   pour vous.
#
# Pas de `backward` à écrire : autograd suit ce que fait `forward`.
#
# Écrivez `OneHidden` : le réseau de la partie 1, sous forme de classe. `OneHidden(nx, nh, ny)` crée le modèle, sans son
# coût, et il donne des scores.


# %% answer="OneHidden"
class OneHidden(torch.nn.Module):
    """A network with one hidden layer: affine map, tanh, affine map."""

    def __init__(self, nx, nh, ny):
        """Make the layers: nx inputs, nh hidden units, ny outputs."""
        ### BEGIN SOLUTION
        super().__init__()
        self.hidden = torch.nn.Linear(nx, nh)
        self.output = torch.nn.Linear(nh, ny)
        ### END SOLUTION

    def forward(self, X):
        """Compute the scores (n, ny) of a batch X (n, nx)."""
        ### BEGIN SOLUTION
        return self.output(torch.tanh(self.hidden(X)))
        ### END SOLUTION


# %% [markdown] hint="OneHidden" lang="en"
# ### The idea
#
# `__init__` only makes the parts that have parameters, the two affine maps, and hangs them on `self`. `forward` is the
# computation, written with them. Tanh has no parameters: a function will do.
#
# ### The shapes
#
# $X$, $(n, n_x)$, goes through the first map to $(n, n_h)$, through tanh, and through the second to $(n, n_y)$. There
# it ends: scores, no SoftMax. And `__init__` begins with the call of Module's own `__init__`.
#
# ### The code, with blanks
#
# ```python
# self.hidden = torch.nn.Linear(...)
# self.output = ...
#
# # forward
# return self.output(...)
# ```

# %% [markdown] hint="OneHidden" lang="fr"
# ### L'idée
#
# `__init__` ne fait que créer les morceaux qui ont des paramètres, les deux applications affines, et les accroche à
# `self`. `forward` est le calcul, écrit avec eux. Tanh n'a pas de paramètres : une fonction suffit.
#
# ### Les tailles
#
# $X$, $(n, n_x)$, devient $(n, n_h)$ par la première application, passe par tanh, puis devient $(n, n_y)$ par la
# seconde. On s'arrête là : des scores, pas de SoftMax. Et `__init__` commence par appeler le `__init__` de Module.
#
# ### Le code, à trous
#
# ```python
# self.hidden = torch.nn.Linear(...)
# self.output = ...
#
# # forward
# return self.output(...)
# ```


# %% check="OneHidden_registers" points=1 ids=["S-module", "A-module"]
def verify(nx, nh, ny):
    """Look at the parameters that the class registers."""
    call = f"OneHidden({nx}, {nh}, {ny})"
    model = check.made(OneHidden, nx, nh, ny)
    check.module(probes.describe(model), call)
    params = probes.parameters(model)
    check.that(
        by_shape(params, nx, nh, ny) is not None,
        "the parameters of the model have the shapes {found}; expected {wanted}",
        found=", ".join(str(tuple(value.shape)) for value in params.values()),
        wanted=f"{(nh, nx)}, {(nh,)}, {(ny, nh)}, {(ny,)}",
    )


verify(2, 10, 3)
### BEGIN HIDDEN TESTS
verify(4, 7, 3)
### END HIDDEN TESTS


# %% check="OneHidden_scores" points=2 ids=["S-module"]
def verify(x, nh, ny):
    """Compare the model with the network that its own parameters make."""
    nx = x.shape[1]
    model = check.made(OneHidden, nx, nh, ny)
    got = model(x)
    check.tensor(got, (len(x), ny), "model(X)")
    check.that(got.requires_grad, "model(X) has no graph: autograd cannot follow it back")
    unreached = probes.unreached(model, x)
    check.that(
        not unreached,
        "a part of the graph is cut off, by .detach(), .data or no_grad: no gradient reaches {names}",
        names=", ".join(unreached),
    )
    weights = by_shape(probes.parameters(model), nx, nh, ny)
    check.that(
        weights is not None,
        "model(X) cannot be computed from the parameters that the model has registered",
    )
    check.that(
        torch.equal(model(x), model(x)),
        "two calls on the same X give different scores: no dropout here, and no layer made in forward",
    )

    def network(act):
        h = act(torch.nn.functional.linear(x, weights["Wh"], weights["bh"]))
        return torch.nn.functional.linear(h, weights["Wy"], weights["by"])

    scores = network(torch.tanh)
    check.close(
        got,
        scores,
        "model(X)",
        also=scores.log_softmax(1),
        unless={
            "the model ends with SoftMax: CrossEntropyLoss does it itself, so the model stops at the scores": scores.softmax(
                1
            ),
            "the model ends with SoftMax, and over the examples: leave it out, CrossEntropyLoss does it itself, over the classes": scores.softmax(
                0
            ),
            "there is no activation between the two layers: put tanh there": network(lambda a: a),
            "you used ReLU; this network uses tanh": network(torch.relu),
            "you used the sigmoid; this network uses tanh": network(torch.sigmoid),
            "the model ends with tanh: the scores are not squeezed, they come out of the last affine map": scores.tanh(),
        },
    )


verify(torch.randn(6, 2), 10, 3)
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(5, 4), 7, 3)
verify(3 * torch.randn(4, 5).T, 7, 3)
verify(torch.randn(1, 4), 7, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# **What a module keeps.** An attribute of `self` can be one of four things:
#
# | attribute | in `parameters()`, changed by `sgd` | in `state_dict()`, saved and moved to a GPU |
# |---|---|---|
# | a module (`Linear`, your own, …) | all its parameters | yes |
# | `torch.nn.Parameter(tensor)` | yes | yes |
# | a *buffer*, `self.register_buffer("mean", tensor)` | no | yes |
# | a tensor, a number, a list, anything else | no | no |
#
# `state_dict()` is the dict of all tensors that the module keeps, by name: what one saves, and what goes along when the
# model moves to a graphics processor (GPU).
#
# A buffer is for numbers that belong to the model but are not learnt. Example: inputs are often brought to mean 0 and
# standard deviation 1, feature by feature, with the means and deviations **of the training examples**. A test example,
# even a single one, is treated with the same numbers. So the module must remember them:
#
# $$\text{Standardise}(X)_{ij} = \frac{X_{ij} - m_j}{s_j}$$
#
# with $m_j$ and $s_j$ the mean and the standard deviation of column $j$ of the examples that it was made with.
#
# Write `Standardise`. `X.std(0)` gives the standard deviations of the columns. Once `self.register_buffer("mean", …)`
# is done, `self.mean` is that tensor.

# %% [markdown] lang="fr"
# **Ce que garde un module.** Un attribut de `self` peut être de quatre sortes :
#
# | attribut | dans `parameters()`, modifié par `sgd` | dans `state_dict()`, sauvegardé et envoyé sur un GPU |
# |---|---|---|
# | un module (`Linear`, le vôtre, …) | tous ses paramètres | oui |
# | `torch.nn.Parameter(tensor)` | oui | oui |
# | un *tampon* (buffer), `self.register_buffer("mean", tensor)` | non | oui |
# | un tenseur, un nombre, une liste, tout le reste | non | non |
#
# `state_dict()` est le dictionnaire de tous les tenseurs que le module garde, par nom : c'est ce que l'on sauvegarde,
# et ce qui suit le modèle quand il passe sur un processeur graphique (GPU).
#
# Un tampon sert aux nombres qui font partie du modèle sans être appris. Exemple : on ramène souvent les entrées à une
# moyenne de 0 et à un écart-type de 1, variable par variable, avec les moyennes et les écarts-types **des exemples
# d'apprentissage**. Un exemple de test, même tout seul, est traité avec les mêmes nombres. Le module doit donc les
# garder :
#
# $$\text{Standardise}(X)_{ij} = \frac{X_{ij} - m_j}{s_j}$$
#
# où $m_j$ et $s_j$ sont la moyenne et l'écart-type de la colonne $j$ des exemples avec lesquels il a été créé.
#
# Écrivez `Standardise`. `Standardise(X)` crée le module, avec ses deux tampons `mean` et `std`. `X.std(0)` donne les
# écarts-types des colonnes. Une fois `self.register_buffer("mean", …)` exécuté, `self.mean` est ce tenseur.


# %% answer="Standardise"
class Standardise(torch.nn.Module):
    """Bring each feature to mean 0 and standard deviation 1, as measured on the examples it was made with."""

    def __init__(self, X):
        """Keep the means and the standard deviations of the columns of X (n, nx) as buffers "mean" and "std"."""
        ### BEGIN SOLUTION
        super().__init__()
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("std", X.std(0))
        ### END SOLUTION

    def forward(self, X):
        """Return X (any number of rows, nx), standardised with the buffers."""
        ### BEGIN SOLUTION
        return (X - self.mean) / self.std
        ### END SOLUTION


# %% [markdown] hint="Standardise" lang="en"
# ### The idea
#
# `__init__` sees the training examples and notes two rows of numbers. `forward` sees other examples and uses what was
# noted: it computes no mean of its own.
#
# ### The shapes
#
# The mean over dimension 0 of $X$, $(n, n_x)$, is $(n_x,)$, one number for each feature, and so is the standard
# deviation. From a batch $(m, n_x)$, $(n_x,)$ is subtracted row by row. As in every module, `Module`'s own beginning comes
# first: before it, nothing can be kept.
#
# ### The code, with blanks
#
# ```python
# self.register_buffer("mean", ...)
# self.register_buffer(...)
#
# # forward
# return (...) / ...
# ```

# %% [markdown] hint="Standardise" lang="fr"
# ### L'idée
#
# `__init__` voit les exemples d'apprentissage et note deux lignes de nombres. `forward` voit d'autres exemples et se
# sert de ce qui a été noté : il ne calcule aucune moyenne.
#
# ### Les tailles
#
# La moyenne de $X$, $(n, n_x)$, sur la dimension 0 est de taille $(n_x,)$, un nombre par variable, et l'écart-type
# aussi. D'un lot $(m, n_x)$, on soustrait $(n_x,)$ ligne par ligne. Comme dans tout module, ce par quoi `Module` commence
# vient en premier : avant cela, rien ne peut être gardé.
#
# ### Le code, à trous
#
# ```python
# self.register_buffer("mean", ...)
# self.register_buffer(...)
#
# # forward
# return (...) / ...
# ```


# %% check="Standardise_values" points=1 ids=["A-module"]
def verify(x, other):
    """Make the module with x, call it on other examples."""
    mean, std = x.mean(0), x.std(0)
    right = (other - mean) / std
    mistakes = {
        "you divided by the variance, not by the standard deviation": (other - mean) / std**2,
        "the mean is not subtracted": other / std,
        "one mean and one deviation for all the features: take one for each column, dim 0": (
            other - x.mean()
        )
        / x.std(),
        "one mean for all the features: take one for each column, X.mean(0)": (other - x.mean()) / std,
        "one deviation for all the features: take one for each column, X.std(0)": (other - mean) / x.std(),
        "the division comes before the difference: put X - mean in parentheses": other - mean / std,
    }
    if len(other) > 1:
        mistakes |= {
            "forward takes the mean and the deviation of the batch that it gets: use those kept by __init__": (
                (other - other.mean(0)) / other.std(0)
            )
        }
    got, (left,) = check.changed(check.made(Standardise, x), other)
    check.close(
        got,
        right,
        "Standardise(X)(other)",
        also=(other - mean) / x.std(0, unbiased=False),
        unless=mistakes,
    )
    check.that(torch.equal(left, other), "forward changes the examples that it is given: compute new ones")


verify(torch.tensor([[1.0, 10.0], [3.0, 50.0], [5.0, 30.0]]), torch.tensor([[3.0, 30.0], [5.0, 10.0]]))
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(11, 4) + torch.tensor([1.0, -5.0, 20.0, 0.0]), torch.randn(5, 4))
verify(3 * torch.randn(11, 4) + 2, torch.randn(1, 4))
verify(3 * torch.randn(4, 11).T + 2, torch.randn(4, 5).T)
### END HIDDEN TESTS

# %% check="Standardise_buffers" points=1 ids=["A-module"]
about = probes.describe(check.made(Standardise, torch.randn(7, 3)))
check.that(about["module"], "Standardise is not a torch.nn.Module")
check.that(
    not about["parameters"],
    "descent would change {names}, registered with Parameter: use register_buffer",
    names=", ".join(about["parameters"]),
)
others = sorted(name for name in about["buffers"] if name not in ("mean", "std"))
check.that(
    not others or {"mean", "std"} <= set(about["buffers"]),
    "the buffers are called {found}; call them mean and std",
    found=", ".join(sorted(about["buffers"])),
)
for name in ("mean", "std"):
    check.that(
        name in about["buffers"] and about["buffers"][name]["saved"],
        "{name} is not a buffer: it would be missing from state_dict() and stay behind on the CPU; use register_buffer",
        name=name,
    )
### BEGIN HIDDEN TESTS
x = torch.randn(9, 5) + 3
layer = Standardise(x)
about = probes.describe(layer)
for name in ("mean", "std"):
    shape = about["buffers"].get(name, {}).get("shape")
    check.that(
        shape in ([5], [1, 5]),
        "the buffer {name} has the shape {found}; expected one number for each column, {wanted}",
        name=name,
        found=tuple(shape or ()),
        wanted=(5,),
    )
check.close(layer.mean.reshape(-1), x.mean(0), "Standardise(X).mean")
### END HIDDEN TESTS

# %% [markdown] lang="en"
# A module made of modules: your `Standardise` in front of your `OneHidden`. `print` shows how they are nested, and each
# parameter is named after the path that leads to it.

# %% [markdown] lang="fr"
# Un module fait de modules : votre `Standardise` devant votre `OneHidden`. `print` montre comment ils s'emboîtent, et
# chaque paramètre porte le nom du chemin qui mène à lui.

# %% demo
whole = torch.nn.Sequential(Standardise(data.Xtrain), OneHidden(2, 10, 2))
print(whole)
for name, value in whole.state_dict().items():
    is_parameter = name in dict(whole.named_parameters())
    print(f"{name:18} {tuple(value.shape)!s:8} {say('parameter') if is_parameter else say('buffer')}")

# %% claim="the state holds what is trained and what is only kept, named after the path that leads to it"
assert {name for name in whole.state_dict()} - set(dict(whole.named_parameters())) == {"0.mean", "0.std"}
assert all(name.startswith("1.") for name in dict(whole.named_parameters()))

# %% [markdown] lang="en"
# ## 6 · With and without a container · about 14 minutes
#
# `Sequential` is a *container*: a module whose work is to hold others. To see what it does for you, do without it once.
# Four modules lie in a tuple, `parts = (first, act, second, mse)`: a `Linear`, a `Tanh`, another `Linear`, an
# `MSELoss`. This is the computation that they will do:
#
# $$X \;\to\; \text{Linear} \;\to\; \tanh \;\to\; \text{Linear} \;\to\; \hat{Y} \qquad L = \text{MSE}(\hat{Y}, Y)$$
#
# with $X$ of shape $(n, n_x)$, $\hat{Y}$ and $Y$ of shape $(n, n_y)$. There is no model to ask for `parameters()`, and
# none to ask for `zero_grad()`: each part answers for itself.
#
# Write `descend_parts`: one step of descent on all the parameters of these parts. `L.item()` is the number in `L`,
# without its graph.

# %% [markdown] lang="fr"
# ## 6 · Avec ou sans conteneur · environ 14 minutes
#
# `Sequential` est un *conteneur* : un module dont le travail est d'en contenir d'autres. Pour voir ce qu'il fait pour
# vous, passez-vous-en une fois. Quatre modules sont rangés dans un tuple, `parts = (first, act, second, mse)` : un
# `Linear`, un `Tanh`, un autre `Linear`, un `MSELoss`. Voici le calcul qu'ils feront :
#
# $$X \;\to\; \text{Linear} \;\to\; \tanh \;\to\; \text{Linear} \;\to\; \hat{Y} \qquad L = \text{MSE}(\hat{Y}, Y)$$
#
# où $X$ est de taille $(n, n_x)$, et $\hat{Y}$ et $Y$ de taille $(n, n_y)$. Il n'y a pas de modèle à qui demander
# `parameters()` ou `zero_grad()` : chaque morceau répond pour lui-même.
#
# Écrivez `descend_parts` : un pas de descente sur tous les paramètres de ces morceaux, puis la remise à zéro des
# gradients. La fonction renvoie le coût d'avant le pas, un simple nombre : `L.item()` est le nombre que contient `L`,
# sans son graphe.


# %% answer="descend_parts"
def descend_parts(parts, X, Y, eta):
    """Take one step of descent on the mean squared error of linear → tanh → linear, without a container.

    parts: the modules (first, act, second, mse); the parameters of first and second are changed in place.
    X: inputs (n, nx). Y: targets (n, ny). eta: learning rate.
    Resets the gradients, so that steps can follow each other. Returns the loss before the step, a float.
    """
    ### BEGIN SOLUTION
    first, act, second, mse = parts
    L = mse(second(act(first(X))), Y)
    L.backward()
    with torch.no_grad():
        for part in parts:
            for p in part.parameters():
                p -= eta * p.grad
            part.zero_grad()
    return L.item()
    ### END SOLUTION


# %% [markdown] hint="descend_parts" lang="en"
# ### The idea
#
# A training step in its usual order: the way forward through three parts and the loss, the way back, the update, the
# reset. Only the loop over the parameters needs one more loop around it, over the parts.
#
# ### Who has what
#
# Every part is a module, so every part has `parameters()` and `zero_grad()`: for `Tanh` and `MSELoss` they have nothing
# to do. The loss takes two arguments, the prediction and the target, and stays a tensor until `backward` is done. The
# tuple holds four things: give each a name. A module is called like a function; what one gives goes into the next.
#
# ### The code, with blanks
#
# ```python
# L = mse(..., Y)
# # the way back
# with torch.no_grad():
#     for part in parts:
#         for p in ...:
#             p -= ...
#         part.z...
# return ...
# ```

# %% [markdown] hint="descend_parts" lang="fr"
# ### L'idée
#
# Un pas de descente dans l'ordre habituel : la passe avant à travers trois morceaux et le coût, la passe arrière, la
# mise à jour, la remise à zéro. Seule la boucle sur les paramètres a besoin d'une autre autour d'elle, sur les
# morceaux.
#
# ### Qui a quoi
#
# Chaque morceau est un module, donc chacun a `parameters()` et `zero_grad()` : pour `Tanh` et `MSELoss`, ils n'ont rien
# à faire. Le coût prend deux arguments, la prédiction et la cible, et reste un tenseur jusqu'à ce que `backward` soit
# fait. Le tuple contient quatre choses : donnez un nom à chacune. Un module s'appelle comme une fonction ; ce que donne
# l'un entre dans le suivant.
#
# ### Le code, à trous
#
# ```python
# L = mse(..., Y)
# # la passe arrière
# with torch.no_grad():
#     for part in parts:
#         for p in ...:
#             p -= ...
#         part.z...
# return ...
# ```


# %% check="descend_parts_step" points=2 ids=["A-Q2a"]
def verify(x, nh, ny, eta, times):
    """Take a few steps and compare every parameter with descent by autograd."""
    nx = x.shape[1]
    target = torch.randn(len(x), ny)
    begin = [torch.randn(shape) for shape in ((nh, nx), (nh,), (ny, nh), (ny,))]
    layers = [["Linear", nx, nh], ["Tanh"], ["Linear", nh, ny], ["MSELoss"]]
    run = probes.one_step(descend_parts, layers, *check.copies(begin, None, [x, target, eta]), True, times)
    check.stepped(run)

    def walk(act=torch.tanh, moving=(0, 1, 2, 3), kept=0.0, sign=-1.0, scale=1.0):
        values, sums, L = [value.clone() for value in begin], [0.0] * 4, None
        for _ in range(times):
            live = [value.clone().requires_grad_() for value in values]
            h = act(torch.nn.functional.linear(x, live[0], live[1]))
            L = ((torch.nn.functional.linear(h, live[2], live[3]) - target) ** 2).mean()
            sums = [kept * total + slope for total, slope in zip(sums, torch.autograd.grad(L, live))]
            values = [
                value + sign * scale * eta * total * (i in moving)
                for i, (value, total) in enumerate(zip(values, sums))
            ]
        h = act(torch.nn.functional.linear(x, values[0], values[1]))
        after = ((torch.nn.functional.linear(h, values[2], values[3]) - target) ** 2).mean()
        return torch.cat([value.flatten() for value in values]), L.item(), after.item()

    true, L, after = walk()
    check.close(
        torch.cat([value.flatten() for value in run["values"]]),
        true,
        "first.weight, first.bias, second.weight, second.bias",
        unless={
            "nothing moved: change the parameters themselves, in place": torch.cat(
                [value.flatten() for value in begin]
            ),
            "only the first layer moves: second has parameters too": walk(moving=(0, 1))[0],
            "only the last layer moves: first has parameters too": walk(moving=(2, 3))[0],
            "only the weights move: the biases are parameters too": walk(moving=(0, 2))[0],
            "the activation is missing: first, act, second, in this order": walk(act=lambda a: a)[0],
            "the gradients add up from step to step: reset them with zero_grad()": walk(kept=1.0)[0],
            "you walked up the slope: the gradient is subtracted": walk(sign=1.0)[0],
            "you forgot the learning rate": walk(scale=1 / eta)[0],
        },
    )
    check.that(
        not (isinstance(run["result"], torch.Tensor) and run["result"].requires_grad),
        "the loss that comes back still hangs on its graph: return the number in it, L.item()",
    )
    check.close(
        run["result"],
        L,
        "descend_parts(parts, X, Y, eta)",
        unless={"this is the loss after the step; return the one before it": after},
    )


verify(torch.randn(6, 2), 5, 3, 0.1, 1)
verify(torch.randn(6, 2), 5, 3, 0.1, 2)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 4), 7, 3, 0.05, 1)
verify(torch.randn(4, 5).T, 7, 3, 0.05, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now with a container. Write `as_sequential`: it puts the first three modules, the **same** and not new ones, into a
# `Sequential`. The model and the parts then share their weights: change those of one, and you change those of the
# other. The loss stays outside; it takes two arguments, and `Sequential` passes on one.

# %% [markdown] lang="fr"
# Maintenant avec un conteneur. Écrivez `as_sequential` : elle met les trois premiers modules, les **mêmes** et non des
# nouveaux, dans un `Sequential` qu'elle renvoie. Le modèle et les morceaux partagent alors leurs poids : modifier ceux
# de l'un, c'est modifier ceux de l'autre. Le coût reste dehors ; il prend deux arguments, et `Sequential` n'en transmet
# qu'un.


# %% answer="as_sequential"
def as_sequential(parts):
    """Put the modules of a network into one container.

    parts: the modules (first, act, second, mse).
    Returns a torch.nn.Sequential of first, act and second themselves, which takes X (n, nx) to Yhat (n, ny).
    """
    ### BEGIN SOLUTION
    return torch.nn.Sequential(*parts[:3])
    ### END SOLUTION


# %% [markdown] hint="as_sequential" lang="en"
# `Sequential` takes modules as its arguments, one after the other: give it the objects that are in the tuple, and leave
# out the last. A star in front of a tuple, `*t`, makes arguments of its items.

# %% [markdown] hint="as_sequential" lang="fr"
# `Sequential` prend des modules comme arguments, l'un après l'autre : donnez-lui les objets qui sont dans le tuple,
# sans le dernier. Une étoile devant un tuple, `*t`, fait de ses éléments des arguments.


# %% check="as_sequential_shares" points=1 ids=["A-Q2b"]
def verify(x, nh, ny):
    """Use the model before and after its parts change."""
    nx = x.shape[1]
    values = [torch.randn(shape) for shape in ((nh, nx), (nh,), (ny, nh), (ny,))]
    layers = [["Linear", nx, nh], ["Tanh"], ["Linear", nh, ny], ["MSELoss"]]
    run = check.made(probes.wrapped, as_sequential, layers, values, x)
    check.module(run["model"], "as_sequential(parts)")
    check.that(
        "MSELoss" not in run["model"]["modules"].values(),
        "the loss is in the Sequential: it takes two arguments, leave it outside",
    )

    def network(add, act=torch.tanh):
        Wh, bh, Wy, by = (value + add for value in values)
        return torch.nn.functional.linear(act(torch.nn.functional.linear(x, Wh, bh)), Wy, by)

    check.that("after" in run, "the model cannot be called on X: is it a Sequential of the three parts?")
    mistakes = {"the activation is missing: first, act, second, in this order": network(0, lambda a: a)}
    check.that(
        not torch.equal(run["before"], run["after"]),
        "the parts moved and the model did not: put the modules themselves in, not copies or new ones",
    )
    check.close(run["before"], network(0), "as_sequential(parts)(X)", unless=mistakes)
    check.close(run["after"], network(0.5), "as_sequential(parts)(X)")


verify(torch.randn(6, 2), 5, 3)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 4), 7, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Three containers, then two things that only look like containers:
#
# - `torch.nn.Sequential(a, b)` holds modules **and** chains them: it has a `forward`.
# - `torch.nn.ModuleList([a, b])` holds them, and no more: it is indexed and looped over like a list.
# - `torch.nn.ModuleDict({"x": a, "y": b})` likewise, by name.
# - A Python list or dict of modules holds them too, but the module whose attribute it is does not look inside.
#
# Each of these lines stands in the `__init__` of a module, `model`, after `super().__init__()`, and is all that is in
# it. How many **tensors** does `list(model.parameters())` hold? (A `Linear` has two.) If in doubt, try it in a new
# cell, where `from torch.nn import Linear, Tanh` makes the short names known.
#
# - **a.** `self.layers = torch.nn.Sequential(Linear(2, 3), Tanh(), Linear(3, 4))`
# - **b.** `self.layers = torch.nn.ModuleList([Linear(2, 3), Linear(3, 4)])`
# - **c.** `self.layers = [Linear(2, 3), Linear(3, 4)]`
# - **d.** `self.layers = torch.nn.ModuleDict({"left": Linear(2, 3), "right": Linear(2, 3)})`
# - **e.** `self.layers = {"left": Linear(2, 3), "right": Linear(2, 3)}`
# - **f.** `self.w = torch.nn.Parameter(torch.randn(3))`
# - **g.** `self.w = torch.randn(3, requires_grad=True)`
# - **h.** `self.register_buffer("w", torch.randn(3))`
# - **i.** `self.one = Linear(3, 3); self.two = self.one`

# %% [markdown] lang="fr"
# Trois conteneurs, puis deux objets qui n'en ont que l'air :
#
# - `torch.nn.Sequential(a, b)` contient des modules **et** les enchaîne : il a un `forward`.
# - `torch.nn.ModuleList([a, b])` les contient, rien de plus : on l'indexe et on le parcourt comme une liste.
# - `torch.nn.ModuleDict({"x": a, "y": b})`, de même, par leur nom.
# - Une liste ou un dictionnaire Python de modules les contient aussi, mais le module dont il est l'attribut ne
#   regarde pas dedans.
#
# Chacune de ces lignes figure dans le `__init__` d'un module, `model`, après `super().__init__()`, et c'est tout ce
# qu'il contient. Combien de **tenseurs** y a-t-il dans `list(model.parameters())` ? (Un `Linear` en a deux.) Dans le
# doute, essayez dans une nouvelle cellule, où `from torch.nn import Linear, Tanh` fait connaître ces noms courts.
#
# - **a.** `self.layers = torch.nn.Sequential(Linear(2, 3), Tanh(), Linear(3, 4))`
# - **b.** `self.layers = torch.nn.ModuleList([Linear(2, 3), Linear(3, 4)])`
# - **c.** `self.layers = [Linear(2, 3), Linear(3, 4)]`
# - **d.** `self.layers = torch.nn.ModuleDict({"left": Linear(2, 3), "right": Linear(2, 3)})`
# - **e.** `self.layers = {"left": Linear(2, 3), "right": Linear(2, 3)}`
# - **f.** `self.w = torch.nn.Parameter(torch.randn(3))`
# - **g.** `self.w = torch.randn(3, requires_grad=True)`
# - **h.** `self.register_buffer("w", torch.randn(3))`
# - **i.** `self.one = Linear(3, 3); self.two = self.one`


# %% answer="registered"
def registered():
    """Return a dict from each letter, "a" to "i", to the number of tensors in list(model.parameters())."""
    ### BEGIN SOLUTION
    return {"a": 4, "b": 4, "c": 0, "d": 4, "e": 0, "f": 1, "g": 0, "h": 0, "i": 2}
    ### END SOLUTION


# %% check="registered_counts" points=2 ids=["A-module", "A-nested", "A-Q2b"]
check.letters(registered, "abcdefghi", options=(0, 1, 2, 3, 4, 5, 6))
### BEGIN HIDDEN TESTS
check.choices(
    registered(),
    {"a": 4, "b": 4, "c": 0, "d": 4, "e": 0, "f": 1, "g": 0, "h": 0, "i": 2},
    because={
        "a": "a weight and a bias for each Linear; Tanh has none.",
        "b": "a ModuleList registers its modules: two Linear, two tensors each.",
        "c": "a Python list is not looked into: sgd would never move these layers.",
        "d": "a ModuleDict registers its modules, under their names.",
        "e": "a Python dict is not looked into, no more than a list.",
        "f": "Parameter is what makes a tensor a parameter of the module it is an attribute of.",
        "g": "requires_grad makes a leaf of it, not a parameter: only Parameter registers.",
        "h": "a buffer is kept and saved, not trained.",
        "i": "the same module under two names: each tensor is listed once.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 7 · Any depth · about 16 minutes
#
# A *fully connected* network is a chain of affine maps with an activation between one and the next. A list of sizes
# says it all: `[2, 10, 2]` is the network of the circles, `[2, 8, 8, 2]` has two hidden layers. After the last map
# there is no activation: the scores come out.

# %% [markdown] lang="fr"
# ## 7 · Profondeur quelconque · environ 16 minutes
#
# Un réseau *entièrement connecté* est une suite d'applications affines, avec une activation entre l'une et la suivante.
# Une liste de tailles dit tout : `[2, 10, 2]` est le réseau des cercles, `[2, 8, 8, 2]` a deux couches cachées. Après
# la dernière application, pas d'activation : ce sont les scores qui sortent.

# %% demo unclaimed="a drawing of the network"
figures.network([2, 8, 8, 2], names=["$x$", "", "", r"$\tilde{y}$"])

# %% [markdown] lang="en"
# Write `fully_connected`. A loop over the neighbours in the list makes the layers; `zip(sizes, sizes[1:])` gives the
# pairs. Any module will do: `Sequential(*layers)`, or a class with a `ModuleList`.

# %% [markdown] lang="fr"
# Écrivez `fully_connected`. Une boucle sur les voisins dans la liste crée les couches ; `zip(sizes, sizes[1:])` donne
# les paires. La liste `sizes` a au moins deux tailles, celle des entrées d'abord, celle des sorties à la fin.
# L'activation est tanh. N'importe quel module convient : `Sequential(*layers)`, ou une classe avec une `ModuleList`.


# %% answer="fully_connected"
def fully_connected(sizes):
    """Make a fully connected network.

    sizes: numbers of units, inputs first, outputs last: at least two of them.
    Returns a torch.nn.Module that takes X (n, sizes[0]) to scores (n, sizes[-1]): an affine map between each
    two neighbours of the list, tanh after each but the last.
    """
    ### BEGIN SOLUTION
    layers = []
    for nin, nout in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])
    ### END SOLUTION


# %% [markdown] hint="fully_connected" lang="en"
# ### The idea
#
# Gather the layers in an ordinary list, pair of sizes by pair of sizes, and make a container of the whole list at the
# end.
#
# ### The last map
#
# Each turn of the loop adds an affine map and an activation. One activation is then too many: the one after the last
# map. Leave it out, for instance by taking the list without its last item. With two sizes, a single `Linear` is left.
#
# ### The code, with blanks
#
# ```python
# layers = []
# for nin, nout in zip(sizes, sizes[1:]):
#     layers += [torch.nn.Linear(...), ...]
# return torch.nn.Sequential(*...)
# ```

# %% [markdown] hint="fully_connected" lang="fr"
# ### L'idée
#
# Rassemblez les couches dans une liste ordinaire, une paire de tailles après l'autre, et faites un conteneur de toute
# la liste à la fin.
#
# ### La dernière application
#
# Chaque tour de boucle ajoute une application affine et une activation. Il y a donc une activation de trop, celle qui
# suit la dernière application. Laissez-la de côté, par exemple en prenant la liste sans son dernier élément. Avec deux
# tailles, il ne reste qu'un `Linear`.
#
# ### Le code, à trous
#
# ```python
# layers = []
# for nin, nout in zip(sizes, sizes[1:]):
#     layers += [torch.nn.Linear(...), ...]
# return torch.nn.Sequential(*...)
# ```


# %% check="fully_connected_layers" points=1 ids=["S-fc", "A-nested"]
def verify(sizes):
    """Look at the parameters."""
    about = probes.describe(check.made(fully_connected, list(sizes)))
    check.module(about, f"fully_connected({sizes})")
    shapes = [tuple(facts["shape"]) for facts in about["parameters"].values()]
    wanted = [shape for nin, nout in zip(sizes, sizes[1:]) for shape in ((nout, nin), (nout,))]
    check.that(
        len(sizes) > 2 or len(shapes) <= 2,
        "of two sizes there is one affine map, the first and the last at once: let the loop over the pairs make all of them",
    )
    check.that(
        sorted(shapes) == sorted(wanted),
        "the parameters of the model have the shapes {found}; expected {wanted}",
        found=", ".join(map(str, shapes)),
        wanted=", ".join(map(str, wanted)),
    )


verify([2, 10, 3])
verify([2, 6, 5, 4, 3])
verify([5, 3])
### BEGIN HIDDEN TESTS
verify([4, 9, 7, 3])
verify([6, 2])
### END HIDDEN TESTS


# %% check="fully_connected_scores" points=2 ids=["S-fc"]
def verify(x, sizes):
    """Compare the network with the one that its own parameters make."""
    model = check.made(fully_connected, list(sizes))
    about, pairs = probes.describe(model), list(zip(sizes, sizes[1:]))
    check.module(about, f"fully_connected({list(sizes)})")
    try:
        got = model(x)
    except RuntimeError as error:
        check.that(
            "cannot be multiplied" not in str(error),
            "the parameters of the model have the shapes {found}; expected {wanted}",
            found=", ".join(str(tuple(facts["shape"])) for facts in about["parameters"].values()),
            wanted=", ".join(f"{(nout, nin)}, {(nout,)}" for nin, nout in pairs),
        )
        raise
    check.tensor(got, (len(x), sizes[-1]), "model(X)")
    by = {tuple(value.shape): value for value in probes.parameters(model).values()}
    check.that(
        all((nout, nin) in by and (nout,) in by for nin, nout in pairs),
        "model(X) cannot be computed from the parameters that the model has registered",
    )

    def network(act):
        a = x
        for k, (nin, nout) in enumerate(pairs):
            a = torch.nn.functional.linear(a if k == 0 else act(a), by[nout, nin], by[nout,])
        return a

    scores = network(torch.tanh)
    check.close(
        got,
        scores,
        "model(X)",
        also=scores.log_softmax(1),
        unless={
            "the model ends with tanh: the scores are not squeezed, they come out of the last affine map": scores.tanh(),
            "the model ends with SoftMax: CrossEntropyLoss does it itself, so the model stops at the scores": scores.softmax(
                1
            ),
            "the model ends with SoftMax, and over the examples: leave it out, CrossEntropyLoss does it itself, over the classes": scores.softmax(
                0
            ),
            "there is no activation between the layers: put tanh there": network(lambda a: a),
            "you used ReLU; this network uses tanh": network(torch.relu),
            "you used the sigmoid; this network uses tanh": network(torch.sigmoid),
        },
    )


verify(torch.randn(6, 2), [2, 5, 4, 3])
verify(torch.randn(6, 4), [4, 3])
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(5, 4), [4, 9, 7, 6, 3])
verify(3 * torch.randn(3, 7).T, [3, 5])
verify(torch.randn(1, 4), [4, 7, 3])
### END HIDDEN TESTS

# %% [markdown] lang="en"
# How large is a network? From a layer of $n_{k-1}$ units to the next, of $n_k$ units, there are $n_k \, n_{k-1}$
# weights and $n_k$ biases. A model can count for itself: `p.numel()` is how many numbers a tensor holds.
#
# Write `count_parameters`, for any module.

# %% [markdown] lang="fr"
# Quelle est la taille d'un réseau ? D'une couche de $n_{k-1}$ unités à la suivante, de $n_k$ unités, il y a
# $n_k \, n_{k-1}$ poids et $n_k$ biais. Un modèle sait compter tout seul : `p.numel()` dit combien de nombres contient
# un tenseur.
#
# Écrivez `count_parameters`, pour n'importe quel module.


# %% answer="count_parameters"
def count_parameters(model):
    """Count the numbers that descent can change: the entries of all parameters of a module.

    model: a torch.nn.Module. Returns a whole number.
    """
    ### BEGIN SOLUTION
    return sum(p.numel() for p in model.parameters())
    ### END SOLUTION


# %% [markdown] hint="count_parameters" lang="en"
# Go through the parameters, as `sgd` does, and add up how many numbers each tensor holds. `sum(… for … in …)` does it
# in one line. Buffers are no parameters: `state_dict()` would count them too.

# %% [markdown] hint="count_parameters" lang="fr"
# Parcourez les paramètres, comme le fait `sgd`, et additionnez les nombres que contient chaque tenseur.
# `sum(… for … in …)` le fait en une ligne. Les tampons ne sont pas des paramètres : `state_dict()` les compterait
# aussi.


# %% check="count_parameters_value" points=1 ids=["S-fc", "A-module"]
def verify(layers, right, tensors=None, weights=None, saved=None, units=None, linear=None, first=None):
    """Count the parameters of a Sequential of these layers; the other numbers are those of mistakes."""
    check.same(
        probes.on_model(count_parameters, layers, None),
        right,
        f"count_parameters({' → '.join(str(layer[0]) for layer in layers)})",
        unless={
            "these are the tensors; add up the numbers in them, numel()": tensors,
            "the biases are missing: they are parameters too": weights,
            "buffers are counted too: they are not trained; go through parameters()": saved,
            "these are the outputs of the layers; count the entries of each weight, rows times columns": units,
            "only the layers Linear are counted: other modules have parameters too; go through model.parameters()": linear,
            "only the first tensor is counted: is return inside the loop?": first,
        },
    )


verify([["Linear", 2, 10], ["Tanh"], ["Linear", 10, 2]], 52, tensors=4, weights=40, units=24, first=20)
verify([["BatchNorm1d", 3], ["Linear", 3, 5]], 26, tensors=4, weights=18, saved=33, linear=20, first=3)
verify([["Conv2d", 1, 2, 3], ["ReLU"]], 20, tensors=2, weights=18)
### BEGIN HIDDEN TESTS
verify(
    [["Linear", 4, 7], ["Tanh"], ["Linear", 7, 5], ["Tanh"], ["Linear", 5, 3]],
    93,
    tensors=6,
    weights=78,
    units=30,
)
verify([["Conv2d", 3, 8, 5], ["ReLU"], ["Flatten"]], 608, tensors=2, weights=600)
verify([["Linear", 4, 6], ["BatchNorm1d", 6]], 42, tensors=4, saved=55)
verify([["Tanh"]], 0)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Modules come in three families. Here are some that you will meet:
#
# | family | modules | what they do |
# |---|---|---|
# | layers | `Linear` | an affine map: each output sees all the inputs |
# | | `Conv2d` | slides the same small table of weights over a picture: each output sees a small window |
# | | `Flatten` | makes one row of numbers out of each picture |
# | activations | `Tanh`, `Sigmoid` | squeeze into $(-1, 1)$, into $(0, 1)$ |
# | | `ReLU` | $\max(0, a)$ |
# | losses | `CrossEntropyLoss` | classes, from scores |
# | | `MSELoss` | the mean of the squares of the errors |
# | | `L1Loss` | the mean of the absolute values of the errors |
#
# Which module would you take …
#
# - **a.** to predict prices, where a few absurd entries in the data must not rule the fit?
# - **b.** to predict prices, where one large mistake is worse than many small ones?
# - **c.** to find an edge wherever it is in a picture, with few weights?
# - **d.** to measure the error of scores, when a model learns which of ten digits an image shows?
# - **e.** for hidden values between $-1$ and $1$?
# - **f.** to pass a picture $28 \times 28$ on to a `Linear(784, 100)`?

# %% [markdown] lang="fr"
# Les modules se rangent en trois familles. En voici quelques-uns que vous rencontrerez :
#
# | famille | modules | ce qu'ils font |
# |---|---|---|
# | couches | `Linear` | une application affine : chaque sortie voit toutes les entrées |
# | | `Conv2d` | promène le même petit tableau de poids sur une image : chaque sortie voit une petite fenêtre |
# | | `Flatten` | fait de chaque image une ligne de nombres |
# | activations | `Tanh`, `Sigmoid` | ramènent dans $(-1, 1)$, dans $(0, 1)$ |
# | | `ReLU` | $\max(0, a)$ |
# | coûts | `CrossEntropyLoss` | des classes, à partir de scores |
# | | `MSELoss` | la moyenne des carrés des erreurs |
# | | `L1Loss` | la moyenne des valeurs absolues des erreurs |
#
# Quel module prendriez-vous…
#
# - **a.** pour prédire des prix, quand quelques valeurs absurdes dans les données ne doivent pas dicter l'ajustement ?
# - **b.** pour prédire des prix, quand une grosse erreur est pire que beaucoup de petites ?
# - **c.** pour trouver un contour, où qu'il soit dans une image, avec peu de poids ?
# - **d.** pour mesurer l'erreur de scores, quand un modèle apprend à reconnaître lequel des dix chiffres se trouve sur une image ?
# - **e.** pour des valeurs cachées entre $-1$ et $1$ ?
# - **f.** pour transmettre une image $28 \times 28$ à un `Linear(784, 100)` ?


# %% answer="catalogue"
def catalogue():
    """Return a dict from each letter, "a" to "f", to the name of a module, a string such as "Linear"."""
    ### BEGIN SOLUTION
    return {
        "a": "L1Loss",
        "b": "MSELoss",
        "c": "Conv2d",
        "d": "CrossEntropyLoss",
        "e": "Tanh",
        "f": "Flatten",
    }
    ### END SOLUTION


# %% check="catalogue_choices" points=2 ids=["A-nested"]
check.letters(
    catalogue,
    "abcdef",
    options=(
        "Linear",
        "Conv2d",
        "Flatten",
        "Tanh",
        "Sigmoid",
        "ReLU",
        "CrossEntropyLoss",
        "MSELoss",
        "L1Loss",
    ),
)
### BEGIN HIDDEN TESTS
check.choices(
    catalogue(),
    {
        "a": "L1Loss",
        "b": "MSELoss",
        "c": "Conv2d",
        "d": "CrossEntropyLoss",
        "e": "Tanh",
        "f": "Flatten",
    },
    because={
        "a": "a square makes an absurd error rule the sum; an absolute value does not.",
        "b": "the square of a large error weighs more than many small ones.",
        "c": "Conv2d slides the same few weights over the whole picture.",
        "d": "classes are learnt with the cross-entropy of scores.",
        "e": "tanh squeezes into (-1, 1); the sigmoid into (0, 1).",
        "f": "Linear wants rows of 784 numbers: Flatten makes them.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# A fully connected network is a good first choice for a few tens of features. On images and text it meets its limits.
# The plot compares the numbers of parameters of one layer on square colour images: `Linear` to 1000 units, or
# `Conv2d(3, 16, 5)`, which slides 16 windows of $5 \times 5$ pixels over the 3 colours.

# %% [markdown] lang="fr"
# Un réseau entièrement connecté est un bon premier choix pour quelques dizaines de variables. Sur les images et le
# texte, il atteint ses limites. Le graphique compare les nombres de paramètres d'une couche sur des images carrées en
# couleurs : `Linear` vers 1000 unités, ou `Conv2d(3, 16, 5)`, qui promène 16 fenêtres de $5 \times 5$ pixels sur les 3
# couleurs.

# %% demo
sides = [8, 16, 32, 64, 128, 224]
with torch.device("meta"):  # sizes without numbers: nothing is stored
    wide = [count_parameters(torch.nn.Linear(3 * side * side, 1000)) for side in sides]
    conv = [count_parameters(torch.nn.Conv2d(3, 16, 5)) for side in sides]
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(sides, wide, "o-", color="#0072B2", label="Linear")
ax.plot(sides, conv, "s--", color="#D55E00", label="Conv2d")
ax.set(xlabel=say("side of the image, in pixels"), ylabel=say("parameters"), yscale="log")
ax.legend()
ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "The parameters of two layers by the side of the image: those of Linear grow with its square, those of "
        "Conv2d stay as many."
    ),
)

# %% claim="Linear grows with the image, Conv2d stays at 1216"
assert conv == [1216] * len(sides) and wide[-1] == 1000 * (3 * 224**2 + 1) and wide[0] > 100 * conv[0]

# %% [markdown] lang="en"
# Sort these statements into true and false.
#
# - **a.** From a colour image $224 \times 224$ to 1000 hidden units, one `Linear` has about 150 million weights.
# - **b.** `Conv2d(3, 16, 5)` has the same number of parameters, 1216, for an image of any size.
# - **c.** If the pixels of all images, training and test, are shuffled in the same way, a fully connected network learns
#   as well as before.
# - **d.** What a fully connected network has learnt of a digit in the middle of the image holds for the same digit in a
#   corner too.
# - **e.** `fully_connected([300, 50, 2])` reads a whole sentence as one input, whatever its number of words, each word
#   being written as 300 numbers.
# - **f.** With the same few examples, each added layer makes the accuracy on the test set better.

# %% [markdown] lang="fr"
# Pour chaque affirmation, dites si elle est vraie ou fausse.
#
# - **a.** D'une image en couleurs $224 \times 224$ vers 1000 unités cachées, un seul `Linear` a environ 150 millions de
#   poids.
# - **b.** `Conv2d(3, 16, 5)` a le même nombre de paramètres, 1216, pour une image de n'importe quelle taille.
# - **c.** Si l'on mélange de la même façon les pixels de toutes les images, d'apprentissage et de test, un réseau
#   entièrement connecté apprend aussi bien qu'avant.
# - **d.** Ce qu'un réseau entièrement connecté a appris sur un chiffre au milieu de l'image vaut aussi pour le même
#   chiffre dans un coin.
# - **e.** `fully_connected([300, 50, 2])` lit d'un coup une phrase entière, quel que soit son nombre de mots, chaque mot
#   étant représenté par 300 nombres.
# - **f.** Avec les mêmes exemples, peu nombreux, chaque couche ajoutée améliore le taux de réussite en test.


# %% answer="limits"
def limits():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": True, "c": True, "d": False, "e": False, "f": False}
    ### END SOLUTION


# %% check="limits_sorted" points=2 ids=["S-fc"]
check.letters(limits, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    limits(),
    {"a": True, "b": True, "c": True, "d": False, "e": False, "f": False},
    because={
        "a": "3 × 224 × 224 × 1000 is 150 528 000.",
        "b": "16 windows of 3 × 5 × 5 weights and 16 biases, wherever they slide: 1216.",
        "c": "it does not know which pixels are neighbours: it uses no more of an image than of shuffled numbers.",
        "d": "in the corner, the digit meets other inputs, so other weights, which have not learnt it.",
        "e": "the number of inputs is fixed: one sentence of two words has 600 numbers, not 300.",
        "f": "with few examples, more layers mean more over-fitting.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now the circles with two hidden layers. The program does not know how deep the network is: the next cell puts a deeper
# one in the place of the first, and your `train` trains it. Much the same picture, with other weights behind it.
#
# > **Before you run it.** How many parameters has `fully_connected([2, 8, 8, 2])`?

# %% [markdown] lang="fr"
# Et maintenant les cercles, avec deux couches cachées. Le programme ne sait pas quelle est la profondeur du réseau : la
# cellule suivante met un réseau plus profond à la place du premier, et votre `train` l'entraîne. À peu près la même
# image, avec d'autres poids derrière.
#
# > **Avant d'exécuter.** Combien de paramètres a `fully_connected([2, 8, 8, 2])` ?

# %% predict="numbers_in_it"
numbers_in_it = None


# %% demo
def deeper(nx, nh, ny):
    return fully_connected([nx, nh, nh, ny]), torch.nn.CrossEntropyLoss()


model, history = trained(train, deeper, seed=0, nh=8)
print(model)
data.plot_data_with_grid(probabilities(model, data.Xgrid), title="[2, 8, 8, 2]")
reveal(numbers_in_it, count_parameters(model))

# %% claim="the deeper network separates the circles too; it has 114 parameters"
assert count_parameters(model) == 3 * 8 + 9 * 8 + 9 * 2 == 114
assert history["acc_train"][-1] > 0.9

# %% [markdown] lang="en"
# ## A playground · about 8 minutes
#
# `04_nn` has its playground too: your `fully_connected`, `loss_accuracy`, `sgd` and `probabilities` train a network with
# `layers` hidden layers of `nh` units each. The small maps show the *last* hidden layer, which the last `Linear` reads. The
# playground takes any network of yours that has a `Linear` at its end; it asks for nothing else.
#
# > **Before you touch it.** It opens on the two spirals, with one hidden layer of 8 units. Each of its units changes its
# > sign along a straight line. What will these lines look like with two hidden layers? And which separates the spirals
# > sooner: one layer of 16, or two layers of 8? Write both answers down, then play 200 epochs of each.

# %% [markdown] lang="fr"
# ## Un terrain de jeu · environ 8 minutes
#
# `04_nn` a aussi son terrain de jeu : vos `fully_connected`, `loss_accuracy`, `sgd` et `probabilities` y entraînent un
# réseau à `layers` couches cachées de `nh` unités chacune. Les petites cartes montrent la *dernière* couche cachée, celle
# que lit le dernier `Linear`. Le terrain de jeu accepte tout réseau à vous qui finit par un `Linear` ; il ne demande rien
# d'autre.
#
# > **Avant d'y toucher.** Il s'ouvre sur les deux spirales, avec une couche cachée de 8 unités. Chacune de ses unités
# > change de signe le long d'une droite. À quoi ressembleront ces lignes avec deux couches cachées ? Et qu'est-ce qui
# > sépare le plus vite les spirales : une couche de 16, ou deux couches de 8 ? Notez vos deux réponses, puis laissez
# > passer 200 époques dans chaque cas.


# %% demo
def step_model(state, X, Y, eta):
    model, loss = state
    loss_accuracy(loss, model(X), Y)[0].backward()
    sgd(model, eta)


deep = playground.play(
    start=lambda nh, layers: (fully_connected([2] + layers * [nh] + [2]), torch.nn.CrossEntropyLoss()),
    step=step_model,
    look=lambda state, X: (probabilities(state[0], X), playground.hidden(state[0], X)),
    choices={"layers": (1, 2, 3)},
    settings="data=spirals n=200 noise=0 nh=8 eta=0.3 batch=10 seed=0 layers=1",
)

# %% claim="after 200 epochs two layers of 8 separate the spirals, one layer of 8 or of 16 does not; two layers have 114 parameters, one of 16 has 82"
ends = {line: deep.trained(line, 200)["acc_train"] for line in ("layers=1", "layers=2", "nh=16")}
assert ends["layers=2"] > 0.98 and max(ends["layers=1"], ends["nh=16"]) < ends["layers=2"]
assert count_parameters(fully_connected([2, 8, 8, 2])) == 114 and count_parameters(fully_connected([2, 16, 2])) == 82

# %% [markdown] lang="en"
# <details>
# <summary>What you should have seen</summary>
#
# Lines bend. A unit of the second layer adds up eight units of the first, each with its own straight line, and
# changes its sign along a curve that follows now one, now another. So two layers of 8 have curved pieces to make a boundary
# from, and separate the spirals within 200 epochs. One layer of 16 has 82 parameters against 114, which is not
# much less; but all it can do is add up straight folds, one for each turn of the spirals. What is gained is not the number of
# units, it is that units are built from units. There is a price: with three layers the loss stays longer on its first
# plateau. Why that is so, you will see in `08_training`.
#
# </details>

# %% [markdown] lang="fr"
# <details>
# <summary>Ce que vous devriez avoir vu</summary>
#
# Les lignes se courbent. Une unité de la deuxième couche additionne huit unités de la première, chacune avec sa droite,
# et change de signe le long d'une courbe qui suit tantôt l'une, tantôt l'autre. Deux couches de 8 disposent donc de
# morceaux courbes pour composer une frontière, et séparent les spirales en 200 époques. Une couche de 16 a 82 paramètres
# contre 114, ce qui n'est pas beaucoup moins ; mais elle ne sait qu'additionner des plis droits, un par détour des
# spirales. Ce qu'on y gagne n'est pas le nombre d'unités : c'est que des unités soient faites d'unités. Cela a un prix :
# avec trois couches, le coût reste plus longtemps sur son premier plateau. Vous verrez pourquoi dans `08_training`.
#
# </details>

# %% [markdown] lang="en"
# ## 8 · Five programs that run, and are wrong · about 27 minutes
#
# None of the five programs below raises an error, and in none of them is a name misspelt. Each has one fault, of a kind
# that everybody makes sooner or later. Read them: do you see it?
#
# - **a.** `Stack_a`, a network with three hidden layers, used with the cross-entropy.
# - **b.** `class_loss_b`, the cross-entropy of a model on a batch.
# - **c.** `run_epoch_c`, an epoch of descent on the cross-entropy.
# - **d.** `fit_linear_d`, linear regression with a single `Linear`.
# - **e.** `Affine_e`, an affine map by hand, used with the squared error.

# %% [markdown] lang="fr"
# ## 8 · Cinq programmes qui tournent, et qui sont faux · environ 27 minutes
#
# Aucun des cinq programmes ci-dessous ne lève d'erreur, et aucun nom n'y est mal orthographié. Chacun a un seul défaut,
# de ceux que tout le monde commet un jour. Lisez-les : le voyez-vous ?
#
# - **a.** `Stack_a`, un réseau à trois couches cachées, utilisé avec l'entropie croisée.
# - **b.** `class_loss_b`, l'entropie croisée d'un modèle sur un lot.
# - **c.** `run_epoch_c`, une époque de descente sur l'entropie croisée.
# - **d.** `fit_linear_d`, la régression linéaire, avec un seul `Linear`.
# - **e.** `Affine_e`, une application affine faite à la main, utilisée avec l'erreur quadratique.


# %% setup
class Stack_a(torch.nn.Module):
    """Takes X (n, nx) to scores (n, ny): three hidden layers of nh units, with tanh."""

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


def class_loss_b(model, X, Y):
    """Returns the cross-entropy, a mean, of a model that gives scores: X (n, nx), Y one-hot (n, ny)."""
    Yhat = torch.softmax(model(X), 1)
    return torch.nn.CrossEntropyLoss()(Yhat, Y)


def run_epoch_c(model, batches, eta):
    """Takes one step on the cross-entropy for each pair (X, Y) of the list batches; the model gives scores."""
    model.zero_grad()
    for X, Y in batches:
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad


def fit_linear_d(X, Y, epochs, eta):
    """Fits a Linear(nx, 1): X (n, nx), Y (n, 1). Returns it, and the list of the losses before each step."""
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


class Affine_e(torch.nn.Module):
    """Takes X (n, nx) to (n, ny) by an affine map: its parameters are weight (ny, nx) and bias (ny,)."""

    def __init__(self, nx, ny):
        super().__init__()
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))
        self.bias = torch.nn.Parameter(torch.zeros(ny))

    def forward(self, X):
        return X @ self.weight.T


# %% [markdown] lang="en"
# Now let them run: **a**, **b** and **c** on the circles, with batches of 10; **d** and **e** on the homes of
# `03_autograd`, whole-batch, 300 epochs. There the target is the median price of a home in a district of Boston, in
# thousands of dollars, and the inputs are its 12 features, each brought to mean 0 and standard deviation 1. `curve`
# does it: you need not read it, apart from one line. It skips parameters whose gradient is `None`, as `torch.optim`
# does.
#
# > **Before you run it.** The prices lie between 5 and 50, with a mean of 22.5. What does **d** predict, once trained,
# > for the dearest district of the training examples?

# %% [markdown] lang="fr"
# Faites-les maintenant tourner : **a**, **b** et **c** sur les cercles, par lots de 10 ; **d** et **e** sur les
# logements de `03_autograd`, par lot complet, 300 époques. La cible y est le prix médian d'un logement dans un secteur
# de Boston, en milliers de dollars, et les entrées sont ses 12 variables, chacune ramenée à une moyenne de 0 et à un
# écart-type de 1. `curve` s'en charge : inutile de la lire, sauf une ligne. Elle saute les paramètres dont le gradient
# vaut `None`, comme le fait `torch.optim`.
#
# > **Avant d'exécuter.** Les prix vont de 5 à 50, et leur moyenne est de 22,5. Que prédit **d**, une fois
# > l'apprentissage fini, pour le secteur le plus cher des exemples d'apprentissage ?

# %% predict="dearest"
dearest = None


# %% setup
def entropy(model, X, Y):
    return torch.nn.functional.cross_entropy(model(X), Y)


def squared(model, X, Y):
    return ((model(X) - Y) ** 2).mean()


@functools.cache
def curve(letter, program, seed=0):
    """Train with one of the five programs; return the model and its losses, one an epoch. What ran once is remembered."""
    torch.manual_seed(seed)
    homes = HousingData()
    if letter == "d":
        return program(homes.Xtrain, homes.Ytrain, 300, 0.05)
    X, Y, epochs, batch, eta = data.Xtrain, data.Ytrain, 60 if letter == "a" else 30, 10, 0.3
    model = torch.nn.Sequential(torch.nn.Linear(2, 10), torch.nn.Tanh(), torch.nn.Linear(10, 2))
    measure = program if letter == "b" else entropy
    if letter == "a":
        model = program(2, 8, 2)
    if letter == "e":
        X, Y, epochs, batch, eta = homes.Xtrain, homes.Ytrain, 300, len(homes.Xtrain), 0.05
        model = program(X.shape[1], 1)
        measure = squared
    losses = []
    for _ in range(epochs):
        batches = [(X[indices], Y[indices]) for indices in minibatches(len(X), batch)]
        if letter == "c":
            program(model, batches, eta)
        for x, y in batches if letter != "c" else ():
            measure(model, x, y).backward()
            with torch.no_grad():
                for p in model.parameters():
                    if p.grad is not None:  # this line
                        p -= eta * p.grad
            model.zero_grad()
        with torch.no_grad():
            losses.append(float(measure(model, X, Y)))
    return model, losses


def draw_curves(drawn):
    """Draw five small pictures; drawn: for each letter a list of pairs, a label and losses."""
    fig, axes = plt.subplots(1, 5, figsize=(11, 2.4), layout="constrained")
    for ax, (letter, pairs) in zip(axes, drawn.items()):
        for (label, losses), (colour, style) in zip(pairs, (("#D55E00", "--"), ("#0072B2", "-"))):
            ax.plot(range(1, len(losses) + 1), losses, style, color=colour, label=label)
        ax.set(title=letter, xlabel=say("epoch"), ylim=(0, None))
        ax.grid(alpha=0.3)
    axes[0].set_ylabel(say("loss"))
    axes[0].legend()
    figures.show(fig, say("The losses of the programs {letters}.").format(letters=", ".join(drawn)))


# %% demo
programs = {"a": Stack_a, "b": class_loss_b, "c": run_epoch_c, "d": fit_linear_d, "e": Affine_e}
ran = {letter: curve(letter, program, seed=0) for letter, program in programs.items()}
draw_curves({letter: [(say("as it is"), losses)] for letter, (model, losses) in ran.items()})
homes = HousingData()
with torch.no_grad():
    predicted = ran["d"][0](homes.Xtrain)
reveal(dearest, round(float(predicted[homes.Ytrain.argmax()]), 1))

# %% claim="no program fails: a learns, b stops above 0.31, c jumps about, d predicts the mean for all, e has a mean of 0"
assert len(list(ran["a"][0].parameters())) == 4 and ran["a"][1][-1] < 0.4
assert 0.31 < min(ran["b"][1]) < 0.55
assert max(ran["c"][1][10:]) > 0.7
assert float((predicted - homes.Ytrain.mean()).abs().max()) < 0.5
assert abs(ran["d"][1][-1] - float(homes.Ytrain.var())) < 1
assert ran["e"][1][-1] > 500 and not ran["e"][0].bias.any()

# %% [markdown] lang="en"
# Which of these could you have observed, if you had looked at the right place? Give each program, **a** to **e**, the
# number of its statement. Two of them go with none.
#
# 1. Two layers have the same weights after training as before, and the loss falls all the same.
# 2. However long it trains, the loss that it gives cannot fall below 0.31.
# 3. One step of twenty is right; in the others, gradients of earlier batches take part.
# 4. Whatever the input, the prediction ends up close to the mean of the targets.
# 5. A parameter still has `.grad` equal to `None` after `backward()`, and no step changes it.
# 6. The accuracy is good on the training examples and bad on the test examples.
# 7. All the hidden units compute the same, however long it trains.

# %% [markdown] lang="fr"
# Qu'aurait-on pu observer, en regardant au bon endroit ? Donnez à chaque programme, de **a** à **e**, le numéro de
# l'affirmation qui lui revient. Deux d'entre elles ne vont avec aucun.
#
# 1. Deux couches ont les mêmes poids après l'apprentissage qu'avant, et le coût baisse quand même.
# 2. Aussi longtemps qu'il apprenne, le coût qu'il donne ne peut pas descendre au-dessous de 0,31.
# 3. Un pas sur vingt est juste ; aux autres se mêlent les gradients de lots précédents.
# 4. Quelle que soit l'entrée, la prédiction finit tout près de la moyenne des cibles.
# 5. Un paramètre a toujours un `.grad` égal à `None` après `backward()`, et aucun pas ne le modifie.
# 6. Le taux de réussite est bon sur les exemples d'apprentissage et mauvais sur les exemples de test.
# 7. Toutes les unités cachées calculent la même chose, aussi longtemps qu'il apprenne.


# %% answer="symptoms"
def symptoms():
    """Return a dict from each letter, "a" to "e", to the number of a statement, 1 to 7."""
    ### BEGIN SOLUTION
    return {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}
    ### END SOLUTION


# %% check="symptoms_matched" points=2 ids=["A-module"]
check.letters(symptoms, "abcde", options=(1, 2, 3, 4, 5, 6, 7))
### BEGIN HIDDEN TESTS
check.choices(
    symptoms(),
    {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},
    because={
        "a": "a Python list is not looked into: the two layers in it keep the weights that they were drawn with.",
        "b": "SoftMax is taken twice: the best scores that the loss ever gets are 0 and 1.",
        "c": "the gradients are reset once an epoch, so each step after the first adds to earlier gradients.",
        "d": "(n,) against (n, 1) compares each prediction with every target: the mean of all is the best answer.",
        "e": "forward never uses the bias: no gradient reaches it.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now repair them. Copy each program into its cell, give it the name that stands there, and change what is wrong, no
# more: a line or two each.
#
# **a.** `Stack(nx, nh, ny)`: all four affine maps take part in the training.

# %% [markdown] lang="fr"
# Réparez-les maintenant. Copiez chaque programme dans sa cellule, donnez-lui le nom qui s'y trouve, et changez ce qui
# ne va pas, rien de plus : une ligne ou deux à chaque fois.
#
# **a.** `Stack(nx, nh, ny)` : les quatre applications affines participent à l'apprentissage.


# %% answer="Stack"
class Stack(torch.nn.Module):
    """Takes X (n, nx) to scores (n, ny): three hidden layers of nh units, with tanh."""

    def __init__(self, nx, nh, ny):
        """Make the four affine maps."""
        ### BEGIN SOLUTION
        super().__init__()
        self.first = torch.nn.Linear(nx, nh)
        self.middle = torch.nn.ModuleList([torch.nn.Linear(nh, nh), torch.nn.Linear(nh, nh)])
        self.last = torch.nn.Linear(nh, ny)
        ### END SOLUTION

    def forward(self, X):
        """Compute the scores (n, ny) of a batch X (n, nx)."""
        ### BEGIN SOLUTION
        h = torch.tanh(self.first(X))
        for layer in self.middle:
            h = torch.tanh(layer(h))
        return self.last(h)
        ### END SOLUTION


# %% [markdown] hint="Stack" lang="en"
# ### The idea
#
# What does a module look into, to find parameters? The table of part 5 says it, and the list of containers in part 6.
#
# ### How to see it
#
# `len(list(Stack_a(2, 8, 2).parameters()))` gives 4; four `Linear` have 8 tensors. `forward` is right: the layers in
# the middle are used. They are only never trained.
#
# ### The code, with blanks
#
# ```python
# self.middle = ...([torch.nn.Linear(nh, nh), ...])
# ```

# %% [markdown] hint="Stack" lang="fr"
# ### L'idée
#
# Où un module cherche-t-il ses paramètres ? Le tableau de la partie 5 le dit, et la liste des conteneurs de la partie
# 6.
#
# ### Comment le voir
#
# `len(list(Stack_a(2, 8, 2).parameters()))` donne 4 ; quatre `Linear` ont 8 tenseurs. `forward` est juste : les couches
# du milieu sont utilisées. Simplement, elles n'apprennent jamais.
#
# ### Le code, à trous
#
# ```python
# self.middle = ...([torch.nn.Linear(nh, nh), ...])
# ```


# %% check="Stack_layers" points=1 ids=["A-module", "A-nested"]
def verify(x, nh, ny):
    """Look at the parameters, and compare the model with the network that they make."""
    from itertools import permutations

    nx, call = x.shape[1], f"Stack({x.shape[1]}, {nh}, {ny})"
    model = check.made(Stack, nx, nh, ny)
    about = probes.describe(model)
    check.module(about, call)
    shapes = sorted(tuple(facts["shape"]) for facts in about["parameters"].values())
    ends = [(nh, nx), (nh,), (ny, nh), (ny,)]
    check.that(
        shapes != sorted(ends),
        "the layers in the middle are still not registered: a module does not look into Python lists, tuples and dicts",
    )
    check.that(
        shapes != sorted([*ends, (nh, nh), (nh,)]),
        "the middle holds the same layer twice: make two, each with weights of its own",
    )
    wanted = [*ends, (nh, nh), (nh,), (nh, nh), (nh,)]
    check.that(
        shapes == sorted(wanted),
        "the parameters of the model have the shapes {found}; expected {wanted}",
        found=", ".join(map(str, shapes)),
        wanted=", ".join(map(str, sorted(wanted))),
    )
    got = model(x)
    check.tensor(got, (len(x), ny), "model(X)")
    unreached = probes.unreached(model, x)
    check.that(
        not unreached,
        "a part of the graph is cut off, by .detach(), .data or no_grad: no gradient reaches {names}",
        names=", ".join(unreached),
    )
    linear, params = torch.nn.functional.linear, list(probes.parameters(model).values())
    Wh, Wy, by = ([value for value in params if tuple(value.shape) == shape][0] for shape in (ends[0], ends[2], ends[3]))
    middle = [value for value in params if tuple(value.shape) == (nh, nh)]
    biases = [value for value in params if tuple(value.shape) == (nh,)]

    def closest(act=torch.tanh, inner=((torch.tanh, torch.tanh),), last=lambda a: a):
        """Which bias belongs to which layer, their shapes do not tell: take the order that comes closest."""
        found = []
        for weights in permutations(middle):
            for shifts in permutations(biases):
                for between in inner:
                    h = act(linear(x, Wh, shifts[0]))
                    for W, b, bend in zip(weights, shifts[1:], between):
                        h = bend(linear(h, W, b))
                    found.append(last(linear(h, Wy, by)))
        return min(found, key=lambda one: float((one - got.detach()).abs().max()))

    def flat(a):
        return a

    check.close(
        got,
        closest(),
        "model(X)",
        also=closest(last=lambda a: a.log_softmax(1)),
        unless={
            "there is no activation between the layers in the middle: put tanh after each": closest(
                inner=[(flat, flat), (flat, torch.tanh), (torch.tanh, flat)]
            ),
            "there is no activation between the layers: put tanh there": closest(flat, [(flat, flat)]),
            "you used ReLU; this network uses tanh": closest(torch.relu, [(torch.relu, torch.relu)]),
            "the model ends with tanh: the scores are not squeezed, they come out of the last affine map": closest(last=torch.tanh),
            "the model ends with SoftMax: CrossEntropyLoss does it itself, so the model stops at the scores": closest(
                last=lambda a: a.softmax(1)
            ),
        },
    )


verify(torch.randn(6, 2), 5, 3)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 4), 7, 3)
verify(torch.randn(3, 6).T, 8, 2)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# **b.** `class_loss(model, X, Y)` gives the cross-entropy from the model's scores, a mean over the batch.

# %% [markdown] lang="fr"
# **b.** `class_loss(model, X, Y)` donne l'entropie croisée à partir des scores du modèle, en moyenne sur le lot.


# %% answer="class_loss"
def class_loss(model, X, Y):
    """Returns the cross-entropy, a mean, of a model that gives scores: X (n, nx), Y one-hot (n, ny)."""
    ### BEGIN SOLUTION
    Ytilde = model(X)
    return torch.nn.CrossEntropyLoss()(Ytilde, Y)
    ### END SOLUTION


# %% [markdown] hint="class_loss" lang="en"
# How often is SoftMax taken here? What `CrossEntropyLoss` wants as its first argument, the table of part 1 and the
# paragraph below it say.

# %% [markdown] hint="class_loss" lang="fr"
# Combien de fois prend-on ici le SoftMax ? Ce que `CrossEntropyLoss` attend comme premier argument, le tableau de la
# partie 1 et le paragraphe qui le suit le disent.


# %% check="class_loss_value" points=1 ids=["P-2.3.1"]
def verify(x, ny):
    """Compare the loss of one affine map, and its gradient, with cross-entropy by hand."""
    n, nx = x.shape
    values, target = [2 * torch.randn(ny, nx), torch.randn(ny)], torch.eye(ny)[torch.arange(n) % ny]
    run = probes.slopes_of(class_loss, [["Linear", nx, ny]], *check.copies(values, x, target))
    scores = torch.nn.functional.linear(x, *values)
    entropy = torch.nn.functional.cross_entropy
    single = -(target * scores.log_softmax(1)).sum(1)
    check.close(
        run["result"],
        single.mean(),
        "class_loss(model, X, Y)",
        unless={
            "SoftMax is taken twice: this loss applies it to numbers that went through SoftMax already": entropy(
                scores.softmax(1), target
            ),
            "the loss sums over the batch; keep the mean, which does not grow with the batch": single.sum(),
            "SoftMax and logarithm are missing from this loss: it is given scores": -(target * scores).sum(1).mean(),
            "the logarithm is missing: -log of the probability of the right class": -(target * scores.softmax(1)).sum(1).mean(),
            "the mean runs over the classes too: sum over the classes, then take the mean over the examples": single.mean() / ny,
            "the logarithm of a negative score is NaN: CrossEntropyLoss takes the scores, and does SoftMax and logarithm itself": -(
                (target * scores.log()).sum(1).mean()
            ),
        },
    )
    check.that(
        run["grads"] is not None and all(slope is not None for slope in run["grads"]),
        "L is cut off from its graph: return what the loss gives, so that L.backward() can start there",
    )
    check.close(run["grads"][0], (scores.softmax(1) - target).T @ x / n, "model.weight.grad")


verify(torch.randn(6, 2), 3)
### BEGIN HIDDEN TESTS
verify(torch.randn(7, 5), 4)
verify(torch.randn(5, 8).T, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# **c.** `run_epoch(model, batches, eta)` takes one step for each batch, with the gradient of this batch alone.
# `batches` is a list of pairs `(X, Y)`, and the model gives scores.

# %% [markdown] lang="fr"
# **c.** `run_epoch(model, batches, eta)` fait un pas pour chaque lot, avec le gradient de ce seul lot. `batches` est
# une liste de couples `(X, Y)`, et le modèle donne des scores.


# %% answer="run_epoch"
def run_epoch(model, batches, eta):
    """Takes one step on the cross-entropy for each pair (X, Y) of the list batches; the model gives scores."""
    ### BEGIN SOLUTION
    for X, Y in batches:
        model.zero_grad()
        L = torch.nn.CrossEntropyLoss()(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
    ### END SOLUTION


# %% [markdown] hint="run_epoch" lang="en"
# ### The idea
#
# `backward` adds to what is in `.grad`. Walk through two batches: what is in it when the second step is taken?
#
# ### Where it may stand
#
# Between one `backward` and the next there must be a reset, and between a `backward` and its step there must be none.
# Two places are right: before the backward pass of each batch, or after its step. "Once, **after** the loop" of part 3
# speaks of the loop over the parameters, not of that over the batches.
#
# ### The code, with blanks
#
# ```python
# for X, Y in batches:
#     model.z...
#     # loss, backward, step
# ```

# %% [markdown] hint="run_epoch" lang="fr"
# ### L'idée
#
# `backward` ajoute à ce qui se trouve dans `.grad`. Suivez deux lots : que contient-il au moment du deuxième pas ?
#
# ### Où la placer
#
# Entre un `backward` et le suivant, il faut une remise à zéro ; entre un `backward` et son pas, il n'en faut pas. Deux
# endroits conviennent : avant la passe arrière de chaque lot, ou après son pas. « Une seule fois, **après** la
# boucle », dans la partie 3, parle de la boucle sur les paramètres, pas de celle sur les lots.
#
# ### Le code, à trous
#
# ```python
# for X, Y in batches:
#     model.z...
#     # le coût, backward, le pas
# ```


# %% check="run_epoch_steps" points=1 ids=["P-2.3.3"]
def verify(nx, nh, ny, counts, eta):
    """Run an epoch and compare every parameter with descent by autograd."""
    layers = [["Linear", nx, nh], ["Tanh"], ["Linear", nh, ny]]
    begin = [torch.randn(shape) for shape in ((nh, nx), (nh,), (ny, nh), (ny,))]
    batches = [random_batch(n, nx, ny) for n in counts]
    run = probes.one_step(run_epoch, layers, *check.copies(begin, None, [batches, eta]))
    check.stepped(run)
    linear = torch.nn.functional.linear

    def slopes(values, x, y):
        live = [value.clone().requires_grad_() for value in values]
        scores = linear(torch.tanh(linear(x, live[0], live[1])), live[2], live[3])
        return torch.autograd.grad(-(y * scores.log_softmax(1)).sum(1).mean(), live)

    def walk(kept=0.0, batches=batches, sign=-1.0, summed=False):
        values, sums = begin, [0.0] * 4
        for x, y in batches:
            times = len(x) if summed else 1
            sums = [kept * total + times * slope for total, slope in zip(sums, slopes(values, x, y))]
            values = [value + sign * eta * total for value, total in zip(values, sums)]
        return torch.cat([value.flatten() for value in values])

    at_begin = torch.cat([value.flatten() for value in begin])
    total = sum(torch.cat([slope.flatten() for slope in slopes(begin, x, y)]) for x, y in batches)
    check.close(
        torch.cat([value.flatten() for value in run["values"]]),
        walk(),
        "list(model.parameters())",
        unless={
            "the gradients of earlier mini-batches are still in it: reset them after each step": walk(kept=1.0),
            "only the first mini-batch is used: is return inside the loop?": walk(batches=batches[:1]),
            "one step for each mini-batch was asked for, not one for each epoch": at_begin - eta * total,
            "only the last mini-batch gives a step: the step belongs in the loop over the mini-batches": walk(batches=batches[-1:]),
            "the loss sums over the batch; keep the mean, which does not grow with the batch": walk(summed=True),
            "nothing moved: change the parameters themselves, in place": at_begin,
            "you walked up the slope: the gradient is subtracted": walk(sign=1.0),
        },
    )


verify(2, 5, 3, [6, 6, 4], 0.3)
### BEGIN HIDDEN TESTS
verify(4, 7, 3, [5, 8], 0.1)
verify(4, 7, 3, [5, 1, 8, 2], 0.2)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# **d.** `fit_linear(X, Y, epochs, eta)` compares each prediction with its own target. Both have the shape $(n, 1)$. As
# before, it returns `(model, losses)`: one step an epoch, and a list of the losses before each step.

# %% [markdown] lang="fr"
# **d.** `fit_linear(X, Y, epochs, eta)` compare chaque prédiction à sa propre cible. Les unes et les autres sont de
# taille $(n, 1)$. Comme avant, elle renvoie `(model, losses)` : un pas par époque, et la liste des coûts d'avant chaque
# pas.


# %% answer="fit_linear"
def fit_linear(X, Y, epochs, eta):
    """Fit one linear layer by descent on the mean squared error, all examples in each step.

    X: inputs (n, nx). Y: targets (n, 1).
    epochs: number of steps. eta: learning rate.
    Returns (model, losses): model, one affine map; losses, a list of floats, the loss before each step.
    """
    ### BEGIN SOLUTION
    model, loss = torch.nn.Linear(X.shape[1], 1), torch.nn.MSELoss()
    losses = []
    for _ in range(epochs):
        L = loss(model(X), Y)
        L.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= eta * p.grad
        model.zero_grad()
        losses.append(L.item())
    return model, losses
    ### END SOLUTION


# %% [markdown] hint="fit_linear" lang="en"
# ### The idea
#
# Print the shapes of the two sides of the minus sign, and of their difference.
#
# ### The shapes
#
# The model gives $(n, 1)$, `squeeze(1)` makes $(n,)$ of it, and $Y$ is $(n, 1)$. In a difference, $(n,)$ counts as
# $(1, n)$, and $(1, n)$ against $(n, 1)$ gives a table $(n, n)$: each prediction against every target. Both sides must
# be $(n, 1)$.
#
# ### The code, with blanks
#
# ```python
# model, loss = ..., torch.nn.MSELoss()
# losses = []
# for _ in range(epochs):
#     L = loss(..., Y)
#     # the way back, the step, the reset and losses.append stay as they are
# ```

# %% [markdown] hint="fit_linear" lang="fr"
# ### L'idée
#
# Affichez les tailles des deux côtés du signe moins, et celle de leur différence.
#
# ### Les tailles
#
# Le modèle donne $(n, 1)$, `squeeze(1)` en fait $(n,)$, et $Y$ est de taille $(n, 1)$. Dans une différence, $(n,)$
# compte comme $(1, n)$, et $(1, n)$ contre $(n, 1)$ donne un tableau $(n, n)$ : chaque prédiction contre toutes les
# cibles. Les deux côtés doivent être de taille $(n, 1)$.
#
# ### Le code, à trous
#
# ```python
# model, loss = ..., torch.nn.MSELoss()
# losses = []
# for _ in range(epochs):
#     L = loss(..., Y)
#     # la passe arrière, le pas, la remise à zéro et losses.append ne changent pas
# ```


# %% check="fit_linear_steps" points=1 ids=["S-module"]
def verify(x, y, eta):
    """Run 1, 2 and 3 epochs from the same start, and compare each step with its gradient."""
    ends = []
    for epochs in (1, 2, 3):
        call = f"fit_linear(X, Y, {epochs}, {eta})"
        model, losses = check.pair(probes.seeded(5, fit_linear, *check.copies(x, y), epochs, eta), call)
        check.module(probes.describe(model), f"{call}[0]")
        found = probes.parameters(model)
        check.same(
            sorted(tuple(value.shape) for value in found.values()),
            [(1,), (1, x.shape[1])],
            f"{call}[0]: shape",
        )
        losses = check.items(losses, f"{call}[1]")
        check.that(
            not any(isinstance(number, torch.Tensor) and number.requires_grad for number in losses),
            "the history keeps the graph of each loss, and the memory fills: keep L.item()",
        )
        ends.append(torch.cat([value.flatten() for value in sorted(found.values(), key=lambda v: v.ndim)]))

    def error(w, pairs=False):
        Yhat = x @ w[1:, None] + w[0]
        return ((Yhat[:, 0] - y if pairs else Yhat - y) ** 2).mean()

    def slope(w, pairs=False):
        w = w.clone().requires_grad_()
        return torch.autograd.grad(error(w, pairs), w)[0]

    first, second, third = ends
    check.that(
        float(slope(first).norm()) > 1e-3,
        "after a single step the fit is already the best: descend step by step, from the weights that Linear draws",
    )
    for before, after, pulled in ((second, third, second - first), (first, second, None)):
        step = -eta * slope(before)
        mistakes = {
            "the loss is summed over the examples; keep the mean": before + len(x) * step,
            "you walked up the slope: the gradient is subtracted": before - step,
            "you forgot the learning rate": before + step / eta,
            "nothing moves: are the parameters changed in place, and by their own gradients?": before,
            "Y hat and Y have the shapes (n,) and (n, 1): their difference is a table of all pairs; give them the same shape": before
            - eta * slope(before, pairs=True),
        }
        if pulled is not None:
            mistakes |= {
                "the gradients add up from step to step: reset them with model.zero_grad()": before
                + step
                + pulled
            }
        check.close(
            after,
            before + step,
            "fit_linear(X, Y, epochs, eta)[0]",
            unless=mistakes,
        )
    check.close(
        check.numbers(losses, 3, f"{call}[1]")[1:],
        torch.stack([error(first), error(second)]),
        f"{call}[1][1:]",
        unless={
            "note the loss before each step, not after": torch.stack([error(second), error(third)])
        },
    )


verify(torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]), torch.tensor([[1.0], [2.0], [3.0]]), 0.1)
### BEGIN HIDDEN TESTS
verify(torch.randn(7, 4), torch.randn(7, 1), 0.05)
verify(torch.randn(3, 9).T, torch.randn(9, 1), 0.02)
### END HIDDEN TESTS


# %% check="fit_linear_converges" points=1 ids=["S-module"]
def verify(x, y, eta):
    """Compare the end of a long descent with least squares."""
    model = check.pair(fit_linear(*check.copies(x, y), 400, eta), f"fit_linear(X, Y, 400, {eta})")[0]
    check.module(probes.describe(model), f"fit_linear(X, Y, 400, {eta})[0]")
    got = model(x)
    check.that(
        bool(got.isfinite().all()),
        "training diverged, the weights are NaN or infinite: gradients that are not reset, a loss that is summed, or too large an eta",
    )
    table = torch.cat([torch.ones(len(x), 1), x], 1).double()
    best = table @ torch.linalg.lstsq(table, y.double()).solution
    check.close(got, best, "model(X)", rtol=1e-2, atol=1e-2)


line = torch.linspace(-1, 1, 20)[:, None]
verify(line, 2 * line + 1, 0.3)
### BEGIN HIDDEN TESTS
x = torch.randn(60, 3)
verify(x, x @ torch.randn(3, 1) + 4 + 0.1 * torch.randn(60, 1), 0.2)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# **e.** `Affine(nx, ny)` is an affine map, with both its parameters `weight`, $(n_y, n_x)$, and `bias`, $(n_y,)$.
# As before, the weight is drawn, and the bias begins at 0.

# %% [markdown] lang="fr"
# **e.** `Affine(nx, ny)` est une application affine, avec ses deux paramètres `weight`, $(n_y, n_x)$, et `bias`,
# $(n_y,)$. Comme avant, le poids est tiré au hasard, et le biais part de 0.


# %% answer="Affine"
class Affine(torch.nn.Module):
    """Takes X (n, nx) to (n, ny) by an affine map: its parameters are weight (ny, nx) and bias (ny,)."""

    def __init__(self, nx, ny):
        """Draw the weight, and set the bias to 0."""
        ### BEGIN SOLUTION
        super().__init__()
        self.weight = torch.nn.Parameter(0.3 * torch.randn(ny, nx))
        self.bias = torch.nn.Parameter(torch.zeros(ny))
        ### END SOLUTION

    def forward(self, X):
        """Return the affine map of X."""
        ### BEGIN SOLUTION
        return X @ self.weight.T + self.bias
        ### END SOLUTION


# %% [markdown] hint="Affine" lang="en"
# ### The idea
#
# Look for the line where each parameter is used. A parameter that takes no part in the loss gets no gradient, and a
# loop that skips `None` never complains.
#
# ### The shapes
#
# $X$ is $(n, n_x)$ and the weight $(n_y, n_x)$, so their product is $(n, n_y)$. What is missing has the shape $(n_y,)$:
# added, it goes to every row.
#
# ### The code, with blanks
#
# ```python
# return X @ ... + ...
# ```

# %% [markdown] hint="Affine" lang="fr"
# ### L'idée
#
# Cherchez la ligne où chaque paramètre est utilisé. Un paramètre qui ne prend pas part au coût ne reçoit pas de
# gradient, et une boucle qui saute les `None` ne s'en plaint jamais.
#
# ### Les tailles
#
# $X$ est de taille $(n, n_x)$ et le poids de taille $(n_y, n_x)$ : leur produit est de taille $(n, n_y)$. Ce qui manque
# est de taille $(n_y,)$ : une fois ajouté, il va à chaque ligne.
#
# ### Le code, à trous
#
# ```python
# return X @ ... + ...
# ```


# %% check="Affine_bias" points=1 ids=["A-module"]
def verify(x, ny):
    """Give the parameters values; compare the output and the gradients."""
    nx, call = x.shape[1], f"Affine({x.shape[1]}, {ny})"
    made = check.made(Affine, nx, ny)
    about, drawn = probes.describe(made), probes.parameters(made)
    check.module(about, call)
    check.that(
        "bias" in about["parameters"],
        "the bias is no parameter of the module: keep it as self.bias, a torch.nn.Parameter, and use it",
    )
    check.that("weight" in about["parameters"], "the weight is no parameter of the module: keep self.weight as it was")
    for name, shape in (("weight", [ny, nx]), ("bias", [ny])):
        check.same(about["parameters"][name]["shape"], shape, f"{call}.{name}: shape")
    check.that(
        float(drawn["weight"].std()) > 0, "the weight is the same number everywhere: draw it, as Affine_e does, torch.randn"
    )
    check.that(not drawn["bias"].any(), "the bias does not begin at 0: make it as Affine_e does, torch.zeros(ny)")
    values, slope = {"weight": torch.randn(ny, nx), "bias": torch.randn(ny)}, torch.randn(len(x), ny)
    (called,) = probes.run_layer(Affine, (nx, ny), *check.copies(values, [[True, x, slope]]))["calls"]
    product = x @ values["weight"].T
    check.close(
        called["output"],
        product + values["bias"],
        "model(X)",
        unless={
            "the bias is registered, and forward still does not use it: no gradient reaches it": product,
            "the bias is subtracted: add it": product - values["bias"],
            "the weight is missing: the map is X @ weight.T + bias": values["bias"].expand(len(x), ny),
        },
    )
    true = {"weight": slope.T @ x, "bias": slope.sum(0)}
    with check.table(called["grads"], true):
        for name, right in true.items():
            got = called["grads"][name]
            check.that(
                got is not None,
                "a part of the graph is cut off, by .detach(), .data or no_grad: no gradient reaches {names}",
                names=name,
            )
            check.close(got, right, f"model.{name}.grad")


verify(torch.randn(6, 2), 3)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 4), 3)
verify(torch.randn(4, 7).T, 2)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The same five trainings again, dashed as the programs were, and in blue with yours.

# %% [markdown] lang="fr"
# Les cinq mêmes apprentissages : en tirets, les programmes tels qu'ils étaient ; en bleu, avec les vôtres.

# %% demo
before = {"a": Stack_a, "b": class_loss_b, "c": run_epoch_c, "d": fit_linear_d, "e": Affine_e}
after = {"a": Stack, "b": class_loss, "c": run_epoch, "d": fit_linear, "e": Affine}
pairs = {
    letter: [curve(letter, program, seed=0)[1] for program in (before[letter], after[letter])] for letter in before
}
draw_curves({letter: list(zip((say("as it was"), say("repaired")), both)) for letter, both in pairs.items()})

# %% claim="repaired, all learn: a sooner, b below 0.31, c without jumps, d and e down to the same 24"
assert pairs["a"][1][19] < pairs["a"][0][19] - 0.1 and pairs["a"][1][-1] < 0.3 and pairs["a"][0][-1] < 0.4
assert pairs["b"][1][-1] < 0.3
assert max(pairs["c"][1][20:]) < 0.5 and max(pairs["c"][0][10:]) > 0.7
assert pairs["d"][1][-1] < 30 < 75 < pairs["d"][0][-1]
assert pairs["e"][1][-1] < 30 and pairs["e"][0][-1] > 500

# %% [markdown] lang="en"
# The most treacherous is **a**: it learns, only later than it should. The layers before and behind adapt to two layers
# that stay as they were drawn. **d** and **e** are now the same regression, and reach the same loss. In **d** it came
# to rest at 80, the variance of the prices: what remains if one predicts their mean for every home. In **e**, whose
# predictions had a mean of 0, the square of the mean price, 506, was added to the loss of 24 that both now reach.
#
# This is what the regression of **d** has learnt. On the left, homes that it has not seen; on the right, its weights.

# %% [markdown] lang="fr"
# Le plus perfide est **a** : il apprend, seulement plus tard qu'il ne devrait. Les couches qui précèdent et qui suivent
# s'accommodent de deux couches qui restent telles qu'elles ont été tirées. **d** et **e** font désormais la même
# régression, et atteignent le même coût. Dans **d**, il s'arrêtait à 80, la variance des prix : ce qui reste quand on
# prédit leur moyenne pour chaque logement. Dans **e**, dont les prédictions avaient une moyenne de 0, le carré du prix
# moyen, 506, s'ajoutait au coût de 24 qu'ils atteignent maintenant tous deux.
#
# Voici ce que la régression de **d** a appris. À gauche, des logements qu'elle n'a pas vus ; à droite, ses poids.

# %% demo
homes = HousingData()
model, losses = curve("d", fit_linear, seed=0)
weights = next(p.detach().reshape(-1) for p in model.parameters() if p.ndim == 2)
with torch.no_grad():
    predicted = model(homes.Xtest)
error = float(torch.nn.L1Loss()(predicted, homes.Ytest))
print(say("mean absolute error on the test examples: {error:.1f} k$").format(error=error))
fig, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
axes[0].scatter(homes.Ytest, predicted, s=18, color="#0072B2")
axes[0].axline((0, 0), slope=1, color="#999999", linewidth=1)
axes[0].set(xlabel=say("true price, k$"), ylabel=say("predicted price, k$"), xlim=(0, 55), ylim=(0, 55))
order = weights.abs().argsort()
axes[1].barh([homes.names[i] for i in order], weights[order], color="#0072B2")
axes[1].set(xlabel=say("weight of the feature"))
figures.show(
    fig,
    say(
        "Left, predicted prices by true ones, and the diagonal; right, the weights of the features: the largest"
        " is that of {name}."
    ).format(name=homes.names[order[-1]]),
)

# %% claim="the signs of the large weights; homes noted as 50 are all predicted too low"
signs = {name: float(weight) for name, weight in zip(homes.names, weights)}
largest = sorted(signs, key=lambda name: -abs(signs[name]))[:5]
assert set(largest) == {"LSTAT", "DIS", "NOX", "RM", "RAD"}
assert all(signs[name] < 0 for name in ("LSTAT", "DIS", "NOX")) and all(signs[name] > 0 for name in ("RM", "RAD"))
assert homes.Ytest.max() == 50 and predicted[homes.Ytest == 50].max() < 50
assert error < 4

# %% [markdown] lang="en"
# Other features being equal, the prediction falls when LSTAT (poverty), DIS (the distance to the places of work) or NOX
# (nitrogen oxides in the air) grows; it rises with RM (rooms per home) and RAD (access to motorways). A perfect
# prediction would lie on the grey line. Look at the most expensive: the data stop at 50 k$, dearer districts were noted as
# 50, and all of these are predicted too low.

# %% [markdown] lang="fr"
# Les autres variables étant fixées, la prédiction baisse quand LSTAT (la pauvreté), DIS (la distance aux lieux de
# travail) ou NOX (les oxydes d'azote dans l'air) augmente ; elle monte avec RM (le nombre de pièces par logement) et
# RAD (l'accès aux autoroutes). Une prédiction parfaite serait sur la ligne grise. Regardez les secteurs les plus chers : les
# données s'arrêtent à 50 k$, un prix plus élevé y est noté 50, et tous ceux-là sont prédits trop bas.

# %% [markdown] lang="en"
# **Containers.** Program **a** runs without an error, and its loss even falls. Explain what goes wrong in it, why the
# loss falls all the same, and how one could notice. Then say, of `Sequential`, `ModuleList` and `ModuleDict`, what
# becomes of the parameters in each, and when you would choose it. Six lines are enough.

# %% [markdown] lang="fr"
# **Conteneurs.** Le programme **a** tourne sans erreur, et son coût baisse même. Expliquez ce qui n'y va pas, pourquoi
# le coût baisse malgré tout, et comment on pourrait s'en apercevoir. Dites ensuite, pour `Sequential`, `ModuleList` et
# `ModuleDict`, ce que deviennent les paramètres dans chacun, et dans quel cas vous le choisiriez. Six lignes suffisent.

# %% [markdown] open="containers" points=3 ids=["A-Q2b"]
# **English.** A module only looks for parameters in its attributes that are parameters or modules. A Python list is
# neither, so the layers in it are not registered: `parameters()` does not give them, `sgd` never moves them, and
# `zero_grad`, `state_dict` and `to(device)` forget them. They stay as they were drawn, and the layers around them learn
# to live with it: that is why the loss falls all the same. One notices by counting the parameters (too few), by
# printing the model (the layers are missing) or by comparing a weight before and after training. All three
# containers are modules and register what they hold. `Sequential` also chains them, for a plain chain; `ModuleList` is
# for layers that `forward` loops over or indexes; `ModuleDict` for parts chosen by name.
#
# **Français.** Un module ne cherche de paramètres que dans ceux de ses attributs qui sont des paramètres ou des
# modules. Une liste Python n'est ni l'un ni l'autre, donc les couches qu'elle contient ne sont pas enregistrées :
# `parameters()` ne les donne pas, `sgd` ne les déplace jamais, et `zero_grad`, `state_dict` et `to(device)` les
# oublient. Elles restent telles qu'elles ont été tirées, et les couches qui les entourent s'en accommodent : c'est
# pourquoi le coût baisse quand même. On s'en aperçoit en comptant les paramètres (il en manque), en affichant le modèle
# (les couches n'y figurent pas) ou en comparant un poids avant et après l'apprentissage. Les trois conteneurs sont des
# modules et enregistrent ce qu'ils contiennent. `Sequential` les enchaîne en plus, pour une simple suite ; `ModuleList`
# convient aux couches que `forward` parcourt ou indexe ; `ModuleDict`, aux morceaux que l'on choisit par leur nom.

# %% [markdown] marking="containers"
# - 1 point: the layers in a Python list are not registered, so they are not in `parameters()` and descent never moves
#   them.
# - 1 point: one way to notice: the number of parameters, `print(model)`, `state_dict()`, a weight before and after.
# - 1 point: all three containers register what they hold, and a sensible use of each: a chain; a loop or an index;
#   names.
# - "The gradients are wrong" or "PyTorch raises an error" earns nothing: the gradients are there, nobody uses them.

# %% [markdown] lang="en"
# ## What you have built
#
# A program in which nothing is left of this one network: `init_model` names its layers, and `loss_accuracy`, `sgd`,
# `probabilities` and `train` work for any other. One hand-written part remains, the step itself. In the next notebook,
# `torch.optim` takes it over, and offers better steps than yours.
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓`, or
# `◦` for questions whose answer is a choice. `✓` means that the check holds for the inputs that you see; `◦` promises
# only that the form is right, so read those questions once more. Have you written your answer on containers, in part
# 8? Save, and hand in this file without renaming it.

# %% [markdown] lang="fr"
# ## Ce que vous avez construit
#
# Un programme où il ne reste rien de ce réseau-là en particulier : `init_model` nomme ses couches, et `loss_accuracy`,
# `sgd`, `probabilities` et `train` conviennent à tout autre. Une partie reste écrite à la main : le pas lui-même. Dans
# le prochain notebook, `torch.optim` s'en charge, et propose de meilleurs pas que le vôtre.
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓`, ou `◦` pour les questions à choix. `✓` signifie que la vérification tient pour les entrées que
# vous voyez ; `◦` ne promet que la forme : relisez donc ces questions-là. Avez-vous rédigé votre réponse sur les
# conteneurs, dans la partie 8 ? Enregistrez, puis rendez ce fichier sans le renommer.
