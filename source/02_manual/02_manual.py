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
# # Forward and backward by hand
#
# In the last notebook you wrote the equations of a network with one hidden layer. Here you make it run: about fifty
# lines of your own, no library for neural networks, and at the end a curve that separates two rings of points.
#
# **You will learn** to start a network, compute its output, measure its error, compute every gradient by hand and check
# it against a measured one, take a step down, and repeat until the network has learnt. You will see what the size of a
# batch changes, and where a descent walks.
#
# **You need** the equations of `01_math` (they are repeated here) and a little PyTorch: `X @ W.T` multiplies two
# matrices, `X.sum(1)` adds within each row and `X.sum(0)` within each column, `X.shape` tells the sizes.
#
# | part | minutes |
# |---|---|
# | The data | 5 |
# | 1 · The parameters | 8 |
# | 2 · The forward pass | 14 |
# | 3 · Loss and accuracy | 9 |
# | 4 · A gradient, measured | 14 |
# | 5 · The backward pass | 23 |
# | 6 · One step down | 5 |
# | 7 · Mini-batches | 5 |
# | 8 · Training | 23 |
# | A playground | 12 |
# | 9 · One loop, three descents | 14 |
# | 10 · Where the descent walks | 14 |
# | *all together* | *146* |
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
# graded, each right letter more than guessing would give earns its share of the points. Where a cell sets a name
# to `None`, put your guess there before you run the next cell: it is not graded, and you learn most from a wrong one.

# %% [markdown] lang="fr"
# # Propagation avant et arrière, à la main
#
# Dans le notebook précédent, vous avez écrit les équations d'un réseau à une couche cachée. Ici, vous le faites
# tourner : une cinquantaine de lignes de votre main, aucune bibliothèque de réseaux de neurones et, à la fin, une
# courbe qui sépare deux anneaux de points.
#
# **Vous allez apprendre** à initialiser un réseau, à calculer sa sortie, à mesurer son erreur, à calculer tous les
# gradients à la main et à les confronter à un gradient mesuré, à faire un pas de descente, et à recommencer jusqu'à ce
# que le réseau ait appris. Vous verrez ce que change la taille d'un lot, et par où passe une descente.
#
# **Il vous faut** les équations de `01_math` (elles sont rappelées ici) et un peu de PyTorch : `X @ W.T` multiplie
# deux matrices, `X.sum(1)` additionne à l'intérieur de chaque ligne et `X.sum(0)` à l'intérieur de chaque colonne,
# `X.shape` donne les tailles.
#
# | partie | minutes |
# |---|---|
# | Les données | 5 |
# | 1 · Les paramètres | 8 |
# | 2 · La passe avant | 14 |
# | 3 · Coût et taux de réussite | 9 |
# | 4 · Un gradient mesuré | 14 |
# | 5 · La passe arrière | 23 |
# | 6 · Un pas vers le bas | 5 |
# | 7 · Les mini-lots | 5 |
# | 8 · L'apprentissage | 23 |
# | Un terrain de jeu | 12 |
# | 9 · Une boucle, trois descentes | 14 |
# | 10 · Par où passe la descente | 14 |
# | *en tout* | *146* |
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
# qu'on obtiendrait en répondant au hasard rapporte sa part des points. Là où une cellule met un nom à `None`,
# écrivez-y votre pronostic avant d'exécuter la cellule suivante : il n'est pas noté, et c'est quand il est faux qu'on apprend le plus.

# %% setup
import itertools

import matplotlib.pyplot as plt
import torch

from helpers import CirclesData, check, figures, playground, probes, progress, reveal, start
from helpers.messages import _ as say
from helpers.messages import number
from helpers.samples import random_batch, random_params, shifted_circles
from helpers.standins import TrainingRecord

start("02_manual", lang="en")
data = CirclesData()

# %% [markdown] lang="en"
# ## The data · about 5 minutes
#
# Two rings of points in the plane. Class 0 is the large ring, class 1 the small one. An example is a row of `Xtrain`:
# $n_x = 2$ coordinates. Its target is the same row of `Ytrain`: $n_y = 2$ numbers, a 1 in the place of its class and 0
# elsewhere (*one-hot*). `Xtest` and `Ytest` are 200 other points of the same kind, kept aside to judge the network.
# Noise makes the rings thick: the small one is almost a disc.
#
# No straight line separates the rings. That is why we want a hidden layer.

# %% [markdown] lang="fr"
# ## Les données · environ 5 minutes
#
# Deux anneaux de points dans le plan. La classe 0 est le grand anneau, la classe 1 le petit. Un exemple est une ligne
# de `Xtrain` : $n_x = 2$ coordonnées. Sa cible est la même ligne de `Ytrain` : $n_y = 2$ nombres, un 1 à la place de sa
# classe et 0 ailleurs (codage *one-hot*). `Xtest` et `Ytest` sont 200 autres points de même nature, mis de côté pour
# juger le réseau. Le bruit épaissit les anneaux : le petit est presque un disque.
#
# Aucune droite ne sépare les anneaux : voilà pourquoi il nous faut une couche cachée.

# %% demo
print(data)
data.plot_data()
radius = {k: data.Xtrain[data.Ytrain[:, k] == 1].norm(dim=1) for k in (0, 1)}

# %% claim="class 0 is the large ring, class 1 the small one, which noise all but fills"
assert len(data.Xtest) == 200 and 0.9 < radius[0].mean() < 1.2 and radius[1].mean() < 0.5
assert radius[1].min() < 0.1

# %% [markdown] lang="en"
# And this is the network. Each line is one weight. From the $n_x = 2$ coordinates it makes $n_h$ hidden values
# (four in the picture, ten when you train it), and from those the $n_y = 2$ probabilities.

# %% [markdown] lang="fr"
# Et voici le réseau. Chaque trait est un poids. Des $n_x = 2$ coordonnées, il tire $n_h$ valeurs cachées (quatre
# sur le dessin, dix quand vous l'entraînerez), puis, de celles-ci, les $n_y = 2$ probabilités.

# %% demo unclaimed="a drawing of the network"
figures.network([2, 4, 2], names=["$x$", "$h$", r"$\hat{y}$"])

# %% [markdown] lang="en"
# ## 1 · The parameters · about 8 minutes
#
# The parameters of the network are four tensors:
#
# | name | code | shape | what it does |
# |---|---|---|---|
# | $W_h$ | `Wh` | $(n_h, n_x)$ | weights from the input to the hidden layer |
# | $b_h$ | `bh` | $(n_h,)$ | biases of the hidden layer |
# | $W_y$ | `Wy` | $(n_y, n_h)$ | weights from the hidden layer to the output |
# | $b_y$ | `by` | $(n_y,)$ | biases of the output |
#
# Weights start at random: if all hidden units started with the same weights, they would receive the same gradients and
# stay the same for ever. They start small: draw each from a normal distribution of mean 0 and standard deviation 0.3.
# Biases start at 0, or small like the weights.
#
# Write `init_params`: a dict of these four tensors, drawn anew at each call. `torch.randn(3, 5)` draws a $3 \times 5$
# tensor of mean 0 and standard deviation 1.

# %% [markdown] lang="fr"
# ## 1 · Les paramètres · environ 8 minutes
#
# Les paramètres du réseau sont quatre tenseurs :
#
# | nom | code | taille | rôle |
# |---|---|---|---|
# | $W_h$ | `Wh` | $(n_h, n_x)$ | poids de l'entrée vers la couche cachée |
# | $b_h$ | `bh` | $(n_h,)$ | biais de la couche cachée |
# | $W_y$ | `Wy` | $(n_y, n_h)$ | poids de la couche cachée vers la sortie |
# | $b_y$ | `by` | $(n_y,)$ | biais de la sortie |
#
# Les poids sont tirés au hasard : si toutes les unités cachées partaient avec les mêmes poids, elles recevraient les
# mêmes gradients et resteraient identiques à jamais. Ils sont petits au départ : tirez chacun selon une loi normale de
# moyenne 0 et d'écart-type 0,3. Les biais partent de 0, ou sont petits comme les poids.
#
# Écrivez `init_params`, qui renvoie un dictionnaire de ces quatre tenseurs, tirés à nouveau à chaque appel.
# `torch.randn(3, 5)` tire un tenseur $3 \times 5$ de moyenne 0 et d'écart-type 1.


# %% answer="init_params"
def init_params(nx, nh, ny):
    """Draw the parameters of a network with one hidden layer.

    nx, nh, ny: numbers of inputs, hidden units and outputs.
    Returns a dict of float tensors: "Wh" (nh, nx), "bh" (nh,), "Wy" (ny, nh), "by" (ny,).
    Weights are drawn from a normal distribution of mean 0 and standard deviation 0.3, anew at
    each call; biases are 0, or small like them.
    """
    ### BEGIN SOLUTION
    return {
        "Wh": 0.3 * torch.randn(nh, nx),
        "bh": torch.zeros(nh),
        "Wy": 0.3 * torch.randn(ny, nh),
        "by": torch.zeros(ny),
    }
    ### END SOLUTION


# %% [markdown] hint="init_params" lang="en"
# ### The idea
#
# A normal distribution of mean 0 and standard deviation 1, multiplied by a number, has that number as its standard
# deviation, and still the mean 0.
#
# ### The shapes
#
# The table gives them. The first number is always how many values a layer *makes*, the second how many it *reads*: the
# hidden layer reads $n_x$ numbers and makes $n_h$. A bias has one number for each value made.
#
# ### The code, with blanks
#
# ```python
# return {
#     "Wh": ... * torch.randn(...),
#     "bh": torch.zeros(...),
#     "Wy": ... * torch.randn(...),
#     "by": torch.zeros(...),
# }
# ```

# %% [markdown] hint="init_params" lang="fr"
# ### L'idée
#
# Une loi normale de moyenne 0 et d'écart-type 1, multipliée par un nombre, a ce nombre pour écart-type, et sa moyenne
# reste 0.
#
# ### Les tailles
#
# Le tableau les donne. Le premier nombre est toujours celui des valeurs qu'une couche *produit*, le second celui des
# valeurs qu'elle *lit* : la couche cachée lit $n_x$ nombres et en produit $n_h$. Un biais a un nombre par valeur
# produite.
#
# ### Le code, à trous
#
# ```python
# return {
#     "Wh": ... * torch.randn(...),
#     "bh": torch.zeros(...),
#     "Wy": ... * torch.randn(...),
#     "by": torch.zeros(...),
# }
# ```


# %% check="init_params_shapes" points=1 ids=["P-2.1.1"]
weights = init_params(2, 10, 3)
weights = check.keys(weights, ["Wh", "bh", "Wy", "by"], "init_params(2, 10, 3)")
check.tensor(weights["Wh"], (10, 2), 'init_params(2, 10, 3)["Wh"]')
check.tensor(weights["bh"], (10,), 'init_params(2, 10, 3)["bh"]')
check.tensor(weights["Wy"], (3, 10), 'init_params(2, 10, 3)["Wy"]')
check.tensor(weights["by"], (3,), 'init_params(2, 10, 3)["by"]')
### BEGIN HIDDEN TESTS
weights = check.keys(init_params(4, 7, 5), ["Wh", "bh", "Wy", "by"], "init_params(4, 7, 5)")
check.tensor(weights["Wh"], (7, 4), 'init_params(4, 7, 5)["Wh"]')
check.tensor(weights["bh"], (7,), 'init_params(4, 7, 5)["bh"]')
check.tensor(weights["Wy"], (5, 7), 'init_params(4, 7, 5)["Wy"]')
check.tensor(weights["by"], (5,), 'init_params(4, 7, 5)["by"]')
### END HIDDEN TESTS


# %% check="init_params_random" points=1 ids=["P-2.1.1"]
def verify(name, drawn, again):
    """Look at many weights, drawn twice; their shapes have a check of their own."""
    shape = tuple(drawn.shape) if isinstance(drawn, torch.Tensor) and drawn.ndim == 2 else (2, 2)
    drawn = check.tensor(drawn, shape, f'init_params(…)["{name}"]')
    std, mean = float(drawn.std()), float(drawn.mean())
    check.that(std > 0, "all the weights are equal: the hidden units could never become different")
    check.that(
        min(float(drawn.std(0).min()), float(drawn.std(1).min())) > 0.1 * std,
        "all the weights of a row or a column are equal: draw each one",
    )
    check.that(
        not torch.equal(drawn, check.tensor(again, shape, f'init_params(…)["{name}"]')),
        "two calls give the same weights: draw anew at each call, without fixing the seed",
    )
    check.that(
        float(drawn.min()) < 0, "no weight of {name} is negative: randn, not rand", name=name
    )
    check.that(
        abs(mean) < 0.05,
        "the mean of {name} is {mean:.2f}, not 0",
        name=name,
        mean=mean,
    )
    check.that(
        abs(std - 1) > 0.1, "{name} has a standard deviation of 1: multiply by 0.3", name=name
    )
    check.that(
        abs(std - 0.3**0.5) > 0.03,
        "{name} has a variance of 0.3; it is the standard deviation that should be 0.3",
        name=name,
    )
    check.that(
        abs(std - 0.3) < 0.03,
        "the standard deviation of {name} is {std:.2f}, not 0.3",
        name=name,
        std=std,
    )
    check.that(
        float(drawn.abs().max()) > 0.75,
        "{name} is not drawn from a normal distribution: its tails are missing",
        name=name,
    )


weights, again = (
    check.keys(init_params(70, 90, 80), ["Wh", "Wy"], "init_params(70, 90, 80)") for _ in range(2)
)
for name in ("Wh", "Wy"):
    verify(name, weights[name], again[name])
for name, n in (("bh", 90), ("by", 80)):  # their shapes have a check of their own
    check.that(
        float(check.usable(weights.get(name), (n,), otherwise=torch.zeros(n)).abs().max()) < 2,
        "{name} starts far from 0: biases start at 0, or small like the weights",
        name=name,
    )
### BEGIN HIDDEN TESTS
weights, again = (
    check.keys(init_params(90, 80, 70), ["Wh", "Wy"], "init_params(90, 80, 70)") for _ in range(2)
)
for name in ("Wh", "Wy"):
    verify(name, weights[name], again[name])
for name, n in (("bh", 80), ("by", 70)):  # their shapes have a check of their own
    check.that(
        float(check.usable(weights.get(name), (n,), otherwise=torch.zeros(n)).abs().max()) < 2,
        "{name} starts far from 0: biases start at 0, or small like the weights",
        name=name,
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 2 · The forward pass · about 14 minutes
#
# Take one example $x \in \mathbb{R}^{n_x}$. The network computes, in this order:
#
# $$\tilde{h} = W_h x + b_h \qquad h = \tanh(\tilde{h}) \qquad \tilde{y} = W_y h + b_y \qquad \hat{y} = \text{SoftMax}(\tilde{y})$$
#
# with $\text{SoftMax}(\tilde{y})_i = e^{\tilde{y}_i} / \sum_j e^{\tilde{y}_j}$: positive numbers that add up to 1.
#
# One product of matrices does this for many examples at once. A *batch* of $n$ examples is a matrix $X$ of shape
# $(n, n_x)$, **one example a row**. Capital letters stand for the whole batch. Row $k$ of the result must be what
# example $x^{(k)}$ alone would give, so the product is the other way round, with $W_h$ transposed:
#
# $$\tilde{H} = X W_h^\top + b_h$$
#
# of shape $(n, n_h)$. The bias is added to every row: PyTorch does that by itself (*broadcasting*). And SoftMax sums
# over the classes, within a row, never over the examples.
#
# Write `forward`. It returns two things: $\hat{Y}$, and a dict of all that was computed on the way, because the
# backward pass will need it: `"X"`, `"htilde"`, `"h"`, `"ytilde"`, and `"yhat"`, which is $\hat{Y}$ again (small names
# in the code, but the whole batch in each). Write SoftMax with `torch.exp` and `.sum(1, keepdim=True)`, which keeps the
# sums of the rows as a column, or use `torch.softmax(…, 1)`: both are welcome.

# %% [markdown] lang="fr"
# ## 2 · La passe avant · environ 14 minutes
#
# Prenons un exemple $x \in \mathbb{R}^{n_x}$. Le réseau calcule, dans cet ordre :
#
# $$\tilde{h} = W_h x + b_h \qquad h = \tanh(\tilde{h}) \qquad \tilde{y} = W_y h + b_y \qquad \hat{y} = \text{SoftMax}(\tilde{y})$$
#
# avec $\text{SoftMax}(\tilde{y})_i = e^{\tilde{y}_i} / \sum_j e^{\tilde{y}_j}$ : des nombres positifs, de somme 1.
#
# Un seul produit de matrices le fait pour de nombreux exemples à la fois. Un *lot* (batch) de $n$ exemples est une
# matrice $X$ de taille $(n, n_x)$, **un exemple par ligne**. Les majuscules désignent le lot entier. La ligne $k$ du
# résultat doit être ce que l'exemple $x^{(k)}$ donnerait à lui seul ; l'ordre du produit s'inverse donc, et $W_h$ est
# transposée :
#
# $$\tilde{H} = X W_h^\top + b_h$$
#
# de taille $(n, n_h)$. Le biais s'ajoute à chaque ligne : PyTorch le fait de lui-même (*broadcasting*). Quant au
# SoftMax, il somme sur les classes, à l'intérieur d'une ligne, jamais sur les exemples.
#
# Écrivez `forward`. La fonction renvoie deux choses : $\hat{Y}$, et un dictionnaire de tout ce qui a été calculé en
# chemin, car la passe arrière en aura besoin : `"X"`, `"htilde"`, `"h"`, `"ytilde"`, et `"yhat"`, qui est de nouveau
# $\hat{Y}$ (les noms du code sont en minuscules, mais chacun contient le lot entier). Écrivez le SoftMax avec `torch.exp`
# et `.sum(1, keepdim=True)`, qui garde en colonne les sommes des lignes, ou prenez `torch.softmax(…, 1)` : les deux
# conviennent.


# %% answer="forward"
def forward(params, X):
    """Compute the output of the network on a batch.

    params: dict of tensors "Wh" (nh, nx), "bh", "Wy" (ny, nh), "by", as from init_params.
    X: inputs (n, nx), one example a row.
    Returns (Yhat, outputs): Yhat (n, ny), each row adding up to 1; outputs, a dict with "X" (n, nx),
    "htilde" and "h" (n, nh), "ytilde" and "yhat" (n, ny).
    """
    ### BEGIN SOLUTION
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.tanh(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    exp = torch.exp(ytilde)
    yhat = exp / exp.sum(1, keepdim=True)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}
    ### END SOLUTION


# %% [markdown] hint="forward" lang="en"
# ### The idea
#
# Four steps, in the order of the formulas: each takes what the one before gave. Keep every result under a name of its
# own, since all of them go into the dict at the end.
#
# ### The shapes
#
# With three examples, `forward` for $n_x = 2$, $n_h = 10$, $n_y = 4$ goes from $(3, 2)$ to $(3, 10)$ to $(3, 4)$.
# `Wh` is $(10, 2)$: in the product, the two 2's must meet, so it is `X` that comes first and `Wh` that is turned over.
# For SoftMax, divide the $(3, 4)$ exponentials by something of shape $(3, 1)$: one sum for each row.
#
# ### The code, with blanks
#
# ```python
# htilde = X @ ... + ...
# h = torch.tanh(...)
# ytilde = ... + ...
# exp = torch.exp(...)
# yhat = exp / exp.sum(...)
# ```

# %% [markdown] hint="forward" lang="fr"
# ### L'idée
#
# Quatre étapes, dans l'ordre des formules : chacune part du résultat de la précédente. Donnez un nom à chaque
# résultat, puisque tous vont dans le dictionnaire final.
#
# ### Les tailles
#
# Avec trois exemples, pour $n_x = 2$, $n_h = 10$, $n_y = 4$, `forward` passe de $(3, 2)$ à $(3, 10)$ puis à $(3, 4)$.
# `Wh` est de taille $(10, 2)$ : dans le produit, les deux 2 doivent se rencontrer ; c'est donc `X` qui vient en premier
# et `Wh` qui est retournée. Pour le SoftMax, divisez les exponentielles, de taille $(3, 4)$, par quelque chose de
# taille $(3, 1)$ : une somme par ligne.
#
# ### Le code, à trous
#
# ```python
# htilde = X @ ... + ...
# h = torch.tanh(...)
# ytilde = ... + ...
# exp = torch.exp(...)
# yhat = exp / exp.sum(...)
# ```


# %% check="forward_shapes" points=1 ids=["P-2.1.2"]
weights, x = random_params(2, 10, 3, like=init_params), torch.zeros(6, 2)
got, outs = check.pair(check.fits(forward, weights, x), "forward(params, X)")
check.that(not isinstance(got, dict), "the two values are swapped: Yhat first, then the dict")
check.tensor(got, (6, 3), "forward(params, X)[0]")
outs = check.keys(outs, ["X", "htilde", "h", "ytilde", "yhat"], "forward(params, X)[1]")
check.tensor(outs["X"], (6, 2), 'forward(params, X)[1]["X"]')
check.tensor(outs["h"], (6, 10), 'forward(params, X)[1]["h"]')
### BEGIN HIDDEN TESTS
for n in (1, 5):
    weights, x = random_params(4, 7, 3, like=init_params), torch.randn(n, 4)
    got, outs = check.pair(check.fits(forward, weights, x), "forward(params, X)")
    outs = check.keys(outs, ["X", "htilde", "h", "ytilde", "yhat"], "forward(params, X)[1]")
    for name, columns in (("X", 4), ("htilde", 7), ("h", 7), ("ytilde", 3), ("yhat", 3)):
        check.tensor(outs[name], (n, columns), f'forward(params, X)[1]["{name}"]')
    check.tensor(got, (n, 3), "forward(params, X)[0]")
### END HIDDEN TESTS

# %% check="forward_hidden" points=2 ids=["P-2.1.2"]
def upright(got, shape):
    """Turn a matrix that holds an example a column: shapes have a check of their own."""
    turned = isinstance(got, torch.Tensor) and got.shape == shape[::-1] != shape
    return got.T if turned else got


weights = {
    "Wh": torch.tensor([[1.0, 0.0], [4.0, 2.0]]),
    "bh": torch.tensor([0.0, 1.0]).reshape(random_params(2, 2, 2, like=init_params)["bh"].shape),
    "Wy": torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
    "by": torch.tensor([0.0, 0.0]).reshape(random_params(2, 2, 2, like=init_params)["by"].shape),
}
got, outs = check.pair(check.fits(forward, weights, torch.tensor([[1.0, -3.0]])), "forward(params, X)")
outs = check.keys(outs, ["htilde", "h"], "forward(params, X)[1]")
outs = {name: upright(value, (1, 2)) for name, value in outs.items()}
check.close(
    outs["htilde"],
    [[1.0, -1.0]],
    'forward(params, X)[1]["htilde"]',
    unless={
        "you forgot the bias bh": [[1.0, -2.0]],
        "the product is X @ Wh.T, with Wh transposed": [[-11.0, -5.0]],
        "this is h: htilde comes before tanh": [[0.7616, -0.7616]],
    },
)
check.close(
    outs["h"],
    [[0.7616, -0.7616]],
    'forward(params, X)[1]["h"]',
    unless={
        "you forgot tanh: h is htilde": [[1.0, -1.0]],
        "you used the sigmoid; this network uses tanh": [[0.7311, 0.2689]],
        "you used ReLU; this network uses tanh": [[1.0, 0.0]],
    },
)
if "X" in outs:  # where it is not kept, the check of the shapes says so
    check.close(
        outs["X"],
        [[1.0, -3.0]],
        'forward(params, X)[1]["X"]',
        unless={
            "this is htilde: what stands under X is the batch, as it was given": [[1.0, -1.0]],
            "this is h: what stands under X is the batch, as it was given": [[0.7616, -0.7616]],
        },
    )
### BEGIN HIDDEN TESTS
weights, x = random_params(4, 7, 3, like=init_params), torch.randn(5, 4)
scores = torch.nn.functional.linear(x, weights["Wh"], weights["bh"].reshape(-1))
got, outs = check.pair(check.fits(forward, *check.copies(weights, x)), "forward(params, X)")
outs = check.keys(outs, ["htilde", "h"], "forward(params, X)[1]")
outs = {
    name: upright(value, (5, 4 if name == "X" else 7)) for name, value in outs.items()
}
check.close(
    outs["htilde"],
    scores,
    'forward(params, X)[1]["htilde"]',
    unless={
        "you forgot the bias bh": scores - weights["bh"].reshape(-1),
        "this is h: htilde comes before tanh": torch.tanh(scores),
    },
)
check.close(
    outs["h"],
    torch.tanh(scores),
    'forward(params, X)[1]["h"]',
    unless={
        "you forgot tanh: h is htilde": scores,
        "you used the sigmoid; this network uses tanh": torch.sigmoid(scores),
        "you used ReLU; this network uses tanh": torch.relu(scores),
    },
)
if "X" in outs:  # where it is not kept, the check of the shapes says so
    check.close(outs["X"], x, 'forward(params, X)[1]["X"]')
### END HIDDEN TESTS

# %% check="forward_output" points=2 ids=["P-2.1.2"]
weights = random_params(2, 2, 2, like=init_params)
weights["Wy"] = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
weights["by"] = torch.tensor([1.0, 2.0]).reshape(weights["by"].shape)
x = torch.randn(6, 2)
got, outs = check.pair(check.fits(forward, weights, x), "forward(params, X)")
outs = check.keys(outs, ["ytilde", "yhat"], "forward(params, X)[1]")
# From the student's own h and htilde, where they can be used: they have their own check.
before = torch.nn.functional.linear(x, weights["Wh"], weights["bh"].reshape(-1))
hidden = check.usable(outs.get("h"), (6, 2), otherwise=before.tanh())
before = check.usable(outs.get("htilde"), (6, 2), otherwise=before)
scores = hidden + torch.tensor([1.0, 2.0])
check.close(
    outs["ytilde"],
    scores,
    'forward(params, X)[1]["ytilde"]',
    unless={
        "you forgot the bias by": hidden,
        "you used htilde where h was wanted": before + torch.tensor([1.0, 2.0]),
        "this is the exponential of ytilde: keep ytilde as it was before SoftMax": scores.exp(),
    },
)
got = check.tensor(got, (6, 2), "forward(params, X)[0]")
outs["ytilde"] = check.tensor(outs["ytilde"], (6, 2), 'forward(params, X)[1]["ytilde"]')
check.that(
    not torch.allclose(got.sum(0), torch.ones(2)),
    "SoftMax is taken over the examples; take it over the classes, dim=1",
)
check.that(
    abs(float(got.sum()) - 1) > 0.001,
    "SoftMax is taken over the whole batch; take it row by row, dim=1",
)
check.close(
    got.sum(1),
    torch.ones(6),
    "forward(params, X)[0].sum(1)",
    unless={
        "you forgot SoftMax: this is ytilde": outs["ytilde"].sum(1),
        "you took the exponential but did not divide by the sum of the row": outs["ytilde"]
        .exp()
        .sum(1),
        "you used the sigmoid; the output uses SoftMax": torch.sigmoid(outs["ytilde"]).sum(1),
    },
)
check.close(
    outs["yhat"],
    got,
    'forward(params, X)[1]["yhat"]',
    unless={"this is ytilde: what stands under yhat is Yhat again": outs["ytilde"]},
)
# Where Wy is 0, ytilde is by, here 1 and 1 + log 3: one exponential is three times the other.
weights["Wy"] = torch.zeros(2, 2)
weights["by"] = torch.tensor([1.0, 2.0986]).reshape(weights["by"].shape)
check.close(
    check.pair(check.fits(forward, weights, x), "forward(params, X)")[0],
    torch.tensor([[0.25, 0.75]]).repeat(6, 1),
    "forward(params, X)[0]",
    unless={
        sentence: torch.tensor([row]).repeat(6, 1)
        for sentence, row in {
            "exp is missing: SoftMax divides the exponentials of ytilde by their sum": [0.32273, 0.67727],
            "the sign is wrong: SoftMax takes exp(ytilde), not exp(-ytilde)": [0.75, 0.25],
            "the base is wrong: SoftMax takes torch.exp, powers of e, not of 2": [0.31833, 0.68167],
            "the base is wrong: SoftMax takes torch.exp, powers of e, not of 10": [0.07381, 0.92619],
            "these are squares, divided by their sum; SoftMax takes exponentials": [0.18505, 0.81495],
            "these are sigmoids, divided by their sum; SoftMax takes exponentials": [0.45075, 0.54925],
            "SoftMax is taken twice": [0.37754, 0.62246],
        }.items()
    },
)
### BEGIN HIDDEN TESTS
weights, x = random_params(4, 7, 3, like=init_params), torch.randn(5, 4)
got, outs = check.pair(check.fits(forward, *check.copies(weights, x)), "forward(params, X)")
# From the student's own h: a mistake in the hidden layer is told, and paid for, by its own check.
outs = check.keys(outs, ["ytilde", "yhat"], "forward(params, X)[1]")
before = torch.nn.functional.linear(x, weights["Wh"], weights["bh"].reshape(-1))
hidden = check.usable(outs.get("h"), (5, 7), otherwise=before.tanh())
before = check.usable(outs.get("htilde"), (5, 7), otherwise=before)
check.rich(hidden, 'forward(params, X)[1]["h"]')
scores = torch.nn.functional.linear(hidden, weights["Wy"], weights["by"].reshape(-1))
check.close(
    outs["ytilde"],
    scores,
    'forward(params, X)[1]["ytilde"]',
    unless={
        "you forgot the bias by": scores - weights["by"].reshape(-1),
        "this is yhat: ytilde comes before SoftMax": scores.softmax(1),
        "you used htilde where h was wanted": torch.nn.functional.linear(
            before, weights["Wy"], weights["by"].reshape(-1)
        ),
        "this is the exponential of ytilde: keep ytilde as it was before SoftMax": scores.exp(),
    },
)
scores = check.tensor(outs["ytilde"], (5, 3), 'forward(params, X)[1]["ytilde"]')
check.close(
    got,
    scores.softmax(1),
    "forward(params, X)[0]",
    unless={
        "SoftMax is taken over the examples; take it over the classes, dim=1": scores.softmax(0),
        "SoftMax is taken over the whole batch; take it row by row, dim=1": scores.flatten()
        .softmax(0)
        .reshape(5, 3),
        "you forgot SoftMax: this is ytilde": scores,
        "you took the exponential but did not divide by the sum of the row": scores.exp(),
        "you used the sigmoid; the output uses SoftMax": torch.sigmoid(scores),
        "SoftMax is taken twice": scores.softmax(1).softmax(1),
        "exp is missing: SoftMax divides the exponentials of ytilde by their sum": scores / scores.sum(1, keepdim=True),
        "the sign is wrong: SoftMax takes exp(ytilde), not exp(-ytilde)": (-scores).softmax(1),
    },
)
check.close(outs["yhat"], scores.softmax(1), 'forward(params, X)[1]["yhat"]')
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 3 · Loss and accuracy · about 9 minutes
#
# How wrong is $\hat{y}$? The *cross-entropy* looks only at the probability given to the right class:
#
# $$\ell(y, \hat{y}) = -\sum_{i=1}^{n_y} y_i \log \hat{y}_i$$
#
# Since $y$ is one-hot, this is $-\log$ of that one probability: 0 if it is 1, and more and more as it falls to 0. The
# loss of a batch is the **mean over its examples**: then it does not grow with the size of the batch.
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} \ell(y^{(k)}, \hat{y}^{(k)})$$
#
# The *accuracy* is easier to read: the share of examples whose most probable class is the right one, between 0 and 1.
# It cannot guide a descent: when a weight moves a little, most of the time the accuracy does not move at all.
#
# Write `loss_accuracy`, which returns both, the loss first. `torch.log` is the natural logarithm; $-\log$ is drawn below. `Y.argmax(1)` gives, for each row,
# the index of its largest value, and `.float()` turns true and false into 1 and 0.

# %% [markdown] lang="fr"
# ## 3 · Coût et taux de réussite · environ 9 minutes
#
# À quel point $\hat{y}$ se trompe-t-il ? L'*entropie croisée* ne regarde que la probabilité donnée à la bonne classe :
#
# $$\ell(y, \hat{y}) = -\sum_{i=1}^{n_y} y_i \log \hat{y}_i$$
#
# Comme $y$ est one-hot, c'est $-\log$ de cette seule probabilité : 0 si elle vaut 1, et de plus en plus à mesure qu'elle
# tombe vers 0. Le coût d'un lot est la **moyenne sur ses exemples** : ainsi, il n'augmente pas avec la taille du lot.
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} \ell(y^{(k)}, \hat{y}^{(k)})$$
#
# Le *taux de réussite* (accuracy) se lit mieux : la part des exemples dont la classe la plus probable est la bonne,
# entre 0 et 1. Il ne peut pas guider une descente : quand un poids varie un peu, le plus souvent, il ne change pas du
# tout.
#
# Écrivez `loss_accuracy`, qui renvoie les deux, le coût d'abord. `torch.log` est le logarithme népérien ; $-\log$ est
# tracé ci-dessous. `Y.argmax(1)` donne, pour chaque ligne, l'indice de sa plus grande valeur, et `.float()` change vrai
# et faux en 1 et 0.

# %% demo unclaimed="only the curve of -log"
probability = torch.linspace(0.01, 1, 200)
fig, ax = plt.subplots(figsize=(5, 2.6), layout="constrained")
ax.plot(probability, -probability.log(), color="#0072B2", linewidth=2)
ax.set(xlabel=r"$\hat{y}_i$", ylabel=r"$\ell = -\log\,\hat{y}_i$", title="$y_i = 1$")
ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "The loss of the right class falls from 4.6, where its probability is 0.01, to 0, where it is 1, ever "
        "more slowly."
    ),
)


# %% answer="loss_accuracy"
def loss_accuracy(Yhat, Y):
    """Measure the error of a batch of predictions.

    Yhat: predicted probabilities (n, ny). Y: one-hot targets (n, ny).
    Returns (L, acc), two single numbers: the cross-entropy, averaged over the n examples, and the
    share of examples whose class is predicted right, between 0 and 1.
    """
    ### BEGIN SOLUTION
    L = -(Y * torch.log(Yhat)).sum(1).mean()
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc
    ### END SOLUTION


# %% [markdown] hint="loss_accuracy" lang="en"
# ### The idea
#
# Follow the formula from the inside to the outside: the logarithm of each entry, times $y$, summed within a row, a minus,
# then the mean over the rows. For the accuracy, compare two lists of classes: those predicted, those wanted.
#
# ### The shapes
#
# From $(n, n_y)$, the sum over the classes leaves $(n,)$, one number for each example; the mean leaves a single number.
# `Yhat.argmax(1)` has the shape $(n,)$ as well: `==` compares entry by entry, and the mean of ones and zeros is a rate.
#
# ### The code, with blanks
#
# ```python
# L = -(...).sum(...).mean()
# acc = (... == ...).float().mean()
# ```

# %% [markdown] hint="loss_accuracy" lang="fr"
# ### L'idée
#
# Suivez la formule de l'intérieur vers l'extérieur : le logarithme de chaque terme, multiplié par $y$, la somme à
# l'intérieur d'une ligne, un signe moins, puis la moyenne sur les lignes. Pour le taux de réussite, comparez deux listes
# de classes : celles qui sont prédites, celles qu'il fallait prédire.
#
# ### Les tailles
#
# De $(n, n_y)$, la somme sur les classes laisse $(n,)$, un nombre par exemple ; la moyenne laisse un seul nombre.
# `Yhat.argmax(1)` est aussi de taille $(n,)$ : `==` compare terme à terme, et la moyenne de uns et de zéros est un taux.
#
# ### Le code, à trous
#
# ```python
# L = -(...).sum(...).mean()
# acc = (... == ...).float().mean()
# ```


# %% check="loss_value" points=2 ids=["P-2.1.3"]
guess = torch.tensor([[0.5, 0.5], [0.25, 0.75], [0.1, 0.9]])
target = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
got = check.pair(check.fits(loss_accuracy, guess, target), "loss_accuracy(Yhat, Y)")[0]
check.close(
    got,
    0.36206,
    "loss_accuracy(Yhat, Y)[0]",
    unless={
        "the two values are swapped: the loss first, then the accuracy": 1.0,
        "this is the binary cross-entropy of all entries; only y log(yhat) was asked for": 0.72414,
        "you summed over the batch instead of averaging": 1.08619,
        "you averaged over the classes as well: sum over them, then average over the examples": 0.18103,
        "divide by the number of examples, not by the number of classes": 0.54309,
        "the loss is positive: mind the minus sign": -0.36206,
        "the logarithm is the natural one, torch.log, not in base 2": 0.52235,
        "the logarithm is the natural one, torch.log, not in base 10": 0.15724,
        "this is the squared error; the cross-entropy was asked for": 0.21500,
        "these are squared errors, added up; the cross-entropy was asked for": 0.64500,
        "Yhat holds probabilities already: do not apply SoftMax again": 0.51277,
    },
)
### BEGIN HIDDEN TESTS
target = random_batch(7, 2, 3)[1]
guess = torch.randn(7, 3).softmax(1)
expected = torch.nn.functional.nll_loss(guess.log(), target.argmax(1))
got = check.pair(check.fits(loss_accuracy, *check.copies(guess, target)), "loss_accuracy(Yhat, Y)")[0]
check.close(
    got,
    expected,
    "loss_accuracy(Yhat, Y)[0]",
    unless={
        "you summed over the batch instead of averaging": expected * 7,
        "divide by the number of examples, not by the number of classes": expected * 7 / 3,
        "you averaged over the classes as well: sum over them, then average over the examples": expected
        / 3,
        "the loss is positive: mind the minus sign": -expected,
        "the logarithm is the natural one, torch.log, not in base 2": expected
        / torch.log(torch.tensor(2.0)),
        "this is the squared error; the cross-entropy was asked for": ((guess - target) ** 2)
        .sum(1)
        .mean(),
        "these are squared errors, added up; the cross-entropy was asked for": (
            (guess - target) ** 2
        ).sum(),
        "Yhat holds probabilities already: do not apply SoftMax again": torch.nn.functional.cross_entropy(
            guess, target
        ),
    },
)
### END HIDDEN TESTS

# %% check="accuracy_value" points=1 ids=["P-2.1.3"]
guess = torch.tensor([[0.8, 0.1, 0.1], [0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.2, 0.5, 0.3]])
target = torch.eye(3)[[0, 1, 2, 1]]
got = check.pair(check.fits(loss_accuracy, guess, target), "loss_accuracy(Yhat, Y)")[1]
check.close(
    got,
    0.75,
    "loss_accuracy(Yhat, Y)[1]",
    unless={
        "the two values are swapped: the loss first, then the accuracy": 0.61923,
        "the accuracy is a rate between 0 and 1, not a percentage": 75.0,
        "this counts the right predictions; divide by their number": 3.0,
        "this is the rate of errors, not of right predictions": 0.25,
        "you compared the columns: the class of an example is the largest value of its row, argmax(1)": 0.66667,
        "you compared Yhat with Y itself: probabilities are never exactly 0 or 1; compare the classes, argmax(1)": 0.0,
        "you compared the one-hot rows, entry by entry; compare the classes, argmax(1)": 0.83333,
    },
)
### BEGIN HIDDEN TESTS
target = torch.eye(4)[[0, 1, 2, 3, 2, 3, 0, 1, 0, 2, 3]]
guess = 0.9 * target + 0.025
guess[:3] = 0.2 + 0.2 * target[:3]  # right, with less than one half
guess[3:5] = guess[3:5].flip(1)  # wrong
guess[5:7] = 0.2 + 0.2 * target[5:7].roll(1, 1)  # wrong, with less than one half
right = guess.max(1).indices == target.max(1).indices
got = check.pair(check.fits(loss_accuracy, *check.copies(guess, target)), "loss_accuracy(Yhat, Y)")[1]
check.close(
    got,
    right.double().mean(),
    "loss_accuracy(Yhat, Y)[1]",
    unless={
        "the accuracy is a rate between 0 and 1, not a percentage": 100 * right.double().mean(),
        "this counts the right predictions; divide by their number": right.sum(),
        "you compared the columns: the class of an example is the largest value of its row, argmax(1)": (
            (guess.argmax(0) == target.argmax(0)).double().mean()
        ),
        "you compared the entries of Yhat and Y; compare the classes, argmax(1)": (
            (guess.round() == target).double().mean()
        ),
        "you compared the one-hot rows, entry by entry; compare the classes, argmax(1)": (
            (torch.eye(4)[guess.argmax(1)] == target).double().mean()
        ),
        "you compared Yhat with Y itself: probabilities are never exactly 0 or 1; compare the classes, argmax(1)": 0.0,
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 4 · A gradient, measured · about 14 minutes
#
# Which way should each weight move? Before any formula, you can *measure* it. Take one weight $w$ and hold all the
# others still. Move it by a small $\varepsilon$ to one side, then to the other, and see what becomes of the loss:
#
# $$\frac{\partial L}{\partial w} \approx \frac{L(w + \varepsilon) - L(w - \varepsilon)}{2 \varepsilon}$$
#
# This is the slope of $L$ in $w$, up to an error that shrinks with $\varepsilon^2$. It needs `forward` and
# `loss_accuracy`, nothing else. And it has a price: two forward passes for every single weight. So nobody trains a
# network like this. But it is an honest witness: in part 5 it will judge your `backward`.
#
# Write `numeric_gradient`. It takes the `name` of one parameter, and returns a tensor of the shape of `params[name]`:
# at each place the slope of $L$ in the number there. All tensors of `params` end as they began. `places` lists the
# places of the numbers in a tensor, and a place stands between brackets, like an index:

# %% [markdown] lang="fr"
# ## 4 · Un gradient mesuré · environ 14 minutes
#
# Dans quel sens chaque poids doit-il bouger ? Avant toute formule, on peut le *mesurer*. Prenez un poids $w$ et ne
# touchez à aucun autre. Déplacez-le d'un petit $\varepsilon$ d'un côté, puis de l'autre, et voyez ce que devient le
# coût :
#
# $$\frac{\partial L}{\partial w} \approx \frac{L(w + \varepsilon) - L(w - \varepsilon)}{2 \varepsilon}$$
#
# C'est la pente de $L$ par rapport à $w$, à une erreur près, qui diminue comme $\varepsilon^2$. Il n'y faut que
# `forward` et `loss_accuracy`. Mais cela coûte cher : deux passes avant pour chaque poids. Personne n'entraîne donc un
# réseau ainsi. C'est pourtant un témoin honnête : dans la partie 5, il jugera votre `backward`.
#
# Écrivez `numeric_gradient`. La fonction reçoit le nom, `name`, d'un paramètre, et renvoie un tenseur de la taille de
# `params[name]` : à chaque place, la pente de $L$ par rapport au nombre qui s'y trouve. À la fin, tous les tenseurs de
# `params` sont tels qu'au début. `places` donne la liste des places des nombres d'un tenseur, et une place se met entre
# crochets, comme un indice :


# %% setup
def places(tensor):
    """List the place of each number of a tensor: (0,), (1,), … of a vector, (0, 0), (0, 1), … of a matrix."""
    return list(itertools.product(*map(range, tensor.shape)))


# %% demo unclaimed="how places is used"
A = torch.tensor([[10.0, 11.0, 12.0], [20.0, 21.0, 22.0]])
for place in places(A):
    print(place, A[place])


# %% answer="numeric_gradient"
def numeric_gradient(params, X, Y, name, eps):
    """Measure the gradient of the loss in one parameter, by moving each of its numbers.

    params: dict of tensors, as from init_params; all of them end as they began.
    X: inputs (n, nx). Y: one-hot targets (n, ny).
    name: the key of the parameter. eps: how far a number is moved to each side, > 0.
    Uses forward and loss_accuracy.
    Returns a tensor of the shape of params[name]: (L(w + eps) - L(w - eps)) / (2 eps) for each w.
    """
    ### BEGIN SOLUTION
    grad = torch.zeros_like(params[name])
    for place in places(grad):
        losses = []
        for step in (eps, -eps):
            moved = {**params, name: params[name].clone()}
            moved[name][place] += step
            losses.append(loss_accuracy(forward(moved, X)[0], Y)[0])
        grad[place] = (losses[0] - losses[1]) / (2 * eps)
    return grad
    ### END SOLUTION


# %% [markdown] hint="numeric_gradient" lang="en"
# ### The idea
#
# One loop over the places. At each, measure the loss twice: with this one number a little larger, and a little smaller.
# The number must be back where it was before the next place has its turn: move it in a copy, or undo the move.
#
# ### The pieces
#
# `torch.zeros_like(w)` makes a tensor of zeros to fill, of the shape of `w`. `w.clone()` is a copy with numbers of its
# own; `dict(params)` alone is not: it is another dict, which holds the *same* tensors. And `forward` and
# `loss_accuracy` return two values each: of both you want the first.
#
# ### The code, with blanks
#
# ```python
# grad = torch.zeros_like(...)
# for place in places(grad):
#     losses = []
#     for step in (eps, -eps):
#         moved = {**params, name: ...}
#         moved[name][place] += ...
#         losses.append(...)
#     grad[place] = ... / ...
# return grad
# ```

# %% [markdown] hint="numeric_gradient" lang="fr"
# ### L'idée
#
# Une boucle sur les places. À chacune, mesurez deux fois le coût : quand ce seul nombre est un peu plus grand, et un
# peu plus petit. Il doit avoir retrouvé sa valeur avant que vienne la place suivante : déplacez-le dans une copie, ou
# défaites le déplacement.
#
# ### Les pièces
#
# `torch.zeros_like(w)` crée un tenseur de zéros à remplir, de la taille de `w`. `w.clone()` est une copie, qui a ses
# propres nombres ; `dict(params)` seul n'en est pas une : c'est un autre dictionnaire, qui contient les *mêmes*
# tenseurs. Enfin, `forward` et `loss_accuracy` renvoient chacune deux valeurs : des deux, il vous faut la première.
#
# ### Le code, à trous
#
# ```python
# grad = torch.zeros_like(...)
# for place in places(grad):
#     losses = []
#     for step in (eps, -eps):
#         moved = {**params, name: ...}
#         moved[name][place] += ...
#         losses.append(...)
#     grad[place] = ... / ...
# return grad
# ```


# %% check="numeric_gradient_values" points=2 ids=["P-2.1.4"]
# No network, so that each mistake gives other numbers: the loss is s³ times the mean of X times the sum of Y, s being
# the sum of k w over all parameters, with k = 1, 2, … in each of them.
STAND_INS = """
import torch

def forward(params, X):
    s = sum((value.flatten() * torch.arange(1, value.numel() + 1)).sum() for value in params.values())
    return X.mean() * s**3 * torch.ones(len(X), 2), {"X": X}

def loss_accuracy(Yhat, Y):
    return (Yhat[:, :1] * Y).sum(), 3 * Yhat.sum()

def backward(params, outputs, Y):
    return {name: torch.full_like(value, 777.0) for name, value in params.items()}
"""


def verify(shapes, name, eps):
    """Measure the gradient in one of these parameters, and compare with what the known mistakes give."""
    weights = {key: torch.rand(shape) + 0.5 for key, shape in shapes.items()}
    x, y = torch.rand(4, 3) + 0.5, torch.ones(4, 1)
    what = f'numeric_gradient(params, X, Y, "{name}", {eps})'
    s = sum(float((value.flatten() * torch.arange(1, value.numel() + 1)).sum()) for value in weights.values())
    k = torch.arange(1, weights[name].numel() + 1, dtype=torch.float64).reshape(shapes[name])
    height, earlier = 4 * float(x.double().mean()), k.flatten().cumsum(0).reshape(k.shape) - k

    def loss(moved):
        return height * (s + moved) ** 3

    right = (loss(k * eps) - loss(-k * eps)) / (2 * eps)
    together = (loss(k.sum() * eps) - loss(-k.sum() * eps)) / (2 * eps)
    behind = {
        sign: (loss(k * eps + sign * earlier * eps) - loss(-k * eps + sign * earlier * eps)) / (2 * eps)
        for sign in (1, -1)
    }
    shallow = (loss(k * eps) - loss(0 * k)) / (2 * eps)
    try:
        got = check.fits(probes.with_functions, STAND_INS, numeric_gradient, *check.copies(weights, x, y, name, eps))
    except TypeError as error:
        check.that("tuple" not in str(error), "forward and loss_accuracy return two values each: take the first of them, [0]")
        raise
    check.close(
        got,
        right,
        what,
        unless={
            "divide by the distance between the two points, 2 eps, not by eps": 2 * right,
            "divide by the distance between the two points, 2 eps": 2 * eps * right,
            "divide by 2 eps: in Python, a / 2 * eps is (a / 2) * eps": eps**2 * right,
            "the sign is wrong: L at w + eps, minus L at w - eps": -right,
            "this looks to one side only: take the loss at w + eps and at w - eps": 2 * shallow,
            "this looks at w - eps and at w only: take the loss at w + eps and at w - eps": (loss(0 * k) - loss(-k * eps))
            / eps,
            "one of the two losses is that at w itself. dict(params) is a new dict with the same tensors: copy the one you move, .clone(). And w = params[name][place] is a view, which moves with the tensor: take the number out, .item()": shallow,
            "move one number at a time: all of them moved at once": together.expand(k.shape),
            "each number has to be back in its place before the next one moves: work on a copy, .clone(), or undo the move": behind[1],
            "each number is to come back to where it was: after w - eps, add eps": behind[-1],
            "this is the slope of the accuracy: take the loss, the first of the two values": 6 * right,
            "this comes from the formula of the derivative: here the gradient is measured, with loss_accuracy and forward": 3
            * height
            * k
            * s**2,
            "numeric_gradient calls backward, which it is to judge: use forward and loss_accuracy only": torch.full_like(
                k, 777.0
            ),
            "nothing was stored: fill the tensor at each place": 0 * k,
            "only the first number was measured: is return inside the loop?": right * (earlier == 0),
        },
    )


verify({"Wh": (2, 3), "bh": (2,)}, "Wh", 0.25)
verify({"Wh": (2, 3), "bh": (2,)}, "bh", 0.2)
weights, x, y = {"Wh": torch.rand(2, 3) + 0.5, "bh": torch.rand(2) + 0.5}, torch.rand(4, 3) + 0.5, torch.ones(4, 1)
left = check.plain(probes.left_by(STAND_INS, numeric_gradient, *check.copies(weights, x, y, "Wh", 0.25)))[0]
for name, value in weights.items():
    check.that(
        isinstance(left, dict) and torch.allclose(check.usable(left.get(name), tuple(value.shape), otherwise=value + 1), value, atol=1e-4),
        "params[\"{name}\"] does not end as it began: move a number in a copy, .clone(), or undo the move",
        name=name,
    )
### BEGIN HIDDEN TESTS
for name in ("W3", "b3", "W4"):
    verify({"W3": (3, 2), "b3": (3,), "W4": (2, 3)}, name, 0.125)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 5 · The backward pass · about 23 minutes
#
# Measuring costs two passes for each weight. The chain rule costs a single pass for all of them, from the output back to
# the input, each step using the one before: you have done it in `01_math`. For a batch, with $\odot$ the product entry by
# entry:
#
# | gradient | shape | formula |
# |---|---|---|
# | $\Delta_y = \partial L / \partial \tilde{Y}$ | $(n, n_y)$ | $\frac{1}{n} (\hat{Y} - Y)$ |
# | $\partial L / \partial W_y$ | $(n_y, n_h)$ | $\Delta_y^\top H$ |
# | $\partial L / \partial b_y$ | $(n_y,)$ | the sum of the $n$ rows of $\Delta_y$ |
# | $\Delta_h = \partial L / \partial \tilde{H}$ | $(n, n_h)$ | $(\Delta_y W_y) \odot (1 - H \odot H)$ |
# | $\partial L / \partial W_h$ | $(n_h, n_x)$ | yours |
# | $\partial L / \partial b_h$ | $(n_h,)$ | yours |
#
# The last two rows are for you, on paper: what made $\tilde{H}$, and what made $\tilde{Y}$? Compare the two formulas of
# part 2, letter by letter. Then check the shapes.
#
# $\frac{1}{n}$ comes from the mean in $L$, once, at the very start; $n$ is the number of rows of this batch.
# $1 - H \odot H$ is the derivative of $\tanh$, written with its *value* $H = \tanh(\tilde{H})$. Sums are over the
# examples: `sum(0)`. And every gradient has the shape of what it is the gradient of: when a product does not fit,
# transpose until it does, then ask yourself why.
#
# In the picture, which leaves out the biases, each orange label is the gradient of $L$ in the quantity where its arrow
# starts. Read them from right to left.
#
# Write `backward`: a dict with the keys of `params`, each gradient with the shape of its parameter. It leaves `params`,
# `outputs` and `Y` as they are. Automatic differentiation (`.backward()`, `torch.autograd`) is for the next notebook:
# here it is not allowed.

# %% [markdown] lang="fr"
# ## 5 · La passe arrière · environ 23 minutes
#
# Mesurer coûte deux passes par poids. Dériver les fonctions composées n'en coûte qu'une pour tous, de la sortie vers
# l'entrée, chaque étape réutilisant la précédente : vous l'avez fait dans `01_math`. Pour un lot, $\odot$ désignant le
# produit terme à terme :
#
# | gradient | taille | formule |
# |---|---|---|
# | $\Delta_y = \partial L / \partial \tilde{Y}$ | $(n, n_y)$ | $\frac{1}{n} (\hat{Y} - Y)$ |
# | $\partial L / \partial W_y$ | $(n_y, n_h)$ | $\Delta_y^\top H$ |
# | $\partial L / \partial b_y$ | $(n_y,)$ | la somme des $n$ lignes de $\Delta_y$ |
# | $\Delta_h = \partial L / \partial \tilde{H}$ | $(n, n_h)$ | $(\Delta_y W_y) \odot (1 - H \odot H)$ |
# | $\partial L / \partial W_h$ | $(n_h, n_x)$ | à vous |
# | $\partial L / \partial b_h$ | $(n_h,)$ | à vous |
#
# Les deux dernières lignes sont à vous, sur papier : de quoi $\tilde{H}$ est-il fait, et de quoi $\tilde{Y}$ ? Comparez
# lettre à lettre les deux formules de la partie 2. Puis vérifiez les tailles.
#
# Le $\frac{1}{n}$ vient de la moyenne dans $L$, une seule fois, tout au début ; $n$ est le nombre de lignes de ce lot.
# $1 - H \odot H$ est la dérivée de $\tanh$, écrite avec sa *valeur* $H = \tanh(\tilde{H})$. Les sommes portent sur les
# exemples : `sum(0)`. Enfin, chaque gradient a la taille de ce dont il est le gradient : quand les tailles d'un produit
# ne s'accordent pas, transposez jusqu'à ce qu'elles s'accordent, puis demandez-vous pourquoi.
#
# Sur le dessin, où les biais ne figurent pas, chaque étiquette orange est le gradient de $L$ par rapport à la grandeur
# d'où part sa flèche. Lisez-les de droite à gauche.
#
# Écrivez `backward` : un dictionnaire qui a les clés de `params`, chaque gradient ayant la taille de son paramètre.
# La fonction laisse `params`, `outputs` et `Y` tels quels. La différentiation automatique (`.backward()`,
# `torch.autograd`) attendra le prochain notebook : ici, elle est interdite.

# %% demo unclaimed="a drawing of the computation"
places_of = {
    "x": (0, 0.5), "Wh": (0, -0.5), "htilde": (1.4, 0), "h": (2.8, 0),
    "Wy": (2.8, -1), "ytilde": (4.2, -0.5), "L": (5.6, -0.5),
}  # fmt: skip
arrows = [
    ("x", "htilde"), ("Wh", "htilde"), ("htilde", "h"), ("h", "ytilde"), ("Wy", "ytilde"), ("ytilde", "L"),
]  # fmt: skip
figures.graph(
    places_of,
    arrows,
    grads={"ytilde": r"$\Delta_y$", ("Wy", "ytilde"): r"$\Delta_y^\top H$", "htilde": r"$\Delta_h$",
           ("Wh", "htilde"): "?", "h": r"$\Delta_y W_y$"},
    labels={"x": "$X$", "Wh": "$W_h$", "htilde": r"$\tilde{H}$", "h": "$H$", "Wy": "$W_y$",
            "ytilde": r"$\tilde{Y}$", "L": "$L$"},
)  # fmt: skip


# %% answer="backward"
def backward(params, outputs, Y):
    """Compute the gradients of the loss L, the mean over the batch, in all parameters.

    params: dict of tensors, as from init_params. outputs: the dict that forward returned.
    Y: one-hot targets (n, ny). All three are left as they are.
    Returns a dict with the same keys as params, each gradient with the shape of its parameter.
    Autograd is not allowed.
    """
    ### BEGIN SOLUTION
    delta_y = (outputs["yhat"] - Y) / len(Y)
    delta_h = delta_y @ params["Wy"] * (1 - outputs["h"] ** 2)
    return {
        "Wy": delta_y.T @ outputs["h"],
        "by": delta_y.sum(0).reshape(params["by"].shape),
        "Wh": delta_h.T @ outputs["X"],
        "bh": delta_h.sum(0).reshape(params["bh"].shape),
    }
    ### END SOLUTION


# %% [markdown] hint="backward" lang="en"
# ### The idea
#
# First the two deltas, the gradients in the scores of each layer. Then each layer's weights and biases follow from its
# own delta and from what it *reads*: the output layer reads $H$, the hidden layer reads $X$. It is the same rule twice.
# What the formulas need was computed on the way forward: `outputs` holds it, under the names that part 2 gives.
#
# ### The derivation of the last two rows
#
# $\tilde{H}_{ki} = \sum_j W_{h,ij} X_{kj} + b_{h,i}$, so $W_{h,ij}$ acts on $\tilde{H}_{ki}$ for every example $k$, with
# the factor $X_{kj}$. Its gradient adds up over the examples: $\sum_k \Delta_{h,ki} X_{kj}$. Which product of matrices is
# this, of shape $(n_h, n_x)$? For $b_{h,i}$ the factor is 1.
#
# ### The code, with blanks
#
# ```python
# delta_y = (...) / ...
# delta_h = delta_y @ ... * (...)
# return {
#     "Wy": delta_y.T @ ...,
#     "by": delta_y.sum(...),
#     "Wh": ... @ ...,
#     "bh": delta_h.sum(...),
# }
# ```

# %% [markdown] hint="backward" lang="fr"
# ### L'idée
#
# D'abord les deux deltas, les gradients par rapport aux scores de chaque couche. Puis les poids et les biais d'une
# couche viennent de son propre delta et de ce qu'elle *lit* : la couche de sortie lit $H$, la couche cachée lit $X$.
# C'est deux fois la même règle. Ce dont les formules ont besoin a été calculé à l'aller : `outputs` le contient, sous les
# noms donnés dans la partie 2.
#
# ### Le calcul des deux dernières lignes
#
# $\tilde{H}_{ki} = \sum_j W_{h,ij} X_{kj} + b_{h,i}$ : $W_{h,ij}$ agit donc sur $\tilde{H}_{ki}$ pour chaque exemple $k$,
# avec le facteur $X_{kj}$. Son gradient s'additionne sur les exemples : $\sum_k \Delta_{h,ki} X_{kj}$. Quel est ce
# produit de matrices, de taille $(n_h, n_x)$ ? Pour $b_{h,i}$, le facteur est 1.
#
# ### Le code, à trous
#
# ```python
# delta_y = (...) / ...
# delta_h = delta_y @ ... * (...)
# return {
#     "Wy": delta_y.T @ ...,
#     "by": delta_y.sum(...),
#     "Wh": ... @ ...,
#     "bh": delta_h.sum(...),
# }
# ```


# %% check="backward_shapes" points=1 ids=["P-2.1.4"]
weights, (x, y) = random_params(2, 5, 3, like=init_params), random_batch(4, 2, 3)
outs = {"X": x, "htilde": torch.randn(4, 5), "ytilde": torch.randn(4, 3)}
outs |= {"h": torch.tanh(outs["htilde"]), "yhat": torch.full((4, 3), 1 / 3)}
given = {"params": weights, "outputs": outs, "Y": {"Y": y}}
got, left = check.by_hand(check.changed, backward, weights, outs, y)
for what, before, after in zip(given, given.values(), (left[0], left[1], {"Y": left[2]})):
    for name, value in before.items():
        check.that(
            isinstance(after, dict) and isinstance(after.get(name), torch.Tensor) and torch.equal(after[name], value),
            "backward changes {what}: leave it as it is; x = x - y makes a new tensor, x -= y writes into the old one",
            what=what if what == "Y" else f'{what}["{name}"]',
        )
got = check.keys(got, ["Wh", "bh", "Wy", "by"], "backward(params, outputs, Y)")
for name, value in weights.items():
    what = f'backward(params, outputs, Y)["{name}"]'
    if name in ("bh", "by"):
        check.slope(got[name], tuple(value.shape), 4, what)
    else:
        check.tensor(got[name], tuple(value.shape), what)

# %% check="backward_output" points=1 ids=["P-2.1.4"]
weights = random_params(1, 1, 2, like=init_params)  # for the shapes of the biases
numbers = {"Wh": [0.1], "bh": [0.0493], "Wy": [1.0, -1.0], "by": [0.0986, 0.0]}
weights = {name: torch.tensor(numbers[name]).reshape(weights[name].shape) for name in weights}
ones = torch.ones(3, 1)  # three examples, the same: their mean gradient is the gradient of one
outs = {"X": 5 * ones, "htilde": 0.5493 * ones, "h": 0.5 * ones}
outs["ytilde"] = torch.tensor([[0.5986, -0.5]]).repeat(3, 1)
outs["yhat"] = torch.tensor([[0.75, 0.25]]).repeat(3, 1)
got = check.by_hand(backward, weights, outs, torch.tensor([[1.0, 0.0]]).repeat(3, 1))
got = check.keys(got, ["Wh", "bh", "Wy", "by"], "backward(params, outputs, Y)")
true = {"Wh": [[-1.875]], "bh": [-0.375], "Wy": [[-0.125], [0.125]], "by": [-0.25, 0.25]}
with check.table(got, true):
    check.close(
        got["Wy"],
        true["Wy"],
        'backward(params, outputs, Y)["Wy"]',
        unless={
            "you summed over the batch: the loss is a mean, divide by n": [[-0.375], [0.375]],
            "the sign is wrong: it is Yhat - Y": [[0.125], [-0.125]],
            "you divided by n twice": [[-0.04167], [0.04167]],
            "divide by the number of examples n, not by the number of classes": [[-0.1875], [0.1875]],
            "you used htilde; the output layer reads h": [[-0.13733], [0.13733]],
            "you used X; the output layer reads h": [[-1.25], [1.25]],
            "the gradient of SoftMax is already in Yhat - Y: do not multiply again": [
                [-0.02344],
                [0.02344],
            ],
        },
    )
    check.close(
        check.slope(got["by"], tuple(weights["by"].shape), 3, 'backward(params, outputs, Y)["by"]'),
        true["by"],
        'backward(params, outputs, Y)["by"]',
        unless={
            "you summed over the batch: the loss is a mean, divide by n": [-0.75, 0.75],
            "you divided by n twice": [-0.08333, 0.08333],
        },
    )
### BEGIN HIDDEN TESTS
weights, (x, y) = random_params(4, 7, 3, like=init_params), random_batch(5, 4, 3)
live = {name: value.clone().requires_grad_() for name, value in weights.items()}
htilde = torch.nn.functional.linear(x, live["Wh"], live["bh"].reshape(-1))
ytilde = torch.nn.functional.linear(htilde.tanh(), live["Wy"], live["by"].reshape(-1))
torch.nn.functional.cross_entropy(ytilde, y).backward()
outs = {"X": x, "htilde": htilde, "h": htilde.tanh(), "ytilde": ytilde, "yhat": ytilde.softmax(1)}
outs = {name: value.detach() for name, value in outs.items()}
got = check.by_hand(backward, *check.copies(weights, outs, y))
got = check.keys(got, ["Wh", "bh", "Wy", "by"], "backward(params, outputs, Y)")
got["by"] = check.slope(got["by"], tuple(weights["by"].shape), 5, 'backward(params, outputs, Y)["by"]')
for name in ("Wy", "by"):
    true = live[name].grad.reshape(-1) if name == "by" else live[name].grad
    mistakes = {
        "you summed over the batch: the loss is a mean, divide by n": true * 5,
        "the sign is wrong: it is Yhat - Y": -true,
        "you divided by n twice": true / 5,
        "divide by the number of examples n, not by the number of classes": true * 5 / 3,
    }
    jacobian = (outs["yhat"] - y) * outs["yhat"] * (1 - outs["yhat"]) / 5
    if name == "Wy":
        mistakes["you used htilde; the output layer reads h"] = ((outs["yhat"] - y) / 5).T @ outs[
            "htilde"
        ]
        mistakes["the gradient of SoftMax is already in Yhat - Y: do not multiply again"] = (
            jacobian.T @ outs["h"]
        )
    else:
        mistakes["you averaged over the batch twice: sum the rows of delta_y"] = true / 5
    check.close(got[name], true, f'backward(params, outputs, Y)["{name}"]', unless=mistakes)
### END HIDDEN TESTS

# %% check="backward_hidden" points=3 ids=["P-2.1.4"]
weights = random_params(1, 1, 2, like=init_params)  # for the shapes of the biases
numbers = {"Wh": [0.3], "bh": [0.0931], "Wy": [1.0, -1.0], "by": [-0.1014, 0.0]}
weights = {name: torch.tensor(numbers[name]).reshape(weights[name].shape) for name in weights}
ones = torch.ones(3, 1)  # three examples, the same: their mean gradient is the gradient of one
outs = {"X": 2 * ones, "htilde": 0.6931 * ones, "h": 0.6 * ones}
outs["ytilde"] = torch.tensor([[0.4986, -0.6]]).repeat(3, 1)
outs["yhat"] = torch.tensor([[0.75, 0.25]]).repeat(3, 1)
got = check.by_hand(backward, weights, outs, torch.tensor([[1.0, 0.0]]).repeat(3, 1))
got = check.keys(got, ["Wh", "bh", "Wy", "by"], "backward(params, outputs, Y)")
true = {"Wh": [[-0.64]], "bh": [-0.32], "Wy": [[-0.15], [0.15]], "by": [-0.25, 0.25]}
with check.table(got, true):
    check.close(
        got["Wh"],
        true["Wh"],
        'backward(params, outputs, Y)["Wh"]',
        unless={
            "you summed over the batch: the loss is a mean, divide by n": [[-1.92]],
            "the sign is wrong: it is Yhat - Y": [[0.64]],
            "you forgot the derivative of tanh, 1 - h²": [[-1.0]],
            "the derivative of tanh is 1 - h², with h, not with htilde": [[-0.5196]],
            "the derivative of tanh is 1 - h²; h(1 - h) is that of the sigmoid": [[-0.24]],
            "the derivative of tanh is 1 - h², not 1 - h": [[-0.4]],
            "take the derivative of tanh once: 1 - h² is already its value at htilde": [[-0.71158]],
            "you divided by n twice": [[-0.21333]],
            "you used h; the hidden layer reads X": [[-0.192]],
        },
    )
    check.close(
        check.slope(got["bh"], tuple(weights["bh"].shape), 3, 'backward(params, outputs, Y)["bh"]'),
        true["bh"],
        'backward(params, outputs, Y)["bh"]',
        unless={
            "you summed over the batch: the loss is a mean, divide by n": [-0.96],
            "you divided by n twice": [-0.10667],
        },
    )
### BEGIN HIDDEN TESTS
weights, (x, y) = random_params(4, 7, 3, like=init_params), random_batch(5, 4, 3)
live = {name: value.clone().requires_grad_() for name, value in weights.items()}
htilde = torch.nn.functional.linear(x, live["Wh"], live["bh"].reshape(-1))
ytilde = torch.nn.functional.linear(htilde.tanh(), live["Wy"], live["by"].reshape(-1))
torch.nn.functional.cross_entropy(ytilde, y).backward()
outs = {"X": x, "htilde": htilde, "h": htilde.tanh(), "ytilde": ytilde, "yhat": ytilde.softmax(1)}
outs = {name: value.detach() for name, value in outs.items()}
got = check.by_hand(backward, *check.copies(weights, outs, y))
got = check.keys(got, ["Wh", "bh", "Wy", "by"], "backward(params, outputs, Y)")
back = (outs["yhat"] - y) / 5 @ weights["Wy"]
got["bh"] = check.slope(got["bh"], tuple(weights["bh"].shape), 5, 'backward(params, outputs, Y)["bh"]')
wrong = {
    "you forgot the derivative of tanh, 1 - h²": back,
    "the derivative of tanh is 1 - h², with h, not with htilde": back * (1 - outs["htilde"] ** 2),
    "the derivative of tanh is 1 - h²; h(1 - h) is that of the sigmoid": back
    * outs["h"]
    * (1 - outs["h"]),
    "the derivative of tanh is 1 - h², not 1 - h": back * (1 - outs["h"]),
    "take the derivative of tanh once: 1 - h² is already its value at htilde": back
    * (1 - torch.tanh(outs["h"]) ** 2),
}
for name, gather in (("Wh", lambda delta: delta.T @ x), ("bh", lambda delta: delta.sum(0))):
    true = live[name].grad.reshape(-1) if name == "bh" else live[name].grad
    mistakes = {
        "you summed over the batch: the loss is a mean, divide by n": true * 5,
        "the sign is wrong: it is Yhat - Y": -true,
        "you divided by n twice": true / 5,
    }
    mistakes |= {sentence: gather(delta).reshape(true.shape) for sentence, delta in wrong.items()}
    if name == "Wh":
        right = back * (1 - outs["h"] ** 2)
        mistakes["you used h; the hidden layer reads X"] = right.T @ outs["h"]
    check.close(got[name], true, f'backward(params, outputs, Y)["{name}"]', unless=mistakes)
### END HIDDEN TESTS

# %% check="backward_by_hand" points=1 ids=["P-2.1.4"]
def given(n, nx, nh, ny, turn):
    """Draw weights, what forward keeps of them and targets, which `turn` moves on."""
    drawn = random_params(nx, nh, ny, like=init_params)
    weights = {name: 0.2 * value for name, value in drawn.items()}
    x, y = torch.randn(n, nx), torch.eye(ny)[[0] * (n - 1) + [1]]
    htilde = torch.nn.functional.linear(x, weights["Wh"], weights["bh"].reshape(-1))
    ytilde = torch.nn.functional.linear(htilde.tanh(), weights["Wy"], weights["by"].reshape(-1))
    outs = {"X": x, "htilde": htilde, "h": htilde.tanh(), "ytilde": ytilde, "yhat": ytilde.softmax(1)}
    return weights, outs, y.roll(turn, 1)


def along(got, true):
    """Tell whether numbers go where true ones do, in whatever shape and sum they come: these have checks of their own."""
    if not isinstance(got, torch.Tensor) or got.numel() != true.numel() or got.is_meta or got.is_complex():
        return False
    turned = got.T if got.ndim == 2 and got.shape != true.shape else got
    turned = turned.detach().to_dense().to(true.dtype).reshape(-1)
    return abs(float(torch.cosine_similarity(turned, true.reshape(-1), dim=0))) > 0.8


def far(value):
    """Tell whether these are numbers and one of them is far from 0; what is none of the kind has its own checks."""
    if not isinstance(value, torch.Tensor) or not value.numel() or value.is_meta or value.is_complex():
        return False
    return float(value.detach().to_dense().double().abs().max()) > 1e-3


# What measures a gradient gives others with these.
MEASURES = """
import torch

def numeric_gradient(params, X, Y, name, eps):
    return torch.full_like(params[name], 777.0)

def loss_accuracy(Yhat, Y):
    return torch.tensor(0.0), torch.tensor(0.0)
"""

# In eight dimensions hardly any two directions are close by chance.
for turn in range(3):
    weights, outs, target = given(4, 2, 5, 8, turn)
    delta = outs["yhat"] - target
    got = check.by_hand(backward, *check.copies(weights, outs, target))
    got = check.keys(got, ["Wh", "bh", "Wy", "by"], "backward(params, outputs, Y)")
    truths = (("by", delta.sum(0)), ("by", delta), ("Wy", delta.T @ outs["h"]))
    if not any(along(got[name], true) for name, true in truths):
        check.tensor(got["by"], None, 'backward(params, outputs, Y)["by"]')
        check.that(False, "backward does not use what forward kept: read yhat in outputs")
    check.that(
        not probes.calls_autograd(backward, *check.copies(weights, outs, target)),
        "backward uses autograd: here the gradients are computed by hand",
    )
    again = check.by_hand(probes.with_functions, MEASURES, backward, *check.copies(weights, outs, target))
    again = check.keys(again, ["Wh", "bh", "Wy", "by"], "backward(params, outputs, Y)")
    # The same network, but in this one a small step of a weight of Wh leads far away.
    steep = {**weights, "Wh": weights["Wh"] / 2**20}, {**outs, "X": outs["X"] * 2**20}, target
    steep = check.keys(check.by_hand(backward, *check.copies(*steep)), ["Wh"], "backward(params, outputs, Y)")
    true = (delta @ weights["Wy"] * (1 - outs["h"] ** 2)).T @ outs["X"]
    check.that(
        not along(got["Wh"], true) or along(steep["Wh"], true),
        "backward measures the gradient, by moving the weights: here it is computed, by the formulas",
    )
    check.that(
        not any(far(got[name]) and (not far(again[name]) or far(again[name] - got[name])) for name in ("by", "Wy")),
        "backward measures the gradient, by moving the weights: here it is computed, by the formulas",
    )
### BEGIN HIDDEN TESTS
# Of the sizes of the other checks, and of others: code that asks for the size meets all of them.
for n, nx, nh, ny in ((3, 1, 1, 2), (4, 2, 5, 3), (5, 4, 7, 3), (1, 2, 3, 2), (10, 2, 10, 2), (200, 2, 10, 2)):
    check.that(
        not probes.calls_autograd(backward, *given(n, nx, nh, ny, 1)),
        "backward uses autograd: here the gradients are computed by hand",
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now the witness speaks. The next cell draws random parameters, takes 20 examples, and compares: each mark is one number
# of one parameter, its measured slope to the right, what your `backward` says upwards. Where both agree, it lies on the
# line. A parameter whose marks leave the line has a wrong formula.

# %% [markdown] lang="fr"
# Le témoin a maintenant la parole. La cellule suivante tire des paramètres au hasard, prend 20 exemples, et compare :
# chaque marque est un nombre d'un paramètre, sa pente mesurée en abscisse, ce qu'en dit votre `backward` en ordonnée.
# Quand les deux sont d'accord, elle est sur la droite. Un paramètre dont les marques quittent la droite a une formule
# fausse.

# %% demo
torch.manual_seed(0)
weights = {name: value.double() for name, value in random_params(2, 4, 2, like=init_params).items()}
X, Y = data.Xtrain[90:110].double(), data.Ytrain[90:110].double()
slopes, gaps = backward(weights, forward(weights, X)[1], Y), {}
fig, ax = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
ax.axline((0, 0), slope=1, color="#999999", linewidth=1)
for (name, marker), colour in zip(zip(("Wh", "bh", "Wy", "by"), "o^sD"), ("#0072B2", "#009E73", "#D55E00", "#CC79A7")):
    measured = numeric_gradient(weights, X, Y, name, 1e-4)
    gaps[name] = float((slopes[name] - measured).abs().max())
    ax.plot(measured.flatten(), slopes[name].flatten(), marker, color=colour, alpha=0.8, label=name)
ax.set(xlabel=say("measured slope"), ylabel=say("from backward"))
ax.legend()
ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "The slopes that backward gives against those measured, and the diagonal on which they should lie; they"
        " are off by {gap:.0e} at most."
    ).format(gap=max(gaps.values())),
)
print(say("largest gap"), {name: float(f"{gap:.0e}") for name, gap in gaps.items()})

# %% claim="backward and the measured gradient agree to seven digits"
assert max(gaps.values()) < 1e-7 and max(float(slope.abs().max()) for slope in slopes.values()) > 0.05

# %% [markdown] lang="en"
# How small should $\varepsilon$ be? "The smaller the better" is what the formula suggests. But a computer rounds. PyTorch
# usually keeps about 7 digits of a number (`float32`); above, `.double()` made it 16 (`float64`). The next cell tries
# $\varepsilon = 10^{-k}$ for $k$ from 0 to 8, with both.
#
# > **Before you run it.** With 7 digits, for which $k$ is the measured gradient closest to the true one? Put your number
# > in the place of `None`.

# %% [markdown] lang="fr"
# Quelle valeur de $\varepsilon$ choisir ? « La plus petite possible », semble dire la formule. Mais un ordinateur
# arrondit. PyTorch garde d'ordinaire environ 7 chiffres d'un nombre (`float32`) ; plus haut, `.double()` en donnait 16
# (`float64`). La cellule suivante essaie $\varepsilon = 10^{-k}$ pour $k$ de 0 à 8, dans les deux cas.
#
# > **Avant d'exécuter.** Avec 7 chiffres, pour quel $k$ le gradient mesuré est-il le plus proche du vrai ? Écrivez votre
# > nombre à la place de `None`.

# %% predict="best_power"
best_power = None

# %% demo
torch.manual_seed(0)
drawn, errors = random_params(2, 4, 2, like=init_params), {}
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for digits, kind, style in (("7", torch.float32, "o-"), ("16", torch.float64, "s--")):
    weights = {name: value.to(kind) for name, value in drawn.items()}
    X, Y = data.Xtrain[90:110].to(kind), data.Ytrain[90:110].to(kind)
    slopes = backward(weights, forward(weights, X)[1], Y)
    errors[digits] = [
        max(float((numeric_gradient(weights, X, Y, name, 10.0**-k) - slopes[name]).abs().max()) for name in weights)
        for k in range(9)
    ]
    ax.semilogy(range(9), errors[digits], style, label=say("{n} digits").format(n=digits))
ax.set(xlabel=r"$k$, $\varepsilon = 10^{-k}$", ylabel=say("largest error"))
ax.legend()
ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "How wrong measured slopes are, by the step, ten to the power of minus k, computed with 7 and with 16 "
        "digits."
    ),
)
reveal(best_power, min(range(9), key=errors["7"].__getitem__))

# %% claim="the error falls a hundredfold for each power of ten, then rounding makes it grow; with 7 digits the best is near 2"
short, long = errors["7"], errors["16"]
assert all(30 < long[k] / long[k + 1] < 300 for k in range(3)) and long[1] / short[1] < 1.5
assert min(short) in short[1:4] and min(long) in long[4:7]
assert min(short) < 1e-3 and min(long) < 1e-8
assert short[6] > 30 * min(short) and short[7] > short[2] and long[8] > 10 * min(long)

# %% [markdown] lang="en"
# There are two errors. That of the formula shrinks with $\varepsilon^2$: one power of ten less, a hundred times better.
# But $L(w + \varepsilon)$ and $L(w - \varepsilon)$ are each rounded, and the rounding is divided by $2 \varepsilon$: it
# grows as $\varepsilon$ shrinks. With 7 digits the best is near $10^{-2}$; with 16 digits, near $10^{-5}$. That is why
# gradients are checked in `float64`.

# %% [markdown] lang="fr"
# Il y a deux erreurs. Celle de la formule diminue comme $\varepsilon^2$ : une puissance de dix de moins, cent fois mieux.
# Mais $L(w + \varepsilon)$ et $L(w - \varepsilon)$ sont tous deux arrondis, et l'arrondi est divisé par
# $2 \varepsilon$ : il grandit quand $\varepsilon$ diminue. Avec 7 chiffres, le mieux est près de $10^{-2}$ ; avec
# 16 chiffres, près de $10^{-5}$. Voilà pourquoi on vérifie les gradients en `float64`.

# %% [markdown] lang="en"
# ## 6 · One step down · about 5 minutes
#
# `backward` gave you, for every parameter $w$, the direction in which the loss *grows* fastest. To make it smaller,
# walk the other way: subtract $\eta$ times the gradient. The number $\eta$ is the *learning rate*.
#
# $$w \leftarrow w - \eta \, \frac{\partial L}{\partial w}$$
#
# Write `sgd`, which returns the parameters. It works for any dictionary of them, not only these four: think of a network
# with three layers. `grads` has the same keys, perhaps in another order, and stays as it is.

# %% [markdown] lang="fr"
# ## 6 · Un pas vers le bas · environ 5 minutes
#
# `backward` vous a donné, pour chaque paramètre $w$, la direction dans laquelle le coût *augmente* le plus vite. Pour
# le diminuer, on marche dans l'autre sens : on retranche $\eta$ fois le gradient. Le nombre $\eta$ est le *pas
# d'apprentissage* (learning rate).
#
# $$w \leftarrow w - \eta \, \frac{\partial L}{\partial w}$$
#
# Écrivez `sgd`, qui renvoie les paramètres. La fonction doit accepter n'importe quel dictionnaire de paramètres, pas
# seulement ces quatre-là : pensez à un réseau à trois couches. `grads` a les mêmes clés, peut-être dans un autre ordre,
# et reste tel quel.


# %% answer="sgd"
def sgd(params, grads, eta):
    """Take one step of gradient descent.

    params: dict of tensors, changed in place (a new dict may be returned instead).
    grads: dict of tensors with the same keys and shapes, left as it is.
    eta: learning rate, > 0.
    Returns params.
    """
    ### BEGIN SOLUTION
    for name in params:
        params[name] -= eta * grads[name]
    return params
    ### END SOLUTION


# %% [markdown] hint="sgd" lang="en"
# ### The idea
#
# A dict can be walked through with `for name in params`, whatever its keys are. The same name finds the parameter and
# its gradient. Once all have moved, after the loop, return the dict.
#
# ### What must be stored
#
# `w = w - 1` gives the *name* `w` to a new tensor, and the dict does not know of it. What is stored under
# `params[name]` stays.
#
# ### The code, with blanks
#
# ```python
# for name in ...:
#     params[...] -= ...
# return ...
# ```

# %% [markdown] hint="sgd" lang="fr"
# ### L'idée
#
# On parcourt un dictionnaire par `for name in params`, quelles que soient ses clés. Le même nom donne le paramètre et
# son gradient. Une fois que tous ont bougé, après la boucle, renvoyez le dictionnaire.
#
# ### Ce qu'il faut stocker
#
# `w = w - 1` donne le *nom* `w` à un nouveau tenseur, et le dictionnaire n'en sait rien. Ce qui est stocké sous
# `params[name]` y reste.
#
# ### Le code, à trous
#
# ```python
# for name in ...:
#     params[...] -= ...
# return ...
# ```


# %% check="sgd_step" points=2 ids=["P-2.1.5"]
weights = {"Wh": torch.tensor([[3.0]]), "bh": torch.tensor([0.5])}
weights |= {"Wy": torch.tensor([[1.0]]), "by": torch.tensor([0.5])}
slopes = {"Wy": torch.tensor([[2.0]]), "by": torch.tensor([1.0])}  # the same keys, in another order
slopes |= {"Wh": torch.tensor([[10.0]]), "bh": torch.tensor([3.0])}
got = check.after(sgd, weights, slopes, 0.1)
got = check.keys(got, ["Wh", "bh", "Wy", "by"], "sgd(params, grads, 0.1)")
true = {"Wh": [[2.0]], "bh": [0.2], "Wy": [[0.8]], "by": [0.4]}
with check.table(got, true, weights):
    check.close(
        got["Wh"],
        true["Wh"],
        'sgd(params, grads, 0.1)["Wh"]',
        unless={
            "you walked up the slope: the gradient is subtracted": [[4.0]],
            "you forgot the learning rate": [[-7.0]],
            "nothing changed: compute the step and store it in params": [[3.0]],
            "this is the gradient times the rate; subtract it from the parameter": [[1.0]],
            "this is only the step: add it to the parameter": [[-1.0]],
            "the gradient of another parameter was taken: the dicts may have another order, go by the names, grads[name]": [
                [2.8]
            ],
        },
    )
    others = {
        name: check.tensor(got[name], tuple(weights[name].shape), f'sgd(params, grads, 0.1)["{name}"]')
        for name in ("bh", "Wy", "by")
    }
    check.that(
        any(not torch.equal(others[name], weights[name]) for name in others),
        "only the first parameter moved: is return inside the loop?",
    )
    for name in others:
        check.close(got[name], true[name], f'sgd(params, grads, 0.1)["{name}"]')
### BEGIN HIDDEN TESTS
weights, slopes, eta = random_params(3, 7, 4), random_params(3, 7, 4), 0.07
slopes = dict(reversed(slopes.items()))  # the same keys, in another order
got = check.keys(check.after(sgd, weights, slopes, eta), list(weights), "sgd(params, grads, eta)")
for name in weights:
    check.close(
        got[name],
        weights[name] - eta * slopes[name],
        f'sgd(params, grads, eta)["{name}"]',
        unless={
            "you walked up the slope: the gradient is subtracted": weights[name]
            + eta * slopes[name],
            "you forgot the learning rate": weights[name] - slopes[name],
            "nothing changed: compute the step and store it in params": weights[name],
            "this is the gradient times the rate; subtract it from the parameter": eta
            * slopes[name],
            "this is only the step: add it to the parameter": -eta * slopes[name],
        },
    )
### END HIDDEN TESTS

# %% check="sgd_any_network" points=1 ids=["P-2.1.5"]
def step(weights, slopes):
    """Take a step on a network of other names, and return where it leads."""
    got = check.any_keys(lambda: check.after(sgd, weights, slopes, 0.5), "sgd")
    got = check.keys(got, list(weights), "sgd(params, grads, 0.5)")
    for name, value in weights.items():
        got[name] = check.tensor(got[name], tuple(value.shape), f'sgd(params, grads, 0.5)["{name}"]')
    check.that(
        any(not torch.equal(got[name], weights[name]) for name in weights),
        "{name} has not moved: go through whatever params holds, and store the step in it",
        name=list(weights)[-1],
    )
    return got


def verify(shapes):
    """Take steps with two sets of gradients, and look at how each parameter moves, and at the gradients afterwards."""
    weights, slopes, others = ({name: torch.randn(shape) for name, shape in shapes.items()} for _ in range(3))
    got, other = step(weights, slopes), step(weights, others)
    for name in weights:
        # Whether the step has the right length and sign is told by the check of the step.
        moved, turned = got[name] - other[name], slopes[name] - others[name]
        check.that(
            moved.any() or torch.equal(got[name], weights[name]),
            "{name} moves to the same place whatever its gradient",
            name=name,
        )
        check.that(
            not moved.any()
            or abs(float(torch.cosine_similarity(moved.flatten(), turned.flatten(), dim=0))) > 0.999,
            "{name} does not move along its own gradient: go through whatever params holds",
            name=name,
        )
    returned, (_, left, _) = check.changed(sgd, weights, slopes, 0.5)
    for name in slopes:
        check.that(torch.equal(left[name], slopes[name]), "grads has changed: leave it as it is")
    check.that(
        returned is not None, "sgd returns nothing, and train goes on with what it returns: end with return params"
    )


verify({"W3": (2, 5)})
### BEGIN HIDDEN TESTS
verify({"W3": (2, 5), "b3": (2,), "W4": (3, 2, 2)})
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 7 · Mini-batches · about 5 minutes
#
# All 200 examples for the gradient of one small step? That is slow. One alone? That is an unsteady guide. The usual
# answer lies between: *mini-batches* of a few examples, one step for each. When all the examples have been used once, an
# *epoch* is over, and the next one cuts the data into other batches.
#
# Write `minibatches`. It returns a list of tensors of indices, drawn anew at each call; `X[indices]` then picks these
# rows. If `batch` does not divide `n`, the last batch is shorter. `torch.randperm(5)` draws the numbers 0 to 4 in random
# order.

# %% [markdown] lang="fr"
# ## 7 · Les mini-lots · environ 5 minutes
#
# Les 200 exemples pour le gradient d'un seul petit pas ? C'est lent. Un seul ? C'est un guide peu sûr. On choisit
# d'ordinaire l'entre-deux : des *mini-lots* (mini-batches) de quelques exemples, un pas pour chacun. Quand tous les
# exemples ont servi une fois, une *époque* est terminée, et la suivante découpe les données en d'autres lots.
#
# Écrivez `minibatches`. La fonction renvoie une liste de tenseurs d'indices, tirés à nouveau à chaque appel ;
# `X[indices]` donne ensuite ces lignes-là. Si `batch` ne divise pas `n`, le dernier lot est plus court.
# `torch.randperm(5)` donne les nombres de 0 à 4 dans un ordre aléatoire.


# %% answer="minibatches"
def minibatches(n, batch):
    """Cut the indices 0 to n - 1 into batches, in random order, drawn anew at each call.

    n: number of examples.
    batch: size of a batch; the last one is shorter where batch does not divide n.
    Returns a list of tensors of indices: each index is in exactly one of them.
    """
    ### BEGIN SOLUTION
    return list(torch.randperm(n).split(batch))
    ### END SOLUTION


# %% [markdown] hint="minibatches" lang="en"
# Think of a pack of cards: shuffle it once, then deal it out from the top, `batch` cards at a time. Which indices go
# into the first batch? And into the next? A tensor also has a method that cuts it into pieces of a given size, the last
# one shorter: look for `split` in the documentation of PyTorch.

# %% [markdown] hint="minibatches" lang="fr"
# Pensez à un jeu de cartes : on le mélange une fois, puis on le distribue à partir du dessus, `batch` cartes à la fois.
# Quels indices vont dans le premier lot ? Et dans le suivant ? Un tenseur a d'ailleurs une méthode qui le coupe en
# morceaux d'une taille donnée, le dernier plus court : cherchez `split` dans la documentation de PyTorch.


# %% check="minibatches_cover" points=2 ids=["G-alg3"]
def verify(n, size):
    """Cut n examples and look at who is in which batch."""
    call = f"minibatches({n}, {size})"
    got = check.items(minibatches(n, size), call)
    if got and len(got) != n and all(map(check.is_number, got)):
        got = [got]  # a single batch, not in a list
    got = [check.indices(batch, f"{call}[{i}]") for i, batch in enumerate(got)]
    flat = sorted(i for batch in got for i in batch)
    check.that(
        len(got) != 1 or len(flat) >= n,
        "only the first mini-batch came: collect them in a list, and return it after the loop, not in it",
    )
    whole = n // size * size
    check.that(
        len(flat) != whole or whole == n,
        "the last, shorter batch is missing: with n={n} and batch={size}, {lost} examples are never used",
        n=n,
        size=size,
        lost=n - whole,
    )
    check.that(
        len(set(flat)) == len(flat),
        "some examples come twice and others never: draw without putting back, with torch.randperm",
    )
    check.same(flat, list(range(n)), f"sorted(minibatches({n}, {size}))")
    sizes = [size] * (n // size) + ([n % size] if n % size else [])
    check.same(
        [len(batch) for batch in got],
        sizes,
        f"[len(batch) for batch in minibatches({n}, {size})]",
        unless={
            "batch is the size of a batch, not their number": [
                len(b) for b in torch.arange(n).chunk(size)
            ]
        },
    )


verify(6, 2)
verify(8, 3)
### BEGIN HIDDEN TESTS
for n, size in ((23, 5), (9, 4), (7, 7), (4, 9), (6, 1)):
    verify(n, size)
### END HIDDEN TESTS


# %% check="minibatches_random" points=1 ids=["G-alg3"]
def verify(n, size):
    """Cut n examples three times and look at their order."""
    call = f"minibatches({n}, {size})"
    first, second, third = (
        [check.indices(batch, f"{call}[{i}]") for i, batch in enumerate(check.items(minibatches(n, size), call))]
        for _ in range(3)
    )
    check.that(first, "{call} is empty", call=call)
    flat = [i for batch in first for i in batch]
    check.that(flat != sorted(flat), "the indices come in their natural order: shuffle them")
    check.that(
        first != second,
        "two calls give the same order: draw it anew at each call, without fixing the seed",
    )
    chunks = [list(range(i, min(i + size, n))) for i in range(0, n, size)]
    check.that(
        not all(sorted(batch) in chunks for batch in third),
        "each batch holds neighbours: shuffle the examples first, then cut",
    )


verify(50, 7)
### BEGIN HIDDEN TESTS
verify(60, 11)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 8 · Training · about 23 minutes
#
# Everything is there. Training is this loop:
#
# - draw the parameters
# - **for** each epoch:
#   - **for** each mini-batch: forward, backward, one step
#   - note the loss and the accuracy on *all* training examples, and on *all* test examples
#
# The test examples are looked at, never learnt from: no gradient comes from them.
#
# Write `train`, with the functions that you wrote above. It returns two things. First the parameters. Then a dict of four
# lists, `"loss_train"`, `"loss_test"`, `"acc_train"`, `"acc_test"`: one number (`float(L)`) an epoch, measured after its
# steps. It draws nothing: the pictures come after its checks. The last check trains a network in earnest, on other
# circles, and wants to see that it has learnt.

# %% [markdown] lang="fr"
# ## 8 · L'apprentissage · environ 23 minutes
#
# Tout est là. Apprendre, c'est cette boucle :
#
# - tirer les paramètres
# - **pour** chaque époque :
#   - **pour** chaque mini-lot : passe avant, passe arrière, un pas
#   - noter le coût et le taux de réussite sur *tous* les exemples d'apprentissage, et sur *tous* les exemples de test
#
# On regarde les exemples de test, mais ils ne servent jamais à apprendre : aucun gradient n'en provient.
#
# Écrivez `train`, avec les fonctions écrites plus haut. Elle renvoie deux choses. D'abord les paramètres. Puis un
# dictionnaire de quatre listes, `"loss_train"`, `"loss_test"`, `"acc_train"`, `"acc_test"` : un nombre (`float(L)`) par
# époque, mesuré après ses pas. Elle ne dessine rien : les images viennent après ses vérifications. La dernière
# vérification entraîne pour de bon un réseau, sur d'autres cercles, et veut voir qu'il a appris.


# %% answer="train"
def train(data, nh, epochs, batch, eta):
    """Train a network with one hidden layer by mini-batch descent.

    data: holds Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    nh: hidden units. epochs: passes over the training examples. batch: size of a mini-batch.
    eta: learning rate.
    Uses init_params, minibatches, forward, backward, sgd and loss_accuracy.
    Returns (params, history): history is a dict of four lists, "loss_train", "loss_test",
    "acc_train", "acc_test", with one number an epoch, measured after its steps.
    """
    ### BEGIN SOLUTION
    params = init_params(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            _, outputs = forward(params, data.Xtrain[indices])
            params = sgd(params, backward(params, outputs, data.Ytrain[indices]), eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            L, acc = loss_accuracy(forward(params, X)[0], Y)
            history[f"loss_{part}"].append(float(L))
            history[f"acc_{part}"].append(float(acc))
    return params, history
    ### END SOLUTION


# %% [markdown] hint="train" lang="en"
# ### The idea
#
# Two loops, one in the other. Follow one mini-batch through the inner one: what does each function give, and which one
# wants it next? The next mini-batch begins where this one has ended. Measuring takes no step: it only looks, at the whole
# of a set, and belongs to the outer loop.
#
# ### The shapes
#
# `data.Xtrain` is $(n, n_x)$ and `data.Ytrain` is $(n, n_y)$: there `init_params` finds its sizes. A mini-batch is a
# tensor of indices: `data.Xtrain[indices]` and `data.Ytrain[indices]` pick the same examples. `backward` wants the
# second value that `forward` returns, `loss_accuracy` the first.
#
# ### The code, with blanks
#
# ```python
# params = init_params(..., nh, ...)
# history = {"loss_train": [], ...}
# for _ in range(epochs):
#     for indices in minibatches(..., batch):
#         _, outputs = forward(...)
#         params = sgd(...)
#     for part, X, Y in (("train", ...), ("test", ...)):
#         L, acc = loss_accuracy(...)
#         history[f"loss_{part}"].append(...)
#         history[f"acc_{part}"].append(...)
# return ..., ...
# ```

# %% [markdown] hint="train" lang="fr"
# ### L'idée
#
# Deux boucles, l'une dans l'autre. Suivez un mini-lot dans celle de l'intérieur : que donne chaque fonction, et laquelle
# en a besoin ensuite ? Le mini-lot suivant part d'où celui-ci est arrivé. Mesurer ne fait aucun pas : on regarde
# seulement, un ensemble entier à la fois, et cela revient à la boucle extérieure.
#
# ### Les tailles
#
# `data.Xtrain` est de taille $(n, n_x)$ et `data.Ytrain` de taille $(n, n_y)$ : c'est là que `init_params` trouve ses
# tailles. Un mini-lot est un tenseur d'indices : `data.Xtrain[indices]` et `data.Ytrain[indices]` prennent les mêmes
# exemples. `backward` attend la seconde des valeurs que renvoie `forward`, `loss_accuracy` la première.
#
# ### Le code, à trous
#
# ```python
# params = init_params(..., nh, ...)
# history = {"loss_train": [], ...}
# for _ in range(epochs):
#     for indices in minibatches(..., batch):
#         _, outputs = forward(...)
#         params = sgd(...)
#     for part, X, Y in (("train", ...), ("test", ...)):
#         L, acc = loss_accuracy(...)
#         history[f"loss_{part}"].append(...)
#         history[f"acc_{part}"].append(...)
# return ..., ...
# ```


# %% check="train_history" points=1 ids=["P-2.1.6"]
def verify(seed, epochs, size):
    """Run train with stand-ins that learn nothing, and compare what it notes with what it should."""
    call = f"train(data, 3, {epochs}, {size}, 0.1)"
    run, parts = TrainingRecord(), shifted_circles(seed)
    got = probes.train_with(run.functions, train, shifted_circles(seed), 3, epochs, size, 0.1)
    check.that(not run.mixed, "forward returns two values, Yhat and the dict: loss_accuracy takes the first of them, backward the second")
    moved, log = check.pair(got, call)
    swapped = isinstance(moved, dict) and "loss_train" in moved
    check.that(not swapped, "the two values are swapped: the params first, then the history")
    log = check.keys(log, ["loss_train", "loss_test", "acc_train", "acc_test"], f"{call}[1]")
    for name in ("loss_train", "loss_test", "acc_train", "acc_test"):
        log[name] = check.numbers(
            log[name],
            epochs,
            f'{call}[1]["{name}"]',
            unless={
                "note them once an epoch, after the loop over its mini-batches, not after each step": epochs
                * -(-200 // size),
                "these are the numbers of one epoch: note them at the end of each, inside the loop over the epochs": 1,
                "the numbers before the first epoch are not asked for: one number an epoch": epochs + 1,
                "only one number of each epoch was asked for, in four lists: are two lists the same one?": 2 * epochs,
                "nothing was noted": 0,
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
            early = true.clone()
            early[0] = measure(x + 1, y)
            check.close(
                log[f"{name}_{part}"],
                true,
                f'{call}[1]["{name}_{part}"]',
                unless={
                    "these are the numbers of the other half of the data: train and test are mixed up": (
                        measure(x_other, y_other).repeat(epochs)
                    ),
                    "X and Y are not of the same half of the data": measure(x, y_other).repeat(
                        epochs
                    ),
                    "these are the numbers of the last mini-batch; measure on all the examples": torch.stack(
                        [measure(x[rows], y[rows]) for rows in last]
                    ),
                    "loss and accuracy are swapped": measures[swapped](x, y).repeat(epochs),
                    "measure after the steps of the epoch, not before": early,
                },
            )


verify(0, 2, 50)
### BEGIN HIDDEN TESTS
verify(4, 3, 100)
### END HIDDEN TESTS


# %% check="train_loop" points=3 ids=["P-2.1.6", "G-alg3"]
def wider(seed):
    """Return circles of 260 examples in each half, with a third coordinate and a third class."""
    first, more = shifted_circles(seed), shifted_circles(seed + 20)
    parts = {name: torch.cat([first[name], more[name][70:130]]) for name in first}
    third = {name: part[:, :1] ** 2 if name[0] == "X" else 0 * part[:, :1] for name, part in parts.items()}
    return {name: torch.cat([part, third[name]], 1) for name, part in parts.items()}


def verify(seed, nh, epochs, size, eta):
    """Run train with stand-ins that learn nothing, and look at each batch that it used and each step that it took."""
    call = f"train(data, {nh}, {epochs}, {size}, {eta})"
    run, parts = TrainingRecord(), wider(seed)
    n = len(parts["Xtrain"])
    got = probes.train_with(run.functions, train, wider(seed), nh, epochs, size, eta)
    check.that(not run.mixed, "forward returns two values, Yhat and the dict: loss_accuracy takes the first of them, backward the second")
    check.that(run.sizes is not None, "train does not call init_params")
    check.same(
        run.sizes,
        [3, nh, 3],
        "(nx, nh, ny)",
        unless={"nx and ny are not always 2: they are the numbers of columns of Xtrain and Ytrain": [2, nh, 2]},
    )
    batches = -(-n // size)
    check.same(
        len(run.batches),
        epochs * batches,
        f"{call}: len(steps)",
        unless={
            "one step for each mini-batch was asked for, not one for each epoch": epochs,
            "train goes through the data once; it should do so once an epoch": batches,
            "the last, shorter mini-batch of each epoch is not used": epochs * (n // size),
            "batch is the size of a mini-batch: pass it to minibatches": epochs * (n // 10),
            "there are not always 200 examples: pass the number of rows of Xtrain to minibatches": epochs * -(-200 // size),
            "no step was taken: call backward and sgd for each mini-batch": 0,
        }
        | {"the number of epochs is the argument epochs": len(run.batches) // batches * batches},
    )
    place = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"])}
    tested = {tuple(row.tolist()) for row in parts["Xtest"]}
    seen = []
    for x, y in run.batches:
        rows = [tuple(row.tolist()) for row in x]
        check.that(
            not tested & set(rows),
            "train learns from test examples: use Xtrain and Ytrain for the steps",
        )
        check.that(
            all(row in place for row in rows),
            "train learns from other examples than those of its argument data",
        )
        check.that(
            len(x) == len(y)
            and torch.equal(parts["Ytrain"][[place[row] for row in rows]], y.float()),
            "the rows of X and Y do not belong together: pick both with the same indices",
        )
        seen += [place[row] for row in rows]
    check.that(
        sorted(seen) == sorted([*range(n)] * epochs),
        "each training example should be used once an epoch, in one mini-batch",
    )
    check.that(
        epochs * batches == 1 or not torch.equal(run.batches[0][0], run.batches[batches][0]),
        "each epoch has the same batches: call minibatches anew in each epoch",
    )
    moved = check.pair(got, call)[0]
    swapped = isinstance(moved, dict) and "loss_train" in moved
    check.that(not swapped, "the two values are swapped: the params first, then the history")
    moved = check.keys(moved, ["W"], f"{call}[0]")
    check.close(
        moved["W"],
        [-eta * epochs * batches],
        f"{call}: sum(steps)",
        unless={
            "the steps are never taken: call sgd, and keep the params that it returns": [0.0],
            "the parameters are drawn anew at each epoch: draw them once, before the loop": [
                -eta * batches
            ],
            "the learning rate eta is not passed on to sgd": [-0.3 * epochs * batches],
            "you walked up the slope: the gradient is subtracted": [eta * epochs * batches],
        },
    )


verify(0, 3, 2, 50, 0.1)
### BEGIN HIDDEN TESTS
verify(4, 5, 2, 90, 0.02)
### END HIDDEN TESTS

# %% check="train_learns" points=2 ids=["P-2.1.6"]
STAND_INS = {}  # here train calls your functions; when graded, right ones, which learn in a few steps
settings, enough = (10, 40, 40, 1.5), 0.75
### BEGIN HIDDEN TESTS
# What is learnt must not depend on luck: init_params draws nothing. Its hidden units already turn all around, so that
# nine steps do; its outputs start far off, so that three, those of one epoch, do not.
def right_init_params(nx, nh, ny):
    angle = torch.arange(nh) * 6.2832 / nh
    Wh, by = 3 * torch.stack([angle.cos(), angle.sin()], 1)[:, :nx], torch.linspace(-3, 3, ny)
    return {"Wh": Wh, "bh": torch.full((nh,), -2.0), "Wy": torch.zeros(ny, nh), "by": by}


def right_forward(params, X):
    X = X.to(params["Wh"].dtype)
    htilde = torch.nn.functional.linear(X, params["Wh"], params["bh"])
    ytilde = torch.nn.functional.linear(htilde.tanh(), params["Wy"], params["by"])
    return ytilde.softmax(1), {"X": X, "htilde": htilde, "h": htilde.tanh(), "ytilde": ytilde, "yhat": ytilde.softmax(1)}


def right_loss_accuracy(Yhat, Y):
    return -(Y * Yhat.log()).sum(1).mean(), (Yhat.argmax(1) == Y.argmax(1)).float().mean()


@torch.enable_grad()
def right_backward(params, outputs, Y):
    live = {name: value.clone().requires_grad_() for name, value in params.items()}
    ytilde = right_forward(live, outputs["X"])[1]["ytilde"]
    loss = torch.nn.functional.cross_entropy(ytilde, Y.to(ytilde.dtype))
    return dict(zip(live, torch.autograd.grad(loss, list(live.values()))))


def right_sgd(params, grads, eta):
    for name in params:
        params[name] = params[name] - eta * grads[name]
    return params


STAND_INS = {
    "init_params": right_init_params,
    "minibatches": lambda n, batch: list(torch.randperm(n).split(batch)),
    "forward": right_forward,
    "loss_accuracy": right_loss_accuracy,
    "backward": right_backward,
    "sgd": right_sgd,
}
settings, enough = (10, 3, 67, 0.15), 0.85
### END HIDDEN TESTS
# The small ring is class 0 here: what was learnt elsewhere is wrong. In the test half it is class 1: so is what is
# learnt from it.
call, circles, others = f"train(data, {', '.join(map(str, settings))})", CirclesData(7), CirclesData(11)
parts = {name: getattr(circles, name).clone() for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
parts["Ytrain"] = parts["Ytrain"].flip(1)
learnt, log = check.pair(check.fits(probes.train_with, STAND_INS, train, parts, *settings), call)
swapped = isinstance(learnt, dict) and "loss_train" in learnt
check.that(not swapped, "the two values are swapped: the params first, then the history")
learnt = check.keys(learnt, ["Wh", "bh", "Wy", "by"], f"{call}[0]")
check.that(
    all(check.is_finite(learnt[name]) for name in ("Wh", "bh", "Wy", "by")),
    "the parameters grew beyond all bounds: does each step subtract eta times the gradient?",
)
Wh, Wy = (check.tensor(learnt[name], shape, f'{call}[0]["{name}"]') for name, shape in (("Wh", (10, 2)), ("Wy", (2, 10))))
bh, by = (check.vector(learnt[name], n, f'{call}[0]["{name}"]') for name, n in (("bh", 10), ("by", 2)))
scores = torch.tanh(others.Xtrain @ Wh.T + bh) @ Wy.T + by
rate = float((scores.argmax(1) != others.Ytrain.argmax(1)).float().mean())
check.that(rate > 0.25, "train learns from test examples: use Xtrain and Ytrain for the steps")
if rate <= enough and isinstance(log, dict) and "acc_train" in log:
    noted = check.items(log["acc_train"], f'{call}[1]["acc_train"]')
    check.that(
        not noted or check.number(noted[-1], f'{call}[1]["acc_train"][-1]') <= enough + 0.05,
        "the params that train returns are not those whose accuracy it noted last",
    )
check.that(
    rate > enough,
    "on other circles, the trained network is right on {rate:.0%} of the examples: with right functions, {epochs} epochs give more than {enough:.0%}",
    rate=rate,
    epochs=settings[1],
    enough=enough,
)

# %% [markdown] lang="en"
# Now train the network on the circles: 150 epochs, mini-batches of 10, ten hidden units.

# %% [markdown] lang="fr"
# Entraînez maintenant le réseau sur les cercles : 150 époques, des mini-lots de 10, dix unités cachées.

# %% demo
torch.manual_seed(0)
params, history = train(data, nh=10, epochs=150, batch=10, eta=0.3)
data.plot_data_with_grid(forward(params, data.Xgrid)[0])
for numbers in zip(
    *(history[name] for name in ("loss_train", "loss_test", "acc_train", "acc_test"))
):
    data.plot_loss(*numbers)

# %% claim="training ends above 90 %; the losses start near log 2, fall together, and test stays a little worse than train"
assert history["acc_train"][-1] > 0.9
ends = {name: sum(numbers[-50:]) / 50 for name, numbers in history.items()}
assert all(abs(history[name][0] - 0.693) < 0.02 for name in ("loss_train", "loss_test"))
assert ends["loss_train"] < ends["loss_test"] < ends["loss_train"] + 0.06 < 0.25
assert 0.9 < ends["acc_test"] < ends["acc_train"] < 0.97

# %% [markdown] lang="en"
# In the first picture, the colour of each point of the plane is the probability that your network gives to class 1
# there. The black line is where it hesitates, at one half. Training should end above 90 % on the training examples.

# %% [markdown] lang="fr"
# Sur la première image, la couleur de chaque point du plan est la probabilité que votre réseau y donne à la classe 1.
# La ligne noire est l'endroit où il hésite, à un demi. L'apprentissage doit finir au-dessus de 90 % sur les exemples
# d'apprentissage.

# %% [markdown] lang="en"
# How did the line come there? The next cell trains anew, step by step with your functions, and keeps a picture every
# three epochs: first you see the first and the last, below them you can play all twenty, or drag through them.
#
# > **Before you play it.** Untrained, the network draws a line from one edge of the square to another; in the end, a ring
# > around class 1. In the picture after how many epochs is the ring closed for the first time? Put a number in the place
# > of `None`.

# %% [markdown] lang="fr"
# Comment la ligne est-elle arrivée là ? La cellule suivante entraîne de nouveau, pas à pas avec vos fonctions, et garde
# une image toutes les trois époques : vous voyez d'abord la première et la dernière ; au-dessous, vous pouvez les faire
# défiler toutes les vingt, ou les parcourir une à une.
#
# > **Avant de les faire défiler.** Sans apprentissage, le réseau trace une ligne d'un bord du carré à un autre ; à la fin,
# > un anneau autour de la classe 1. Sur l'image d'après combien d'époques l'anneau est-il fermé pour la première fois ?
# > Écrivez un nombre à la place de `None`.

# %% predict="closed_after"
closed_after = None

# %% demo
torch.manual_seed(0)
moving, grids = init_params(2, 10, 2), {}
for epoch in range(58):
    if epoch % 3 == 0:
        grids[epoch] = forward(moving, data.Xgrid)[0]
    for indices in minibatches(200, 10):
        outputs = forward(moving, data.Xtrain[indices])[1]
        moving = sgd(moving, backward(moving, outputs, data.Ytrain[indices]), 0.3)
figures.moving_boundary(data, {say("epoch {n}").format(n=epoch): grid for epoch, grid in grids.items()})
inside = {epoch: (grid[:, 1] > 0.5).reshape(40, 40) for epoch, grid in grids.items()}
on_edge = {epoch: bool(part[[0, -1]].any() or part[:, [0, -1]].any()) for epoch, part in inside.items()}
reveal(closed_after, next((epoch for epoch in grids if inside[epoch].any() and not on_edge[epoch]), say("never")))

# %% claim="the line runs from edge to edge at first and is a ring in the end; by then it moves much less than at first"
assert on_edge[0] and on_edge[3] and inside[57].any() and not on_edge[57]
parts = [part.float() for part in inside.values()]
moves = [float((one - other).abs().mean()) for one, other in zip(parts, parts[1:])]
assert sum(moves[-5:]) < 0.3 * sum(moves[:5])

# %% [markdown] lang="en"
# At first the whole line swings about: the ten hidden units are still nearly flat, and no single line can separate a ring
# from what it surrounds. As they part, the line bends, its arms come nearer, and meet. The ring then tightens for a few epochs, and
# after that each mini-batch only pulls a little at it: it trembles, and stays about where it is.

# %% [markdown] lang="fr"
# Au début, toute la ligne se balance : les dix unités cachées sont encore presque plates, et aucune ligne simple ne peut
# séparer un anneau de ce qu'il entoure. À mesure qu'elles se distinguent, la ligne se courbe, ses bras se rapprochent et
# se rejoignent. L'anneau se resserre encore pendant quelques époques ; ensuite, chaque mini-lot ne fait que tirer un peu
# dessus : il tremble, et reste à peu près où il est.

# %% [markdown] lang="en"
# ### An experiment
#
# Does it matter that the batches are drawn at random? The cell after the next trains twice with your own `train`: once
# with your `minibatches`, once with batches taken in the order of the data. Look at `data.Ytrain[:10]`: what is a batch
# of ten like then? **Before you run it**, guess: which accuracy, between 0 and 1, will the second training end with?
# Write your number in the place of `None`.

# %% [markdown] lang="fr"
# ### Une expérience
#
# Est-il important de tirer les lots au hasard ? Deux cellules plus bas, votre `train` est lancé deux fois : une fois avec
# votre `minibatches`, une fois avec des lots pris dans l'ordre des données. Regardez `data.Ytrain[:10]` : à quoi
# ressemble alors un lot de dix ? **Avant d'exécuter la cellule**, devinez : à quel taux de réussite, entre 0 et 1, le
# second apprentissage finira-t-il ? Écrivez votre nombre à la place de `None`.

# %% predict="in_order_ends_at"
in_order_ends_at = None


# %% demo
def in_order(n, batch):
    return list(torch.arange(n).split(batch))


fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
mine, rates = minibatches, {}
for name, cut, style in (("minibatches", mine, "-"), ("in_order", in_order, "--")):
    minibatches = cut
    try:
        torch.manual_seed(1)
        rates[name] = train(data, 10, 40, 10, 0.3)[1]["acc_train"]
        ax.plot(range(1, 41), rates[name], style, label=name)
    finally:
        minibatches = mine
ax.set(xlabel=say("epoch"), ylabel=say("accuracy"))
ax.legend()
ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "The accuracy on the training examples, with batches drawn at random and with batches in the order of "
        "the data."
    ),
)
reveal(in_order_ends_at, rates["in_order"][-1])

# %% claim="in data order the network learns next to nothing, with random batches it learns"
assert rates["in_order"][-1] < 0.75
assert rates["minibatches"][-1] > 0.9

# %% [markdown] lang="en"
# What happened? Sort these statements into true and false.
#
# - **a.** The circles come sorted by class, so in data order every mini-batch holds examples of a single class.
# - **b.** In data order, the steps of the first half of an epoch pull towards one class, those of the second half
#   towards the other.
# - **c.** In data order, some examples are never used.
# - **d.** With batches of 200, the order of the examples would not change the gradients.

# %% [markdown] lang="fr"
# Que s'est-il passé ? Pour chaque affirmation, dites si elle est vraie ou fausse.
#
# - **a.** Les cercles sont rangés par classe : dans l'ordre des données, chaque mini-lot ne contient donc des exemples
#   que d'une seule classe.
# - **b.** Dans l'ordre des données, les pas de la première moitié d'une époque tirent vers une classe, ceux de la seconde
#   vers l'autre.
# - **c.** Dans l'ordre des données, certains exemples ne servent jamais.
# - **d.** Avec des lots de 200, l'ordre des exemples ne changerait pas les gradients.


# %% answer="why_shuffle"
def why_shuffle():
    """Return a dict from each letter, "a" to "d", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": True, "c": False, "d": True}
    ### END SOLUTION


# %% check="why_shuffle_sorted" points=2 ids=["P-2.1.6"]
check.letters(why_shuffle, "abcd")
### BEGIN HIDDEN TESTS
check.choices(
    why_shuffle(),
    {"a": True, "b": True, "c": False, "d": True},
    because={
        "a": "the first 100 rows are class 0, the last 100 class 1, and batches of 10 never straddle the two.",
        "b": "a batch of one class only says: make this class more probable everywhere.",
        "c": "in whatever order, an epoch uses every example once.",
        "d": "a batch that holds everything gives the same gradient in any order: a mean does not depend on it.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# **Comment on the curves** of your training run (part 8, the loss and the accuracy on train and test). What do they do,
# in which order? Compare train and test. Explain one thing that you see: why the curves are not smooth, where they
# start, or why they level off where they do. Five lines are enough.

# %% [markdown] lang="fr"
# **Commentez les courbes** de votre apprentissage (partie 8, le coût et le taux de réussite en apprentissage et en
# test). Que font-elles, dans quel ordre ? Comparez apprentissage et test. Expliquez une chose que vous voyez : pourquoi
# les courbes ne sont pas lisses, d'où elles partent, ou pourquoi elles se stabilisent à ce niveau. Cinq lignes suffisent.

# %% [markdown] open="comment_curves" points=3 ids=["P-2.1.6"]
# **English.** In the first epochs both losses stay near $\log 2 \approx 0.69$, the loss of a network that says one half
# to everything, and the accuracy near 50 %. Then the hidden units turn, the boundary closes around the small ring, and
# both losses fall together; after that they decrease slowly. The curves are jagged because each step follows the
# gradient of ten examples only. Train and test stay close, the test a little worse: with 52 parameters for 200 points
# there is little over-fitting. The accuracy stops at 92 to 96 % since the noise makes the rings overlap: no boundary
# could do much better.
#
# **Français.** Dans les premières époques, les deux coûts restent près de $\log 2 \approx 0{,}69$, le coût d'un réseau
# qui répond un demi à tout, et le taux de réussite près de 50 %. Puis les unités cachées s'orientent, la frontière se
# referme autour du petit anneau, et les deux coûts tombent ensemble ; ensuite ils décroissent lentement. Les courbes
# sont en dents de scie parce que chaque pas suit le gradient de dix exemples seulement. Apprentissage et test restent
# proches, le test un peu moins bon : avec 52 paramètres pour 200 points, il y a peu de surapprentissage. Le taux de
# réussite plafonne entre 92 et 96 %, car le bruit fait se chevaucher les anneaux : aucune frontière ne ferait beaucoup
# mieux.

# %% [markdown] marking="comment_curves"
# - 1 point: the loss falls and the accuracy rises, in phases (a plateau, a fall, a slow end), said of *these* curves.
# - 1 point: train against test: close, so little over-fitting; or, if the student's run differs, a correct reading of
#   it.
# - 1 point: an explanation of one feature: the jagged look (gradients of small batches), the start at $\log 2$, or the
#   ceiling below 100 % (overlapping rings).
# - No point for a description of the code. "It over-fits" without a growing gap in the curves earns nothing.
# - see `data.plot_loss(*numbers)`

# %% [markdown] lang="en"
# ## A playground · about 12 minutes
#
# Your functions have worked for one network so far. The next cell opens a playground, in which your own `init_params`,
# `forward`, `backward`, `sgd` and `loss_accuracy` train any, while you watch. *Play* (on Colab: ▶) goes through one epoch
# after the other; *One epoch* through one. On the left you see what you know: the probability of class 1, and the line where it is
# one half. On the right is a small map for each hidden unit: blue where $h_i < 0$, orange where $h_i > 0$, a grey line
# where it is 0. Below are loss and accuracy. The sliders of $\eta$ and of the mini-batches act while it trains; any other
# begins a new training.
#
# > **Before you touch it.** In the plane, each hidden unit changes its sign along one straight line: $\tilde{h}_i = 0$. How
# > many hidden units does it take, at least, until the boundary can close around the small ring? Put your number in the
# > place of `None`.

# %% [markdown] lang="fr"
# ## Un terrain de jeu · environ 12 minutes
#
# Jusqu'ici, vos fonctions ont servi à un seul réseau. La cellule suivante ouvre un terrain de jeu où vos propres
# `init_params`, `forward`, `backward`, `sgd` et `loss_accuracy` en entraînent autant qu'on veut, sous vos yeux.
# *Lancer* (sur Colab : ▶) enchaîne les époques ; *Une époque* n'en fait qu'une. À gauche, ce que vous connaissez : la probabilité de la
# classe 1, et la ligne où elle vaut un demi. À droite, une petite carte par unité cachée : bleue où $h_i < 0$, orange où
# $h_i > 0$, et un trait gris là où elle vaut 0. En dessous, le coût et le taux de réussite. Les curseurs de $\eta$ et des
# mini-lots agissent pendant l'apprentissage ; tout autre en commence un nouveau.
#
# > **Avant d'y toucher.** Dans le plan, chaque unité cachée change de signe le long d'une droite : $\tilde{h}_i = 0$.
# > Combien d'unités cachées faut-il, au minimum, pour que la frontière puisse se refermer autour du petit anneau ?
# > Écrivez votre nombre à la place de `None`.

# %% predict="fewest_units"
fewest_units = None


# %% demo
def step_by_hand(params, X, Y, eta):
    return sgd(params, backward(params, forward(params, X)[1], Y), eta)


def look_by_hand(params, X):
    Yhat, outputs = forward(params, X)
    return Yhat, outputs["h"]


by_hand = playground.play(
    start=lambda nh: init_params(2, nh, 2),
    step=step_by_hand,
    look=look_by_hand,
    measure=lambda Yhat, Y: loss_accuracy(Yhat, Y),
    settings="data=circles n=200 noise=0.2 nh=4 eta=0.3 batch=10 seed=0",
)

# %% claim="one unit gives a line, two a strip, three close the boundary; a tiny rate hardly leaves the plateau, a huge one jumps"
ends = {line: by_hand.trained(line, 100) for line in ("nh=1", "nh=2", "nh=3", "nh=4", "eta=0.01", "eta=10")}
assert ends["nh=1"]["acc_train"] < 0.7 < ends["nh=2"]["acc_train"] < 0.87
assert min(ends["nh=3"]["acc_train"], ends["nh=4"]["acc_train"]) > 0.9
assert ends["eta=0.01"]["loss_train"] > 0.65 and ends["eta=10"]["loss_train"] > 0.7

# %% [markdown] lang="en"
# Play, in this order:
#
# 1. Let four units train until the boundary has closed, then pause. Which of their lines does the boundary follow? Is
#    there a unit that does nothing?
# 2. Set `nh` to 1, 2, 3, and let each train for some sixty epochs. Was your number right?
# 3. Back to four units: what becomes of the loss with $\eta = 0.01$? And with $\eta = 10$?
#
# All settings stand in the line below the picture. Send it to a fellow student: pasted there, and Enter, it sets all the
# sliders. When you change one of your functions and run its cell again, the playground uses the new one.
#
# The next cell trains with 1, 2, 3 and 4 hidden units on the circles of this notebook, and looks where the accuracy
# passes 0.9.

# %% [markdown] lang="fr"
# Jouez, dans cet ordre :
#
# 1. Laissez quatre unités apprendre jusqu'à ce que la frontière se soit refermée, puis mettez en pause. Quelles droites
#    la frontière suit-elle ? Y a-t-il une unité qui ne fait rien ?
# 2. Mettez `nh` à 1, 2, 3, et laissez passer chaque fois une soixantaine d'époques. Aviez-vous le bon nombre ?
# 3. Revenez à quatre unités : que devient le coût avec $\eta = 0{,}01$ ? Et avec $\eta = 10$ ?
#
# Tous les réglages tiennent dans la ligne sous l'image. Envoyez-la à un camarade : collée chez lui, puis Entrée, elle
# règle tous les curseurs. Quand vous changez une de vos fonctions et relancez sa cellule, le terrain de jeu prend la
# nouvelle.
#
# La cellule suivante entraîne 1, 2, 3 et 4 unités cachées sur les cercles de ce notebook, et regarde où le taux de
# réussite dépasse 0,9.

# %% demo
rates = {}
for nh in (1, 2, 3, 4):
    torch.manual_seed(0)
    rates[nh] = train(data, nh=nh, epochs=100, batch=10, eta=0.5)[1]["acc_train"][-1]
    print(f"nh = {nh}: {number(rates[nh], '.1%')}")
reveal(fewest_units, min((nh for nh in rates if rates[nh] > 0.9), default=None))

# %% claim="three hidden units are needed on these circles, and are enough"
assert rates[1] < 0.75 and rates[2] < 0.88 and min(rates[3], rates[4]) > 0.9

# %% claim="four hidden units leave every sixth point of the spirals wrong, sixteen hardly one after 320 epochs; eta = 1 learns next to nothing"
challenge = "data=spirals noise=0 nh=4 eta=0.3 batch=10"
assert 0.78 < by_hand.trained(challenge, 400)["acc_train"] < 0.9
assert by_hand.trained(f"{challenge} nh=16", 320)["acc_train"] > 0.98
assert by_hand.trained(f"{challenge} nh=16 eta=1", 200)["acc_train"] < 0.7

# %% [markdown] lang="en"
# One unit has one line: the boundary follows it, and at least half of the large ring is on the wrong side. Two lines make a strip,
# open at both ends. Three make a triangle, the first figure that closes; with more units it gets rounder, and some of
# them may stay idle. No unit was told which side is its own. All start small, nearly flat, and nearly the same: so the
# loss stays near $\log 2$ for a while. Then each is pulled by the errors that the others leave, and turns. With
# $\eta = 0.01$ that while does not end; with $\eta = 10$ each step throws away what the one before has found.
#
# ### A challenge: separate the spirals
#
# Paste `data=spirals noise=0 nh=4 eta=0.3 batch=10` into the line of settings, and play. After 400 epochs the network is
# still wrong on every sixth or seventh point. Find settings with which it gets 98 % of the training points right within
# 400 epochs. Your functions are good enough: only `nh`, $\eta$ and the mini-batches may change. What must change, and why?
#
# <details>
# <summary>One way, and why</summary>
#
# The spirals wind around each other for more than a turn, and each unit gives the boundary one more bend: four are too
# few. With `nh=16` (and $\eta$ and the mini-batches as they were) some 300 epochs are enough. A larger $\eta$ is no short cut: with
# mini-batches of 10 their noise then throws the lines about, and with `eta=1` the network learns next to nothing. Deeper networks bend their
# boundary more cheaply; you will see that in `04_nn`.
#
# </details>

# %% [markdown] lang="fr"
# Une unité n'a qu'une droite : la frontière la suit, et au moins la moitié du grand anneau se trouve du mauvais côté. Deux droites
# font une bande, ouverte aux deux bouts. Trois font un triangle, la première figure qui se referme ; avec plus d'unités,
# elle s'arrondit, et certaines restent parfois oisives. Personne n'a dit à une unité quel côté est le sien. Toutes
# partent petites, presque plates et presque pareilles : c'est pourquoi le coût reste un moment près de $\log 2$. Puis
# chacune est tirée par les erreurs que laissent les autres, et s'oriente. Avec $\eta = 0{,}01$, ce moment ne finit
# pas ; avec $\eta = 10$, chaque pas jette ce que le précédent avait trouvé.
#
# ### Un défi : séparer les spirales
#
# Collez `data=spirals noise=0 nh=4 eta=0.3 batch=10` dans la ligne des réglages, et lancez. Après 400 époques, le réseau
# se trompe encore sur un point sur six ou sept. Trouvez des réglages avec lesquels il a raison sur 98 % des points
# d'apprentissage en 400 époques au plus. Vos fonctions suffisent : seuls `nh`, $\eta$ et les mini-lots peuvent changer.
# Que faut-il changer, et pourquoi ?
#
# <details>
# <summary>Une façon, et pourquoi</summary>
#
# Les spirales s'enroulent l'une autour de l'autre sur plus d'un tour, et chaque unité donne à la frontière un pli de
# plus : quatre ne suffisent pas. Avec `nh=16` ($\eta$ et les mini-lots restant les mêmes), il suffit de 300 époques environ.
# Un plus grand $\eta$ n'est pas un raccourci : avec des mini-lots de 10, leur bruit fait alors sauter les droites, et avec `eta=1`, le réseau n'apprend
# presque rien. Un réseau plus profond plie sa frontière à moindre coût ; vous le verrez dans `04_nn`.
#
# </details>

# %% [markdown] lang="en"
# ## 9 · One loop, three descents · about 14 minutes
#
# With the same `train`, only `batch` decides which algorithm this is:
#
# | descent | `batch` | a step uses |
# |---|---|---|
# | `"batch"` | $n$ | all the examples |
# | `"mini-batch"` | a few | a few examples |
# | `"stochastic"` (online) | 1 | one example |
#
# An epoch uses the $n$ training examples whatever the size of the batches: what changes is the number of steps. Write
# `count_steps`: the calls of `sgd` in a whole training, the shorter last mini-batch of each epoch included.

# %% [markdown] lang="fr"
# ## 9 · Une boucle, trois descentes · environ 14 minutes
#
# Avec la même fonction `train`, seul `batch` décide de l'algorithme :
#
# | descente | `batch` | un pas utilise |
# |---|---|---|
# | par lot complet, `"batch"` | $n$ | tous les exemples |
# | par mini-lots, `"mini-batch"` | quelques-uns | quelques exemples |
# | stochastique ou en ligne, `"stochastic"` | 1 | un seul exemple |
#
# Une époque utilise les $n$ exemples d'apprentissage quelle que soit la taille des lots : ce qui change, c'est le nombre
# de pas. Écrivez `count_steps` : le nombre d'appels de `sgd` dans tout un apprentissage, le dernier mini-lot, plus court,
# de chaque époque compris.


# %% answer="count_steps"
def count_steps(n, batch, epochs):
    """Count the steps (calls of sgd) that train takes.

    n: number of training examples. batch: size of a mini-batch; the last of an epoch may be
    shorter. epochs: passes over the examples.
    Returns a whole number.
    """
    ### BEGIN SOLUTION
    return epochs * ((n + batch - 1) // batch)
    ### END SOLUTION


# %% [markdown] hint="count_steps" lang="en"
# How many mini-batches does an epoch have, the shorter one included? Try 7 examples in mini-batches of 2 on your fingers.
# Rounding up is `math.ceil`; or count how often `batch` fits in, after adding almost one `batch` to the examples. Only
# then think of the epochs.

# %% [markdown] hint="count_steps" lang="fr"
# Combien de mini-lots une époque a-t-elle, le plus court compris ? Essayez 7 exemples par mini-lots de 2, sur vos doigts.
# `math.ceil` arrondit vers le haut ; ou bien comptez combien de fois `batch` entre dans le nombre d'exemples, augmenté de
# presque un `batch`. Ne pensez aux époques qu'ensuite.


# %% check="count_steps_value" points=1 ids=["G-alg1", "G-alg2", "G-alg3"]
def whole(n, size, epochs):
    """Call count_steps, whose result is no floating point number."""
    got = count_steps(n, size, epochs)
    floating = isinstance(got, torch.Tensor) and got.is_floating_point()
    check.that(
        not floating and not isinstance(got, float),
        "a whole number was asked for: divide with //, or round with math.ceil",
    )
    return got


check.same(
    whole(200, 10, 150),
    3000,
    "count_steps(200, 10, 150)",
    unless={
        "where batch divides n, there is no shorter mini-batch to add": 150 * 21,
        "these are the steps of one epoch": 20,
        "a step is a mini-batch, not an example": 150 * 200,
    },
)
check.same(
    whole(23, 5, 6),
    30,
    "count_steps(23, 5, 6)",
    unless={
        "the last, shorter mini-batch of each epoch is a step too: round up": 24,
        "round up once an epoch, not once at the end": 28,
        "an epoch has a whole number of steps: round up n / batch first, then multiply": 27,
        "these are the steps of one epoch": 5,
        "what is left over makes one mini-batch, not one for each example": 42,
    },
)
check.same(
    whole(21, 5, 6),
    30,
    "count_steps(21, 5, 6)",
    unless={"the last, shorter mini-batch of each epoch is a step too: round up": 24},
)
### BEGIN HIDDEN TESTS
for n, size, epochs, steps in (
    (200, 200, 7, 7),
    (200, 1, 3, 600),
    (23, 5, 4, 20),
    (21, 5, 4, 20),
    (60000, 128, 2, 938),
):
    check.same(
        whole(n, size, epochs),
        steps,
        f"count_steps({n}, {size}, {epochs})",
        unless={
            "the last, shorter mini-batch of each epoch is a step too: round up": n
            // size
            * epochs,
            "round up once an epoch, not once at the end": (n * epochs + size - 1) // size,
        },
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now the three of them, from the same start, 15 epochs each. In the first two pictures all have the same small learning
# rate, $\eta = 0.05$: on the left they are compared by epochs, that is by examples used; in the middle, by steps. (The
# first point of a curve comes after one epoch: after 200 steps for `batch = 1`, after a single one for `batch = 200`.)
# On the right, $\eta = 1$ for all; there five epochs of `batch = 1` are enough to see what it does.
#
# > **Before you run it.** With $\eta = 0.05$, which of the sizes 1, 10 and 200 ends with the lowest loss after 15 epochs?
# > And with $\eta = 1$? Put two numbers in the place of `None`, as in `(10, 10)`.

# %% [markdown] lang="fr"
# Voici les trois descentes, parties du même point, pendant 15 époques. Sur les deux premières images, toutes ont le même
# petit pas d'apprentissage, $\eta = 0{,}05$ : à gauche, on les compare par époques, c'est-à-dire par exemples utilisés ;
# au milieu, par pas. (Le premier point d'une courbe vient après une époque : après 200 pas pour `batch = 1`, après un
# seul pour `batch = 200`.) À droite, $\eta = 1$ pour toutes ; cinq époques de `batch = 1` y
# suffisent pour voir ce qu'il fait.
#
# > **Avant d'exécuter.** Avec $\eta = 0{,}05$, laquelle des tailles 1, 10 et 200 finit avec le coût le plus bas après
# > 15 époques ? Et avec $\eta = 1$ ? Écrivez deux nombres à la place de `None`, comme dans `(10, 10)`.

# %% predict="best_sizes"
best_sizes = None

# %% demo
fig, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True, layout="constrained")
losses, epochs = {}, torch.arange(1, 16)
for batch, style in ((200, "-"), (10, "--"), (1, ":")):
    for eta in (0.05, 1.0):
        torch.manual_seed(5)
        n = 5 if (eta, batch) == (1.0, 1) else 15
        losses[eta, batch] = train(data, nh=10, epochs=n, batch=batch, eta=eta)[1]["loss_train"]
    axes[0].plot(epochs, losses[0.05, batch], style, linewidth=2, label=f"batch = {batch}")
    axes[1].plot(epochs * len(data.Xtrain) // batch, losses[0.05, batch], style, linewidth=2)
    axes[2].plot(epochs[: len(losses[1.0, batch])], losses[1.0, batch], style, linewidth=2)
axes[0].set(xlabel=say("epoch"), ylabel=say("loss"), title=f"eta = {number(0.05, 'g')}", ylim=(0, 1.5))
axes[1].set(xlabel=say("steps"), xscale="log", title=f"eta = {number(0.05, 'g')}")
axes[2].set(xlabel=say("epoch"), title="eta = 1")
axes[0].legend()
for ax in axes:
    ax.grid(alpha=0.3)
figures.show(fig, say("The loss with three sizes of batches: by epochs, by steps, and by epochs with a larger eta."))
reveal(best_sizes, tuple(min((1, 10, 200), key=lambda batch: losses[eta, batch][-1]) for eta in (0.05, 1.0)))

# %% claim="at 0.05 single examples end lowest; per step the curves coincide; at 1 they jump about, and mini-batches end lowest"
small = {batch: losses[0.05, batch] for batch in (1, 10, 200)}
large = {batch: losses[1.0, batch] for batch in (1, 10, 200)}
assert small[1][-1] < 0.3 and min(small[10][-1], small[200][-1]) > 0.6
assert abs(small[10][9] - small[1][0]) < 0.05  # after 200 steps
assert abs(small[10][-1] - small[1][0]) < 0.05 and small[200][-1] > small[10][-1]
assert large[10][-1] < 0.3 and large[200][-1] > 0.6 and max(large[1]) > 3 and large[1][-1] > large[10][-1] + 0.2
assert abs(large[10][-1] - small[1][-1]) < 0.05

# %% [markdown] lang="en"
# At $\eta = 0.05$ it is the number of steps that counts, whatever a step costs: in the middle picture the three
# curves continue one another. On the left, `batch = 1` has simply taken ten times as many steps as `batch = 10`. But the steps of
# `batch = 1` are unsteady, so it needs a small $\eta$: at $\eta = 1$ it jumps about. A mini-batch of 10 stands that
# $\eta$, and gets as far in 300 steps as `batch = 1` at $\eta = 0.05$ in 3000. That, and the speed of products of
# matrices, is why mini-batches are used.
#
# For each question, choose one of `"batch"`, `"mini-batch"`, `"stochastic"`.
#
# - **a.** Which takes the fewest steps in an epoch?
# - **b.** In which does each step follow the exact gradient of $L$ on all the training examples?
# - **c.** With $\eta = 0.05$, which has the highest loss after 15 epochs?
# - **d.** In which is the direction of a step the most random?
# - **e.** Which is the usual choice on large data sets, because a step is cheap, its gradient is a fair approximation (so that
#   $\eta$ can be larger), and matrix products of this size use the processor well?
# - **f.** With $\eta = 0.05$, let each take 200 steps, in however many epochs that is. Which has used the fewest examples
#   by then?
# - **g.** Your computer works on 200 examples at once in the time of a single one, and you may take 100 steps. Which then
#   gives each of these steps the best direction, at no extra cost?

# %% [markdown] lang="fr"
# À $\eta = 0{,}05$, c'est le nombre de pas qui compte, quoi que coûte un pas : au milieu, les trois courbes se
# prolongent l'une l'autre. À gauche, `batch = 1` a simplement fait dix fois plus de pas que `batch = 10`. Mais les pas de
# `batch = 1` sont peu sûrs, il lui faut donc un petit $\eta$ : à $\eta = 1$, le coût fait des bonds. Un mini-lot de 10
# supporte ce $\eta$, et va aussi loin en 300 pas que `batch = 1`, à $\eta = 0{,}05$, en 3000. C'est pour cela, et pour
# la vitesse des produits de matrices, qu'on utilise des mini-lots.
#
# À chaque question, choisissez entre `"batch"`, `"mini-batch"` et `"stochastic"`.
#
# - **a.** Laquelle fait le moins de pas par époque ?
# - **b.** Dans laquelle chaque pas suit-il le gradient exact de $L$ sur tous les exemples d'apprentissage ?
# - **c.** Avec $\eta = 0{,}05$, laquelle a le coût le plus élevé après 15 époques ?
# - **d.** Dans laquelle la direction d'un pas est-elle la plus aléatoire ?
# - **e.** Laquelle choisit-on d'ordinaire sur de grands ensembles de données, parce qu'un pas coûte peu, que son gradient
#   est une assez bonne approximation (on peut donc augmenter $\eta$) et que des produits de matrices de cette taille
#   exploitent bien le processeur ?
# - **f.** Avec $\eta = 0{,}05$, laissez chacune faire 200 pas, quel que soit le nombre d'époques qu'il y faut. Laquelle a
#   alors utilisé le moins d'exemples ?
# - **g.** Votre ordinateur traite 200 exemples d'un coup aussi vite qu'un seul, et vous avez droit à 100 pas. Laquelle
#   donne alors à chacun de ces pas la meilleure direction, sans rien coûter de plus ?


# %% answer="compare_descents"
def compare_descents():
    """Return a dict from each letter, "a" to "g", to "batch", "mini-batch" or "stochastic"."""
    ### BEGIN SOLUTION
    return {
        "a": "batch",
        "b": "batch",
        "c": "batch",
        "d": "stochastic",
        "e": "mini-batch",
        "f": "stochastic",
        "g": "batch",
    }
    ### END SOLUTION


# %% check="compare_descents_choices" points=2 ids=["G-alg1", "G-alg2", "G-alg3"]
check.letters(compare_descents, "abcdefg", options=("batch", "mini-batch", "stochastic"))
### BEGIN HIDDEN TESTS
check.choices(
    compare_descents(),
    {"a": "batch", "b": "batch", "c": "batch", "d": "stochastic", "e": "mini-batch", "f": "stochastic", "g": "batch"},
    because={
        "a": "with batch = n, an epoch is one single step.",
        "b": "L is the mean over all training examples, so its gradient needs all of them.",
        "c": "15 epochs are only 15 steps for the full batch: too few to leave the plateau.",
        "d": "one example alone may point anywhere; averages over more examples vary less.",
        "e": "a few tens of examples: many steps an epoch, each in a sensible direction, computed in one matrix product.",
        "f": "200 steps are 200 examples with batch = 1, 2000 with batch = 10, 40 000 with batch = 200, for about the same loss.",
        "g": "where a step costs the same whatever its batch, the exact gradient is the best one to follow.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 10 · Where the descent walks · about 14 minutes
#
# There are two spaces, and it is easy to mix them up. In the *description space* live the examples: a point is an $x$,
# and the network draws a boundary there. In the *parameter space* a point is a whole network: one coordinate for each
# parameter. Descent walks in the second one.
#
# Ours has tens of dimensions. To see something, take a model with two parameters only, a line $\hat{y} = w_0 + w_1 x$
# fitted to $n$ points (here $x$ and $y$ are numbers). Its loss, called $C$, is the mean of the squared errors:
#
# $$C(w_0, w_1) = \frac{1}{n} \sum_{k=1}^{n} (w_0 + w_1 x^{(k)} - y^{(k)})^2$$
#
# $$\frac{\partial C}{\partial w_0} = \frac{2}{n} \sum_{k=1}^{n} (w_0 + w_1 x^{(k)} - y^{(k)}) \qquad \frac{\partial C}{\partial w_1} = \frac{2}{n} \sum_{k=1}^{n} (w_0 + w_1 x^{(k)} - y^{(k)}) \, x^{(k)}$$
#
# Write `descent_path`: full-batch descent on $C$ that keeps every point of its path, the start first, one point a row.
# It leaves `w` as it is. `torch.stack` makes one tensor out of a list of tensors.

# %% [markdown] lang="fr"
# ## 10 · Par où passe la descente · environ 14 minutes
#
# Il y a deux espaces, et on les confond facilement. Dans l'*espace de description* vivent les exemples : un point est
# un $x$, et le réseau y trace une frontière. Dans l'*espace des paramètres*, un point est un réseau tout entier : une
# coordonnée par paramètre. C'est dans le second que la descente avance.
#
# Le nôtre a des dizaines de dimensions. Pour y voir quelque chose, prenons un modèle à deux paramètres seulement, une
# droite $\hat{y} = w_0 + w_1 x$ ajustée à $n$ points (ici, $x$ et $y$ sont des nombres). Son coût, noté $C$, est la
# moyenne des carrés des erreurs :
#
# $$C(w_0, w_1) = \frac{1}{n} \sum_{k=1}^{n} (w_0 + w_1 x^{(k)} - y^{(k)})^2$$
#
# $$\frac{\partial C}{\partial w_0} = \frac{2}{n} \sum_{k=1}^{n} (w_0 + w_1 x^{(k)} - y^{(k)}) \qquad \frac{\partial C}{\partial w_1} = \frac{2}{n} \sum_{k=1}^{n} (w_0 + w_1 x^{(k)} - y^{(k)}) \, x^{(k)}$$
#
# Écrivez `descent_path` : une descente par lot complet sur $C$ qui garde chaque point de son chemin, le départ d'abord,
# un point par ligne. Elle laisse `w` tel quel. `torch.stack` réunit une liste de tenseurs en un seul.


# %% answer="descent_path"
def descent_path(x, y, w, eta, steps):
    """Follow batch descent on C(w0, w1), the mean of (w0 + w1 x - y)² over the examples.

    x, y: examples, two tensors of shape (n,).
    w: the starting point, a tensor [w0, w1], left as it is.
    eta: learning rate. steps: number of steps.
    Returns a tensor (steps + 1, 2): the starting point, then the point after each step.
    """
    ### BEGIN SOLUTION
    path = [w]
    for _ in range(steps):
        error = w[0] + w[1] * x - y
        w = w - eta * 2 * torch.stack([error.mean(), (error * x).mean()])
        path.append(w)
    return torch.stack(path)
    ### END SOLUTION


# %% [markdown] hint="descent_path" lang="en"
# ### The idea
#
# Keep a list of points, with the starting point in it. At each step compute the errors of the line, then both slopes from
# the *same* errors, then the new point, and add it to the list. A new tensor at each step, `w = w - …`, leaves the old
# ones as they were; `w -= …` would change the points that are already in the list.
#
# ### The shapes
#
# The errors have the shape $(n,)$. Each slope is a single number: 2 times a mean over the $n$ examples, in the second one
# of errors times $x$. `torch.stack` of two single numbers has the shape $(2,)$, like $w$.
#
# ### The code, with blanks
#
# ```python
# path = [...]
# for _ in range(steps):
#     error = w[0] + ... - ...
#     w = w - eta * ... * torch.stack([..., ...])
#     path.append(...)
# return torch.stack(...)
# ```

# %% [markdown] hint="descent_path" lang="fr"
# ### L'idée
#
# Tenez une liste de points, où se trouve déjà le point de départ. À chaque pas, calculez les erreurs de la droite, puis
# les deux pentes à partir des *mêmes* erreurs, puis le nouveau point, et ajoutez-le à la liste. Un nouveau tenseur à
# chaque pas, `w = w - …`, laisse les anciens tels quels ; `w -= …` changerait les points déjà présents dans la liste.
#
# ### Les tailles
#
# Les erreurs sont de taille $(n,)$. Chaque pente est un seul nombre : 2 fois une moyenne sur les $n$ exemples, celle des
# erreurs multipliées par $x$ pour la seconde. `torch.stack` de deux nombres est de taille $(2,)$, comme $w$.
#
# ### Le code, à trous
#
# ```python
# path = [...]
# for _ in range(steps):
#     error = w[0] + ... - ...
#     w = w - eta * ... * torch.stack([..., ...])
#     path.append(...)
# return torch.stack(...)
# ```


# %% check="descent_path_points" points=2 ids=["S-space", "G-alg1"]
begin = torch.tensor([0.0, 0.0])
examples = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 1.0, 4.0])
got, (_, _, begin, *_) = check.changed(descent_path, *examples, begin, 0.1, 2)
check.close(
    got,
    [[0.0, 0.0], [0.4, 1.0], [0.32, 0.90667]],
    "descent_path(x, y, w, 0.1, 2)",
    unless={
        "the starting point is missing: the path has steps + 1 points": [[0.4, 1.0], [0.32, 0.90667]],
        "the last point is missing: the path has steps + 1 points": [[0.0, 0.0], [0.4, 1.0]],
        "the factor 2 of the gradient is missing": [[0.0, 0.0], [0.2, 0.5], [0.28, 0.72667]],
        "you summed over the examples instead of averaging": [[0.0, 0.0], [1.2, 3.0], [-1.92, -3.84]],
        "the gradient is 2/n times a sum: both 2 and 1/n are missing": [[0.0, 0.0], [0.6, 1.5], [0.12, 0.54]],
        "you walked up the slope: the gradient is subtracted": [[0.0, 0.0], [-0.4, -1.0], [-1.28, -3.09333]],
        "the second slope lacks its factor x: there each error is multiplied by its x": [
            [0.0, 0.0],
            [0.4, 0.4],
            [0.56, 0.56],
        ],
        "w1 was updated with the new w0: compute both slopes first": [[0.0, 0.0], [0.4, 0.84], [0.384, 0.9024]],
        "every row is the last point: w was changed in place; store a copy, w.clone(), at each step": [
            [0.32, 0.90667],
            [0.32, 0.90667],
            [0.32, 0.90667],
        ],
        "after the start, every row is the last point: w was changed in place; store a copy, w.clone(), at each step": [
            [0.0, 0.0],
            [0.32, 0.90667],
            [0.32, 0.90667],
        ],
        "the first row is the last point: w was changed in place; begin the path with a copy, w.clone()": [
            [0.32, 0.90667],
            [0.4, 1.0],
            [0.32, 0.90667],
        ],
        "the points are the columns: one point a row was asked for": [[0.0, 0.4, 0.32], [0.0, 1.0, 0.90667]],
    },
)
check.that(
    torch.equal(begin, torch.zeros(2)),
    "w has changed: work on a copy of the starting point, w.clone()",
)
### BEGIN HIDDEN TESTS
x, y, begin = torch.randn(7), torch.randn(7), torch.randn(2)
kept = begin.clone()


def follow(factor):
    """Walk by autograd; factor scales the gradient."""
    points = [kept.clone()]
    for _ in range(5):
        here = points[-1].clone().requires_grad_()
        slope = torch.autograd.grad(((here[0] + here[1] * x - y) ** 2).mean(), here)[0]
        points.append(points[-1] - 0.1 * factor * slope)
    return torch.stack(points)


got, (_, _, begin, *_) = check.changed(descent_path, x, y, begin, 0.1, 5)
true = follow(1.0)
check.close(
    got,
    true,
    "descent_path(x, y, w, 0.1, 5)",
    unless={
        "the starting point is missing: the path has steps + 1 points": true[1:],
        "the last point is missing: the path has steps + 1 points": true[:-1],
        "the factor 2 of the gradient is missing": follow(0.5),
        "you summed over the examples instead of averaging": follow(7.0),
        "the gradient is 2/n times a sum: both 2 and 1/n are missing": follow(3.5),
        "you walked up the slope: the gradient is subtracted": follow(-1.0),
        "every row is the last point: w was changed in place; store a copy, w.clone(), at each step": true[
            -1:
        ].repeat(6, 1),
    },
)
check.that(
    torch.equal(begin, kept), "w has changed: work on a copy of the starting point, w.clone()"
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The same descent in both spaces. First, with $\eta = 0.05$, lines of the description space, from the first (pale) to
# the last (dark). Then each of them is one point of the path over the loss surface; a second path, with $\eta = 0.3$,
# goes there in larger steps.

# %% [markdown] lang="fr"
# La même descente dans les deux espaces. D'abord, avec $\eta = 0{,}05$, des droites de l'espace de description, de la
# première (pâle) à la dernière (foncée). Ensuite, chacune d'elles est un point du chemin sur la surface du coût ; un
# second chemin, avec $\eta = 0{,}3$, y va à plus grands pas.

# %% demo
torch.manual_seed(2)
x = torch.rand(30) * 3 - 1
y = 0.5 + 1.2 * x + 0.3 * torch.randn(30)
slow, fast = (descent_path(x, y, torch.tensor([-1.5, -1.0]), eta, 25) for eta in (0.05, 0.3))

fig, ax = plt.subplots(figsize=(5, 3), layout="constrained")
ax.scatter(x, y, s=18, color="#444444", zorder=3)
span = torch.tensor([-1.0, 2.0])
for step, (w0, w1) in enumerate(slow):
    ax.plot(span, w0 + w1 * span, color="#0072B2", alpha=0.1 + 0.9 * step / 25, linewidth=1)
ax.set(xlabel="$x$", ylabel="$y$")
figures.show(
    fig,
    say(
        "30 points, and the lines of 26 steps, the later the darker: they come closer and closer to the points."
    ),
)


def cost(w0, w1):
    return sum((w0 + w1 * float(a) - float(b)) ** 2 for a, b in zip(x, y)) / len(x)


paths = {f"eta = {number(eta, 'g')}": path for eta, path in ((0.05, slow), (0.3, fast))}
figures.surface(cost, paths, xlim=(-2, 2), ylim=(-1.5, 3), labels=("$w_0$", "$w_1$"))

# %% claim="with the larger rate the descent takes larger steps, and is further after 25 of them"
assert (fast[1] - fast[0]).norm() > 5 * (slow[1] - slow[0]).norm()
assert cost(*fast[-1]) < cost(*slow[-1]) < 0.5 * cost(*slow[0])

# %% [markdown] lang="en"
# > **Before you run it.** Larger steps still? In `01_math` the descent on a parabola of curvature $c$ ran away once $\eta$
# > was over $2/c$. This bowl is curved most along one direction, where $c$ is about 2.7. Up to which $\eta$, then, does the
# > descent stay in the bowl? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# > **Avant d'exécuter.** Et des pas encore plus grands ? Dans `01_math`, la descente sur une parabole de courbure $c$
# > s'échappait dès que $\eta$ dépassait $2/c$. Cette cuvette est le plus courbée le long d'une direction, où $c$ vaut
# > environ 2,7. Jusqu'à quel $\eta$ la descente reste-t-elle donc dans la cuvette ? Écrivez votre nombre à la place de
# > `None`.

# %% predict="largest_eta"
largest_eta = None

# %% demo
torch.manual_seed(2)
x = torch.rand(30) * 3 - 1
y = 0.5 + 1.2 * x + 0.3 * torch.randn(30)
start_at = torch.tensor([-1.5, -1.0])
ends = {k / 100: float(descent_path(x, y, start_at, k / 100, 60)[-1].norm()) for k in range(46, 100, 2)}
staying = [eta for eta, end in ends.items() if end < 10]
over = round(max(staying) + 0.03, 2)
paths = {f"eta = {number(eta, 'g')}": descent_path(x, y, start_at, eta, 9) for eta in (0.3, over)}
figures.surface(
    lambda w0, w1: sum((w0 + w1 * float(a) - float(b)) ** 2 for a, b in zip(x, y)) / len(x),
    paths,
    xlim=(-3, 4),
    ylim=(-2, 4),
    labels=("$w_0$", "$w_1$"),
)
reveal(largest_eta, max(staying))

# %% claim="the descent stays in the bowl up to 2/c, c being its largest curvature, about 2.7"
curvature = float(torch.linalg.eigvalsh(2 * torch.stack([torch.ones(30), x]) @ torch.stack([torch.ones(30), x]).T / 30)[-1])
assert 2.3 < curvature < 3.7 and abs(max(staying) - 2 / curvature) < 0.05
assert staying == sorted(ends)[: len(staying)]  # below it all stay, above it none does

# %% [markdown] lang="en"
# Too large a step lands on the other side, higher up than it began, and the next one is larger still. The steepest
# direction decides for all.
#
# Sort these statements into true and false.
#
# - **a.** One point of the parameter space stands for one line of the description space.
# - **b.** When the learning rate changes, the loss surface changes.
# - **c.** When the examples change, the loss surface changes.
# - **d.** A step follows the steepest slope at its starting point, at a right angle to the level line there.
# - **e.** The parameter space of our network, with $n_x = 2$, $n_h = 10$, $n_y = 2$, has 52 dimensions.

# %% [markdown] lang="fr"
# Un pas trop grand arrive de l'autre côté, plus haut que son départ, et le suivant est plus grand encore. La direction la
# plus raide décide pour toutes.
#
# Pour chaque affirmation, dites si elle est vraie ou fausse.
#
# - **a.** À un point de l'espace des paramètres correspond une droite de l'espace de description.
# - **b.** Quand le pas d'apprentissage change, la surface du coût change.
# - **c.** Quand les exemples changent, la surface du coût change.
# - **d.** Un pas suit la plus forte pente à son point de départ, perpendiculairement à la ligne de niveau qui y passe.
# - **e.** L'espace des paramètres de notre réseau, avec $n_x = 2$, $n_h = 10$, $n_y = 2$, est de dimension 52.


# %% answer="two_spaces"
def two_spaces():
    """Return a dict from each letter, "a" to "e", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": True, "e": True}
    ### END SOLUTION


# %% check="two_spaces_sorted" points=2 ids=["S-space"]
check.letters(two_spaces, "abcde")
### BEGIN HIDDEN TESTS
check.choices(
    two_spaces(),
    {"a": True, "b": False, "c": True, "d": True, "e": True},
    because={
        "a": "a pair (w0, w1) is a line, and every point of the path was drawn as one.",
        "b": "the learning rate changes the path, not the ground: C depends on w and on the examples only.",
        "c": "C is a mean over the examples.",
        "d": "the gradient is perpendicular to the level lines.",
        "e": "2 × 10 + 10 weights and biases below, 10 × 2 + 2 above.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## What you have built
#
# A network that learns, of which you wrote every line: `init_params`, `forward`, `loss_accuracy`, `backward`, `sgd`,
# `minibatches`, `train`; and `numeric_gradient`, which judges any gradient, of any network. The trickiest of them is `backward`, and it would grow with every layer. In the next notebook,
# PyTorch writes it for you.
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓`, or
# `◦` for a question with a choice. `✓` means that the check holds for the inputs that you see; `◦` promises only that
# the form is right, so read those questions once more. Have you written your comment on the curves, in part 8? Save,
# and hand in this file without renaming it.

# %% [markdown] lang="fr"
# ## Ce que vous avez construit
#
# Un réseau qui apprend, dont vous avez écrit chaque ligne : `init_params`, `forward`, `loss_accuracy`, `backward`,
# `sgd`, `minibatches`, `train` ; et `numeric_gradient`, qui juge n'importe quel gradient de n'importe quel réseau. La plus
# délicate est `backward`, et elle s'allongerait à chaque couche. Dans le
# prochain notebook, PyTorch l'écrit pour vous.
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓`, ou `◦` pour une question à choix. `✓` signifie que la vérification tient pour les entrées que vous
# voyez ; `◦` ne promet que la forme : relisez donc ces questions-là. Avez-vous rédigé votre commentaire des courbes,
# dans la partie 8 ? Enregistrez, puis rendez ce fichier sans le renommer.
