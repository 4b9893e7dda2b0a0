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
# # The mathematics of a network with one hidden layer
#
# A neural network is a formula. This notebook takes the formula apart: what it computes, how we measure its error, and
# how the error tells each weight where to go. No training library, no long program. Each formula becomes a Python
# function of a few lines, and the cell below it tells you at once whether it holds.
#
# **You will learn** what one neuron can do and what it cannot; why layers need activation functions; what the
# training, validation and test sets are for; the equations of a network with one hidden layer; which loss goes with
# which problem, and why; how gradient descent behaves; and the chain rule, from one product of two numbers to the
# gradients of all the parameters of the network.
#
# **You need** the product of a matrix and a vector, and the derivative of a function of one variable. Where a number
# $L$ depends on several others, $\partial L / \partial w$ is its derivative in $w$ alone, while the others stay as they
# are (a *partial derivative*): the *slope* of $L$ in $w$. All these slopes together are the *gradient* of $L$, written
# $\nabla L$. And this is all the PyTorch you need:
#
# | code | what it gives |
# |---|---|
# | `W @ x`, `A @ B` | a product of matrices (or of a matrix and a vector) |
# | `a * b` | a product entry by entry |
# | `A.T` | the transpose |
# | `A.sum()`, `A.mean()` | the sum and the mean of all the numbers |
# | `A.sum(0)`, `A.sum(1)` | the sum of each column; the sum of each row |
# | `A / A.sum(1, keepdim=True)` | each row divided by its own sum: `keepdim=True` keeps the sums in a column |
# | `A.argmax(1)` | the place of the largest number in each row, counted from 0 |
# | `A[0]`, `A[0, 2]`, `A[:, 1]` | the first row; a number in it (`A[0, 2] = 1.0` changes it); the second column |
# | `A.shape[0]`, `A.shape[1]` | how many rows, how many columns |
# | `len(A)` | how many rows too; of a vector, how many numbers |
# | `torch.zeros(3)`, `torch.zeros(2, 3)` | zeros: a vector, a table |
# | `torch.where(a > 0, b, c)` | entry by entry, `b` where `a > 0` and `c` elsewhere |
# | `a[:, None] * b`, `torch.outer(a, b)` | all the products: row `i`, column `j` holds `a[i] * b[j]` |
# | `torch.exp(a)`, `torch.log(a)`, `torch.tanh(a)` | a function applied to every number of a tensor |
#
# | part | minutes |
# |---|---|
# | 1 · One neuron | 22 |
# | 2 · Layers and activations | 25 |
# | 3 · The data | 9 |
# | 4 · The network | 22 |
# | 5 · The loss | 20 |
# | 6 · The descent | 16 |
# | 7 · The chain rule | 25 |
# | 8 · The gradients of the network | 26 |
# | *all together* | *165* |
#
# Take three evenings of an hour or less: parts 1 to 3, the neuron and the data; parts 4 to 6, what a network
# computes, how its error is measured, how it descends; parts 7 and 8, how the error finds every weight.
#
# **How it works.** Where a cell says `YOUR CODE HERE`, replace the line `raise NotImplementedError(…)` by your code.
# The folded cells below it check your answer: `✓` and a name, or a sentence that says what is wrong. Unfold one to see
# what it tries. Change an answer and
# run its cell again: its checks then run by themselves, and `·` stands before one that waits for you to run it.
# `progress()`, in any cell, tells how far you are.
# After the kernel has restarted, or when Python says that a name such as `check` is not defined, run the cells again from
# the top.
# When the notebook is graded, the same checks try more inputs, of other sizes: write for any size. Below
# most answers there are hints, folded: try first, then unfold one at a time. Some questions ask you to sort statements:
# answer in a dictionary, such as `{"a": True, "b": False}`. There the checks look only at the form, and print `◦`; when
# graded, each right letter more than guessing would give earns its share of the points. Six questions ask for a few
# sentences; a person reads them. Where a cell sets a name to `None`, put your guess there before you run the next cell:
# it is not graded, and you learn most from a wrong one.

# %% [markdown] lang="fr"
# # Les mathématiques d'un réseau à une couche cachée
#
# Un réseau de neurones est une formule. Ce notebook la démonte : ce qu'elle calcule, comment on mesure son erreur, et
# comment cette erreur dit à chaque poids où aller. Pas de bibliothèque d'apprentissage, pas de long programme. Chaque
# formule devient une fonction Python de quelques lignes, et la cellule qui suit vous dit aussitôt si elle est bonne.
#
# **Vous allez apprendre** ce que sait faire un neurone, et ce qu'il ne sait pas faire ; pourquoi il faut des fonctions
# d'activation entre les couches ; à quoi servent les ensembles d'apprentissage, de validation et de test ; les
# équations d'un réseau à une couche cachée ; quel coût convient à quel problème, et pourquoi ; comment se comporte
# une descente de gradient ; et la dérivation des fonctions composées, du produit de deux nombres jusqu'aux gradients
# de tous les paramètres du réseau.
#
# **Il vous faut** le produit d'une matrice par un vecteur, et la dérivée d'une fonction d'une variable. Quand un nombre
# $L$ dépend de plusieurs autres, $\partial L / \partial w$ est sa dérivée par rapport à $w$ seul, les autres étant
# fixés (une *dérivée partielle*) : la *pente* de $L$ par rapport à $w$. Toutes ces pentes réunies forment le *gradient*
# de $L$, noté $\nabla L$. Voici enfin tout le PyTorch nécessaire :
#
# | code | ce qu'il donne |
# |---|---|
# | `W @ x`, `A @ B` | un produit de matrices (ou d'une matrice et d'un vecteur) |
# | `a * b` | un produit terme à terme |
# | `A.T` | la transposée |
# | `A.sum()`, `A.mean()` | la somme et la moyenne de tous les nombres |
# | `A.sum(0)`, `A.sum(1)` | la somme de chaque colonne ; la somme de chaque ligne |
# | `A / A.sum(1, keepdim=True)` | chaque ligne divisée par sa somme : `keepdim=True` garde les sommes en colonne |
# | `A.argmax(1)` | l'indice du plus grand nombre de chaque ligne, à partir de 0 |
# | `A[0]`, `A[0, 2]`, `A[:, 1]` | la première ligne ; un de ses nombres (`A[0, 2] = 1.0` le change) ; la deuxième colonne |
# | `A.shape[0]`, `A.shape[1]` | le nombre de lignes, le nombre de colonnes |
# | `len(A)` | le nombre de lignes aussi ; pour un vecteur, le nombre de ses composantes |
# | `torch.zeros(3)`, `torch.zeros(2, 3)` | des zéros : un vecteur, un tableau |
# | `torch.where(a > 0, b, c)` | terme à terme, `b` là où `a > 0`, et `c` ailleurs |
# | `a[:, None] * b`, `torch.outer(a, b)` | tous les produits : `a[i] * b[j]` à la ligne `i`, colonne `j` |
# | `torch.exp(a)`, `torch.log(a)`, `torch.tanh(a)` | une fonction appliquée à chaque nombre d'un tenseur |
#
# | partie | minutes |
# |---|---|
# | 1 · Un neurone | 22 |
# | 2 · Couches et activations | 25 |
# | 3 · Les données | 9 |
# | 4 · Le réseau | 22 |
# | 5 · Le coût | 20 |
# | 6 · La descente | 16 |
# | 7 · Dériver une composée | 25 |
# | 8 · Les gradients du réseau | 26 |
# | *en tout* | *165* |
#
# Prenez trois soirées d'une heure au plus : les parties 1 à 3, le neurone et les données ; les parties 4 à 6, ce que
# calcule un réseau, comment se mesure son erreur, comment il descend ; les parties 7 et 8, comment l'erreur trouve
# chaque poids.
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
# entrées, d'autres tailles : écrivez pour des tailles quelconques. Sous la plupart des réponses se trouvent des indices
# repliés : essayez d'abord, puis dépliez-les un à un. Certaines questions demandent de trier des affirmations :
# répondez par un dictionnaire, comme `{"a": True, "b": False}`. Les vérifications ne regardent alors que la forme, et
# affichent `◦` ; à la notation, chaque lettre juste de plus que ce qu'on obtiendrait en répondant au hasard rapporte sa
# part des points. Six questions demandent quelques phrases, qu'une personne lira. Là où une cellule met un nom à
# `None`, écrivez-y votre pronostic avant d'exécuter la cellule suivante : il n'est pas noté, et c'est quand il est faux
# qu'on apprend le plus.

# %% setup
import matplotlib.pyplot as plt
import torch

from helpers import CirclesData, check, figures, probes, progress, reveal, start
from helpers.messages import _ as say
from helpers.messages import number
from helpers.samples import random_batch, random_params

start("01_math", lang="en")

# %% [markdown] lang="en"
# These letters keep their meaning from here to the end:
#
# | symbol | shape | what it is |
# |---|---|---|
# | $n$ | | number of examples |
# | $n_x, n_h, n_y$ | | numbers of inputs, hidden units and outputs |
# | $x$ | $(n_x,)$ | one example |
# | $X$ | $(n, n_x)$ | $n$ examples, one per row |
# | $y$, $\hat{y}$ | $(n_y,)$ | the target of an example, and what the network answers |
# | $Y$, $\hat{Y}$ | $(n, n_y)$ | the same for $n$ examples |
# | $W$ | (outputs, inputs) | the weights of a layer: one row for each output |
# | $b$ | (outputs,) | its biases |
#
# Formulas count components from 1, code counts from 0: the first component of $x$ is $x_1$, and `x[0]`.
#
# ## Part 1. One neuron
#
# A nerve cell gathers what arrives at its inputs. Some connections count much, some little, some work against. When the
# total is high enough, the cell fires. In 1957 Frank Rosenblatt made a formula of this rough picture: the *perceptron*.
# An example $x$ has $n_x$ numbers, its *features*. Each has a weight $w_i$, and there is a bias $b$:
#
# $$a = b + \sum_{i=1}^{n_x} w_i x_i$$
#
# $a$ is the *score*. The decision is its sign: class $+1$ or class $-1$. The drawing calls the sign $g$.

# %% [markdown] lang="fr"
# Ces lettres gardent leur sens d'un bout à l'autre :
#
# | symbole | taille | ce que c'est |
# |---|---|---|
# | $n$ | | nombre d'exemples |
# | $n_x, n_h, n_y$ | | nombres d'entrées, d'unités cachées et de sorties |
# | $x$ | $(n_x,)$ | un exemple |
# | $X$ | $(n, n_x)$ | $n$ exemples, un par ligne |
# | $y$, $\hat{y}$ | $(n_y,)$ | la cible d'un exemple, et la réponse du réseau |
# | $Y$, $\hat{Y}$ | $(n, n_y)$ | les mêmes pour $n$ exemples |
# | $W$ | (sorties, entrées) | les poids d'une couche : une ligne pour chaque sortie |
# | $b$ | (sorties,) | ses biais |
#
# Les formules comptent les composantes à partir de 1, le code à partir de 0 : la première composante de $x$ est $x_1$,
# et `x[0]`.
#
# ## Partie 1. Un neurone
#
# Une cellule nerveuse rassemble ce qui arrive à ses entrées. Certaines connexions comptent beaucoup, d'autres peu,
# d'autres s'y opposent. Quand le total est assez élevé, la cellule émet un signal. En 1957, Frank Rosenblatt tire de
# cette image grossière une formule : le *perceptron*. Un exemple $x$ se compose de $n_x$ nombres, ses
# *caractéristiques* ; la suite dira aussi ses *variables*. Chacune a un poids $w_i$, et il y a un biais $b$ :
#
# $$a = b + \sum_{i=1}^{n_x} w_i x_i$$
#
# $a$ est le *score*. La décision est son signe : classe $+1$ ou classe $-1$. Le dessin appelle $g$ le signe.

# %% demo unclaimed="only a drawing"
figures.neuron()

# %% [markdown] lang="en"
# ### 1 · Score and decision · about 3 minutes
#
# Write `decide` for $n$ examples at once, the rows of `X`: 1.0 where the score is 0 or more, −1.0 elsewhere.

# %% [markdown] lang="fr"
# ### 1 · Score et décision · environ 3 minutes
#
# Écrivez `decide` pour $n$ exemples à la fois, les lignes de `X` : la fonction renvoie un vecteur, 1.0 là où le score
# est positif ou nul, −1.0 ailleurs.


# %% answer="decide"
def decide(X, w, b):
    """Classify examples with a perceptron.

    X: examples (n, nx). w: weights (nx,). b: bias, a number.
    Returns a tensor (n,) that holds 1.0 where the score is 0 or more, and -1.0 elsewhere.
    """
    ### BEGIN SOLUTION
    return torch.where(X @ w + b >= 0, 1.0, -1.0)
    ### END SOLUTION


# %% [markdown] hint="decide" lang="en"
# The scores of all the examples at once are a product of a matrix and a vector, plus a number. `torch.where` then
# chooses between the two classes, entry by entry. Which comparison sends a score of exactly 0 to class $+1$?

# %% [markdown] hint="decide" lang="fr"
# Les scores de tous les exemples à la fois sont le produit d'une matrice par un vecteur, plus un nombre. `torch.where`
# choisit ensuite entre les deux classes, terme à terme. Quelle comparaison envoie un score exactement nul vers la
# classe $+1$ ?

# %% check="decide_signs" points=1 ids=["S-perceptron"]
got = decide(torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.25, 0.0], [-0.25, 0.0]]), torch.tensor([2.0, -3.0]), -1.0)
check.close(
    got,
    [1.0, -1.0, -1.0, -1.0],
    "decide(X, w, b)",
    unless={
        "you forgot the bias b": [1.0, -1.0, 1.0, -1.0],
        "the bias is added, not subtracted": [1.0, -1.0, 1.0, 1.0],
        "this is the score: the decision is its sign": [1.0, -4.0, -0.5, -1.5],
        "the classes are 1 and -1, not 1 and 0": [1.0, 0.0, 0.0, 0.0],
        "the signs are reversed": [-1.0, 1.0, 1.0, 1.0],
    },
)
### BEGIN HIDDEN TESTS
inputs, weights = torch.randn(40, 5), torch.randn(5)
scores = torch.nn.functional.linear(inputs, weights[None]).squeeze(1)
bias = -float(scores.median()) + 0.3
check.close(
    decide(inputs, weights, bias),
    2.0 * (scores + bias > 0) - 1,
    "decide(X, w, b)",
    unless={
        "you forgot the bias b": 2.0 * (scores > 0) - 1,
        "this is the score: the decision is its sign": scores + bias,
        "the classes are 1 and -1, not 1 and 0": 1.0 * (scores + bias > 0),
        "the signs are reversed": 2.0 * (scores + bias < 0) - 1,
    },
)
check.tensor(decide(inputs[:1], weights, bias), (1,), "decide(X, w, b) with n = 1")
### END HIDDEN TESTS

# %% check="decide_zero" points=1 ids=["S-perceptron"]
check.close(
    decide(torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]), torch.ones(3), 0.0),
    [1.0, 1.0],
    "decide(X, w, b)",
    unless={
        "torch.sign(0) is 0, and 0 is not a class": [0.0, 1.0],
        "a score of exactly 0 goes to class 1": [-1.0, 1.0],
        "this is the score: the decision is its sign": [0.0, 3.0],
        "the signs are reversed": [-1.0, -1.0],
    },
)
### BEGIN HIDDEN TESTS
check.close(
    decide(torch.zeros(3, 4), torch.ones(4), 0.0),
    torch.ones(3),
    "decide(X, w, b)",
    unless={
        "torch.sign(0) is 0, and 0 is not a class": torch.zeros(3),
        "a score of exactly 0 goes to class 1": -torch.ones(3),
    },
)
one = torch.randn(4)
check.that(
    len(set(torch.as_tensor(decide(torch.stack([one, -one]), one, 0.0)).tolist())) == 2,
    "decide gives the same whatever the scores",
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 2 · Learning from mistakes · about 14 minutes
#
# The target $y$ of an example is $+1$ or $-1$. Off the *boundary* (where $a = 0$), the decision is right if $a$
# has the sign of $y$, that is, if $y a > 0$, and wrong if $y a < 0$. The mistake can then be measured by a
# number, a *loss*, which is 0 where there is none:
#
# $$\ell(w, b) = \max(0, \, -y a)$$
#
# We want it **small**. When $y a < 0$ the slopes of this loss are $\partial \ell / \partial w_i = -y x_i$ and
# $\partial \ell / \partial b = -y$. Rosenblatt's correction walks against them, by $\eta > 0$ times each slope:
#
# $$w \leftarrow w + \eta \, y \, x \qquad b \leftarrow b + \eta \, y$$
#
# This $\eta$, `eta` in the code, is the step; part 6 says more about it. When $y a > 0$ the slope is zero: nothing
# moves. On the boundary, where $y a = 0$, we correct as well. Otherwise a perceptron that starts at $w = 0$, $b = 0$
# would stay there for ever.
#
# Write `perceptron_step`, the correction for one example.

# %% [markdown] lang="fr"
# ### 2 · Apprendre de ses erreurs · environ 14 minutes
#
# La cible $y$ d'un exemple vaut $+1$ ou $-1$. Hors de la *frontière* (là où $a = 0$), la décision est juste si
# $a$ a le signe de $y$, c'est-à-dire si $y a > 0$, et fausse si $y a < 0$. L'erreur peut alors se mesurer par
# un nombre, un *coût* (loss), nul là où il n'y a pas d'erreur :
#
# $$\ell(w, b) = \max(0, \, -y a)$$
#
# On le veut **petit**. Quand $y a < 0$, les pentes de ce coût sont $\partial \ell / \partial w_i = -y x_i$ et
# $\partial \ell / \partial b = -y$. La correction de Rosenblatt va en sens inverse ; elle déplace chaque paramètre de
# $\eta > 0$ fois sa pente :
#
# $$w \leftarrow w + \eta \, y \, x \qquad b \leftarrow b + \eta \, y$$
#
# Ce $\eta$, `eta` dans le code, est le pas ; la partie 6 en dira plus. Quand $y a > 0$, la pente est nulle : rien ne
# bouge. Sur la frontière, où $y a = 0$, on corrige aussi. Sans cela, un perceptron parti de $w = 0$, $b = 0$ y
# resterait à jamais.
#
# Écrivez `perceptron_step`, la correction pour un exemple. Elle renvoie `(w, b)`, corrigés ou tels quels.


# %% answer="perceptron_step"
def perceptron_step(x, y, w, b, eta):
    """Correct a perceptron on one example, if it needs correcting.

    x: the example (nx,). y: its target, 1.0 or -1.0. w: weights (nx,). b: bias, a number. eta:
    step, > 0. Corrects w and b when y a <= 0; otherwise leaves both as they are.
    Returns (w, b).
    """
    ### BEGIN SOLUTION
    if y * (w @ x + b) <= 0:
        w, b = w + eta * y * x, b + eta * y
    return w, b
    ### END SOLUTION


# %% [markdown] hint="perceptron_step" lang="en"
# ### The idea
#
# First the score of the example, bias included. Then one test, on the product of score and target: is it positive? If
# so, there is nothing to do. Otherwise both `w` and `b` change.
#
# ### The signs
#
# Suppose $y = 1$ and $a \leq 0$: the score is too low. Adding $\eta x$ to $w$ raises it by $\eta \, x \cdot x$, which
# is never negative. With $y = -1$ it must fall: the factor $y$ takes care of it.
#
# ### The code, with blanks
#
# ```python
# if ... <= 0:
#     w, b = w + ..., b + ...
# return w, b
# ```

# %% [markdown] hint="perceptron_step" lang="fr"
# ### L'idée
#
# D'abord le score de l'exemple, biais compris. Puis un seul test, sur le produit du score et de la cible : est-il
# positif ? Si oui, il n'y a rien à faire. Sinon, `w` et `b` changent tous deux.
#
# ### Les signes
#
# Supposons $y = 1$ et $a \leq 0$ : le score est trop bas. Ajouter $\eta x$ à $w$ l'augmente de $\eta \, x \cdot x$, qui
# n'est jamais négatif. Si $y = -1$, il doit baisser : le facteur $y$ s'en charge.
#
# ### Le code, à trous
#
# ```python
# if ... <= 0:
#     w, b = w + ..., b + ...
# return w, b
# ```

# %% check="perceptron_step_mistake" points=1 ids=["S-perceptron"]
got = perceptron_step(torch.tensor([2.0, 1.0]), -1.0, torch.tensor([1.0, 0.0]), 0.5, 0.1)
got = check.pair(got, "perceptron_step(x, y, w, b, eta)")
check.close(
    got[0],
    [0.8, -0.1],
    "perceptron_step(x, y, w, b, eta)[0]",
    unless={
        "an example was misclassified and w did not move": [1.0, 0.0],
        "you moved w the wrong way: add eta * y * x": [1.2, 0.1],
        "you forgot the step eta": [-1.0, -1.0],
    },
)
check.close(
    got[1],
    0.4,
    "perceptron_step(x, y, w, b, eta)[1]",
    unless={
        "the bias is corrected too: add eta * y": 0.5,
        "you moved b the wrong way: add eta * y": 0.6,
        "you forgot the step eta": -0.5,
    },
)
got = perceptron_step(torch.tensor([2.0, 1.0]), 1.0, torch.tensor([1.0, 0.0]), -3.0, 0.1)
got = check.pair(got, "perceptron_step(x, y, w, b, eta)")
check.close(
    got[0],
    [1.2, 0.1],
    "perceptron_step(x, 1.0, w, -3.0, 0.1)[0]",
    unless={"the score w · x + b is negative here, so y = 1 is missed: does yours hold b?": [1.0, 0.0]},
)
for target in (1.0, -1.0):
    got = check.pair(
        perceptron_step(torch.tensor([1.0, 2.0]), target, torch.zeros(2), 0.0, 0.5), "perceptron_step(x, y, w, b, eta)"
    )
    check.close(
        got[0],
        [0.5 * target, target],
        f"perceptron_step(x, {target}, zeros, 0.0, 0.5)[0]",
        unless={"y a = 0 is corrected as well: otherwise w = 0, b = 0 would never move": [0.0, 0.0]},
    )
    check.close(got[1], 0.5 * target, f"perceptron_step(x, {target}, zeros, 0.0, 0.5)[1]")
### BEGIN HIDDEN TESTS
for target in (1.0, -1.0):
    example, weights, eta = torch.randn(6), torch.randn(6), 0.3
    example = example * target * torch.sign(weights @ example)  # w · x alone would be right
    bias = -float(weights @ example) - 0.4 * target
    got = check.pair(perceptron_step(example, target, weights.clone(), bias, eta), "perceptron_step(x, y, w, b, eta)")
    check.close(
        got[0],
        weights + eta * target * example,
        "perceptron_step(x, y, w, b, eta)[0]",
        unless={
            "an example was misclassified and w did not move": weights,
            "you moved w the wrong way: add eta * y * x": weights - eta * target * example,
            "you forgot the step eta": weights + target * example,
        },
    )
    check.close(
        got[1],
        bias + eta * target,
        "perceptron_step(x, y, w, b, eta)[1]",
        unless={
            "the bias is corrected too: add eta * y": bias,
            "you moved b the wrong way: add eta * y": bias - eta * target,
            "you forgot the step eta": bias + target,
        },
    )
got = check.pair(perceptron_step(torch.ones(3), -1.0, torch.zeros(3), 0.0, 0.5), "perceptron_step(x, y, w, b, eta)")
check.close(
    got[0],
    torch.full((3,), -0.5),
    "perceptron_step(x, y, w, b, eta)[0]",
    unless={"y a = 0 is corrected as well: otherwise w = 0, b = 0 would never move": torch.zeros(3)},
)
check.close(got[1], -0.5, "perceptron_step(x, y, w, b, eta)[1]")
### END HIDDEN TESTS

# %% check="perceptron_step_right" points=1 ids=["S-perceptron"]
got = perceptron_step(torch.tensor([2.0, 1.0]), 1.0, torch.tensor([1.0, 0.0]), 0.5, 0.1)
got = check.pair(got, "perceptron_step(x, y, w, b, eta)")
check.close(
    got[0],
    [1.0, 0.0],
    "perceptron_step(x, y, w, b, eta)[0]",
    unless={"this example was right already: leave w and b as they are": [1.2, 0.1]},
)
check.close(
    got[1],
    0.5,
    "perceptron_step(x, y, w, b, eta)[1]",
    unless={"this example was right already: leave w and b as they are": 0.6},
)
### BEGIN HIDDEN TESTS
for target in (1.0, -1.0):
    example, weights = torch.randn(6), torch.randn(6)
    example = example * target * torch.sign(weights @ example)
    bias = -float(weights @ example) + 0.4 * target
    got = check.pair(perceptron_step(example, target, weights.clone(), bias, 0.3), "perceptron_step(x, y, w, b, eta)")
    for which, before in ((0, weights), (1, bias)):
        check.that(
            torch.allclose(torch.as_tensor(got[which], dtype=torch.float32), torch.as_tensor(before), atol=1e-5),
            "this example was right already: leave w and b as they are",
        )
    got = check.pair(perceptron_step(example, -target, weights.clone(), bias, 0.3), "perceptron_step(x, y, w, b, eta)")
    check.that(
        not torch.equal(torch.as_tensor(got[0], dtype=torch.float32), weights),
        "an example was misclassified and w did not move",
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# One correction may spoil another example. So we go through all the examples, again and again, until one whole
# *pass* needs no correction. If a line separates the classes, this ends: that is a theorem. If none does, it never
# ends; so we make `max_passes` passes at most.
#
# Write `perceptron_fit`. Write the correction out again inside the loop rather than call `perceptron_step`: a slip made
# there will not be paid for twice. (If a cell runs for ever, interrupt the kernel with ■: look at `max_passes`.)

# %% [markdown] lang="fr"
# Une correction peut en défaire une autre. On parcourt donc tous les exemples, encore et encore, jusqu'à ce qu'un
# *passage* entier se fasse sans correction. Si une droite sépare les classes, cela s'arrête : c'est un théorème. S'il
# n'y en a pas, cela ne s'arrête jamais ; on borne donc le nombre de passages.
#
# Écrivez `perceptron_fit`, qui part de zéro et renvoie `(w, b, passes)` ; `passes` est le nombre de
# passages faits, le dernier, sans correction, compris. Récrivez la correction dans la boucle au lieu d'appeler
# `perceptron_step` : une erreur commise là-bas ne vous coûtera pas deux fois. (Si une cellule tourne sans fin,
# interrompez le noyau avec ■ : voyez `max_passes`.)


# %% answer="perceptron_fit"
def perceptron_fit(X, y, eta, max_passes):
    """Train a perceptron from w = 0, b = 0.

    X: examples (n, nx). y: targets (n,), each 1.0 or -1.0. eta: step, > 0. max_passes: a bound, 1
    or more. Goes through the examples in order, corrects w and b on each one with y a <= 0, and
    stops after the first pass without a correction, or after max_passes passes.
    Returns (w, b, passes): weights (nx,), bias, and the number of passes made, the last one
    included.
    """
    ### BEGIN SOLUTION
    w, b = torch.zeros(X.shape[1]), 0.0
    for passes in range(1, max_passes + 1):
        corrected = False
        for example, target in zip(X, y):
            if target * (w @ example + b) <= 0:
                w, b = w + eta * target * example, b + eta * target
                corrected = True
        if not corrected:
            break
    return w, b, passes
    ### END SOLUTION


# %% [markdown] hint="perceptron_fit" lang="en"
# ### The idea
#
# Two loops: the outer one counts passes, the inner one goes through the examples. A pass has to remember whether it
# corrected anything. When must this memory be wiped, before each example or before each pass?
#
# ### The shapes
#
# `w` starts as zeros, one for each feature: `X.shape[1]` of them. `zip(X, y)` gives the examples with their targets,
# one after the other.
#
# ### The code, with blanks
#
# ```python
# for passes in range(1, max_passes + 1):
#     corrected = ...
#     for example, target in zip(X, y):
#         if target * (...) <= 0:
#             w, b = ..., ...
#             corrected = ...
#     if ...:
#         break
# return w, b, passes
# ```

# %% [markdown] hint="perceptron_fit" lang="fr"
# ### L'idée
#
# Deux boucles : celle du dehors compte les passages, celle du dedans parcourt les exemples. Un passage doit se souvenir
# s'il a corrigé quelque chose. Quand faut-il effacer cette mémoire, avant chaque exemple ou avant chaque passage ?
#
# ### Les tailles
#
# `w` commence par des zéros, un par caractéristique : il y en a `X.shape[1]`. `zip(X, y)` donne les exemples avec leurs
# cibles, l'un après l'autre.
#
# ### Le code, à trous
#
# ```python
# for passes in range(1, max_passes + 1):
#     corrected = ...
#     for example, target in zip(X, y):
#         if target * (...) <= 0:
#             w, b = ..., ...
#             corrected = ...
#     if ...:
#         break
# return w, b, passes
# ```

# %% check="perceptron_fit_separates" points=2 ids=["S-perceptron"]
X, y = torch.tensor([[-2.0, 0.0], [-2.0, 1.0], [1.0, 1.0], [1.0, 0.0]]), torch.tensor([-1.0, 1.0, 1.0, 1.0])
got = check.pair(perceptron_fit(X, y, 0.5, 30), "perceptron_fit(X, y, eta, max_passes)", 3)
check.close(
    got[0],
    [0.5, 1.0],
    "perceptron_fit(X, y, 0.5, 30)[0]",
    unless={
        "w is still 0: correct when y a <= 0, zero included": [0.0, 0.0],
        "y a = 0 is corrected as well: otherwise w = 0, b = 0 would never move": [1.0, 2.5],
        "b counts too: correct it along with w, and add it in the score a": [0.5, 1.5],
        "you forgot the step eta": [1.0, 2.0],
        "you moved w the wrong way: add eta * y * x": [-60.0, -15.0],
        "this is w after one pass: go on until a whole pass needs no correction": [0.5, 0.5],
        "you stop when the last example is right: one correction anywhere asks for another pass": [-0.5, 1.0],
        "you stop at the first example that is right: go on with the others": [0.0, 0.5],
        "you start again after each correction: go on with the next example": [1.0, 3.0],
        "correct w and b at once, before you look at the next example": [1.0, 1.5],
    },
)
check.close(
    got[1],
    0.5,
    "perceptron_fit(X, y, 0.5, 30)[1]",
    unless={
        "you forgot the step eta": 1.0,
        "you moved b the wrong way: add eta * y": -0.5,
        "b counts too: correct it along with w, and add it in the score a": 0.0,
    },
)
### BEGIN HIDDEN TESTS
for columns in (2, 4):
    direction = torch.nn.functional.normalize(torch.randn(columns), dim=0)
    inputs = torch.randn(200, columns)
    signed = inputs @ direction - 0.4
    inputs, signed = inputs[signed.abs() > 0.2], signed[signed.abs() > 0.2]
    targets = signed.sign()
    got = check.pair(perceptron_fit(inputs, targets, 0.1, 500), "perceptron_fit(X, y, eta, max_passes)", 3)
    check.tensor(got[0], (columns,), "perceptron_fit(X, y, eta, max_passes)[0]")
    right = int((targets * (inputs @ got[0].detach().float() + float(got[1])) > 0).sum())
    check.that(
        right == len(inputs),
        "a hyperplane separates these {n} points, and yours gets {right} of them right",
        n=len(inputs),
        right=right,
    )
# From 0, w and b are eta times a sum of examples: eta changes their size, not the path.
one, other = (
    check.pair(perceptron_fit(inputs, targets, eta, 500), "perceptron_fit(X, y, eta, max_passes)", 3)
    for eta in (0.25, 2.0)
)
for which in (0, 1):
    check.close(
        other[which],
        8 * torch.as_tensor(one[which]),
        f"perceptron_fit(X, y, 2.0, 500)[{which}]",
        unless={"you forgot the step eta": one[which]},
    )
### END HIDDEN TESTS

# %% check="perceptron_fit_stops" points=1 ids=["S-perceptron"]
X, y = torch.tensor([[-2.0, 0.0], [-2.0, 1.0], [1.0, 1.0], [1.0, 0.0]]), torch.tensor([-1.0, 1.0, 1.0, 1.0])
got = check.pair(perceptron_fit(X, y, 0.5, 30), "perceptron_fit(X, y, eta, max_passes)", 3)
w = check.usable(got[0], (2,), otherwise=torch.ones(2))
check.that(w.any(), "w is still 0: correct when y a <= 0, zero included")
check.that(w.tolist() != [0.0, 0.5], "you stop at the first example that is right: go on with the others")
check.same(
    got[2],
    4,
    "perceptron_fit(X, y, 0.5, 30)[2]",
    unless={
        "stop after the first pass without a correction": 30,
        "the first pass counts as 1, and the last one counts too": 3,
        "you stop when the last example is right: one correction anywhere asks for another pass": 2,
        "this is w after one pass: go on until a whole pass needs no correction": 1,
        "this counts corrections: count the passes": 5,
    },
)
got = perceptron_fit(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), torch.tensor([1.0, -1.0]), 1.0, 10)
got = check.pair(got, "perceptron_fit(X, y, eta, max_passes)", 3)
check.same(
    got[2],
    2,
    "perceptron_fit(X, y, 1.0, 10)[2]",
    unless={
        "stop after the first pass without a correction": 10,
        "the first pass counts as 1, and the last one counts too": 1,
        "you start again after each correction: go on with the next example": 3,
    },
)
# XOR: no pass is without a correction, so only max_passes ends this.
got = perceptron_fit(torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), torch.tensor([-1.0, 1, 1, -1]), 0.5, 3)
got = check.pair(got, "perceptron_fit(X, y, eta, max_passes)", 3)
check.same(
    got[2],
    3,
    "perceptron_fit(X, y, 0.5, 3)[2]",
    unless={
        "the first pass counts as 1, and the last one counts too": 2,
        "max_passes passes are allowed, and you made one more": 4,
    },
)
### BEGIN HIDDEN TESTS
corners, targets = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), torch.tensor([-1.0, 1, 1, -1])
got = check.pair(perceptron_fit(corners, targets, 0.5, 7), "perceptron_fit(X, y, eta, max_passes)", 3)
check.same(
    got[2],
    7,
    "perceptron_fit(X, y, 0.5, 7)[2]",
    unless={
        "the first pass counts as 1, and the last one counts too": 6,
        "max_passes passes are allowed, and you made one more": 8,
    },
)
got = check.pair(
    perceptron_fit(torch.tensor([[2.0, 1], [1, 3], [3, 2]]), torch.ones(3), 1.0, 50),
    "perceptron_fit(X, y, eta, max_passes)",
    3,
)
check.same(
    got[2],
    2,
    "perceptron_fit(X, y, 1.0, 50)[2]",
    unless={
        "stop after the first pass without a correction": 50,
        "the first pass counts as 1, and the last one counts too": 1,
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Your perceptron on nearly 80 points that a line separates, once with $\eta = 0.5$, once with steps eight times as large,
# $\eta = 4$. Guess first: by what factor does $\eta = 4$ multiply the number of passes? Put a number in the place of
# `None`: 0.125 for eight times fewer, 8 for eight times more.

# %% [markdown] lang="fr"
# Votre perceptron sur près de 80 points qu'une droite sépare, une fois avec $\eta = 0{,}5$, une fois avec des pas huit
# fois plus grands, $\eta = 4$. Faites d'abord un pronostic : par combien $\eta = 4$ multiplie-t-il le nombre de
# passages ? Mettez un nombre à la place de `None` : 0.125 pour huit fois moins, 8 pour huit fois plus.

# %% predict="times_passes"
times_passes = None

# %% demo
torch.manual_seed(1)
clouds = torch.rand(80, 2) * 4 - 1
heights = clouds @ torch.tensor([0.6, 0.8]) - 1.6
clouds, sides = clouds[heights.abs() > 0.05], heights[heights.abs() > 0.05].sign()
found = {}
for eta in (0.5, 4.0):
    found_w, found_b, made = perceptron_fit(clouds, sides, eta, 1000)
    found[eta] = torch.tensor([float(found_b), *map(float, found_w)]), int(made)
    line = "; ".join(number(float(one), ".2f") for one in found[eta][0])
    print(f"η = {number(eta, 'g')} · b, w_1, w_2 = {line} · {say('passes')} = {made}")
fig, ax = plt.subplots(figsize=(6.2, 4.2), layout="constrained")
figures.points(clouds, sides, lines={f"η = {number(eta, 'g')}": line for eta, (line, _) in found.items()}, ax=ax)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
figures.show(
    fig,
    say(
        "Points of two classes, and between them the two lines that the perceptron found, one for each η."
    ),
)
reveal(times_passes, found[4.0][1] / found[0.5][1])

# %% claim="both separate the points, in as many passes; the weights are eight times as large, the line is the same"
assert found[4.0][1] == found[0.5][1] < 1000
assert torch.equal(found[4.0][0], 8 * found[0.5][0])
assert ((clouds @ found[0.5][0][1:] + found[0.5][0][0]) * sides > 0).all()

# %% [markdown] lang="en"
# As many passes, and the same line. From $w = 0$, $b = 0$ every weight is $\eta$ times a sum of examples: eight times
# $\eta$ makes all the scores eight times as large, and no sign changes. For the perceptron $\eta$ does not matter. Part
# 6 shows a descent for which it decides everything.

# %% [markdown] lang="fr"
# Autant de passages, et la même droite. En partant de $w = 0$, $b = 0$, chaque poids vaut $\eta$ fois une somme
# d'exemples : un $\eta$ huit fois plus grand rend tous les scores huit fois plus grands, et aucun signe ne change. Pour
# le perceptron, $\eta$ n'a donc pas d'importance. La partie 6 montre une descente où il décide de tout.

# %% [markdown] lang="en"
# ### 3 · What a line cannot do · about 5 minutes
#
# The boundary, where $a = 0$, is a line in the plane, a plane in space, a *hyperplane* in general. A perceptron cuts
# the space in two along its boundary, and that is all it can do. Here are four data sets, two classes each.

# %% [markdown] lang="fr"
# ### 3 · Ce qu'une droite ne peut pas faire · environ 5 minutes
#
# La frontière, où $a = 0$, est une droite dans le plan, un plan dans l'espace, un *hyperplan* en général. Un
# perceptron coupe l'espace en deux le long de sa frontière, et c'est tout ce qu'il sait faire. Voici quatre jeux de
# données, à deux classes chacun.

# %% demo unclaimed="a drawing of the data that the question is about"
torch.manual_seed(3)
rings = CirclesData(2)
outer = rings.Ytrain[:, 0] > 0.5
along, side = torch.linspace(-1.6, 1.6, 30)[:, None], torch.tensor([-0.5, 0.5])
four = {
    "a": (torch.randn(40, 2) * 0.3 + torch.tensor([1.2, 2.2]), torch.randn(40, 2) * 0.3 + torch.tensor([2.6, 1.4])),
    "b": (
        torch.cat([torch.randn(20, 2) * 0.2 + 1, torch.randn(20, 2) * 0.2 - 1]),
        torch.cat([torch.randn(20, 2) * 0.2 + torch.tensor([-1, 1]), torch.randn(20, 2) * 0.2 + torch.tensor([1, -1])]),
    ),
    "c": (rings.Xtrain[outer], rings.Xtrain[~outer]),
    "d": (along + torch.randn(30, 2) * 0.1 + side * 0.6, along + torch.randn(30, 2) * 0.1 - side * 0.6),
}
fig, axes = plt.subplots(1, 4, figsize=(11, 3), layout="constrained")
for ax, (letter, (ones, others)) in zip(axes, four.items(), strict=True):
    ax.plot(*ones.T, "o", color="#0072B2", markersize=4)
    ax.plot(*others.T, "^", color="#D55E00", markersize=4)
    ax.set(title=letter, xticks=[], yticks=[])
figures.show(
    fig,
    say(
        "Four sets of points of two classes: a, two clouds side by side; b, four clouds, two of each class, "
        "crosswise; c, a ring around a disc; d, two slanted bands."
    ),
)

# %% [markdown] lang="en"
# For each of them, say whether a line can have all the points of one class on one side, and all those of the other
# class on the other: `True` or `False`.

# %% [markdown] lang="fr"
# Pour chacun, dites si une droite sépare parfaitement les deux classes : `True` ou `False`.


# %% answer="separable"
def separable():
    """Return a dict from each letter, "a" to "d", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": False, "d": True}
    ### END SOLUTION


# %% check="separable_sorted" points=1 ids=["S-limits"]
check.letters(separable, "abcd")
### BEGIN HIDDEN TESTS
check.choices(
    separable(),
    {"a": True, "b": False, "c": False, "d": True},
    because={
        "a": "a line passes between the two clouds; the bias lets it pass far from the origin.",
        "b": "each class holds two opposite corners: whichever side a line leaves to one class, the other is there.",
        "c": "one class surrounds the other: a line through the plane meets the ring on both sides.",
        "d": "a slanting line passes between the bands, although no vertical or horizontal one does.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Data set *b* is the famous XOR. In its purest form it has four points:
#
# | $x_1$ | $x_2$ | $y$ |
# |---|---|---|
# | $-1$ | $-1$ | $-1$ |
# | $-1$ | $+1$ | $+1$ |
# | $+1$ | $-1$ | $+1$ |
# | $+1$ | $+1$ | $-1$ |
#
# Find weights and a bias that get as many of the four right as any perceptron can. (A score of 0 still means $+1$.)

# %% [markdown] lang="fr"
# Le jeu *b* est le célèbre XOR (« ou exclusif »). Sous sa forme la plus pure, il a quatre points :
#
# | $x_1$ | $x_2$ | $y$ |
# |---|---|---|
# | $-1$ | $-1$ | $-1$ |
# | $-1$ | $+1$ | $+1$ |
# | $+1$ | $-1$ | $+1$ |
# | $+1$ | $+1$ | $-1$ |
#
# Trouvez des poids et un biais qui classent correctement autant de ces points que le peut un perceptron. La fonction
# renvoie `(w, b)` : une liste de deux poids, puis le biais. (Un score nul donne toujours $+1$.)


# %% answer="xor_line"
def xor_line():
    """Return (w, b), a list of two weights and a bias.

    They get as many of the four XOR points right as a perceptron can.
    """
    ### BEGIN SOLUTION
    return [1.0, 1.0], 1.0
    ### END SOLUTION


# %% [markdown] hint="xor_line" lang="en"
# Draw the four points. Give up one of them: which line leaves it alone on one side? A line with two equal weights is a
# diagonal, and the bias moves it along.

# %% [markdown] hint="xor_line" lang="fr"
# Dessinez les quatre points. Renoncez à l'un d'eux : quelle droite le laisse seul d'un côté ? Une droite à deux poids
# égaux est une diagonale, et le biais la déplace.

# %% check="xor_line_best" points=1 ids=["S-limits"]
got = check.pair(xor_line(), "xor_line()")
check.that(
    hasattr(got[0], "__len__") and len(got[0]) == 2 and all(check.is_number(number) for number in [*got[0], got[1]]),
    "xor_line returns (w, b): a list of two numbers, then a number",
)
corners, targets = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), torch.tensor([-1.0, 1, 1, -1])
w, b = check.numbers(got[0], 2, "xor_line()[0]").float(), check.number(got[1], "xor_line()[1]")
scores = corners @ w + b
right = int((targets == torch.where(scores >= 0, 1.0, -1.0)).sum())
check.that(right == 3, "your line gets {right} of the 4 points right; one can do better", right=right)

# %% [markdown] lang="en"
# Three is the best. Suppose a line had all four right. The scores of the two points with $y = +1$ would be at least 0;
# their sum is $2b$, so $b \geq 0$. The scores of the two others would be negative; their sum is $2b$ too, so $b < 0$.
# Both cannot hold.
#
# ## Part 2. Layers and activations
#
# One neuron is not enough. Here two neurons read the same inputs, and a third one reads the first two:
#
# $$a_3 = b + w_1 a_1 + w_2 a_2$$

# %% [markdown] lang="fr"
# Trois est le maximum. Supposons en effet qu'une droite classe bien les quatre points. Les scores des deux points où
# $y = +1$ seraient positifs ou nuls ; leur somme vaut $2b$, donc $b \geq 0$. Les scores des deux autres seraient
# strictement négatifs ; leur somme vaut aussi $2b$, donc $b < 0$. C'est impossible.
#
# ## Partie 2. Couches et activations
#
# Un neurone ne suffit pas. Ici, deux neurones lisent les mêmes entrées, et un troisième lit les deux premiers :
#
# $$a_3 = b + w_1 a_1 + w_2 a_2$$

# %% demo unclaimed="only a drawing"
figures.network([2, 2, 1], names=["$x$", "$a_1, a_2$", "$a_3$"])

# %% [markdown] lang="en"
# ### 4 · Two layers that make one · about 4 minutes
#
# Several neurons that read the same inputs form a *layer*. Its weights are a matrix $W_1$ of shape $(n_h, n_x)$, one
# row per neuron, and its biases a vector $b_1$ of shape $(n_h,)$. It computes $u = W_1 x + b_1$. Such a map, a product
# plus a constant, is called *affine*. A second layer reads $u$, with $W_2$ of shape $(n_y, n_h)$ and $b_2$ of shape
# $(n_y,)$. (The first one is then *hidden*: it lies between the inputs and the outputs. Its neurons are called *hidden
# units*.)
#
# $$f(x) = W_2 (W_1 x + b_1) + b_2$$
#
# Expand the product. You find $f(x) = W x + b$: the two layers do the work of a single one. Write `compose`, which
# returns its $W$ and $b$.

# %% [markdown] lang="fr"
# ### 4 · Deux couches qui n'en font qu'une · environ 4 minutes
#
# Plusieurs neurones qui lisent les mêmes entrées forment une *couche*. Ses poids sont une matrice $W_1$ de taille
# $(n_h, n_x)$, une ligne par neurone, et ses biais un vecteur $b_1$ de taille $(n_h,)$. Elle calcule $u = W_1 x + b_1$.
# Une telle application, un produit plus une constante, est dite *affine*. Une deuxième couche lit $u$, avec $W_2$ de
# taille $(n_y, n_h)$ et $b_2$ de taille $(n_y,)$. (La première est alors *cachée* : elle se trouve entre les entrées et
# les sorties. Ses neurones s'appellent *unités cachées*.)
#
# $$f(x) = W_2 (W_1 x + b_1) + b_2$$
#
# Développez ce produit. Vous trouvez $f(x) = W x + b$ : les deux couches font le travail d'une seule. Écrivez
# `compose`, qui renvoie ces $W$ et $b$.


# %% answer="compose"
def compose(W1, b1, W2, b2):
    """Replace two affine layers by the one that computes the same.

    W1: (nh, nx). b1: (nh,). W2: (ny, nh). b2: (ny,). The first layer is applied first.
    Returns (W, b): W (ny, nx) and b (ny,).
    """
    ### BEGIN SOLUTION
    return W2 @ W1, W2 @ b1 + b2
    ### END SOLUTION


# %% [markdown] hint="compose" lang="en"
# Multiply out: $W_2$ meets $W_1 x$ and $b_1$ alike. What stands before $x$ is the new matrix, and the rest is the new
# bias. Check the shapes: $(n_y, n_h)$ times $(n_h, n_x)$, and $(n_y, n_h)$ times $(n_h,)$.

# %% [markdown] hint="compose" lang="fr"
# Développez : $W_2$ rencontre aussi bien $W_1 x$ que $b_1$. Ce qui précède $x$ est la nouvelle matrice, et le reste est
# le nouveau biais. Vérifiez les tailles : $(n_y, n_h)$ par $(n_h, n_x)$, et $(n_y, n_h)$ par $(n_h,)$.

# %% check="compose_weights" points=1 ids=["S-linear2"]
got = compose(
    torch.tensor([[2.0, 0.0, 1.0], [0.0, -1.0, 3.0]]),
    torch.tensor([1.0, 3.0]),
    torch.tensor([[1.0, 2.0], [0.0, 1.0], [1.0, 0.0], [-1.0, 1.0]]),
    torch.tensor([-1.0, 0.0, 0.0, 5.0]),
)
got = check.pair(got, "compose(W1, b1, W2, b2)")
check.close(
    got[0], [[2.0, -2.0, 7.0], [0.0, -1.0, 3.0], [2.0, 0.0, 1.0], [-2.0, -1.0, 2.0]], "compose(W1, b1, W2, b2)[0]"
)
### BEGIN HIDDEN TESTS
first, second = torch.nn.Linear(3, 6), torch.nn.Linear(6, 4)
both = torch.nn.Sequential(first, second)
layers = [parameter.detach() for parameter in both.parameters()]
slope = torch.autograd.functional.jacobian(both, torch.zeros(3))
check.close(check.pair(compose(*layers), "compose(W1, b1, W2, b2)")[0], slope, "compose(W1, b1, W2, b2)[0]")
### END HIDDEN TESTS

# %% check="compose_biases" points=1 ids=["S-linear2"]
got = compose(
    torch.tensor([[2.0, 0.0, 1.0], [0.0, -1.0, 3.0]]),
    torch.tensor([1.0, 3.0]),
    torch.tensor([[1.0, 2.0], [0.0, 1.0], [1.0, 0.0], [-1.0, 1.0]]),
    torch.tensor([-1.0, 0.0, 0.0, 5.0]),
)
check.close(
    check.pair(got, "compose(W1, b1, W2, b2)")[1],
    [6.0, 3.0, 1.0, 7.0],
    "compose(W1, b1, W2, b2)[1]",
    unless={
        "b1 goes through the second layer as well: multiply it by W2": [3.0, 4.0, 4.0, 9.0],
        "you lost b1: the second layer turns it into W2 b1": [-1.0, 0.0, 0.0, 5.0],
        "you forgot b2": [7.0, 3.0, 1.0, 2.0],
    },
)
### BEGIN HIDDEN TESTS
first, second = torch.nn.Linear(3, 6), torch.nn.Linear(6, 4)
layers = [parameter.detach() for parameter in torch.nn.Sequential(first, second).parameters()]
at_zero = second(first(torch.zeros(3))).detach()
check.close(
    check.pair(compose(*layers), "compose(W1, b1, W2, b2)")[1],
    at_zero,
    "compose(W1, b1, W2, b2)[1]",
    unless={
        "you lost b1: the second layer turns it into W2 b1": layers[3],
        "you forgot b2": at_zero - layers[3],
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 5 · Five activations · about 7 minutes
#
# So something must come between the layers. From now on a neuron works in two steps. First the weighted sum, bias
# included: the score $a = w \cdot x + b$. Then the *activation function*: $z = g(a)$. It is $z$ that the next layer
# reads. (For a whole hidden layer, the $n_h$ numbers $a$ are called $\tilde{h}$, and the $n_h$ numbers $z$ are called
# $h$.)
#
# | name | formula |
# |---|---|
# | ReLU | $\max(0, a)$ |
# | tanh | $(e^a - e^{-a}) / (e^a + e^{-a})$ |
# | sigmoid | $\sigma(a) = 1 / (1 + e^{-a})$ |
# | sign | $+1$ if $a \geq 0$, else $-1$ |
# | SoftMax | $e^{a_i} / \sum_j e^{a_j}$ |
#
# The first four work on each number by itself: here are their curves. SoftMax takes a whole vector, and each of its
# outputs depends on all the inputs: it has no such curve, and comes back in part 4.

# %% [markdown] lang="fr"
# ### 5 · Cinq activations · environ 7 minutes
#
# Il faut donc mettre quelque chose entre les couches. Désormais, un neurone travaille en deux temps. D'abord la somme
# pondérée, biais compris : le score $a = w \cdot x + b$. Puis la *fonction d'activation* : $z = g(a)$. C'est $z$ que
# lit la couche suivante. (Pour toute une couche cachée, les $n_h$ nombres $a$ s'appellent $\tilde{h}$, et les $n_h$
# nombres $z$ s'appellent $h$.)
#
# | nom | formule |
# |---|---|
# | ReLU | $\max(0, a)$ |
# | tanh | $(e^a - e^{-a}) / (e^a + e^{-a})$ |
# | sigmoïde | $\sigma(a) = 1 / (1 + e^{-a})$ |
# | signe | $+1$ si $a \geq 0$, sinon $-1$ |
# | SoftMax | $e^{a_i} / \sum_j e^{a_j}$ |
#
# Les quatre premières agissent sur chaque nombre séparément : voici leurs courbes. SoftMax prend tout un vecteur, et
# chacune de ses sorties dépend de toutes les entrées. Elle n'a donc pas de courbe de ce genre, et reviendra en partie
# 4.

# %% demo unclaimed="only the curves of the formulas above"
figures.activations()

# %% [markdown] lang="en"
# Write `sigmoid`, for tensors of any shape. (`math.exp` takes single numbers only.)

# %% [markdown] lang="fr"
# Écrivez `sigmoid`, pour des tenseurs de taille quelconque. (`math.exp` n'accepte que de simples nombres.)


# %% answer="sigmoid"
def sigmoid(a):
    """Return σ(a) for each number of the tensor a (any shape)."""
    ### BEGIN SOLUTION
    return 1 / (1 + torch.exp(-a))
    ### END SOLUTION


# %% [markdown] hint="sigmoid" lang="en"
# `torch.exp` works entry by entry, and so do `+` and `/` with plain numbers: the formula can be written as it is read.
# Mind the sign of the exponent. For large $a$ the result must be near 1.

# %% [markdown] hint="sigmoid" lang="fr"
# `torch.exp` agit terme à terme, de même que `+` et `/` avec de simples nombres : la formule s'écrit comme elle se lit.
# Attention au signe de l'exposant. Pour $a$ grand, le résultat doit être proche de 1.

# %% check="sigmoid_values" points=1 ids=["P-activations", "S-nonlin"]
check.close(
    sigmoid(torch.tensor([0.0, 1.0986])),  # 0 and log 3
    [0.5, 0.75],
    "sigmoid(a)",
    unless={
        "this is σ(-a): the exponent is -a": [0.5, 0.25],
        "you forgot the 1 in the denominator": [1.0, 3.0],
        "this is tanh": [0.0, 0.8],
    },
)
### BEGIN HIDDEN TESTS
sums = 2 * torch.randn(3, 4)
check.close(
    sigmoid(sums.clone()),
    torch.sigmoid(sums),
    "sigmoid(a)",
    unless={
        "this is σ(-a): the exponent is -a": torch.sigmoid(-sums),
        "you forgot the 1 in the denominator": torch.exp(sums),
        "this is tanh": torch.tanh(sums),
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# To learn, a network will walk against slopes, as the perceptron did: that is *gradient descent*, the subject of part
# 6. So we need the slopes of the activations. Differentiate $\sigma$ and you meet $\sigma$ again:
#
# $$\sigma'(a) = \frac{e^{-a}}{(1 + e^{-a})^2} = \sigma(a) \, (1 - \sigma(a))$$
#
# So once the *forward pass*, the computation from the inputs to the outputs, has found $z = \sigma(a)$, the slope costs
# one product: no exponential. It is the same for tanh: with $z = \tanh(a)$, the slope is $1 - z^2$. Write
# `sigmoid_slope`. Beware: it receives $z$, not $a$.

# %% [markdown] lang="fr"
# Pour apprendre, un réseau descendra des pentes, comme l'a fait le perceptron : c'est la *descente de gradient*, le
# sujet de la partie 6. Il nous faut donc les pentes des activations. Dérivez $\sigma$, et vous retrouvez $\sigma$ :
#
# $$\sigma'(a) = \frac{e^{-a}}{(1 + e^{-a})^2} = \sigma(a) \, (1 - \sigma(a))$$
#
# Une fois que la *passe avant*, le calcul qui va des entrées aux sorties, a trouvé $z = \sigma(a)$, la pente ne coûte
# donc qu'un produit : aucune exponentielle. Il en va de même pour tanh : avec $z = \tanh(a)$, la pente vaut $1 - z^2$.
# Écrivez `sigmoid_slope`. Attention : la fonction reçoit $z$, pas $a$.


# %% answer="sigmoid_slope"
def sigmoid_slope(z):
    """Return the slope dz/da of the sigmoid, from its value z = σ(a) (a tensor of any shape)."""
    ### BEGIN SOLUTION
    return z * (1 - z)
    ### END SOLUTION


# %% [markdown] hint="sigmoid_slope" lang="en"
# The formula above is a function of $\sigma(a)$ alone, and the function receives just this number under the name $z$.

# %% [markdown] hint="sigmoid_slope" lang="fr"
# La formule ci-dessus ne dépend que de $\sigma(a)$, et c'est justement ce nombre que la fonction reçoit, sous le nom
# $z$.

# %% check="sigmoid_slope_values" points=1 ids=["S-nonlin", "P-activations"]
check.close(
    sigmoid_slope(torch.tensor([0.5, 0.9])),
    [0.25, 0.09],
    "sigmoid_slope(z)",
    unless={
        "z is σ(a) already: do not take σ of it again": [0.2350, 0.2055],
        "this is the slope of tanh; that of the sigmoid is z (1 - z)": [0.75, 0.19],
    },
)
### BEGIN HIDDEN TESTS
sums = torch.randn(5, 3, requires_grad=True)
activated = torch.sigmoid(sums)
slopes_of_z = torch.autograd.grad(activated.sum(), sums)[0]
activated = activated.detach()
again = torch.sigmoid(activated)
check.close(
    sigmoid_slope(activated),
    slopes_of_z,
    "sigmoid_slope(z)",
    unless={
        "z is σ(a) already: do not take σ of it again": again * (1 - again),
        "this is the slope of tanh; that of the sigmoid is z (1 - z)": 1 - activated**2,
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Which values can come out? Look at the curves, and give each function the number of its range.
#
# - **1.** $0 < z < 1$, each output by itself
# - **2.** $-1 < z < 1$
# - **3.** $z \geq 0$, without an upper bound
# - **4.** $0 < z_i < 1$, and the outputs add up to 1
# - **5.** only $-1$ and $1$
#
# The functions: **a.** ReLU · **b.** tanh · **c.** sigmoid · **d.** SoftMax · **e.** sign, with $+1$ at 0 as in
# exercise 1.

# %% [markdown] lang="fr"
# Quelles valeurs peuvent en sortir ? Regardez les courbes, et donnez à chaque fonction le numéro de son ensemble de
# valeurs.
#
# - **1.** $0 < z < 1$, chaque sortie pour elle-même
# - **2.** $-1 < z < 1$
# - **3.** $z \geq 0$, sans borne supérieure
# - **4.** $0 < z_i < 1$, et la somme des sorties vaut 1
# - **5.** seulement $-1$ et $1$
#
# Les fonctions : **a.** ReLU · **b.** tanh · **c.** sigmoïde · **d.** SoftMax · **e.** signe, avec $+1$ en 0 comme dans
# l'exercice 1.


# %% answer="ranges"
def ranges():
    """Return a dict from each letter, "a" to "e", to a number from 1 to 5."""
    ### BEGIN SOLUTION
    return {"a": 3, "b": 2, "c": 1, "d": 4, "e": 5}
    ### END SOLUTION


# %% check="ranges_sorted" points=1 ids=["P-activations"]
check.letters(ranges, "abcde", options=(1, 2, 3, 4, 5))
### BEGIN HIDDEN TESTS
check.choices(
    ranges(),
    {"a": 3, "b": 2, "c": 1, "d": 4, "e": 5},
    because={
        "a": "ReLU leaves positive numbers as they are, however large, and sends the others to 0.",
        "b": "tanh comes as near to -1 and 1 as you like and reaches neither.",
        "c": "1 + exp(-a) is larger than 1, so its inverse lies between 0 and 1.",
        "d": "each exponential is divided by the sum of all of them.",
        "e": "sign keeps nothing of a number but its side.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The perceptron used the sign. Why not keep it between the layers? Sort these statements into true and false.
#
# - **a.** The slope of the sign function is 0 everywhere except at 0, where it has none. So gradient descent learns
#   nothing about the weights that come before it.
# - **b.** In $z = g(a)$, the next layer reads $a$.
# - **c.** The slope of the sigmoid is largest at $a = 0$, where it is 1/4.
# - **d.** Without a bias, the boundary of a perceptron always passes through the origin.
# - **e.** A network whose hidden units use the sign can compute nothing more than what a single perceptron computes.
# - **f.** The slope of ReLU is 1 wherever $a$ is not 0.

# %% [markdown] lang="fr"
# Le perceptron utilisait le signe. Pourquoi ne pas le garder entre les couches ? Pour chaque affirmation, dites si elle
# est vraie ou fausse.
#
# - **a.** La pente de la fonction signe est nulle partout, sauf en 0 où elle n'existe pas. La descente de gradient
#   n'apprend donc rien sur les poids qui la précèdent.
# - **b.** Dans $z = g(a)$, la couche suivante lit $a$.
# - **c.** La pente de la sigmoïde est maximale en $a = 0$, où elle vaut 1/4.
# - **d.** Sans biais, la frontière d'un perceptron passe toujours par l'origine.
# - **e.** Un réseau dont les unités cachées utilisent le signe ne peut rien calculer de plus que ce que calcule un seul
#   perceptron.
# - **f.** La pente de ReLU vaut 1 partout où $a$ n'est pas nul.


# %% answer="activation_facts"
def activation_facts():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": True, "e": False, "f": False}
    ### END SOLUTION


# %% check="activation_facts_sorted" points=1 ids=["S-nonlin", "P-activations"]
check.letters(activation_facts, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    activation_facts(),
    {"a": True, "b": False, "c": True, "d": True, "e": False, "f": False},
    because={
        "a": "a tiny change of a weight changes no sign, so the loss does not move: its slope is 0.",
        "b": "a is the weighted sum; it is the output z that goes on to the next layer.",
        "c": "z (1 - z) is largest at z = 1/2, that is at a = 0.",
        "d": "for x = 0 the score is b: without a bias it is 0, and the origin lies on the boundary.",
        "e": "sign is not linear: two sign units and a third one compute XOR. Only descent fails.",
        "f": "it is 1 for a > 0 and 0 for a < 0.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 6 · XOR, solved by hand · about 11 minutes
#
# With an activation between the layers, the network that you saw above, two inputs, two hidden neurons, one output, can
# do what no perceptron can. Take the sign for all three, with $+1$ at 0:
#
# $$h_1 = g(w_1 \cdot x + b_1) \qquad h_2 = g(w_2 \cdot x + b_2) \qquad \hat{y} = g(w_y \cdot h + b_y)$$
#
# Each hidden neuron is a perceptron: it draws a line through the plane of $x_1$ and $x_2$, and tells on which side the
# point lies. The output neuron sees nothing of $x$. It reads $h = (h_1, h_2)$ alone, and is a perceptron too: it draws
# a line through the plane of $h_1$ and $h_2$.
#
# Nobody trains anything here. Take a pencil, draw the four points of the table above, and find numbers such that
# $\hat{y} = y$ for all four. Keep your two lines at least 0.3 away from every point, so that some noise would not
# matter. Write them in `xor_network`, then run the picture below it.

# %% [markdown] lang="fr"
# ### 6 · Le XOR, résolu à la main · environ 11 minutes
#
# Avec une activation entre les couches, le réseau que vous avez vu plus haut, deux entrées, deux neurones cachés, une
# sortie, sait faire ce qu'aucun perceptron ne peut. Prenez le signe pour les trois neurones, avec $+1$ en 0 :
#
# $$h_1 = g(w_1 \cdot x + b_1) \qquad h_2 = g(w_2 \cdot x + b_2) \qquad \hat{y} = g(w_y \cdot h + b_y)$$
#
# Chaque neurone caché est un perceptron : il trace une droite dans le plan de $x_1$ et $x_2$, et dit de quel côté se
# trouve le point. Le neurone de sortie ne voit rien de $x$. Il ne lit que $h = (h_1, h_2)$, et c'est aussi un
# perceptron : il trace une droite dans le plan de $h_1$ et $h_2$.
#
# Ici, personne n'apprend rien. Prenez un crayon, dessinez les quatre points du tableau ci-dessus, et trouvez des
# nombres tels que $\hat{y} = y$ pour les quatre. Laissez vos deux droites à une distance d'au moins 0,3 de chaque
# point, pour qu'un peu de bruit ne change rien. Écrivez-les dans `xor_network`, qui renvoie `(Wh, bh, wy, by)` : `Wh`
# est une liste de deux lignes, les deux poids de chaque neurone caché ; `bh` est la liste de leurs deux biais ; `wy`
# est la liste des deux poids du neurone de sortie, et `by` son biais. Exécutez ensuite la figure qui suit.


# %% answer="xor_network"
def xor_network():
    """Return the parameters of a network with two hidden neurons that solves XOR; every activation is the sign.

    Returns (Wh, bh, wy, by): Wh, a list of two rows, the two weights of each hidden neuron; bh, a
    list of their two biases; wy, a list of the two weights of the output neuron; by, its bias.
    """
    ### BEGIN SOLUTION
    Wh = [[1.0, 1.0], [-1.0, -1.0]]  # h1: above the lower left corner; h2: below the upper right one
    bh = [1.0, 1.0]
    wy, by = [1.0, 1.0], -1.0  # both
    return Wh, bh, wy, by
    ### END SOLUTION


# %% [markdown] hint="xor_network" lang="en"
# ### The idea
#
# Two points have $y = +1$: the upper left corner and the lower right one. A band along the diagonal from one to the
# other holds both, and leaves out the two others. A band lies between two parallel lines: one for each hidden neuron.
#
# ### The lines
#
# A line with the weights 1 and 1 has the same direction as this band. Which bias puts it halfway between the band's
# middle and the corner $(-1, -1)$? The other hidden neuron does the same on the side of $(1, 1)$; with both signs
# turned, it says $+1$ in the band as well. Then fill in this table.
#
# | $x$ | $h_1$ | $h_2$ | $y$ |
# |---|---|---|---|
# | $(-1, -1)$ | | | $-1$ |
# | $(-1, 1)$ and $(1, -1)$ | | | $+1$ |
# | $(1, 1)$ | | | $-1$ |
#
# ### The output
#
# In the plane of $h$ only three places are left. With the lines above, $y$ is $+1$ where *both* $h$ are $+1$. Their sum
# is then 2, and 0 elsewhere: which bias tells 2 from 0?

# %% [markdown] hint="xor_network" lang="fr"
# ### L'idée
#
# Deux points ont $y = +1$ : le coin en haut à gauche et le coin en bas à droite. Une bande qui suit la diagonale de
# l'un à l'autre les contient tous deux, et laisse dehors les deux autres. Une bande est comprise entre deux droites
# parallèles : une par neurone caché.
#
# ### Les droites
#
# Une droite de poids 1 et 1 a la direction de cette bande. Quel biais la place à mi-chemin entre le milieu de la bande
# et le coin $(-1, -1)$ ? L'autre neurone caché fait de même du côté de $(1, 1)$ ; si l'on renverse les deux signes, lui
# aussi dit $+1$ dans la bande. Remplissez alors ce tableau.
#
# | $x$ | $h_1$ | $h_2$ | $y$ |
# |---|---|---|---|
# | $(-1, -1)$ | | | $-1$ |
# | $(-1, 1)$ et $(1, -1)$ | | | $+1$ |
# | $(1, 1)$ | | | $-1$ |
#
# ### La sortie
#
# Dans le plan de $h$, il ne reste que trois places. Avec les droites ci-dessus, $y$ vaut $+1$ là où les *deux* $h$
# valent $+1$. Leur somme vaut alors 2, et 0 ailleurs : quel biais distingue 2 de 0 ?

# %% check="xor_network_lines" points=1 ids=["S-limits"]
got = check.pair(xor_network(), "xor_network()", 4)
rows = check.items(got[0], "xor_network()[0]")
check.that(len(rows) == 2, "Wh is a list of two rows, one for each hidden neuron; yours has {n}", n=len(rows))
Wh = torch.stack([check.numbers(row, 2, f"xor_network()[0][{j}]") for j, row in enumerate(rows)]).float()
bh = check.numbers(got[1], 2, "xor_network()[1]").float()
corners = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
scores = corners @ Wh.T + bh
for j in range(2):
    check.that(Wh[j].any(), "hidden neuron {j} has no weight but 0: it draws no line", j=j + 1)
    gap = float(scores[:, j].abs().min() / Wh[j].norm())
    check.that(
        gap >= 0.2999, "the line of hidden neuron {j} passes at {gap:.2f} from a point: keep 0.3 away", j=j + 1, gap=gap
    )
    check.that(
        len(set((scores[:, j] > 0).tolist())) == 2,
        "the line of hidden neuron {j} leaves all four points on the same side: its h says nothing",
        j=j + 1,
    )

# %% check="xor_network_solves" points=3 ids=["S-limits", "S-nonlin"]
got = check.pair(xor_network(), "xor_network()", 4)
rows = check.items(got[0], "xor_network()[0]")
check.that(len(rows) == 2, "Wh is a list of two rows, one for each hidden neuron; yours has {n}", n=len(rows))
Wh = torch.stack([check.numbers(row, 2, f"xor_network()[0][{j}]") for j, row in enumerate(rows)]).float()
bh = check.numbers(got[1], 2, "xor_network()[1]").float()
wy, by = check.numbers(got[2], 2, "xor_network()[2]").float(), check.number(got[3], "xor_network()[3]")
corners, targets = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), torch.tensor([-1.0, 1, 1, -1])
h = torch.where(corners @ Wh.T + bh >= 0, 1.0, -1.0)
for one in (0, 3):
    for other in (1, 2):
        check.that(
            not torch.equal(h[one], h[other]),
            "h is the same for {one} and {other}, which are of different classes: no output neuron can tell them apart",
            one=str(tuple(corners[one].int().tolist())),
            other=str(tuple(corners[other].int().tolist())),
        )
check.that(
    len(set(map(tuple, h.tolist()))) < 4,
    "h is another corner for each of the four points, so it is XOR once more: let two points of one class share their h",
)
right = int((torch.where(h @ wy + by >= 0, 1.0, -1.0) == targets).sum())
check.that(right > 0, "all four points get the wrong class: change every sign in wy and by")
check.that(
    right == 4,
    "your hidden neurons tell the classes apart; now the output neuron: it gets {right} of the 4 points right",
    right=right,
)

# %% demo
Wh, bh, wy, by = (torch.as_tensor(part, dtype=torch.float32) for part in xor_network())
corners, classes = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), torch.tensor([-1.0, 1, 1, -1])


def signs(X, W, b):
    return torch.where(X @ W + b >= 0, 1.0, -1.0)


x1, x2 = torch.meshgrid(torch.linspace(-2, 2, 161), torch.linspace(-2, 2, 161), indexing="xy")
plane = torch.stack([x1.flatten(), x2.flatten()], dim=1)
seen = signs(corners, Wh.T, bh)
panels = {
    "$h_1$": (signs(plane, Wh.T, bh)[:, 0], corners),
    "$h_2$": (signs(plane, Wh.T, bh)[:, 1], corners),
    say("what the output neuron reads"): (signs(plane, wy, by), seen),
    r"$\hat{y}$": (signs(signs(plane, Wh.T, bh), wy, by), corners),
}
fig, axes = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained")
for ax, (title, (side, places)) in zip(axes, panels.items()):
    ax.contourf(x1, x2, side.reshape(161, 161), [-2, 0, 2], colors=["#CCE3F0", "#F7DFCC"])
    shift = 0.09 * (corners[:, :1] - corners[:, 1:]) if places is seen else 0  # two points may share their h
    for kind, colour, marker in ((-1, "#0072B2", "o"), (1, "#D55E00", "^")):
        ax.plot(*(places + shift)[classes == kind].T, marker, color=colour, markersize=9, label=f"$y = {kind:+d}$")
    names = ("$h_1$", "$h_2$") if places is seen else ("$x_1$", "$x_2$")
    ax.set(xlabel=names[0], ylabel=names[1], xlim=(-2, 2), ylim=(-2, 2), aspect="equal")
    ax.set_title(title, fontsize=10)
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
figures.show(
    fig,
    say(
        "The plane four times: where each of the two hidden units says 1, then the corners as the output neuron"
        " reads them, with its line, and its answer to each point."
    ),
)
answered = signs(seen, wy, by)

# %% claim="the network gets the four points right; three places are left of four, and the line of the output neuron separates them"
assert torch.equal(answered, classes)
assert len(set(map(tuple, seen.tolist()))) == 3

# %% [markdown] lang="en"
# In the first two pictures, and in the last one, you see the plane of $x$. In the third you see what is left of the
# four points once they have gone through the hidden layer: two of them share one place. This is what a hidden layer is
# for. It moves the points until a line can separate them.
#
# Four points can be solved with a pencil; a thousand need descent. The sign has no slope to descend on, so from now on
# the hidden neurons use tanh. In the last cells of this notebook a network finds its lines by itself.

# %% [markdown] lang="fr"
# Les deux premiers dessins, et le dernier, montrent le plan de $x$. Le troisième montre ce qui reste des quatre points
# une fois passés par la couche cachée : deux d'entre eux sont au même endroit. Voilà à quoi sert une couche cachée :
# elle déplace les points jusqu'à ce qu'une droite puisse les séparer.
#
# Quatre points se règlent au crayon ; pour mille, il faut une descente. Le signe n'a pas de pente à descendre : les
# neurones cachés utiliseront donc désormais tanh. Dans les dernières cellules de ce notebook, un réseau trouvera ses
# droites tout seul.

# %% [markdown] lang="en"
# ### 7 · What activations change · about 3 minutes
#
# **Question, in two or three sentences.** A friend stacks ten affine layers, with nothing between them, and hopes to
# learn XOR. What can the network compute, and what changes if an activation stands between the layers? Name one more
# use of an activation function, at the output of a network.

# %% [markdown] lang="fr"
# ### 7 · Ce que changent les activations · environ 3 minutes
#
# **Question, en deux ou trois phrases.** Une amie empile dix couches affines, sans rien entre elles, et espère
# apprendre le XOR. Que peut calculer ce réseau, et que change une activation entre les couches ? Citez une autre
# utilité d'une fonction d'activation, à la sortie d'un réseau.

# %% [markdown] open="why_activation" points=2 ids=["P-Q3"]
# **English.** The composition of affine maps is affine: ten layers compute $Wx + b$ for one $W$ and one $b$, so no more
# than a single layer. The boundary stays a hyperplane, and no hyperplane separates XOR. (Ten layers can do even less:
# if one of them is narrow, the rank of $W$ is limited.) With a non-linear function between the affine maps the
# composition no longer collapses. Each hidden unit bends the space; with enough of them a network can approximate any
# continuous function on a closed bounded region. At the output, an activation chooses the set where the answer lives:
# tanh gives numbers between $-1$ and 1, the sigmoid a probability, SoftMax a probability for each class.
#
# **Français.** La composée d'applications affines est affine : les dix couches calculent $Wx + b$ pour un seul $W$ et
# un seul $b$, donc rien de plus qu'une seule couche. La frontière reste un hyperplan, et aucun hyperplan ne sépare le
# XOR. (Dix couches peuvent même moins : si l'une est étroite, le rang de $W$ est limité.) Avec une fonction non
# linéaire entre les applications affines, la composée ne se réduit plus. Chaque unité cachée plie l'espace ; avec assez
# d'unités, un réseau approche toute fonction continue sur une région fermée bornée. À la sortie, une activation choisit
# l'ensemble où vit la réponse : tanh donne des nombres entre $-1$ et 1, la sigmoïde une probabilité, SoftMax une
# probabilité par classe.

# %% [markdown] marking="why_activation"
# - 1 point: affine after affine is affine, so ten layers equal one (in words or as $W_2(W_1 x + b_1) + b_2$), hence no
#   XOR. "The network would be too simple" without the reason earns nothing.
# - 1 point: a *non-linear* function keeps the composition from collapsing, **and** one use at the output: the range of
#   the answer (a probability, an interval).
# - or 0.5: only one of the two, that it does not collapse or the use at the output.
# - Common misconceptions: "activations normalise the data", "they prevent large values", "they make it faster": no
#   point by themselves. "Linear" said for "affine" is accepted.

# %% [markdown] lang="en"
# ## Part 3. The data
#
# We teach by examples: $n$ pairs $(x^{(k)}, y^{(k)})$, where $x^{(k)}$ has $n_x$ features and $y^{(k)}$ is the answer
# we want, given by somebody who knows. The data are cut into three sets. (Numbers that are chosen rather than fitted,
# such as $n_h$, are *hyper-parameters*.)
#
# | set | what it is for |
# |---|---|
# | training | fits the parameters: weights and biases |
# | validation | compares trained models, to choose $n_h$, the *learning rate* (part 6), when to stop |
# | test | measures, once and at the very end, the model that was chosen |
#
# How many examples do we need? Here one model, a polynomial of degree 6, is fitted to $n$ noisy points, 200 times for
# each $n$. Each mark is the median of its 200 mean squared errors, on these points or on new ones. The noise alone has
# the mean square 0.09. Guess first: with $n = 12$, what is the error on the 12 training points?

# %% [markdown] lang="fr"
# ## Partie 3. Les données
#
# On enseigne par l'exemple : $n$ couples $(x^{(k)}, y^{(k)})$, où $x^{(k)}$ a $n_x$ caractéristiques et où $y^{(k)}$
# est la réponse voulue, donnée par quelqu'un qui sait. Les données sont découpées en trois ensembles. (Les nombres que
# l'on choisit au lieu de les ajuster, comme $n_h$, sont des *hyperparamètres*.)
#
# | ensemble | à quoi il sert |
# |---|---|
# | apprentissage (train) | ajuste les paramètres : poids et biais |
# | validation | compare des modèles entraînés, pour choisir $n_h$, le *pas d'apprentissage* (partie 6), l'arrêt |
# | test | mesure, une seule fois et tout à la fin, le modèle choisi |
#
# Combien d'exemples faut-il ? Voici un même modèle, un polynôme de degré 6, ajusté à $n$ points bruités, 200 fois pour
# chaque $n$. Chaque marque est la médiane des 200 erreurs quadratiques moyennes, sur ces points ou sur de nouveaux. Le
# carré moyen du bruit seul vaut 0,09. Faites d'abord un pronostic : avec $n = 12$, quelle est l'erreur sur les 12
# points d'apprentissage ?

# %% predict="error_on_12"
error_on_12 = None


# %% demo
def noisy(runs, count):
    abscissa = torch.rand(runs, count, 1) * 2 - 1
    return abscissa ** torch.arange(7), torch.sin(3 * abscissa) + 0.3 * torch.randn(runs, count, 1)


torch.manual_seed(0)
counts, seen, new = [12, 16, 24, 36, 60, 100, 200, 400], [], []
for count in counts:
    (A, seen_y), (A_new, new_y) = noisy(200, count), noisy(200, 200)  # 200 times
    fitted = torch.linalg.lstsq(A, seen_y).solution
    seen.append(((A @ fitted - seen_y) ** 2).mean((1, 2)).median())
    new.append(((A_new @ fitted - new_y) ** 2).mean((1, 2)).median())
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.semilogx(counts, new, "^-", color="#D55E00", label=say("new examples"))
ax.semilogx(counts, seen, "o-", color="#0072B2", label=say("training examples"))
ax.axhline(0.09, color="grey", linestyle=":", label=say("the noise itself"))
ax.set(xlabel="$n$", ylabel=say("mean squared error"), ylim=(0, None))
ax.set_xticks(counts, counts, minor=False)
ax.set_xticks([], minor=True)
ax.legend()
figures.show(
    fig,
    say(
        "The error of a polynomial by the number of examples: on new examples it falls, on its own it rises, "
        "and both come near the noise itself, 0.09."
    ),
)
reveal(error_on_12, round(float(seen[0]), 3))

# %% claim="the training error rises with n from below the noise, the error on new examples falls towards it, and the gap closes"
gaps = [float(one - other) for one, other in zip(new, seen)]
assert all(one < other for one, other in zip(seen[:4], seen[1:5]))
assert all(one > other for one, other in zip(new[:4], new[1:5]))
assert seen[0] < 0.05 and new[0] > 2 * 0.09
assert gaps[-1] < 0.01 < 0.1 < gaps[0] and 0.08 < seen[-1] < 0.09 < new[-1] < 0.1

# %% [markdown] lang="en"
# ### 8 · Three sets · about 5 minutes
#
# Sort these statements into true and false.
#
# - **a.** While models are compared, weights and biases are fitted on the training set only.
# - **b.** The test set may serve to choose $n_h$, as long as no weight was fitted on it.
# - **c.** The validation set serves to choose, among others, $n_h$ and the moment to stop.
# - **d.** A network without any error on the training set makes no error on new examples.
# - **e.** With more training examples, the gap between the errors on training and on new examples usually shrinks.
# - **f.** With more training examples, the same model usually has a smaller error *on the training set*.

# %% [markdown] lang="fr"
# ### 8 · Trois ensembles · environ 5 minutes
#
# Pour chaque affirmation, dites si elle est vraie ou fausse.
#
# - **a.** Tant que l'on compare des modèles, poids et biais s'ajustent sur l'ensemble d'apprentissage seulement.
# - **b.** L'ensemble de test peut servir à choisir $n_h$, pourvu qu'aucun poids n'ait été ajusté sur lui.
# - **c.** L'ensemble de validation sert à choisir, entre autres, $n_h$ et le moment de s'arrêter.
# - **d.** Un réseau sans aucune erreur sur l'ensemble d'apprentissage n'en fait aucune sur de nouveaux exemples.
# - **e.** Avec plus d'exemples d'apprentissage, l'écart entre les erreurs sur les exemples d'apprentissage et sur de
#   nouveaux exemples se réduit en général.
# - **f.** Avec plus d'exemples d'apprentissage, le même modèle a en général une erreur plus petite *sur l'ensemble
#   d'apprentissage*.


# %% answer="sets"
def sets():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": False, "e": True, "f": False}
    ### END SOLUTION


# %% check="sets_sorted" points=1 ids=["P-Q1", "P-Q2"]
check.letters(sets, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    sets(),
    {"a": True, "b": False, "c": True, "d": False, "e": True, "f": False},
    because={
        "a": "a set that served to fit the weights can no longer judge them.",
        "b": "choosing is a way of fitting: the best of many looks better on the test set than it is.",
        "c": "these choices need examples that the weights have not seen and that the final verdict does not use.",
        "d": "it may have learnt the examples by heart, noise included: over-fitting.",
        "e": "both curves go to the same level as n grows.",
        "f": "more examples are harder to fit at once: the training error rises with n, or stays.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# You trained five networks, which differ by $n_h$ only. Their *accuracy* is the share of examples that they classify
# right:
#
# | $n_h$ | accuracy on validation | accuracy on test |
# |---|---|---|
# | 2 | 0.71 | 0.73 |
# | 5 | 0.88 | 0.90 |
# | 10 | 0.93 | 0.91 |
# | 50 | 0.92 | 0.94 |
# | 200 | 0.89 | 0.88 |
#
# You may report one accuracy only. Which network do you choose, and which number do you report? Write `choose_nh`, for
# any such table. (In real life the last column would not exist until the choice is made.)

# %% [markdown] lang="fr"
# Vous avez entraîné cinq réseaux, qui ne diffèrent que par $n_h$. Leur *taux de réussite* (accuracy) est la part des
# exemples qu'ils classent bien :
#
# | $n_h$ | taux de réussite en validation | taux de réussite en test |
# |---|---|---|
# | 2 | 0,71 | 0,73 |
# | 5 | 0,88 | 0,90 |
# | 10 | 0,93 | 0,91 |
# | 50 | 0,92 | 0,94 |
# | 200 | 0,89 | 0,88 |
#
# Vous ne pouvez annoncer qu'un seul taux de réussite. Quel réseau choisissez-vous, et quel taux annoncez-vous ? Écrivez
# `choose_nh`, pour tout tableau de ce genre, dont les lignes viennent dans un ordre quelconque. Entre réseaux également
# bons, choisissez celui qui a le moins d'unités cachées. La fonction renvoie `(nh, taux)`. (Dans la vraie vie, la
# dernière colonne n'existerait pas avant le choix.)


# %% answer="choose_nh"
def choose_nh(results):
    """Choose a number of hidden units, and say how good the network is.

    results: a list of rows (nh, accuracy on validation, accuracy on test), in any order.
    Among networks that are equally good, choose the one with the fewest hidden units.
    Returns (nh, accuracy): the nh chosen, and the one accuracy to report for it.
    """
    ### BEGIN SOLUTION
    nh, _, test = min(results, key=lambda row: (-row[1], row[0]))
    return nh, test
    ### END SOLUTION


# %% [markdown] hint="choose_nh" lang="en"
# Which of the two columns may be looked at before the choice? `max` or `min` with `key=` finds a row. A key may be a
# pair: its second number decides between rows whose first numbers are equal. One of the two wants the largest, the
# other the smallest: a minus sign turns one into the other.

# %% [markdown] hint="choose_nh" lang="fr"
# Laquelle des deux colonnes a-t-on le droit de regarder avant le choix ? `max` ou `min`, avec `key=`, trouve une ligne.
# La clé peut être un couple : son second nombre départage les lignes dont le premier est le même. Pour l'un on veut le
# plus grand, pour l'autre le plus petit : un signe moins change l'un en l'autre.

# %% check="choose_nh_choice" points=1 ids=["P-Q1"]
table = [(16, 0.8, 0.75), (9, 0.8, 0.7), (4, 0.6, 0.65), (25, 0.5, 0.9)]
for rows in (table, table[::-1]):
    check.same(
        check.pair(choose_nh(rows), "choose_nh(results)")[0],
        9,
        "choose_nh(results)[0]",
        unless={
            "you chose on the test set: choose on the validation set": 25,
            "several are equally good on validation: choose the smallest nh": 16,
            "the number of hidden units only decides between equals: compare on validation first": 4,
            "you returned the accuracy first: return (nh, accuracy)": 0.7,
        },
    )
### BEGIN HIDDEN TESTS
table = [(2, 0.71, 0.73), (5, 0.88, 0.90), (10, 0.93, 0.91), (50, 0.92, 0.94), (200, 0.89, 0.88)]
got = check.pair(choose_nh(table), "choose_nh(results)")
check.same(
    got[0],
    10,
    "choose_nh(results)[0]",
    unless={
        "you chose on the test set: choose on the validation set": 50,
        "the number of hidden units only decides between equals: compare on validation first": 2,
    },
)
table = [(64, 0.90, 0.99), (16, 0.95, 0.93), (8, 0.95, 0.94), (32, 0.91, 0.92), (4, 0.60, 0.61)]
for rows in (table, table[::-1]):
    check.same(
        check.pair(choose_nh(rows), "choose_nh(results)")[0],
        8,
        "choose_nh(results)[0]",
        unless={
            "you chose on the test set: choose on the validation set": 64,
            "several are equally good on validation: choose the smallest nh": 16,
        },
    )
### END HIDDEN TESTS

# %% check="choose_nh_report" points=1 ids=["P-Q1"]
table = [(16, 0.8, 0.75), (9, 0.8, 0.7), (4, 0.6, 0.65), (25, 0.5, 0.9)]
got = check.pair(choose_nh(table), "choose_nh(results)")
# Of the nh that you chose, right or wrong: the choice has its own check.
nh = check.number(got[0], "choose_nh(results)[0]")
validation, test = next((row[1:] for row in table if row[0] == nh), (None, None))
check.that(test is not None, "no network in the table has nh = {nh}", nh=f"{nh:g}")
check.close(
    got[1],
    test,
    "choose_nh(results)[1]",
    unless={
        "the validation set served to choose: report the accuracy on the test set": validation,
        "report the accuracy of the network that was chosen, not the best of the column": 0.9,
    },
)
### BEGIN HIDDEN TESTS
table = [(2, 0.71, 0.73), (5, 0.88, 0.90), (10, 0.93, 0.91), (50, 0.92, 0.96), (200, 0.89, 0.86)]
got = check.pair(choose_nh(table), "choose_nh(results)")
# Of the nh that was chosen, right or wrong: the choice is told, and paid for, by its own check.
nh = check.number(got[0], "choose_nh(results)[0]")
validation, test = next((row[1:] for row in table if row[0] == nh), (None, None))
check.that(test is not None, "no network in the table has nh = {nh}", nh=f"{nh:g}")
check.close(
    got[1],
    test,
    "choose_nh(results)[1]",
    unless={
        "the validation set served to choose: report the accuracy on the test set": validation,
        "report the accuracy of the network that was chosen, not the best of the column": 0.96,
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 9 · An honest number · about 4 minutes
#
# **Question, in three sentences.** A classmate has no validation set. He trains thirty networks, keeps the best on the
# test set, and reports that accuracy. Why is his number too good? What would twice as many training examples change in
# his accuracy on new examples, and what would it cost? (Use the figure above.)

# %% [markdown] lang="fr"
# ### 9 · Un chiffre honnête · environ 4 minutes
#
# **Question, en trois phrases.** Un camarade n'a pas d'ensemble de validation. Il entraîne trente réseaux, garde le
# meilleur sur l'ensemble de test, et annonce ce taux de réussite. Pourquoi ce chiffre est-il trop beau ? Avec deux fois
# plus d'exemples d'apprentissage, que deviendrait son taux de réussite sur de nouveaux exemples, et qu'en
# coûterait-il ? (Servez-vous de la figure ci-dessus.)

# %% [markdown] open="three_sets" points=2 ids=["P-Q1", "P-Q2"]
# **English.** The training set fits the weights. The validation set compares the trained networks and chooses the
# hyper-parameters. The test set, used once, estimates how the chosen network does on examples that served for nothing.
# Here the test set did the choosing. Of thirty noisy measures he keeps the largest: it owes part of its value to luck
# on these very examples, so it is biased upwards. New examples would give less. With twice the examples, a model of
# the same size can no longer learn each by heart: the training error rises a little, the error on new examples falls,
# and the gap closes. The gain gets smaller and smaller; it stops at the noise and at what the model can express. The
# cost: collecting and labelling the examples, and twice the computing for each pass over them.
#
# **Français.** L'ensemble d'apprentissage ajuste les poids. L'ensemble de validation compare les réseaux entraînés et
# choisit les hyperparamètres. L'ensemble de test, utilisé une seule fois, estime ce que vaut le réseau choisi sur des
# exemples qui n'ont servi à rien. Ici, c'est l'ensemble de test qui a choisi. De trente mesures bruitées, on garde la
# plus grande : elle doit une part de sa valeur à la chance sur ces exemples-là, elle est donc biaisée vers le haut. De
# nouveaux exemples donneraient moins. Avec deux fois plus d'exemples, un modèle de même taille ne peut plus apprendre
# chacun par cœur : l'erreur d'apprentissage monte un peu, l'erreur sur de nouveaux exemples baisse, l'écart se referme.
# Le gain est de plus en plus petit ; il s'arrête au bruit et à ce que le modèle peut exprimer. Le prix : recueillir et
# annoter les exemples, et deux fois plus de calcul à chaque passage.

# %% [markdown] marking="three_sets"
# - 1 point: the test set was used for the choice, **so** the maximum of thirty is biased upwards.
# - or 0.5: "the test set must not be used" without the reason, or "the network has learnt the test set" (its weights
#   never saw it: the *choice* did).
# - 1 point: more examples, smaller error on new ones and smaller gap (over-fitting falls), with diminishing returns,
#   **and** a cost (labelling, or computing time per pass).
# - or 0.5: what more examples bring without their cost, or the cost alone.
# - Common misconceptions: "more data always gives 100 %"; "the training error falls with $n$" (it rises, or stays).

# %% [markdown] lang="en"
# ## Part 4. The network
#
# Our network has one hidden layer. A vector $x$ enters on the left, $\hat{y}$ comes out on the right. Each line carries
# one weight. Each disc after the first column is a neuron: it adds up what arrives, and its bias. Each hidden neuron
# then applies its activation; SoftMax takes the whole last column at once. Biases and activations are not drawn.

# %% [markdown] lang="fr"
# ## Partie 4. Le réseau
#
# Notre réseau a une couche cachée. Un vecteur $x$ entre à gauche, $\hat{y}$ sort à droite. Chaque trait porte un poids.
# Chaque disque après la première colonne est un neurone : il additionne ce qui arrive, et ajoute son biais. Ensuite,
# chaque neurone caché applique sa propre activation, tandis que SoftMax prend toute la dernière colonne d'un coup. Ni
# les biais ni les activations ne sont dessinés.

# %% demo unclaimed="only a drawing, to read the sizes from"
figures.network([ord(letter) % 16 for letter in "dvs"], names=["$x$", "$h$", r"$\hat{y}$"])

# %% [markdown] lang="en"
# ### 10 · Sizes · about 4 minutes
#
# Read $n_x$, $n_h$ and $n_y$ off the figure. Then write `count_params` for any sizes: how many numbers have to be
# learnt? Think of every line, and of every bias.

# %% [markdown] lang="fr"
# ### 10 · Les tailles · environ 4 minutes
#
# Lisez $n_x$, $n_h$ et $n_y$ sur la figure. Puis écrivez `count_params` pour des tailles quelconques : combien de
# nombres faut-il apprendre ? Pensez à chaque trait, et à chaque biais.


# %% answer="sizes"
def sizes():
    """Return (nx, nh, ny), three integers, for the network in the figure."""
    ### BEGIN SOLUTION
    return 4, 6, 3
    ### END SOLUTION


# %% [markdown] hint="sizes" lang="en"
# Count the discs of each column, from left to right: inputs, hidden units, outputs.

# %% [markdown] hint="sizes" lang="fr"
# Comptez les disques de chaque colonne, de gauche à droite : entrées, unités cachées, sorties.

# %% check="sizes_read" points=1 ids=["P-Q4"]
check.that(
    all(isinstance(number, int | torch.Tensor) for number in check.pair(sizes(), "sizes()", 3)),
    "sizes returns three whole numbers: nx, nh, ny",
)
check.form_only()
### BEGIN HIDDEN TESTS
check.same(
    check.pair(sizes(), "sizes()", 3),
    (4, 6, 3),
    "sizes()",
    unless={
        "the order is (nx, nh, ny): inputs, hidden units, outputs": (3, 6, 4),
        "one column is one layer: count its discs, without a bias": (5, 7, 3),
        "h is the middle column, and ny the number of discs on the right": (4, 3, 6),
    },
)
### END HIDDEN TESTS


# %% answer="count_params"
def count_params(nx, nh, ny):
    """Return the number of parameters, weights and biases, of a network with one hidden layer."""
    ### BEGIN SOLUTION
    return nh * nx + nh + ny * nh + ny
    ### END SOLUTION


# %% [markdown] hint="count_params" lang="en"
# Between two columns every disc is joined to every disc: how many lines is that? Then one bias for each disc that adds
# something up. The inputs add up nothing.

# %% [markdown] hint="count_params" lang="fr"
# Entre deux colonnes, chaque disque est relié à chaque disque : combien de traits cela fait-il ? Ajoutez un biais pour
# chaque disque qui additionne. Les entrées, elles, n'additionnent rien.

# %% check="count_params_value" points=1 ids=["P-Q4"]
check.same(
    count_params(2, 3, 1),
    13,
    "count_params(2, 3, 1)",
    unless={
        "you forgot the biases": 9,
        "each layer has as many biases as outputs, not as inputs": 14,
        "the inputs have no biases": 15,
        "the output units have biases too": 12,
        "the hidden units have biases too": 10,
        "a layer has one bias for each of its units, not one for all": 11,
    },
)
### BEGIN HIDDEN TESTS
network = torch.nn.Sequential(torch.nn.Linear(7, 11), torch.nn.Tanh(), torch.nn.Linear(11, 5))
check.same(
    count_params(7, 11, 5),
    torch.cat([parameter.flatten() for parameter in network.parameters()]).numel(),
    "count_params(7, 11, 5)",
    unless={
        "you forgot the biases": 7 * 11 + 11 * 5,
        "each layer has as many biases as outputs, not as inputs": 7 * 11 + 7 + 11 * 5 + 11,
        "the inputs have no biases": 7 * 11 + 11 * 5 + 7 + 11 + 5,
        "the output units have biases too": 7 * 11 + 11 * 5 + 11,
        "the hidden units have biases too": 7 * 11 + 11 * 5 + 5,
        "a layer has one bias for each of its units, not one for all": 7 * 11 + 11 * 5 + 2,
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Where do these numbers come from in practice? Take handwritten digits, grey images of 28 × 28 pixels, 60 000 of them.
# For each of **a.** $n_x$ · **b.** $n_h$ · **c.** $n_y$ · **d.** the learning rate, choose what fixes it:
#
# - **1.** the number of features of an example (here 784)
# - **2.** the number of classes (here 10)
# - **3.** the number of examples
# - **4.** trials: several values, compared on the validation set

# %% [markdown] lang="fr"
# D'où viennent ces nombres en pratique ? Prenons des chiffres manuscrits : 60 000 images en niveaux de gris de 28 × 28
# pixels. Pour chaque grandeur, **a.** $n_x$ · **b.** $n_h$ · **c.** $n_y$ · **d.** le pas d'apprentissage, choisissez
# ce qui la fixe :
#
# - **1.** le nombre de caractéristiques d'un exemple (ici 784)
# - **2.** le nombre de classes (ici 10)
# - **3.** le nombre d'exemples
# - **4.** des essais : plusieurs valeurs, que l'on compare sur l'ensemble de validation


# %% answer="who_decides"
def who_decides():
    """Return a dict from each letter, "a" to "d", to a number from 1 to 4."""
    ### BEGIN SOLUTION
    return {"a": 1, "b": 4, "c": 2, "d": 4}
    ### END SOLUTION


# %% check="who_decides_sorted" points=1 ids=["P-Q4"]
check.letters(who_decides, "abcd", options=(1, 2, 3, 4))
### BEGIN HIDDEN TESTS
check.choices(
    who_decides(),
    {"a": 1, "b": 4, "c": 2, "d": 4},
    because={
        "a": "the network reads every feature: the data fix nx.",
        "b": "nothing in the data fixes nh: too small it cannot fit, too large it over-fits and costs more.",
        "c": "one output for each class: the problem fixes ny.",
        "d": "it is a hyper-parameter, like nh: it is tried.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 11 · What goes in and what comes out · about 3 minutes
#
# The target of an example is a class. A network gives numbers, so we write the class as a vector too: $y$ has $n_y$
# components, 1 at the place of the class and 0 elsewhere. This is the *one-hot* code. Classes are counted from 0, like
# everything in code: with $n_y = 3$, class 1 is $y = (0, 1, 0)$. Its 1 is `y[1]`, which formulas call $y_2$.
#
# The network answers with $\hat{y}$, of the same shape: one probability for each class. To get a class from it, take
# the most probable.
#
# Write both conversions: `one_hot` and `predicted_class`.

# %% [markdown] lang="fr"
# ### 11 · Ce qui entre et ce qui sort · environ 3 minutes
#
# La cible d'un exemple est une classe. Un réseau donne des nombres ; on écrit donc aussi la classe comme un vecteur :
# $y$ a $n_y$ composantes, 1 à la place de la classe et 0 ailleurs. C'est le codage *one-hot*. Les classes se comptent à
# partir de 0, comme tout dans le code : avec $n_y = 3$, la classe 1 est $y = (0, 1, 0)$. Son 1 est `y[1]`, que les
# formules appellent $y_2$.
#
# Le réseau répond par $\hat{y}$, de même taille : une probabilité pour chaque classe. Pour en tirer une classe, on
# prend la plus probable.
#
# Écrivez les deux conversions : `one_hot`, qui renvoie un tableau de nombres à virgule flottante, une ligne par
# exemple, et `predicted_class`, qui renvoie un vecteur d'entiers.


# %% answer="one_hot"
def one_hot(labels, ny):
    """Code classes as vectors.

    labels: integers (n,), each from 0 to ny - 1. ny: number of classes.
    Returns Y (n, ny), of floating point numbers: in each row a 1.0 at the place of the class, 0.0
    elsewhere.
    """
    ### BEGIN SOLUTION
    return torch.eye(ny)[labels]
    ### END SOLUTION


# %% [markdown] hint="one_hot" lang="en"
# Either start from zeros and write one number in each row, in a loop. Or look at the identity matrix, `torch.eye`: its
# row $k$ is the code of class $k$. A tensor of integers between brackets picks rows.

# %% [markdown] hint="one_hot" lang="fr"
# Ou bien vous partez de zéros, et une boucle écrit un nombre dans chaque ligne. Ou bien vous regardez la matrice
# identité, `torch.eye` : sa ligne $k$ est le code de la classe $k$. Un tenseur d'entiers entre crochets choisit des
# lignes.

# %% check="one_hot_values" points=1 ids=["P-Q5"]
check.close(
    one_hot(torch.tensor([1, 0]), 3),
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]],
    "one_hot(labels, ny)",
    unless={"classes are counted from 0: class 0 has its 1 in column 0": [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]},
)
### BEGIN HIDDEN TESTS
labels = torch.randint(5, (9,))
labels[0] = 0
shifted = torch.zeros(9, 5)
shifted[torch.arange(9), labels - 1] = 1.0
check.close(
    one_hot(labels, 5),
    torch.nn.functional.one_hot(labels, 5).float(),
    "one_hot(labels, ny)",
    unless={"classes are counted from 0: class 0 has its 1 in column 0": shifted},
)
check.tensor(one_hot(torch.tensor([1, 0, 1, 1]), 6), (4, 6), "one_hot(labels, ny)")
### END HIDDEN TESTS


# %% answer="predicted_class"
def predicted_class(Yhat):
    """Find the most probable class of each example.

    Yhat: predicted probabilities (n, ny).
    Returns a tensor of integers (n,).
    """
    ### BEGIN SOLUTION
    return Yhat.argmax(1)
    ### END SOLUTION


# %% [markdown] hint="predicted_class" lang="en"
# The table at the beginning has a function for it. Along which dimension are the classes of one example?

# %% [markdown] hint="predicted_class" lang="fr"
# Le tableau du début contient une fonction pour cela. Selon quelle dimension se suivent les classes d'un exemple ?

# %% check="predicted_class_values" points=1 ids=["P-Q5"]
got = predicted_class(torch.tensor([[0.2, 0.5, 0.3], [0.9, 0.0, 0.1]]))
check.that(
    not isinstance(got, tuple),
    "max(1) finds two things, the largest probabilities and their places: return the places alone",
)
check.close(
    got,
    [1, 0],
    "predicted_class(Yhat)",
    unless={
        "this is the largest probability: return its place": [0.5, 0.9],
        "this is the least probable class": [0, 1],
        "this is the best example of each class: look along the rows, dim=1": [1, 0, 0],
        "classes are counted from 0": [2, 1],
    },
)
check.that(not got.is_floating_point(), "classes are whole numbers, and yours are floating point numbers")
### BEGIN HIDDEN TESTS
classes = torch.tensor([2, 0, 3, 1, 1, 2, 3])
chances = (torch.rand(7, 4) + 2 * torch.eye(4)[classes]) / 6
check.close(
    predicted_class(chances),
    classes,
    "predicted_class(Yhat)",
    unless={
        "this is the largest probability: return its place": chances.max(1).values,
        "this is the least probable class": chances.argmin(1),
    },
)
check.close(
    predicted_class(chances[:4]),
    classes[:4],
    "predicted_class(Yhat)",
    unless={"this is the best example of each class: look along the rows, dim=1": chances[:4].argmax(0)},
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 12 · SoftMax · about 6 minutes
#
# The last affine map gives $n_y$ *scores* $\tilde{y}$, any real numbers. SoftMax makes probabilities of them:
#
# $$\hat{y}_i = \text{SoftMax}(\tilde{y})_i = \frac{e^{\tilde{y}_i}}{\sum_{j=1}^{n_y} e^{\tilde{y}_j}}$$
#
# Add the same number $m$ to all the scores: $e^m$ factors out above and below, and nothing changes. In floating point
# $e^{1000}$ is infinite, and infinity divided by infinity is NaN (*not a number*). So first subtract from the scores of
# each example the largest of them: its exponential becomes $e^0 = 1$.
#
# Write `softmax` without calling `torch.softmax`, for the scores $(n_y,)$ of one example as well as for those,
# $(n, n_y)$, of a batch. `a.amax(-1, keepdim=True)` is the largest number of each row, in a column.

# %% [markdown] lang="fr"
# ### 12 · SoftMax · environ 6 minutes
#
# La dernière application affine donne $n_y$ *scores* $\tilde{y}$, des réels quelconques. SoftMax en fait des
# probabilités :
#
# $$\hat{y}_i = \text{SoftMax}(\tilde{y})_i = \frac{e^{\tilde{y}_i}}{\sum_{j=1}^{n_y} e^{\tilde{y}_j}}$$
#
# Ajoutez un même nombre $m$ à tous les scores : $e^m$ se met en facteur en haut et en bas, et rien ne change. En
# virgule flottante, $e^{1000}$ est infini, et l'infini divisé par l'infini donne NaN (*not a number*). Commencez donc
# par soustraire aux scores de chaque exemple le plus grand d'entre eux : son exponentielle devient $e^0 = 1$.
#
# Écrivez `softmax`, sans appeler `torch.softmax`, pour les scores $(n_y,)$ d'un exemple comme pour ceux, $(n, n_y)$,
# d'un lot. `a.amax(-1, keepdim=True)` est le plus grand nombre de chaque ligne, en colonne.


# %% answer="softmax"
def softmax(a):
    """Turn scores into probabilities.

    a: scores (ny,) of one example, or (n, ny) of a batch, of any size, such as 1000 or -1000.
    Returns a tensor of the same shape; the probabilities of each example add up to 1.
    """
    ### BEGIN SOLUTION
    exp = torch.exp(a - a.amax(-1, keepdim=True))
    return exp / exp.sum(-1, keepdim=True)
    ### END SOLUTION


# %% [markdown] hint="softmax" lang="en"
# The exponentials serve twice, above and below: give them a name. In a batch the classes of an example are in a row;
# with one example there is only one dimension. The *last* dimension, $-1$, is right for both. Both the largest score
# and the sum must stay in a column, so that each row gets its own: `keepdim=True`.

# %% [markdown] hint="softmax" lang="fr"
# Les exponentielles servent deux fois, en haut et en bas : donnez-leur un nom. Dans un lot, les classes d'un exemple
# sont en ligne ; pour un seul exemple, il n'y a qu'une dimension. La *dernière* dimension, $-1$, convient aux deux. Le
# plus grand score et la somme doivent rester en colonne, pour que chaque ligne ait les siens : `keepdim=True`.

# %% check="softmax_batch" points=1 ids=["P-Q6", "P-activations"]
for shape in ((2, 3), (5, 3), (1, 2), (10, 4)):
    beyond = probes.beyond_arithmetic(softmax, torch.randn(shape))
    check.that(not beyond, "write it yourself, with exp and sum: {name} is not allowed here", name=", ".join(beyond))
check.close(
    softmax(torch.log(torch.tensor([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))),
    [[0.125, 0.25, 0.625], [0.375, 0.375, 0.25]],
    "softmax(a)",
    unless={
        "SoftMax is taken over the examples; take it over the classes, dim=-1": [
            [0.25, 0.4, 0.7143],
            [0.75, 0.6, 0.2857],
        ],
        "SoftMax is taken over the whole batch; take it row by row, dim=-1": [
            [0.0625, 0.125, 0.3125],
            [0.1875, 0.1875, 0.125],
        ],
        "you took the exponential but did not divide by the sum of the row": [[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]],
        "you divided by sums over the examples; each row has its own sum, dim=-1": [
            [0.1667, 0.2857, 0.6],
            [0.8333, 0.7143, 0.4],
        ],
        "you divided by the sum of the whole batch; each row has its own sum, dim=-1": [
            [0.0469, 0.09375, 0.2344],
            [0.2344, 0.2344, 0.15625],
        ],
        "you divided by the sum of the scores: divide by the sum of their exponentials": [
            [0.4343, 0.8686, 2.1715],
            [1.0379, 1.0379, 0.6920],
        ],
        "this is the sigmoid of each score": [[0.5, 0.6667, 0.8333], [0.75, 0.75, 0.6667]],
    },
)
### BEGIN HIDDEN TESTS
scores = torch.randn(5, 3)
shifted = torch.exp(scores - scores.amax(1, keepdim=True))
check.close(
    softmax(scores.clone()),
    torch.nn.functional.softmax(scores, dim=1),
    "softmax(a)",
    unless={
        "SoftMax is taken over the examples; take it over the classes, dim=-1": scores.softmax(0),
        "SoftMax is taken over the whole batch; take it row by row, dim=-1": scores.flatten().softmax(0).reshape(5, 3),
        "you took the exponential but did not divide by the sum of the row": scores.exp(),
        "you divided by the sum of the scores: divide by the sum of their exponentials": scores.exp()
        / scores.sum(1, keepdim=True),
        "you divided by sums over the examples; each row has its own sum, dim=-1": shifted / shifted.sum(0),
        "you divided by the sum of the whole batch; each row has its own sum, dim=-1": shifted / shifted.sum(),
        "this is the sigmoid of each score": torch.sigmoid(scores),
    },
)
### END HIDDEN TESTS

# %% check="softmax_one" points=1 ids=["P-Q6"]
beyond = probes.beyond_arithmetic(softmax, torch.randn(6))
check.that(not beyond, "write it yourself, with exp and sum: {name} is not allowed here", name=", ".join(beyond))
check.close(
    softmax(torch.log(torch.tensor([1.0, 3.0]))),
    [0.25, 0.75],
    "softmax(a)",
    unless={
        "you divided by the sum of the scores: divide by the sum of their exponentials": [0.9102, 2.7307],
        "you took the exponential but did not divide by the sum of the row": [1.0, 3.0],
        "this is the sigmoid of each score": [0.5, 0.75],
    },
)
### BEGIN HIDDEN TESTS
scores = torch.randn(6)
check.close(softmax(scores.clone()), torch.nn.functional.softmax(scores, dim=0), "softmax(a)")
### END HIDDEN TESTS

# %% check="softmax_large" points=1 ids=["P-Q6"]
scores = torch.tensor([[0.0, 1.0], [2.0, 1.0], [0.0, 0.0]])
beyond = probes.beyond_arithmetic(softmax, scores + 1000)
check.that(not beyond, "write it yourself, with exp and sum: {name} is not allowed here", name=", ".join(beyond))
got = softmax(scores + 1000)
check.that(
    check.is_finite(got),
    "large scores give NaN: exp(1000) is infinite; subtract the largest score of the row first",
)
check.tensor(got, (3, 2), "softmax(a + 1000)")
check.close(got, check.tensor(softmax(scores), (3, 2), "softmax(a)"), "softmax(a + 1000)")
got = check.tensor(
    softmax(torch.tensor([[1000.0, 1001.0], [-1000.0, -1001.0], [0.0, 0.0]])), (3, 2), "softmax(a)", finite=False
)
# Whether rows add up to 1, or columns, or the whole batch, is for the checks above to tell.
over_batch = abs(float(got.sum()) - 1) < 1e-3 and float(got.sum(1).max()) < 0.99
check.that(
    over_batch or any(abs(float(got.sum()) - n) < 1e-3 for n in got.shape),
    "subtract the largest score of each row: not its mean or smallest, nor the largest of the whole batch",
)
### BEGIN HIDDEN TESTS
scores = torch.randn(4, 3)
one, other = (check.tensor(softmax(factor * scores), (4, 3), "softmax(a)") for factor in (1, 2))
check.that(not torch.allclose(one, other), "softmax gives the same whatever the scores")
for shift in (2000.0, -2000.0):
    got = softmax(scores + shift)
    check.that(
        check.is_finite(got),
        "large scores give NaN: exp(1000) is infinite; subtract the largest score of the row first",
    )
    check.close(got, one, f"softmax(a + {shift:.0f})", rtol=1e-2)
    check.that((got >= 0).all() and (got <= 1).all(), "probabilities lie between 0 and 1")
rows = torch.tensor([[0.0, 1.0, 2.0], [-1000.0, -1001.0, -1000.0], [1000.0, 999.0, -1000.0], [2.0, 0.0, 1.0]])
got = check.tensor(softmax(rows), (4, 3), "softmax(a)", finite=False)
over_batch = abs(float(got.sum()) - 1) < 1e-3 and float(got.sum(1).max()) < 0.99
check.that(
    over_batch or any(abs(float(got.sum()) - n) < 1e-3 for n in got.shape),
    "subtract the largest score of each row: not its mean or smallest, nor the largest of the whole batch",
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Sort these statements into true and false. Try them on numbers.
#
# - **a.** If you add 5 to all the scores, $\hat{y}$ does not change.
# - **b.** If you double all the scores, $\hat{y}$ does not change.
# - **c.** The largest score gets the largest probability.
# - **d.** If one score rises and the others do not change, the probabilities of all the other classes fall.
# - **e.** A component of $\hat{y}$ can be exactly 0 (with exact arithmetic).
# - **f.** For two classes, $\hat{y}_1 = \sigma(\tilde{y}_1 - \tilde{y}_2)$.

# %% [markdown] lang="fr"
# Pour chaque affirmation, dites si elle est vraie ou fausse. Essayez sur des exemples numériques.
#
# - **a.** Si l'on ajoute 5 à tous les scores, $\hat{y}$ ne change pas.
# - **b.** Si l'on double tous les scores, $\hat{y}$ ne change pas.
# - **c.** Le plus grand score reçoit la plus grande probabilité.
# - **d.** Si un score augmente et que les autres ne changent pas, les probabilités de toutes les autres classes
#   diminuent.
# - **e.** Une composante de $\hat{y}$ peut valoir exactement 0 (en calcul exact).
# - **f.** Pour deux classes, $\hat{y}_1 = \sigma(\tilde{y}_1 - \tilde{y}_2)$.


# %% answer="softmax_facts"
def softmax_facts():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": True, "e": False, "f": True}
    ### END SOLUTION


# %% check="softmax_facts_sorted" points=1 ids=["P-Q6"]
check.letters(softmax_facts, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    softmax_facts(),
    {"a": True, "b": False, "c": True, "d": True, "e": False, "f": True},
    because={
        "a": "exp(5) is a factor of the numerator and of the sum.",
        "b": "the ratio of two probabilities is the exponential of the difference of their scores, and it is squared.",
        "c": "exp increases, and all the components share one denominator.",
        "d": "their numerators stay and the sum grows.",
        "e": "an exponential is never 0.",
        "f": "divide numerator and denominator by the exponential of the first score.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 13 · Why this output · about 3 minutes
#
# **Question, in three sentences.** In what do $y$ and $\hat{y}$ differ? Why use SoftMax at the output of a classifier,
# rather than the bare scores $\tilde{y}$, or a sigmoid on each of them?

# %% [markdown] lang="fr"
# ### 13 · Pourquoi cette sortie · environ 3 minutes
#
# **Question, en trois phrases.** En quoi $y$ et $\hat{y}$ diffèrent-ils ? Pourquoi mettre un SoftMax à la sortie d'un
# classifieur, plutôt que les scores $\tilde{y}$ bruts, ou une sigmoïde sur chacun d'eux ?

# %% [markdown] open="why_softmax" points=2 ids=["P-Q5", "P-Q6"]
# **English.** $y$ is the truth: the class of the example, given with the data, coded one-hot. It is a vector of zeros
# with a single 1. $\hat{y}$ is what the network predicts from $x$: a probability for each class. Both have $n_y$
# components that add up to 1, but $\hat{y}$ depends on the parameters, lies strictly between 0 and 1, and may be wrong.
# Scores are arbitrary numbers: they can be negative, and their size means nothing by itself. SoftMax makes a
# distribution of them, in the same order, so that it can be compared with $y$ and its logarithm taken. It is smooth,
# so it lets gradients through, which "take the largest" does not. Sigmoids would give each class a probability by
# itself: their sum is not 1. They suit the case where several classes may be right at once.
#
# **Français.** $y$ est la vérité : la classe de l'exemple, fournie avec les données, codée one-hot. C'est un vecteur de
# zéros avec un seul 1. $\hat{y}$ est ce que le réseau prédit à partir de $x$ : une probabilité pour chaque classe. Tous
# deux ont $n_y$ composantes de somme 1, mais $\hat{y}$ dépend des paramètres, reste strictement entre 0 et 1, et peut
# se tromper. Les scores sont des nombres quelconques : ils peuvent être négatifs, et leur grandeur ne dit rien par
# elle-même. SoftMax en fait une distribution, dans le même ordre, que l'on peut comparer à $y$ et dont on peut prendre
# le logarithme. Il est dérivable et laisse donc passer les gradients, ce que « prendre le plus grand » ne fait pas. Des
# sigmoïdes donneraient à chaque classe une probabilité pour elle-même : leur somme ne vaut pas 1. Elles conviennent
# quand plusieurs classes peuvent être justes à la fois.

# %% [markdown] marking="why_softmax"
# - 1 point: $y$ is the given target (one-hot), $\hat{y}$ the prediction (probabilities, depends on the weights).
# - or 0.5: one of the two is only renamed ("y is the label, ŷ is y hat").
# - 1 point: SoftMax makes a distribution (positive, sum 1) out of any scores, **and** one comparison: the scores are no
#   probabilities, or sigmoids do not add up to 1 (classes exclude each other), or it is differentiable.
# - or 0.5: "SoftMax picks the largest" (that is argmax), or a distribution without a comparison.
# - Common misconceptions: "$\hat{y}$ is one-hot";
#   "SoftMax is there to make the network non-linear" (true of the formula, but the decision boundary between two
#   classes is the same without it).

# %% [markdown] lang="en"
# ### 14 · The forward pass · about 6 minutes
#
# All the pieces are there. For one example $x$ the network computes, in this order:
#
# $$\tilde{h} = W_h x + b_h \qquad h = \tanh(\tilde{h})
# \qquad \tilde{y} = W_y h + b_y \qquad \hat{y} = \text{SoftMax}(\tilde{y})$$
#
# | symbol | shape |
# |---|---|
# | $W_h$; $b_h$, $\tilde{h}$, $h$ | $(n_h, n_x)$; $(n_h,)$ |
# | $W_y$; $b_y$, $\tilde{y}$, $\hat{y}$ | $(n_y, n_h)$; $(n_y,)$ |
#
# Write `forward_one`. From here on, take `torch.softmax(scores, dim=-1)`: you know what is in it.

# %% [markdown] lang="fr"
# ### 14 · La passe avant · environ 6 minutes
#
# Toutes les pièces sont là. Pour un exemple $x$, le réseau calcule, dans cet ordre :
#
# $$\tilde{h} = W_h x + b_h \qquad h = \tanh(\tilde{h})
# \qquad \tilde{y} = W_y h + b_y \qquad \hat{y} = \text{SoftMax}(\tilde{y})$$
#
# | symbole | taille |
# |---|---|
# | $W_h$ ; $b_h$, $\tilde{h}$, $h$ | $(n_h, n_x)$ ; $(n_h,)$ |
# | $W_y$ ; $b_y$, $\tilde{y}$, $\hat{y}$ | $(n_y, n_h)$ ; $(n_y,)$ |
#
# Écrivez `forward_one`, qui renvoie `(htilde, h, ytilde, yhat)`. Désormais, prenez `torch.softmax(scores, dim=-1)` :
# vous savez ce qu'il y a dedans.


# %% answer="forward_one"
def forward_one(x, Wh, bh, Wy, by):
    """Compute the network's output for one example.

    x: (nx,). Wh: (nh, nx). bh: (nh,). Wy: (ny, nh). by: (ny,).
    Returns (htilde, h, ytilde, yhat), of shapes (nh,), (nh,), (ny,), (ny,).
    """
    ### BEGIN SOLUTION
    htilde = Wh @ x + bh
    h = torch.tanh(htilde)
    ytilde = Wy @ h + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=-1)
    ### END SOLUTION


# %% [markdown] hint="forward_one" lang="en"
# ### The idea
#
# Four formulas, four values; each line uses what the line before gave. The second layer does not see $x$.
#
# ### The shapes
#
# $W_h$ is $(n_h, n_x)$ and $x$ is $(n_x,)$: the product is $(n_h,)$, as $b_h$ is. And then $(n_y, n_h)$ meets $(n_h,)$.
#
# ### The code, with blanks
#
# ```python
# htilde = Wh @ ... + ...
# h = torch.tanh(...)
# ytilde = ... + by
# ```

# %% [markdown] hint="forward_one" lang="fr"
# ### L'idée
#
# Quatre formules, quatre valeurs ; chaque ligne utilise ce que la précédente a donné. La deuxième couche ne voit pas
# $x$.
#
# ### Les tailles
#
# $W_h$ est de taille $(n_h, n_x)$ et $x$ de taille $(n_x,)$ : leur produit est de taille $(n_h,)$, comme $b_h$.
# Ensuite, $(n_y, n_h)$ rencontre $(n_h,)$.
#
# ### Le code, à trous
#
# ```python
# htilde = Wh @ ... + ...
# h = torch.tanh(...)
# ytilde = ... + by
# ```

# %% check="forward_one_hidden" points=1 ids=["P-Q7"]
got = forward_one(
    torch.tensor([2.0, 1.0]),
    torch.tensor([[1.0, -2.0], [0.5, 0.0], [0.0, 1.0]]),
    torch.tensor([0.0, -2.0, 1.0]),
    torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, -1.0]]),
    torch.tensor([0.0, 1.0, 0.0, 0.5]),
)
got = check.pair(got, "forward_one(x, Wh, bh, Wy, by)", 4)
check.close(
    got[0],
    [0.0, -1.0, 2.0],
    "forward_one(x, Wh, bh, Wy, by)[0]",
    unless={
        "you forgot the bias bh": [0.0, 1.0, 1.0],
        "this is h: htilde comes before tanh": [0.0, -0.7616, 0.9640],
    },
)
check.close(
    got[1],
    [0.0, -0.7616, 0.9640],
    "forward_one(x, Wh, bh, Wy, by)[1]",
    unless={
        "you forgot tanh: h is htilde": [0.0, -1.0, 2.0],
        "you used the sigmoid; this network uses tanh": [0.5, 0.2689, 0.8808],
        "you used ReLU; this network uses tanh": [0.0, 0.0, 2.0],
    },
)
### BEGIN HIDDEN TESTS
weights, example = random_params(4, 7, 3), torch.randn(4)
got = check.pair(forward_one(*check.copies(example, *weights.values())), "forward_one(x, Wh, bh, Wy, by)", 4)
summed = torch.nn.functional.linear(example, weights["Wh"], weights["bh"])
check.close(
    got[0],
    summed,
    "forward_one(x, Wh, bh, Wy, by)[0]",
    unless={"you forgot the bias bh": summed - weights["bh"], "this is h: htilde comes before tanh": summed.tanh()},
)
check.close(
    got[1],
    summed.tanh(),
    "forward_one(x, Wh, bh, Wy, by)[1]",
    unless={
        "you forgot tanh: h is htilde": summed,
        "you used the sigmoid; this network uses tanh": summed.sigmoid(),
        "you used ReLU; this network uses tanh": summed.relu(),
    },
)
### END HIDDEN TESTS

# %% check="forward_one_output" points=1 ids=["P-Q7"]
got = forward_one(
    torch.tensor([2.0, 1.0]),
    torch.tensor([[1.0, -2.0], [0.5, 0.0], [0.0, 1.0]]),
    torch.tensor([0.0, -2.0, 1.0]),
    torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, -1.0]]),
    torch.tensor([0.0, 1.0, 0.0, 0.5]),
)
got = check.pair(got, "forward_one(x, Wh, bh, Wy, by)", 4)
check.tensor(got[1], (3,), "forward_one(x, Wh, bh, Wy, by)[1]")
h1, h2, h3 = got[1].float()  # your own h: it has its own check
scores = torch.stack([h3, h2 + 1, h2 + h3, 2 * h1 - h3 + 0.5])
check.close(
    got[2],
    scores,
    "forward_one(x, Wh, bh, Wy, by)[2]",
    unless={
        "you used htilde where h was wanted": [2.0, 0.0, 1.0, -1.5],
        "you forgot the bias by": scores - torch.tensor([0.0, 1.0, 0.0, 0.5]),
        "you forgot the weights Wy": [0.0, 1.0, 0.0, 0.5],
        "this is yhat: ytilde comes before SoftMax": torch.softmax(scores, dim=-1),
    },
    also=[0.9640, 0.2384, 0.2024, -0.4640],
)
check.close(
    got[3],
    torch.softmax(scores, dim=-1),
    "forward_one(x, Wh, bh, Wy, by)[3]",
    also=[0.4565, 0.2209, 0.2131, 0.1095],
    unless={
        "you forgot SoftMax: this is ytilde": scores,
        "you used the sigmoid; the output uses SoftMax": torch.sigmoid(scores),
    },
)
### BEGIN HIDDEN TESTS
weights, example = random_params(4, 7, 3), torch.randn(4)
got = check.pair(forward_one(*check.copies(example, *weights.values())), "forward_one(x, Wh, bh, Wy, by)", 4)
# From the student's own h: a mistake in the hidden layer is told, and paid for, by its own check.
check.tensor(got[1], (7,), "forward_one(x, Wh, bh, Wy, by)[1]")
check.rich(got[1], "forward_one(x, Wh, bh, Wy, by)[1]")
before = check.usable(got[0], (7,), otherwise=torch.zeros(7))
scores = torch.nn.functional.linear(got[1].float(), weights["Wy"], weights["by"])
true_h = torch.tanh(torch.nn.functional.linear(example, weights["Wh"], weights["bh"]))
true_scores = torch.nn.functional.linear(true_h, weights["Wy"], weights["by"])
check.close(
    got[2],
    scores,
    "forward_one(x, Wh, bh, Wy, by)[2]",
    also=true_scores,
    unless={
        "you forgot the bias by": scores - weights["by"],
        "you used htilde where h was wanted": torch.nn.functional.linear(before, weights["Wy"], weights["by"]),
        "this is yhat: ytilde comes before SoftMax": scores.softmax(0),
    },
)
check.close(
    got[3],
    scores.softmax(0),
    "forward_one(x, Wh, bh, Wy, by)[3]",
    also=true_scores.softmax(0),
    unless={
        "you forgot SoftMax: this is ytilde": scores,
        "you used the sigmoid; the output uses SoftMax": scores.sigmoid(),
        "SoftMax is taken twice": scores.softmax(0).softmax(0),
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now a batch: $X$ of shape $(n, n_x)$, one example per row. Row $k$ of every result must be what `forward_one` gives
# for row $k$ of $X$. Transpose $W_h x$ and the row $x^\top$ comes first, $x^\top W_h^\top$. Stack these rows:
#
# $$\tilde{H} = X W_h^\top + b_h$$
#
# The shapes confirm it: $(n, n_x)$ times $(n_x, n_h)$ gives $(n, n_h)$. PyTorch adds $b_h$ to each row by itself. Write
# `forward_batch`. (A loop over the rows would be right too, and a hundred times slower.)

# %% [markdown] lang="fr"
# Maintenant un lot : $X$ de taille $(n, n_x)$, un exemple par ligne. La ligne $k$ de chaque résultat doit être ce que
# `forward_one` donne pour la ligne $k$ de $X$. Transposez $W_h x$ : la ligne $x^\top$ passe devant, $x^\top W_h^\top$.
# Empilez ces lignes :
#
# $$\tilde{H} = X W_h^\top + b_h$$
#
# Les tailles le confirment : $(n, n_x)$ par $(n_x, n_h)$ donne $(n, n_h)$. PyTorch ajoute de lui-même $b_h$ à chaque
# ligne. Écrivez `forward_batch`. (Une boucle sur les lignes serait juste aussi, et cent fois plus lente.)


# %% answer="forward_batch"
def forward_batch(X, Wh, bh, Wy, by):
    """Compute the network's output for a batch.

    X: (n, nx), one example per row. Wh: (nh, nx). bh: (nh,). Wy: (ny, nh). by: (ny,).
    Returns (htilde, h, ytilde, yhat), of shapes (n, nh), (n, nh), (n, ny), (n, ny).
    """
    ### BEGIN SOLUTION
    htilde = X @ Wh.T + bh
    h = torch.tanh(htilde)
    ytilde = h @ Wy.T + by
    return htilde, h, ytilde, torch.softmax(ytilde, dim=-1)
    ### END SOLUTION


# %% [markdown] hint="forward_batch" lang="en"
# ### The idea
#
# The same four lines. Only the products change: the examples are rows now, so $X$ comes first.
#
# ### The shapes
#
# $X$ is $(n, n_x)$ and $W_h$ is $(n_h, n_x)$. The two numbers in the middle of a product must be the same, so $W_h$ has
# to be transposed. And for the second layer: $H$ is $(n, n_h)$, $W_y$ is $(n_y, n_h)$. SoftMax goes along the rows.
#
# ### The code, with blanks
#
# ```python
# htilde = X @ ... + bh
# h = torch.tanh(...)
# ytilde = ... @ ... + by
# ```

# %% [markdown] hint="forward_batch" lang="fr"
# ### L'idée
#
# Les mêmes quatre lignes. Seuls les produits changent : les exemples sont maintenant des lignes, donc $X$ passe devant.
#
# ### Les tailles
#
# $X$ est de taille $(n, n_x)$ et $W_h$ de taille $(n_h, n_x)$. Les deux nombres au milieu d'un produit doivent être
# égaux : il faut donc transposer $W_h$. Pour la deuxième couche, $H$ est de taille $(n, n_h)$ et $W_y$ de taille
# $(n_y, n_h)$. SoftMax se prend le long des lignes.
#
# ### Le code, à trous
#
# ```python
# htilde = X @ ... + bh
# h = torch.tanh(...)
# ytilde = ... @ ... + by
# ```

# %% check="forward_batch_hidden" points=1 ids=["P-Q7"]
got = forward_batch(
    torch.tensor([[2.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.0, 1.0]]),
    torch.tensor([[1.0, -2.0, 0.0, 1.0, 0.0], [0.5, 0.0, 0.0, 2.0, 0.0], [0.0, 1.0, 1.0, 0.0, 0.5]]),
    torch.tensor([0.0, -2.0, 1.0]),
    torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, -1.0]]),
    torch.tensor([0.0, 1.0, 0.0, 0.5]),
)
got = check.pair(got, "forward_batch(X, Wh, bh, Wy, by)", 4)
check.close(
    got[0],
    [[0.0, -1.0, 2.0], [1.0, 0.0, 0.5]],
    "forward_batch(X, Wh, bh, Wy, by)[0]",
    unless={
        "you forgot the bias bh": [[0.0, 1.0, 1.0], [1.0, 2.0, -0.5]],
        "this is h: htilde comes before tanh": [[0.0, -0.7616, 0.9640], [0.7616, 0.0, 0.4621]],
    },
)
check.close(
    got[1],
    [[0.0, -0.7616, 0.9640], [0.7616, 0.0, 0.4621]],
    "forward_batch(X, Wh, bh, Wy, by)[1]",
    unless={
        "you forgot tanh: h is htilde": [[0.0, -1.0, 2.0], [1.0, 0.0, 0.5]],
        "you used the sigmoid; this network uses tanh": [[0.5, 0.2689, 0.8808], [0.7311, 0.5, 0.6225]],
        "you used ReLU; this network uses tanh": [[0.0, 0.0, 2.0], [1.0, 0.0, 0.5]],
    },
)
### BEGIN HIDDEN TESTS
weights, inputs = random_params(4, 7, 3), torch.randn(5, 4)
got = check.pair(forward_batch(*check.copies(inputs, *weights.values())), "forward_batch(X, Wh, bh, Wy, by)", 4)
summed = torch.nn.functional.linear(inputs, weights["Wh"], weights["bh"])
check.close(
    got[0],
    summed,
    "forward_batch(X, Wh, bh, Wy, by)[0]",
    unless={"you forgot the bias bh": summed - weights["bh"], "this is h: htilde comes before tanh": summed.tanh()},
)
check.close(
    got[1],
    summed.tanh(),
    "forward_batch(X, Wh, bh, Wy, by)[1]",
    unless={
        "you forgot tanh: h is htilde": summed,
        "you used the sigmoid; this network uses tanh": summed.sigmoid(),
        "you used ReLU; this network uses tanh": summed.relu(),
    },
)
### END HIDDEN TESTS

# %% check="forward_batch_output" points=1 ids=["P-Q7"]
got = forward_batch(
    torch.tensor([[2.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, 1.0, 1.0]]),
    torch.tensor([[1.0, -2.0, 0.0, 1.0, 0.0], [0.5, 0.0, 0.0, 2.0, 0.0], [0.0, 1.0, 1.0, 0.0, 0.5]]),
    torch.tensor([0.0, -2.0, 1.0]),
    torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, -1.0]]),
    torch.tensor([0.0, 1.0, 0.0, 0.5]),
)
got = check.pair(got, "forward_batch(X, Wh, bh, Wy, by)", 4)
check.tensor(got[1], (2, 3), "forward_batch(X, Wh, bh, Wy, by)[1]")
h1, h2, h3 = got[1].float().T  # your own h, one unit after the other: it has its own check
scores = torch.stack([h3, h2 + 1, h2 + h3, 2 * h1 - h3 + 0.5], dim=1)
check.close(
    got[2],
    scores,
    "forward_batch(X, Wh, bh, Wy, by)[2]",
    unless={
        "you used htilde where h was wanted": [[2.0, 0.0, 1.0, -1.5], [0.5, 1.0, 0.5, 2.0]],
        "you forgot the bias by": scores - torch.tensor([0.0, 1.0, 0.0, 0.5]),
        "this is yhat: ytilde comes before SoftMax": torch.softmax(scores, dim=1),
    },
    also=[[0.9640, 0.2384, 0.2024, -0.4640], [0.4621, 1.0, 0.4621, 1.5611]],
)
check.close(
    got[3],
    torch.softmax(scores, dim=1),
    "forward_batch(X, Wh, bh, Wy, by)[3]",
    also=[[0.4565, 0.2209, 0.2131, 0.1095], [0.149, 0.2551, 0.149, 0.447]],
    unless={
        "you forgot SoftMax: this is ytilde": scores,
        "SoftMax is taken over the examples; take it over the classes, dim=-1": torch.softmax(scores, dim=0),
        "SoftMax is taken over the whole batch; take it row by row, dim=-1": scores.exp() / scores.exp().sum(),
        "you used the sigmoid; the output uses SoftMax": torch.sigmoid(scores),
    },
)
### BEGIN HIDDEN TESTS
weights, inputs = random_params(4, 7, 3), torch.randn(5, 4)
got = check.pair(forward_batch(*check.copies(inputs, *weights.values())), "forward_batch(X, Wh, bh, Wy, by)", 4)
check.tensor(got[1], (5, 7), "forward_batch(X, Wh, bh, Wy, by)[1]")
check.rich(got[1], "forward_batch(X, Wh, bh, Wy, by)[1]")
before = check.usable(got[0], (5, 7), otherwise=torch.zeros(5, 7))
scores = torch.nn.functional.linear(got[1].float(), weights["Wy"], weights["by"])
true_h = torch.tanh(torch.nn.functional.linear(inputs, weights["Wh"], weights["bh"]))
true_scores = torch.nn.functional.linear(true_h, weights["Wy"], weights["by"])
check.close(
    got[2],
    scores,
    "forward_batch(X, Wh, bh, Wy, by)[2]",
    also=true_scores,
    unless={
        "you forgot the bias by": scores - weights["by"],
        "you used htilde where h was wanted": torch.nn.functional.linear(before, weights["Wy"], weights["by"]),
        "this is yhat: ytilde comes before SoftMax": scores.softmax(1),
    },
)
check.close(
    got[3],
    scores.softmax(1),
    "forward_batch(X, Wh, bh, Wy, by)[3]",
    also=true_scores.softmax(1),
    unless={
        "you forgot SoftMax: this is ytilde": scores,
        "SoftMax is taken over the examples; take it over the classes, dim=-1": scores.softmax(0),
        "SoftMax is taken over the whole batch; take it row by row, dim=-1": scores.flatten().softmax(0).reshape(5, 3),
        "you used the sigmoid; the output uses SoftMax": scores.sigmoid(),
        "SoftMax is taken twice": scores.softmax(1).softmax(1),
    },
)
got = check.pair(forward_batch(inputs[:1], *weights.values()), "forward_batch(X, Wh, bh, Wy, by)", 4)
check.tensor(got[3], (1, 3), "forward_batch(X, Wh, bh, Wy, by)[3] with n = 1")
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## Part 5. The loss
#
# The network gives $\hat{y}$; the truth is $y$. How bad is the answer? A *loss* gives a number, and learning makes it
# small. Two losses do most of the work:
#
# | name | formula for one example |
# |---|---|
# | cross-entropy | $\ell(y, \hat{y}) = -\sum_{i=1}^{n_y} y_i \log \hat{y}_i$ |
# | squared error | $\ell(y, \hat{y}) = \sum_{i=1}^{n_y} (\hat{y}_i - y_i)^2$ |
#
# Logarithms are natural. For a batch we take the **mean over the examples**, so that the loss does not depend on how
# many there are:
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} \ell(y^{(k)}, \hat{y}^{(k)})$$

# %% [markdown] lang="fr"
# ## Partie 5. Le coût
#
# Le réseau donne $\hat{y}$ ; la vérité est $y$. À quel point la réponse est-elle mauvaise ? Un *coût* (loss) en fait un
# nombre, et apprendre, c'est le rendre petit. Deux coûts font l'essentiel du travail :
#
# | nom | formule pour un exemple |
# |---|---|
# | entropie croisée | $\ell(y, \hat{y}) = -\sum_{i=1}^{n_y} y_i \log \hat{y}_i$ |
# | erreur quadratique | $\ell(y, \hat{y}) = \sum_{i=1}^{n_y} (\hat{y}_i - y_i)^2$ |
#
# Les logarithmes sont népériens. Pour un lot, on prend la **moyenne sur les exemples**, afin que le coût ne dépende pas
# de leur nombre :
#
# $$L = \frac{1}{n} \sum_{k=1}^{n} \ell(y^{(k)}, \hat{y}^{(k)})$$

# %% [markdown] lang="en"
# Both losses for two classes, when $y = (1, 0)$ and the network answers $\hat{y} = (p, 1 - p)$. As $p$ goes to 0, the
# network is sure of the wrong class: the squared error stays below 2, the cross-entropy grows without bound.

# %% [markdown] lang="fr"
# Les deux coûts pour deux classes, quand $y = (1, 0)$ et que le réseau répond $\hat{y} = (p, 1 - p)$. Quand $p$ tend
# vers 0, le réseau est sûr de la mauvaise classe : l'erreur quadratique reste inférieure à 2, l'entropie croisée croît
# sans limite.

# %% demo
probability = torch.linspace(0.01, 1, 200)
fig, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
ce, se = -probability.log(), 2 * (1 - probability) ** 2
ax.plot(probability, ce, color="#0072B2", linewidth=2, label=r"$-\log\,p$")
ax.plot(probability, se, "--", color="#D55E00", linewidth=2, label="$2\\,(1 - p)^2$")
ax.set(xlabel="$p$", ylabel=r"$\ell$", ylim=(0, 4.7))
ax.grid(alpha=0.3)
ax.legend()
figures.show(
    fig,
    say(
        "Two losses by the probability p of the right class: the one grows without end as p goes to 0, the "
        "other stays below 2."
    ),
)

# %% claim="near p = 0 the cross-entropy is large and steep, the squared error stays below 2"
assert ce[0] > 4 and ce[0] - ce[1] > 0.3
assert se.max() < 2 and se[0] - se[1] < 0.03

# %% [markdown] lang="en"
# ### 15 · Where the predictions must go · about 7 minutes
#
# Descent follows slopes. So look at the slope of each loss in each component $\hat{y}_i$, for one example. Where it is
# negative, the loss falls when $\hat{y}_i$ rises.
#
# Write `slopes`: differentiate both formulas with respect to $\hat{y}_i$, as if the components could move freely. The
# next question asks where these slopes push.

# %% [markdown] lang="fr"
# ### 15 · Où doivent aller les prédictions · environ 7 minutes
#
# La descente suit les pentes. Regardons donc la pente de chaque coût par rapport à chaque composante $\hat{y}_i$, pour
# un exemple. Là où elle est négative, le coût diminue quand $\hat{y}_i$ augmente.
#
# Écrivez `slopes` : dérivez les deux formules par rapport à $\hat{y}_i$, comme si les composantes bougeaient librement.
# La fonction renvoie `(dce, dse)`, deux vecteurs : les pentes de l'entropie croisée, puis celles de l'erreur
# quadratique. La question suivante demande où elles poussent.


# %% answer="slopes"
def slopes(yhat, y):
    """Return the slopes of both losses with respect to the prediction, for one example.

    yhat: predicted probabilities (ny,), all > 0. y: one-hot target (ny,).
    Returns (dce, dse), both (ny,): the derivatives of the cross-entropy and of the squared error in
    each yhat_i.
    """
    ### BEGIN SOLUTION
    return -y / yhat, 2 * (yhat - y)
    ### END SOLUTION


# %% [markdown] hint="slopes" lang="en"
# In each sum only one term holds $\hat{y}_i$. The derivative of $\log u$ is $1/u$, that of $(u - y)^2$ is $2 (u - y)$.
# No sum and no mean is left: each component has a slope of its own.

# %% [markdown] hint="slopes" lang="fr"
# Dans chaque somme, un seul terme contient $\hat{y}_i$. La dérivée de $\log u$ est $1/u$, celle de $(u - y)^2$ est
# $2 (u - y)$. Il ne reste ni somme ni moyenne : chaque composante a sa propre pente.

# %% check="slopes_cross_entropy" points=1 ids=["P-Q8"]
got = check.pair(slopes(torch.tensor([0.25, 0.5, 0.25]), torch.tensor([1.0, 0.0, 0.0])), "slopes(yhat, y)")
check.close(
    got[0],
    [-4.0, 0.0, 0.0],
    "slopes(yhat, y)[0]",
    unless={
        "the sign is wrong: the loss falls when the probability of the true class rises": [4.0, 0.0, 0.0],
        "the other components have no part in the loss: y_i = 0": [-4.0, -2.0, -4.0],
        "this is the slope in ytilde, before SoftMax: here it is in yhat": [-0.75, 0.5, 0.25],
        "this is the loss, not its slope: differentiate": [1.3863, 0.0, 0.0],
    },
)
### BEGIN HIDDEN TESTS
chances, truth = torch.randn(5).softmax(0).requires_grad_(), torch.eye(5)[3]
expected = torch.autograd.grad(torch.nn.functional.nll_loss(chances.log()[None], torch.tensor([3])), chances)[0]
chances = chances.detach()
check.close(
    check.pair(slopes(chances, truth), "slopes(yhat, y)")[0],
    expected,
    "slopes(yhat, y)[0]",
    unless={
        "the sign is wrong: the loss falls when the probability of the true class rises": -expected,
        "the other components have no part in the loss: y_i = 0": -1 / chances,
        "this is the slope in ytilde, before SoftMax: here it is in yhat": chances - truth,
        "this is the loss, not its slope: differentiate": -truth * chances.log(),
    },
)
### END HIDDEN TESTS

# %% check="slopes_squared_error" points=1 ids=["P-Q8"]
got = check.pair(slopes(torch.tensor([0.25, 0.5, 0.25]), torch.tensor([1.0, 0.0, 0.0])), "slopes(yhat, y)")
check.close(
    got[1],
    [-1.5, 1.0, 0.5],
    "slopes(yhat, y)[1]",
    unless={
        "you forgot the factor 2": [-0.75, 0.5, 0.25],
        "each component has its own slope: do not divide by their number": [-0.5, 0.3333, 0.1667],
        "the sign is wrong: the derivative of (yhat - y)² is 2 (yhat - y)": [1.5, -1.0, -0.5],
        "this is the loss, not its slope: differentiate": [0.5625, 0.25, 0.0625],
    },
)
### BEGIN HIDDEN TESTS
chances, truth = torch.randn(5).softmax(0).requires_grad_(), torch.eye(5)[3]
expected = torch.autograd.grad(torch.nn.functional.mse_loss(chances, truth, reduction="sum"), chances)[0]
chances = chances.detach()
check.close(
    check.pair(slopes(chances, truth), "slopes(yhat, y)")[1],
    expected,
    "slopes(yhat, y)[1]",
    unless={
        "you forgot the factor 2": expected / 2,
        "each component has its own slope: do not divide by their number": expected / 5,
        "the sign is wrong: the derivative of (yhat - y)² is 2 (yhat - y)": -expected,
        "this is the loss, not its slope: differentiate": (chances - truth) ** 2,
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The network answers $\hat{y} = (\hat{y}_1, \hat{y}_2, \hat{y}_3) = (0.2, \; 0.5, \; 0.3)$; the truth is
# $y = (0, 1, 0)$. To make the loss fall, which way does its slope push the component: `"up"`, `"down"`, or `"none"`
# when the slope is 0? In **a** to **d**, as in `slopes`, take the components as if they could move freely.
#
# - **a.** cross-entropy, $\hat{y}_1$
# - **b.** cross-entropy, $\hat{y}_2$
# - **c.** squared error, $\hat{y}_1$
# - **d.** squared error, $\hat{y}_2$
# - **e.** Now $\hat{y}$ comes out of SoftMax, with the cross-entropy: $\hat{y}_2$ goes up, so on the whole
#   $\hat{y}_1 + \hat{y}_3$ goes…

# %% [markdown] lang="fr"
# Le réseau répond $\hat{y} = (\hat{y}_1, \hat{y}_2, \hat{y}_3) = (0{,}2, \; 0{,}5, \; 0{,}3)$ ; la vérité est
# $y = (0, 1, 0)$. Pour faire diminuer le coût, dans quel sens sa pente pousse-t-elle la composante : `"up"` (vers le
# haut), `"down"` (vers le bas), ou `"none"` si la pente est nulle ? De **a** à **d**, comme dans `slopes`, on fait
# comme si les composantes bougeaient librement.
#
# - **a.** entropie croisée, $\hat{y}_1$
# - **b.** entropie croisée, $\hat{y}_2$
# - **c.** erreur quadratique, $\hat{y}_1$
# - **d.** erreur quadratique, $\hat{y}_2$
# - **e.** Cette fois $\hat{y}$ sort d'un SoftMax, avec l'entropie croisée : $\hat{y}_2$ augmente, donc au total
#   $\hat{y}_1 + \hat{y}_3$ va…


# %% answer="moves"
def moves():
    """Return a dict from each letter, "a" to "e", to "up", "down" or "none"."""
    ### BEGIN SOLUTION
    return {"a": "none", "b": "up", "c": "down", "d": "up", "e": "down"}
    ### END SOLUTION


# %% check="moves_sorted" points=1 ids=["P-Q8"]
check.letters(moves, "abcde", options=("up", "down", "none"))
### BEGIN HIDDEN TESTS
check.choices(
    moves(),
    {"a": "none", "b": "up", "c": "down", "d": "up", "e": "down"},
    because={
        "a": "its y_i is 0, so the term is 0 whatever the prediction: the slope is -y_i / yhat_i = 0.",
        "b": "the slope is -1 / 0.5 = -2: the loss falls when this probability rises.",
        "c": "the slope is 2 (0.2 - 0) > 0: towards 0, which is down.",
        "d": "the slope is 2 (0.5 - 1) < 0: towards 1, which is up.",
        "e": "after SoftMax the components add up to 1: what one gains, the others lose.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Which loss for which problem? Answer `"CE"` (cross-entropy) or `"SE"` (squared error).
#
# - **a.** the price of a house
# - **b.** the digit on an image, from 0 to 9
# - **c.** the two coordinates of a hand in an image
# - **d.** the language of a sentence, one of forty

# %% [markdown] lang="fr"
# Quel coût pour quel problème ? Répondez `"CE"` (*cross-entropy*, l'entropie croisée) ou `"SE"` (*squared error*,
# l'erreur quadratique).
#
# - **a.** le prix d'une maison
# - **b.** le chiffre d'une image, de 0 à 9
# - **c.** les deux coordonnées d'une main dans une image
# - **d.** la langue d'une phrase, parmi quarante


# %% answer="which_loss"
def which_loss():
    """Return a dict from each letter, "a" to "d", to "CE" or "SE"."""
    ### BEGIN SOLUTION
    return {"a": "SE", "b": "CE", "c": "SE", "d": "CE"}
    ### END SOLUTION


# %% check="which_loss_sorted" points=1 ids=["P-Q9"]
check.letters(which_loss, "abcd", options=("CE", "SE"))
### BEGIN HIDDEN TESTS
check.choices(
    which_loss(),
    {"a": "SE", "b": "CE", "c": "SE", "d": "CE"},
    because={
        "a": "a price is a quantity: being off by 1 is less bad than being off by 10. Regression.",
        "b": "a digit is one class of ten: an 8 is no closer to a 9 than to a 3. Classification.",
        "c": "two real numbers: squares of distances add up. Regression.",
        "d": "one class of forty. Classification.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 16 · Where the losses come from · about 9 minutes
#
# Both losses answer one question: *with which parameters are the data we saw most probable?* The probability of the
# data, as a function of the parameters, is the *likelihood*: we want its maximum. Taking $-\log$ of it turns products
# into sums, and the maximum into a minimum.
#
# **A quantity.** Suppose each target is what the network says plus a Gaussian noise of standard deviation $\sigma$:
# $y_i = \hat{y}_i + \text{noise}$. (This $\sigma$ is a number, not the sigmoid.) For a quantity, a density takes the
# place of the probability; that of $y_i$ is
#
# $$p(y_i) = \frac{1}{\sqrt{2 \pi \sigma^2}} \exp\left(-\frac{(y_i - \hat{y}_i)^2}{2 \sigma^2}\right)$$
#
# The components are independent: their densities multiply. Write `gaussian_nll`: $-\log$ of the product, for one
# example. (The logarithm
# of a plain number such as $\sigma$ is `math.log`, after `import math`; `torch.log` wants a tensor.)

# %% [markdown] lang="fr"
# ### 16 · D'où viennent ces coûts · environ 9 minutes
#
# Ces deux coûts répondent à une même question : *avec quels paramètres les données observées sont-elles les plus
# probables ?* La probabilité des données, vue comme fonction des paramètres, est la *vraisemblance* : on en cherche le
# maximum. En prendre $-\log$ change les produits en sommes, et le maximum en minimum.
#
# **Une grandeur.** Supposons que chaque cible soit ce que dit le réseau, plus un bruit gaussien d'écart-type $\sigma$ :
# $y_i = \hat{y}_i + \text{bruit}$. (Ce $\sigma$ est un nombre, pas la sigmoïde.) Pour une grandeur, une densité tient
# lieu de probabilité ; celle de $y_i$ est
#
# $$p(y_i) = \frac{1}{\sqrt{2 \pi \sigma^2}} \exp\left(-\frac{(y_i - \hat{y}_i)^2}{2 \sigma^2}\right)$$
#
# Les composantes sont indépendantes : leurs densités se multiplient. Écrivez `gaussian_nll` : $-\log$ de ce produit,
# pour un exemple. (Pour le logarithme d'un simple nombre comme $\sigma$, prenez `math.log`, après `import math` ;
# `torch.log` veut un tenseur.)


# %% answer="gaussian_nll"
def gaussian_nll(yhat, y, sigma):
    """Return -log of the density of a target under Gaussian noise, a single number.

    yhat: prediction (ny,), the mean. y: target (ny,). sigma: standard deviation of the noise, a
    number > 0.
    """
    ### BEGIN SOLUTION
    constant = 0.5 * torch.log(torch.tensor(2 * torch.pi * sigma**2))
    return ((y - yhat) ** 2 / (2 * sigma**2) + constant).sum()
    ### END SOLUTION


# %% [markdown] hint="gaussian_nll" lang="en"
# Take $-\log$ of one density first: of the factor before the exponential, $\frac{1}{2} \log(2 \pi \sigma^2)$ is left;
# of the exponential, its exponent with the sign turned. The logarithm of a product is a sum: add up over the
# components, this constant as well, once for each of them.

# %% [markdown] hint="gaussian_nll" lang="fr"
# Prenez d'abord $-\log$ d'une seule densité : du facteur devant l'exponentielle, il reste
# $\frac{1}{2} \log(2 \pi \sigma^2)$ ; de l'exponentielle, son exposant, changé de signe. Le logarithme d'un produit est
# une somme : additionnez sur les composantes, y compris cette constante, une fois pour chacune.

# %% check="gaussian_nll_value" points=1 ids=["S-whymse"]
got = gaussian_nll(torch.tensor([1.0, 1.0]), torch.tensor([1.0, 3.0]), 3.0)
check.close(
    got,
    4.2574,  # 4 / 18, and log(18 π)
    "gaussian_nll(yhat, y, 3.0)",
    unless={
        "the sign is wrong: this is the logarithm of the density": -4.2574,
        "the constant is there once for each component": 2.2398,
        "you forgot the constant, log of the square root of 2 π sigma²": 0.2222,
        "the denominator is 2 sigma², not sigma²": 4.4796,
        "sigma is squared in the exponent": 4.7019,
        "sigma is squared under the root as well": 3.1587,
        "sigma is missing: this is the density for sigma = 1": 3.8379,
        "sigma is missing under the root": 2.0601,
        "sigma is missing in the exponent": 6.0351,
        "you forgot the logarithm: this is the density": 0.01416,
        "you averaged over the components: their densities multiply, so the terms add up": 2.1287,
    },
)
### BEGIN HIDDEN TESTS
answered, wanted, noise = torch.randn(5), torch.randn(5), 0.6
expected = -torch.distributions.Normal(answered, noise).log_prob(wanted).sum()
square = ((answered - wanted) ** 2).sum()
constant = expected - square / (2 * noise**2)
check.close(
    gaussian_nll(answered, wanted, noise),
    expected,
    "gaussian_nll(yhat, y, sigma)",
    unless={
        "the sign is wrong: this is the logarithm of the density": -expected,
        "the constant is there once for each component": square / (2 * noise**2) + constant / 5,
        "you forgot the constant, log of the square root of 2 π sigma²": square / (2 * noise**2),
        "the denominator is 2 sigma², not sigma²": square / noise**2 + constant,
        "sigma is squared in the exponent": square / (2 * noise) + constant,
        "sigma is squared under the root as well": expected - 2.5 * torch.log(torch.tensor(noise)),
        "sigma is missing: this is the density for sigma = 1": -torch.distributions.Normal(answered, 1.0)
        .log_prob(wanted)
        .sum(),
        "sigma is missing under the root": expected - 5 * torch.log(torch.tensor(noise)),
        "sigma is missing in the exponent": square / 2 + constant,
        "you forgot the logarithm: this is the density": (-expected).exp(),
        "you averaged over the components: their densities multiply, so the terms add up": expected / 5,
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# With $\sigma$ fixed, your formula is the squared error, times $1 / (2\sigma^2)$, plus a constant. So the $\hat{y}$
# that minimises one minimises the other: least squares *is* maximum likelihood under Gaussian noise.
#
# **A class.** Now $\hat{y}$ is a distribution over the classes, and the class is drawn from it (a *multinomial* law
# with one draw). The probability of the class drawn is $\prod_i \hat{y}_i^{\,y_i}$: the exponent is 1 for that class
# and 0 for the others. The $n$ examples are independent: their probabilities multiply. Write `multinomial_nll`: $-\log$
# of the probability of the $n$ classes observed. Beware: a product of a thousand probabilities is 0 in floating point.
# Take the logarithms first.

# %% [markdown] lang="fr"
# À $\sigma$ fixé, votre formule est l'erreur quadratique, multipliée par $1 / (2\sigma^2)$, plus une constante. Le
# $\hat{y}$ qui minimise l'une minimise donc l'autre : les moindres carrés *sont* le maximum de vraisemblance sous un
# bruit gaussien.
#
# **Une classe.** Maintenant $\hat{y}$ est une distribution sur les classes, et la classe est tirée selon cette
# distribution (loi *multinomiale* à un seul tirage). La probabilité de la classe tirée est $\prod_i
# \hat{y}_i^{\,y_i}$ : l'exposant vaut 1 pour cette classe et 0 pour les autres. Les $n$ exemples sont indépendants : leurs probabilités se
# multiplient. Écrivez `multinomial_nll` : $-\log$ de la probabilité des $n$ classes observées. Attention : un produit
# de mille probabilités vaut 0 en virgule flottante. Prenez d'abord les logarithmes.


# %% answer="multinomial_nll"
def multinomial_nll(Yhat, Y):
    """Return -log of the probability of all the classes observed, a single number.

    Yhat: predicted probabilities (n, ny), all > 0. Y: one-hot classes (n, ny). n may be several
    thousands.
    """
    ### BEGIN SOLUTION
    return -(Y * torch.log(Yhat)).sum()
    ### END SOLUTION


# %% [markdown] hint="multinomial_nll" lang="en"
# The logarithm turns powers into factors and products into sums:
# $\log \prod_i \hat{y}_i^{\,y_i} = \sum_i y_i \log \hat{y}_i$. Then another sum, over the examples. Nothing is divided
# by $n$ here.

# %% [markdown] hint="multinomial_nll" lang="fr"
# Le logarithme change les puissances en facteurs et les produits en sommes :
# $\log \prod_i \hat{y}_i^{\,y_i} = \sum_i y_i \log \hat{y}_i$. Puis vient une autre somme, sur les exemples. Ici, rien
# n'est divisé par $n$.

# %% check="multinomial_nll_value" points=1 ids=["S-whymse"]
got = multinomial_nll(torch.tensor([[0.5, 0.5], [0.75, 0.25]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
check.close(
    got,
    2.0794,  # -log(1/2 · 1/4), that is log 8
    "multinomial_nll(Yhat, Y)",
    unless={
        "this is the mean: independent probabilities multiply, so the terms add up": 1.0397,
        "the sign is wrong: this is the logarithm of the probability": -2.0794,
        "only the probability of the class that came counts": 3.0603,
        "this is the loss of two classes coded by one number: no (1 - y) log(1 - yhat) here": 4.1589,
        "take the natural logarithm, torch.log": 3.0,
        "you forgot the logarithm: this is the probability": 0.125,
    },
)
got = multinomial_nll(torch.full((2000, 2), 0.5), torch.eye(2).repeat(1000, 1))
check.that(
    check.is_finite(got),
    "the product of {n} probabilities is 0 in floating point: add up their logarithms",
    n=2000,
)
check.close(got, 1386.29, "multinomial_nll(Yhat, Y) with n = 2000")  # 2000 log 2
### BEGIN HIDDEN TESTS
for n in (8, 3000):
    targets, chances = random_batch(n, 2, 5)[1], torch.randn(n, 5).softmax(1)
    expected = -torch.distributions.Categorical(chances).log_prob(targets.argmax(1)).sum()
    got = multinomial_nll(chances, targets)
    check.that(
        check.is_finite(got),
        "the product of {n} probabilities is 0 in floating point: add up their logarithms",
        n=n,
    )
    check.close(
        got,
        expected,
        "multinomial_nll(Yhat, Y)",
        unless={
            "this is the mean: independent probabilities multiply, so the terms add up": expected / n,
            "the sign is wrong: this is the logarithm of the probability": -expected,
            "only the probability of the class that came counts": -chances.log().sum(),
            "this is the loss of two classes coded by one number: no (1 - y) log(1 - yhat) here": expected
            - ((1 - targets) * (1 - chances).log()).sum(),
            "take the natural logarithm, torch.log": expected / torch.log(torch.tensor(2.0)),
        },
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# This is $n$ times the cross-entropy of the batch: that loss *is* maximum likelihood too.
#
# ### 17 · The right loss · about 4 minutes
#
# **Question, in three sentences.** Why does the cross-entropy suit classification, and the squared error regression?
# Say how each moves the $\hat{y}_i$, and use one likelihood of this part.

# %% [markdown] lang="fr"
# C'est $n$ fois l'entropie croisée du lot : ce coût est lui aussi un maximum de vraisemblance.
#
# ### 17 · Le bon coût · environ 4 minutes
#
# **Question, en trois phrases.** Pourquoi l'entropie croisée convient-elle à la classification, et l'erreur quadratique
# à la régression ? Dites comment chacune déplace les $\hat{y}_i$, et servez-vous d'une vraisemblance de cette partie.

# %% [markdown] open="right_loss" points=2 ids=["P-Q8", "P-Q9", "S-whymse"]
# **English.** Cross-entropy: only the probability of the true class counts, and it must rise towards 1; through SoftMax
# the others then fall. Squared error: each $\hat{y}_i$ must approach its $y_i$, from whichever side. Cross-entropy is
# $-\log$ of the probability given to the class that came (multinomial law): it needs a distribution, treats the classes
# without order, and punishes a confident mistake without bound; its slope $-1/\hat{y}_i$ is large there, so the network
# leaves its mistake fast. The squared error is, up to a factor and a constant, $-\log$ of a Gaussian density: it
# measures how far a quantity is, large errors much more than small ones, and $y$ may be any real number, where a
# logarithm would make no sense. On probabilities it stays below 2 however wrong the answer is, and it asks for exact
# values, where only the largest matters.
#
# **Français.** Entropie croisée : seule la probabilité de la vraie classe compte, et elle doit monter vers 1 ; à
# travers SoftMax, les autres baissent alors. Erreur quadratique : chaque $\hat{y}_i$ doit se rapprocher de son $y_i$,
# de quelque côté qu'il soit. L'entropie croisée est $-\log$ de la probabilité donnée à la classe observée (loi
# multinomiale) : il lui faut une distribution, elle traite les classes sans ordre, et punit sans limite une erreur
# commise avec assurance ; sa pente $-1/\hat{y}_i$ y est grande, et le réseau quitte vite son erreur. L'erreur
# quadratique est, à un facteur et une constante près, $-\log$ d'une densité gaussienne : elle mesure à quelle distance
# est une grandeur, les grands écarts bien plus que les petits, et $y$ peut être un réel quelconque, là où un logarithme
# n'aurait pas de sens. Sur des probabilités, elle reste inférieure à 2, si fausse que soit la réponse, et elle réclame
# des valeurs exactes là où seule compte la plus grande.

# %% [markdown] marking="right_loss"
# - 1 point: the directions for **both** losses (true class up; each component towards its target), with a slope or an
#   equivalent argument.
# - 1 point: the reasons for **both** problems: classes and probabilities (or the multinomial likelihood), distances
#   between quantities (or Gaussian noise).
# - or 0.5: one problem only, or reasons without either argument.
# - Common misconceptions: "cross-entropy lowers the wrong classes directly" (its slope there is 0; SoftMax does it);
#   "squared error cannot be used for classification" (it can, less well: no point lost, none won).

# %% [markdown] lang="en"
# ## Part 6. The descent
#
# We lower the loss $L$ by small steps against its gradient. For each parameter $w$, with $\eta$ the *learning
# rate*:
#
# $$w \leftarrow w - \eta \, \frac{\partial L}{\partial w}$$
#
# On which examples is $L$ computed? Three choices are common.
#
# | descent | an update uses |
# |---|---|
# | batch | all the $n$ training examples |
# | mini-batch | $B$ of them (`batch` in the next notebooks), drawn at random |
# | online, or stochastic | a single one |
#
# One *epoch* is one pass over the $n$ examples, in as many updates as it takes. If $B$ does not divide $n$, the last
# mini-batch is smaller, and still makes an update. What takes time is computing the gradient of one example: count
# those.

# %% [markdown] lang="fr"
# ## Partie 6. La descente
#
# On fait baisser le coût $L$ à petits pas contre son gradient. Pour chaque paramètre $w$, où $\eta$ est le *pas
# d'apprentissage* :
#
# $$w \leftarrow w - \eta \, \frac{\partial L}{\partial w}$$
#
# Sur quels exemples calcule-t-on $L$ ? Trois choix sont courants.
#
# | descente | une mise à jour utilise |
# |---|---|
# | par lot complet (batch) | tous les $n$ exemples d'apprentissage |
# | par mini-lots | $B$ d'entre eux (`batch` dans les notebooks suivants), tirés au hasard |
# | en ligne, ou stochastique | un seul |
#
# Une *époque* est un passage sur les $n$ exemples, en autant de mises à jour qu'il faut. Si $B$ ne divise pas $n$, le
# dernier mini-lot est plus petit, et fait tout de même une mise à jour. Ce qui prend du temps, c'est de calculer le
# gradient d'un exemple : ce sont ces gradients que l'on compte.

# %% [markdown] lang="en"
# ### 18 · Updates and work · about 4 minutes
#
# Write `work`, for all the epochs together. Batch descent is $B = n$, online descent is $B = 1$.

# %% [markdown] lang="fr"
# ### 18 · Mises à jour et travail · environ 4 minutes
#
# Écrivez `work`, qui renvoie deux entiers : le nombre de mises à jour, et le nombre de gradients d'un exemple calculés,
# pour toutes les époques ensemble. La descente par lot complet, c'est $B = n$ ; la descente en ligne, $B = 1$.


# %% answer="work"
def work(n, B, epochs):
    """Count what a training does.

    n: number of training examples. B: size of the mini-batches, from 1 to n. epochs: number of
    passes.
    Returns (updates, gradients): the number of updates of the parameters, and the number of
    gradients of a single example that were computed, two integers.
    """
    ### BEGIN SOLUTION
    return epochs * ((n + B - 1) // B), epochs * n
    ### END SOLUTION


# %% [markdown] hint="work" lang="en"
# Do it by hand for $n = 5$, $B = 2$: the batches of one epoch hold 2, 2 and 1 examples. How many updates, how many
# gradients? Rounding $n / B$ up is `math.ceil`, or `-(-n // B)`. Round once for each epoch, not at the end.

# %% [markdown] hint="work" lang="fr"
# Faites-le à la main pour $n = 5$, $B = 2$ : les lots d'une époque contiennent 2, 2 et 1 exemples. Combien de mises à
# jour, combien de gradients ? L'arrondi de $n / B$ vers le haut est `math.ceil`, ou `-(-n // B)`. Arrondissez à chaque
# époque, et non à la fin.

# %% check="work_updates" points=1 ids=["P-Q10", "S-cost"]
check.same(
    check.pair(work(100, 10, 3), "work(100, 10, 3)")[0],
    30,
    "work(100, 10, 3)[0]",
    unless={"these are the updates of one epoch": 10, "round up only where B does not divide n": 33},
)
check.same(
    check.pair(work(5, 2, 2), "work(5, 2, 2)")[0],
    6,
    "work(5, 2, 2)[0]",
    unless={
        "the last mini-batch, smaller than the others, makes an update too": 4,
        "these are the updates of one epoch": 3,
        "each epoch ends with a smaller mini-batch: round up once for each epoch": 5,
    },
)
check.that(
    not isinstance(check.pair(work(5, 2, 2), "work(5, 2, 2)")[0], float),
    "a whole number was asked for: divide with //, or round with math.ceil",
)
### BEGIN HIDDEN TESTS
for n, batch, passes in ((103, 10, 7), (60, 60, 4), (17, 1, 3), (96, 32, 5)):
    per_epoch = len(torch.arange(n).split(batch))
    check.same(
        check.pair(work(n, batch, passes), f"work({n}, {batch}, {passes})")[0],
        passes * per_epoch,
        f"work({n}, {batch}, {passes})[0]",
        unless={
            "the last mini-batch, smaller than the others, makes an update too": passes * (n // batch),
            "these are the updates of one epoch": per_epoch,
            "each epoch ends with a smaller mini-batch: round up once for each epoch": -(-passes * n // batch),
            "round up only where B does not divide n": passes * (n // batch + 1),
        },
    )
### END HIDDEN TESTS

# %% check="work_gradients" points=1 ids=["P-Q10", "S-cost"]
check.same(
    check.pair(work(5, 2, 2), "work(5, 2, 2)")[1],
    10,
    "work(5, 2, 2)[1]",
    unless={
        "the last mini-batch holds fewer examples: an epoch computes n gradients, whatever B": 12,
        "an update on a mini-batch needs one gradient for each of its examples": 6,
        "these are the gradients of one epoch": 5,
    },
)
check.that(
    not isinstance(check.pair(work(5, 2, 2), "work(5, 2, 2)")[1], float),
    "a whole number was asked for: divide with //, or round with math.ceil",
)
### BEGIN HIDDEN TESTS
for n, batch, passes in ((103, 10, 7), (60, 60, 4), (17, 1, 3)):
    check.same(
        check.pair(work(n, batch, passes), f"work({n}, {batch}, {passes})")[1],
        passes * n,
        f"work({n}, {batch}, {passes})[1]",
        unless={
            "the last mini-batch holds fewer examples: an epoch computes n gradients, whatever B": passes
            * -(-n // batch)
            * batch,
            "an update on a mini-batch needs one gradient for each of its examples": passes * -(-n // batch),
            "these are the gradients of one epoch": n,
        },
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The same problem, three descents, the same $\eta = 0.05$: 1000 noisy examples of $y = 2x - 1$, a single neuron without
# activation, the squared error. On the left the loss against the number of updates; on the right the *very same* runs
# against the number of gradients computed. Guess first: after 5000 gradients, which $B$ is furthest from the lowest
# loss there is, 1, 20 or 1000?

# %% [markdown] lang="fr"
# Le même problème, trois descentes, le même $\eta = 0{,}05$ : 1000 exemples bruités de $y = 2x - 1$, un seul neurone
# sans activation, l'erreur quadratique. À gauche, le coût en fonction du nombre de mises à jour ; à droite, *les mêmes*
# exécutions en fonction du nombre de gradients calculés. Faites d'abord un pronostic : après 5000 gradients, quel $B$
# est le plus loin du coût le plus bas possible, 1, 20 ou 1000 ?

# %% predict="furthest_batch"
furthest_batch = None

# %% demo
torch.manual_seed(0)
features = torch.stack([torch.rand(1000) * 2 - 1, torch.ones(1000)], dim=1)
noisy_line = features @ torch.tensor([2.0, -1.0]) + 0.3 * torch.randn(1000)
best = torch.linalg.lstsq(features, noisy_line[:, None]).solution[:, 0]
lowest = float(((features @ best - noisy_line) ** 2).mean())
at_100, at_5000 = {}, {}
fig, axes = plt.subplots(1, 2, figsize=(9, 3.2), sharey=True, layout="constrained")
for size, colour, style in ((1, "#009E73", ":"), (20, "#D55E00", "--"), (1000, "#0072B2", "-")):
    theta, losses, paid = torch.zeros(2), [], []
    for update in range(101 if size == 1000 else 5000 // size + 1):
        losses.append(float(((features @ theta - noisy_line) ** 2).mean()))
        paid.append(size * update)
        rows = torch.randperm(1000)[:size]
        theta = theta - 0.05 * 2 * features[rows].T @ (features[rows] @ theta - noisy_line[rows]) / size
    axes[0].semilogy(losses[:101], style, color=colour, label=f"$B = {size}$", linewidth=1 if size == 1 else 2)
    axes[1].semilogy(paid, losses, style, color=colour, linewidth=0.6 if size == 1 else 2)
    at_100[size] = sum(losses[81:101]) / 20  # one alone is noisy
    late = [loss for loss, gradients in zip(losses, paid) if 4000 <= gradients <= 5000]
    at_5000[size] = sum(late) / len(late)
axes[0].set(xlabel=say("updates"), ylabel="$L$")
axes[1].set(xlabel=say("gradients of one example computed"), xlim=(-100, 5000))
axes[0].legend()
figures.show(
    fig,
    say(
        "The loss of three descents with batches of 1, 20 and 1000: on the left by updates, on the right by "
        "gradients computed."
    ),
)
reveal(furthest_batch, max(at_5000, key=at_5000.get))

# %% claim="per update batch descent does as well as any; per gradient it is far behind, and B = 1 hovers above the lowest loss"
assert at_100[1000] < 1.05 * min(at_100.values())
assert at_5000[1000] > 3 * max(at_5000[1], at_5000[20])
assert at_5000[20] < 1.05 * lowest < at_5000[1]

# %% [markdown] lang="en"
# On the left batch descent looks best: its curve is smooth, and as low as any. On the right, where a step is counted at
# its price, it has made five steps while the others have arrived. And $B = 1$, which arrives first, then hovers above
# the lowest loss.

# %% [markdown] lang="fr"
# À gauche, la descente par lot complet semble la meilleure : sa courbe est lisse, et aussi basse que les autres. À
# droite, où chaque pas compte pour ce qu'il coûte, elle a fait cinq pas quand les autres sont arrivées. Et $B = 1$, qui
# arrive la première, flotte ensuite au-dessus du coût le plus bas.

# %% [markdown] lang="en"
# ### 19 · Which descent · about 5 minutes
#
# **Question, in four sentences.** Give one advantage and one drawback of each descent. Which would you take in general?
# A friend says: "Batch descent needed 100 updates and mine, with mini-batches of 50, needed 400, so batch descent is
# four times faster." There are 10 000 examples. Answer with numbers.

# %% [markdown] lang="fr"
# ### 19 · Quelle descente · environ 5 minutes
#
# **Question, en quatre phrases.** Donnez un avantage et un inconvénient de chacune des trois descentes. Laquelle
# prendriez-vous en général ? Un ami dit : « La descente par lot complet a demandé 100 mises à jour, et la mienne, par
# mini-lots de 50, en a demandé 400 ; la première est donc quatre fois plus rapide. » Il y a 10 000 exemples. Répondez
# avec des nombres.

# %% [markdown] open="which_descent" points=2 ids=["P-Q10", "S-cost"]
# **English.** Batch: the exact gradient of the training loss, a smooth and reproducible fall; but each update costs $n$
# gradients, all the examples must be gone through before the first step, and it may stay in a poor basin or on a
# plateau. Online: an update for every example, so progress starts at once and data may arrive as a stream; but the
# gradient is noisy, the loss hovers around the minimum unless $\eta$ decreases, and one example at a time wastes the
# parallelism of the machine. Mini-batch: a mean over $B$ examples divides the variance of the noise by $B$, many
# updates per epoch, and matrix products keep the machine busy. It is the reasonable choice in general, with $B$ of some
# tens to some hundreds. The friend counts updates, not work: 100 × 10 000 = 1 000 000 gradients against 400 × 50 = 20
# 000. His own descent did fifty times less work.
#
# **Français.** Par lot complet : le gradient exact du coût d'apprentissage, une descente régulière et reproductible ;
# mais chaque mise à jour coûte $n$ gradients, il faut parcourir tous les exemples avant le premier pas, et l'on peut
# rester dans un mauvais bassin ou sur un plateau. En ligne : une mise à jour par exemple, donc des progrès immédiats,
# et les données peuvent arriver au fil de l'eau ; mais le gradient est bruité, le coût flotte autour du minimum si
# $\eta$ ne diminue pas, et un exemple à la fois gâche le parallélisme de la machine. Par mini-lots : la moyenne sur $B$
# exemples divise par $B$ la variance du bruit, il y a beaucoup de mises à jour par époque, et les produits de matrices
# occupent bien la machine. C'est le choix raisonnable en général, avec $B$ de quelques dizaines à quelques centaines.
# L'ami compte les mises à jour, pas le travail : 100 × 10 000 = 1 000 000 de gradients contre 400 × 50 = 20 000. Sa
# propre descente a fait cinquante fois moins de travail.

# %% [markdown] marking="which_descent"
# - 1 point: at least one advantage or drawback for each of the three, correct (exact but expensive; noisy but fast to
#   start; a compromise that uses the machine well), and mini-batch chosen with a reason.
# - 1 point: 1 000 000 gradients against 20 000, so the friend is wrong by a factor of fifty the other way.
# - or 0.5: "an iteration of batch descent costs more" without the numbers.
# - Common misconceptions: "batch descent finds the global minimum"; "online descent is the fastest because it makes the
#   most updates"; "mini-batches compute fewer gradients per epoch" (an epoch is $n$ gradients in all three).

# %% [markdown] lang="en"
# ### 20 · The learning rate · about 7 minutes
#
# How large may $\eta$ be? Take the simplest loss with a minimum, a parabola of *curvature* $c > 0$, where $w$ is the
# only weight:
#
# $$L(w) = \frac{c}{2} \, w^2 \qquad \frac{\partial L}{\partial w} = c \, w$$
#
# One step gives $w \leftarrow w - \eta c w = (1 - \eta c) \, w$. Each step multiplies $w$ by the same number,
# $1 - \eta c$. Everything follows from it: $w$ goes to 0 if $|1 - \eta c| < 1$, that is, if
#
# $$0 < \eta < \frac{2}{c}$$
#
# In several dimensions the largest curvature sets this bound, and the smallest how slowly the descent ends. Here are
# five values of $\eta$, with $c = 1$.

# %% [markdown] lang="fr"
# ### 20 · Le pas d'apprentissage · environ 7 minutes
#
# Jusqu'où $\eta$, le pas d'apprentissage (on dit aussi *taux d'apprentissage*), peut-il aller ? Prenons le coût le plus
# simple qui ait un minimum, une parabole de *courbure* $c > 0$, où $w$ est le seul poids :
#
# $$L(w) = \frac{c}{2} \, w^2 \qquad \frac{\partial L}{\partial w} = c \, w$$
#
# Un pas donne $w \leftarrow w - \eta c w = (1 - \eta c) \, w$. Chaque pas multiplie $w$ par le même nombre,
# $1 - \eta c$. Tout en découle : $w$ tend vers 0 si $|1 - \eta c| < 1$, c'est-à-dire si
#
# $$0 < \eta < \frac{2}{c}$$
#
# En plusieurs dimensions, c'est la plus grande courbure qui fixe cette borne, et la plus petite qui rend la fin plus ou
# moins lente. Voici cinq valeurs de $\eta$, avec $c = 1$.

# %% demo unclaimed="the formula above, drawn: each path is computed from it"
figures.parabola([0.2, 1, 1.7, 2, 2.1], steps=6)

# %% [markdown] lang="en"
# Write `descend`, which notes where $w$ has been, `w0` included. Then `regime`, which names the behaviour without
# descending:
#
# | answer | what happens |
# |---|---|
# | `"slides"` | $w$ goes to 0 and stays on its side |
# | `"lands"` | $w$ is at 0 after one step |
# | `"zigzags"` | $w$ goes to 0, from one side to the other |
# | `"swings"` | $w$ jumps between two points for ever |
# | `"diverges"` | $w$ goes away from 0 |
#
# Two of them hold for a single value of $\eta$. Compare with `==`: the products in the tests come out exact.

# %% [markdown] lang="fr"
# Écrivez `descend`, qui note par où $w$ est passé : la liste des `steps + 1` positions, `w0` comprise. Puis `regime`,
# qui nomme le comportement sans faire la descente :
#
# | réponse | ce qui se passe |
# |---|---|
# | `"slides"` (glisse) | $w$ tend vers 0 en restant de son côté |
# | `"lands"` (atterrit) | $w$ est en 0 après un pas |
# | `"zigzags"` (zigzague) | $w$ tend vers 0, d'un côté à l'autre |
# | `"swings"` (oscille) | $w$ saute à jamais entre deux points |
# | `"diverges"` (diverge) | $w$ s'éloigne de 0 |
#
# Deux d'entre elles ne valent que pour une seule valeur de $\eta$. Comparez avec `==` : les calculs des tests tombent
# juste.


# %% answer="descend"
def descend(w0, c, eta, steps):
    """Descend the parabola c/2 w² from w0.

    w0: first position. c: curvature, > 0. eta: learning rate, > 0. steps: number of updates. All
    are numbers.
    Returns the list of the steps + 1 positions, w0 included (a tensor will do).
    """
    ### BEGIN SOLUTION
    path = [w0]
    for _ in range(steps):
        path.append(path[-1] - eta * c * path[-1])
    return path
    ### END SOLUTION


# %% [markdown] hint="descend" lang="en"
# ### The idea
#
# Keep a list. It starts with the first position; each step appends one more, computed from the last one, `path[-1]`.
#
# ### The slope
#
# The slope is that of the place where $w$ is *now*: $c \, w$. The 2 of $w^2$ and the 2 of $c / 2$ cancel.
#
# ### The code, with blanks
#
# ```python
# path = [...]
# for _ in range(steps):
#     path.append(path[-1] - ...)
# return path
# ```

# %% [markdown] hint="descend" lang="fr"
# ### L'idée
#
# Tenez une liste. Elle commence par la première position ; chaque pas en ajoute une, calculée à partir de la dernière,
# `path[-1]`.
#
# ### La pente
#
# La pente est celle de l'endroit où se trouve $w$ *maintenant* : $c \, w$. Le 2 de $w^2$ et celui de $c / 2$ se
# simplifient.
#
# ### Le code, à trous
#
# ```python
# path = [...]
# for _ in range(steps):
#     path.append(path[-1] - ...)
# return path
# ```

# %% check="descend_path" points=1 ids=["P-Q11"]
got = descend(8.0, 4.0, 0.125, 3)
got = check.items(got, "descend(8.0, 4.0, 0.125, 3)")
unless = {"w0 belongs to the path: it has steps + 1 places": 3}
check.close(
    check.numbers(got, 4, "descend(8.0, 4.0, 0.125, 3)", unless),
    [8.0, 4.0, 2.0, 1.0],
    "descend(8.0, 4.0, 0.125, 3)",
    unless={
        "you forgot the curvature: the slope is c w": [8.0, 7.0, 6.125, 5.3594],
        "you walked up the slope: subtract it": [8.0, 12.0, 18.0, 27.0],
        "the slope of c/2 w² is c w: the 2 goes away": [8.0, 6.0, 4.5, 3.375],
        "the slope of c/2 w² is c w, not 2 c w": [8.0, 0.0, 0.0, 0.0],
        "you forgot the learning rate eta": [8.0, -24.0, 72.0, -216.0],
        "this is the loss along the path: return the positions w": [128.0, 32.0, 8.0, 2.0],
        "take the slope where you are now, not where you started": [8.0, 4.0, 0.0, -4.0],
    },
)
### BEGIN HIDDEN TESTS
for start_at, bend, rate, count_of in ((3.0, 0.5, 0.9, 5), (-2.0, 4.0, 0.4, 4), (1.5, 2.0, 1.1, 6)):
    powers = torch.arange(count_of + 1)
    code = f"descend({start_at}, {bend}, {rate}, {count_of})"
    got = check.items(descend(start_at, bend, rate, count_of), code)
    unless = {"w0 belongs to the path: it has steps + 1 places": count_of}
    check.close(
        check.numbers(got, count_of + 1, code, unless),
        start_at * (1 - rate * bend) ** powers,
        code,
        unless={
            "you forgot the curvature: the slope is c w": start_at * (1 - rate) ** powers,
            "you walked up the slope: subtract it": start_at * (1 + rate * bend) ** powers,
            "the slope of c/2 w² is c w: the 2 goes away": start_at * (1 - rate * bend / 2) ** powers,
            "the slope of c/2 w² is c w, not 2 c w": start_at * (1 - 2 * rate * bend) ** powers,
            "you forgot the learning rate eta": start_at * (1.0 - bend) ** powers,
            "take the slope where you are now, not where you started": start_at * (1 - rate * bend * powers),
        },
    )
### END HIDDEN TESTS


# %% answer="regime"
def regime(c, eta):
    """Return what gradient descent does on c/2 w², from any w0 but 0.

    c: curvature, > 0. eta: learning rate, > 0. Returns "slides", "lands", "zigzags", "swings" or
    "diverges".
    """
    ### BEGIN SOLUTION
    if eta * c < 1:
        return "slides"
    if eta * c == 1:
        return "lands"
    if eta * c < 2:
        return "zigzags"
    return "swings" if eta * c == 2 else "diverges"
    ### END SOLUTION


# %% [markdown] hint="regime" lang="en"
# ### The idea
#
# Everything depends on the one factor $1 - \eta c$ by which each step multiplies $w$. Positive: $w$ stays on its side.
# Negative: it changes sides. Smaller than 1 in size: it shrinks.
#
# ### The five cases
#
# Where is $\eta c$ when this factor is between 0 and 1? When it is 0? Between $-1$ and 0? When it is $-1$? Below $-1$?
# Two of these are single values.
#
# ### The code, with blanks
#
# ```python
# if eta * c < ...:
#     return ...
# if eta * c == ...:
#     return ...
# ```

# %% [markdown] hint="regime" lang="fr"
# ### L'idée
#
# Tout dépend du seul facteur $1 - \eta c$, par lequel chaque pas multiplie $w$. Positif : $w$ reste de son côté.
# Négatif : il change de côté. Plus petit que 1 en valeur absolue : il rétrécit.
#
# ### Les cinq cas
#
# Où est $\eta c$ quand ce facteur est compris entre 0 et 1 ? Quand il vaut 0 ? Entre $-1$ et 0 ? Quand il vaut $-1$ ?
# En dessous de $-1$ ? Deux de ces cas sont des valeurs isolées.
#
# ### Le code, à trous
#
# ```python
# if eta * c < ...:
#     return ...
# if eta * c == ...:
#     return ...
# ```

# %% check="regime_names" points=1 ids=["P-Q11"]
names = ("slides", "lands", "zigzags", "swings", "diverges")
for bend, rate in ((1.0, 0.2), (2.0, 0.5), (1.0, 1.5), (1.0, 2.0), (1.0, 2.1)):
    check.that(
        check.plain(regime(bend, rate)) in names,
        "{what} is none of the five answers: {names}",
        what=f"regime({bend}, {rate})",
        names=", ".join(names),
    )
check.same(regime(1.0, 0.2), "slides", "regime(1.0, 0.2)")
check.same(regime(1.0, 2.1), "diverges", "regime(1.0, 2.1)")
# In the others eta alone says one thing, and eta * c another.
for bend, rate, name, alone in (
    (4.0, 1.0, "diverges", "lands"),
    (2.0, 0.5, "lands", "slides"),
    (4.0, 0.375, "zigzags", "slides"),
    (0.5, 4.0, "swings", "diverges"),
):
    check.same(
        regime(bend, rate),
        name,
        f"regime({bend}, {rate})",
        unless={"the bound on eta depends on the curvature: compare eta * c with 1 and 2": alone}
        | ({"|1 - eta c| is below 1: this converges": "diverges"} if bend * rate < 2 else {})
        | ({"eta * c is 1 here: the first step lands on 0": "zigzags"} if bend * rate == 1 else {})
        | ({"eta * c is 2 here: w jumps to -w and back, for ever": "zigzags"} if bend * rate == 2 else {}),
    )
### BEGIN HIDDEN TESTS
names = ("slides", "lands", "zigzags", "swings", "diverges")
for bend in (1.0, 8.0, 0.5):
    for place, product in enumerate((0.25, 0.875, 1.0, 1.5, 1.875, 2.0, 2.25, 5.0)):
        name = names[(0, 0, 1, 2, 2, 3, 4, 4)[place]]
        rate = product / bend
        alone = "slides" if rate < 1 else "zigzags" if 1 < rate < 2 else "diverges" if rate > 2 else None
        check.same(
            regime(bend, rate),
            name,
            f"regime({bend}, {rate})",
            unless={"the bound on eta depends on the curvature: compare eta * c with 1 and 2": alone}
            | ({"|1 - eta c| is below 1: this converges": "diverges"} if product < 2 else {})
            | ({"|1 - eta c| is above 1: this diverges": "zigzags"} if product > 2 else {}),
        )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## Part 7. The chain rule
#
# A network is functions applied one after the other. To know how the last number depends on a weight at the beginning,
# multiply the slopes on the way: this is the *chain rule*. If $u$ gives $v$ and $v$ gives $s$:
#
# $$\frac{\partial s}{\partial u} = \frac{\partial s}{\partial v} \, \frac{\partial v}{\partial u}$$
#
# Each factor is a *local* slope, taken at the values the forward pass has found. When $v$ is a vector, $u$ acts on $s$
# through each component $v_j$. Each opens a *path*, and the paths add up. With $u$ and $s$ vectors as well:
#
# $$\frac{\partial s_i}{\partial u_k} = \sum_j \frac{\partial s_i}{\partial v_j} \, \frac{\partial v_j}{\partial u_k}$$

# %% [markdown] lang="fr"
# ## Partie 7. Dériver une composée
#
# Un réseau, ce sont des fonctions appliquées l'une après l'autre. Pour savoir comment le dernier nombre dépend d'un
# poids du début, on multiplie les pentes le long du chemin (*chain rule*). Si $u$ donne $v$ et que $v$ donne $s$ :
#
# $$\frac{\partial s}{\partial u} = \frac{\partial s}{\partial v} \, \frac{\partial v}{\partial u}$$
#
# Chaque facteur est une pente *locale*, prise aux valeurs que la passe avant a trouvées. Quand $v$ est un vecteur, $u$
# agit sur $s$ à travers chaque composante $v_j$. Chacune ouvre un *chemin*, et les chemins s'additionnent. Si $u$ et
# $s$ sont aussi des vecteurs :
#
# $$\frac{\partial s_i}{\partial u_k} = \sum_j \frac{\partial s_i}{\partial v_j} \, \frac{\partial v_j}{\partial u_k}$$

# %% [markdown] lang="en"
# ### 21 · One path, several paths · about 4 minutes
#
# One path first. A neuron with one weight and no bias, a sigmoid, the squared error:
#
# $$a = w x \qquad z = \sigma(a) \qquad L = (z - y)^2$$
#
# Write the three local slopes, and multiply them: that is `scalar_slope` (take `torch.sigmoid`).
#
# Several paths are for the next exercises. When $u$, $v$ and $s$ are all vectors, the slopes
# $\partial s_i / \partial v_j$ fill a table, row $i$, column $j$, a *Jacobian matrix*. The second formula above is then
# the product of two such tables.

# %% [markdown] lang="fr"
# ### 21 · Un chemin, plusieurs chemins · environ 4 minutes
#
# D'abord un seul chemin. Un neurone à un poids et sans biais, une sigmoïde, l'erreur quadratique :
#
# $$a = w x \qquad z = \sigma(a) \qquad L = (z - y)^2$$
#
# Écrivez les trois pentes locales, et multipliez-les : c'est `scalar_slope` (prenez `torch.sigmoid`).
#
# Les exercices suivants auront plusieurs chemins. Quand $u$, $v$ et $s$ sont tous des vecteurs, les pentes
# $\partial s_i / \partial v_j$ remplissent un tableau, ligne $i$, colonne $j$ : une *matrice jacobienne*. La deuxième
# formule ci-dessus est alors le produit de deux tels tableaux.


# %% answer="scalar_slope"
def scalar_slope(w, x, y):
    """Return the slope dL/dw of L = (σ(w x) - y)².

    w, x, y: tensors that hold one number each.
    """
    ### BEGIN SOLUTION
    z = torch.sigmoid(w * x)
    return 2 * (z - y) * z * (1 - z) * x
    ### END SOLUTION


# %% [markdown] hint="scalar_slope" lang="en"
# Three slopes, one for each formula: of $L$ in $z$, of $z$ in $a$, of $a$ in $w$. The second one is the slope of the
# sigmoid, from its value $z$, as in exercise 5. In the third $w$ is the variable and $x$ is fixed. Multiply them.

# %% [markdown] hint="scalar_slope" lang="fr"
# Trois pentes, une par formule : celle de $L$ par rapport à $z$, de $z$ par rapport à $a$, de $a$ par rapport à $w$. La
# deuxième est la pente de la sigmoïde, tirée de sa valeur $z$, comme dans l'exercice 5. Dans la troisième, $w$ est la
# variable et $x$ est fixé. Multipliez-les.

# %% check="scalar_slope_value" points=1 ids=["P-chain", "S-chain"]
check.close(
    scalar_slope(torch.tensor(0.0), torch.tensor(4.0), torch.tensor(1.0)),
    -1.0,  # 2 · (-1/2) · 1/4 · 4
    "scalar_slope(w, x, y)",
    unless={
        "the last factor is missing: the slope of a = w x in w is x": -0.25,
        "the slope of a = w x in w is x, not w": 0.0,
        "you forgot the factor 2": -0.5,
        "you forgot the slope of the sigmoid": -4.0,
        "the slope of the sigmoid is taken at the wrong point: take it at a, not at z": -0.9400,
        "the sign is wrong: the slope of (z - y)² in z is 2 (z - y)": 1.0,
        "this is the slope of tanh; that of the sigmoid is z (1 - z)": -3.0,
    },
)
check.close(
    scalar_slope(torch.tensor(0.27465), torch.tensor(4.0), torch.tensor(0.25)),
    0.75,  # w x = log 3, so z = 3/4, and 2 · 1/2 · 3/16 · 4
    "scalar_slope(w, x, 0.25)",
    unless={
        "take the sigmoid of w x, not of w": 0.6246,
        "the slope of the sigmoid is z (1 - z), not z²": 2.25,
        "the last factor is missing: the slope of a = w x in w is x": 0.1875,
        "the slope of a = w x in w is x, not w": 0.0515,
        "the slope of the sigmoid is taken at the wrong point: take it at a, not at z": 0.8716,
        "this is the slope of tanh; that of the sigmoid is z (1 - z)": 1.75,
    },
)
### BEGIN HIDDEN TESTS
for numbers in ((0.7, -1.5, 1.0), (-1.2, 0.6, -0.5)):
    weight, example, truth = (torch.tensor(number, requires_grad=True) for number in numbers)
    expected = torch.autograd.grad((torch.sigmoid(weight * example) - truth) ** 2, weight)[0]
    weight, example, truth = weight.detach(), example.detach(), truth.detach()
    out = torch.sigmoid(weight * example)
    again = torch.sigmoid(out)
    check.close(
        scalar_slope(weight, example, truth),
        expected,
        "scalar_slope(w, x, y)",
        unless={
            "the last factor is missing: the slope of a = w x in w is x": expected / example,
            "the slope of a = w x in w is x, not w": expected / example * weight,
            "you forgot the factor 2": expected / 2,
            "you forgot the slope of the sigmoid": 2 * (out - truth) * example,
            "the slope of the sigmoid is taken at the wrong point: take it at a, not at z": 2
            * (out - truth)
            * again
            * (1 - again)
            * example,
            "the sign is wrong: the slope of (z - y)² in z is 2 (z - y)": -expected,
            "this is the slope of tanh; that of the sigmoid is z (1 - z)": 2 * (out - truth) * (1 - out**2) * example,
            "the slope of the sigmoid is z (1 - z), not z²": 2 * (out - truth) * out**2 * example,
        },
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 22 · A drawn graph · about 5 minutes
#
# Two numbers $s$ and $t$ meet twice: $p = s + t$ and $q = s t$. Then $r = p q$. Here with $s = 3$ and $t = -2$; the
# values of the forward pass are in blue.

# %% [markdown] lang="fr"
# ### 22 · Un graphe dessiné · environ 5 minutes
#
# Deux nombres $s$ et $t$ se rencontrent deux fois : $p = s + t$ et $q = s t$. Puis $r = p q$. Ici avec $s = 3$ et
# $t = -2$ ; les valeurs de la passe avant sont en bleu.

# %% demo unclaimed="only a drawing of the formulas above"
figures.graph(
    {"s": (0, 1.6), "t": (0, 0), "p": (2.6, 1.6), "q": (1.5, 0), "r": (4, 0.8)},
    [("s", "p"), ("t", "p"), ("s", "q"), ("t", "q"), ("p", "r"), ("q", "r")],
    values={"s": 3, "t": -2, "p": "p = 1", "q": "q = −6", "r": "r = −6"},
    labels={"s": "$s$", "t": "$t$", "p": "$+$", "q": "$×$", "r": "$×$"},
)

# %% [markdown] lang="en"
# Go back from right to left. First the slopes of $r$ in $p$ and $q$, then in $s$ and $t$. From $s$ to $r$ there are two
# paths, and from $t$ as well. Write `graph_slopes` for any $s$ and $t$, then run the picture below it: it shows your
# slopes in $p$ and $q$ in orange, and the two others beside $s$ and $t$.

# %% [markdown] lang="fr"
# Remontez de droite à gauche. D'abord les pentes de $r$ par rapport à $p$ et $q$, puis par rapport à $s$ et $t$. De $s$
# à $r$, il y a deux chemins, et de $t$ aussi. Écrivez `graph_slopes` pour $s$ et $t$ quelconques : elle renvoie un
# dictionnaire de clés `"p"`, `"q"`, `"s"`, `"t"`. Exécutez ensuite la figure qui suit : elle montre vos pentes par
# rapport à $p$ et $q$ en orange, et les deux autres à côté de $s$ et de $t$.


# %% answer="graph_slopes"
def graph_slopes(s, t):
    """Return the slopes of r = (s + t) · (s t), numbers s and t given.

    Returns a dict with the keys "p", "q", "s" and "t": the slope of r in each, where p = s + t and
    q = s t.
    """
    ### BEGIN SOLUTION
    p, q = s + t, s * t
    dp, dq = q, p
    return {"p": dp, "q": dq, "s": dp * 1 + dq * t, "t": dp * 1 + dq * s}
    ### END SOLUTION


# %% [markdown] hint="graph_slopes" lang="en"
# ### The idea
#
# First the last product: what is the slope of $p q$ in $p$, while $q$ stays as it is? Then go one step further back.
# $s$ reaches $r$ through $p$ and through $q$.
#
# ### The paths
#
# Along a path slopes multiply: through $q$ it is the slope of $r$ in $q$ times that of $q = s t$ in $s$. The two paths
# add up. For $s = 3$ and $t = -2$ you must find $-8$ and $-3$.
#
# ### The code, with blanks
#
# ```python
# p, q = ..., ...
# dp, dq = ..., ...
# ```

# %% [markdown] hint="graph_slopes" lang="fr"
# ### L'idée
#
# D'abord le dernier produit : quelle est la pente de $p q$ par rapport à $p$, quand $q$ ne bouge pas ? Remontez ensuite
# d'un cran. $s$ atteint $r$ en passant par $p$ et en passant par $q$.
#
# ### Les chemins
#
# Le long d'un chemin, les pentes se multiplient : par $q$, c'est la pente de $r$ par rapport à $q$, fois celle de
# $q = s t$ par rapport à $s$. Les deux chemins s'additionnent. Pour $s = 3$ et $t = -2$, vous devez trouver $-8$ et
# $-3$.
#
# ### Le code, à trous
#
# ```python
# p, q = ..., ...
# dp, dq = ..., ...
# ```

# %% check="graph_slopes_local" points=1 ids=["P-chain", "S-chain"]
got = graph_slopes(3.0, -2.0)
got = check.keys(got, ["p", "q", "s", "t"], "graph_slopes(3.0, -2.0)")
check.close(got["p"], -6.0, 'graph_slopes(3.0, -2.0)["p"]', unless={"the slope of p q in p is q, not p": 1.0})
check.close(got["q"], 1.0, 'graph_slopes(3.0, -2.0)["q"]', unless={"the slope of p q in q is p, not q": -6.0})
### BEGIN HIDDEN TESTS
for left, right in ((1.5, 2.5), (-0.5, 3.0)):
    got, code = graph_slopes(left, right), f"graph_slopes({left}, {right})"
    got = check.keys(got, ["p", "q", "s", "t"], code)
    check.close(got["p"], left * right, f'{code}["p"]', unless={"the slope of p q in p is q, not p": left + right})
    check.close(got["q"], left + right, f'{code}["q"]', unless={"the slope of p q in q is p, not q": left * right})
### END HIDDEN TESTS

# %% check="graph_slopes_paths" points=1 ids=["P-chain", "S-chain"]
got = graph_slopes(3.0, -2.0)
got = check.keys(got, ["p", "q", "s", "t"], "graph_slopes(3.0, -2.0)")
up, low = (check.number(got[name], f'graph_slopes(3.0, -2.0)["{name}"]') for name in "pq")  # yours
check.that(up or low, "{what} is 0: nothing can be computed from it", what='graph_slopes(3.0, -2.0)["p"]')
for name, itself, other, right in (("s", 3, -2, -8.0), ("t", -2, 3, -3.0)):
    check.close(
        got[name],
        up + low * other,
        f'graph_slopes(3.0, -2.0)["{name}"]',
        also=right,
        unless={
            "two paths lead to r: you kept the one through p": up,
            "two paths lead to r: you kept the one through q": low * other,
            "the two paths add up; you multiplied them": up * low * other,
            "the local slope of a product is the other factor": up + low * itself,
            "you added up the slopes of p and q without the local slopes": up + low,
        },
    )
### BEGIN HIDDEN TESTS
for left, right in ((1.5, 2.5), (-0.5, 3.0)):
    got, code = graph_slopes(left, right), f"graph_slopes({left}, {right})"
    got = check.keys(got, ["p", "q", "s", "t"], code)
    pair = torch.tensor([left, right], requires_grad=True)
    expected = torch.autograd.grad(pair.sum() * pair.prod(), pair)[0]
    up, low = (check.number(got[name], f'{code}["{name}"]') for name in "pq")
    check.that(
        min(abs(up), abs(low)) > 0.05 * max(abs(up), abs(low)),
        "{what} is 0: nothing can be computed from it",
        what=code,
    )
    for name, other, slope in (("s", right, expected[0]), ("t", left, expected[1])):
        check.close(
            got[name],
            up + low * other,  # from the student's own slopes in p and q, which have their own check
            f'{code}["{name}"]',
            also=slope,
            unless={
                "two paths lead to r: you kept the one through p": up,
                "two paths lead to r: you kept the one through q": low * other,
                "the two paths add up; you multiplied them": up * low * other,
                "the local slope of a product is the other factor": up + low * (left + right - other),
                "you added up the slopes of p and q without the local slopes": up + low,
            },
        )
### END HIDDEN TESTS

# %% demo
found = {key: float(number) for key, number in graph_slopes(3.0, -2.0).items()}
figures.graph(
    {"s": (0, 1.6), "t": (0, 0), "p": (2.6, 1.6), "q": (1.5, 0), "r": (4, 0.8)},
    [("s", "p"), ("t", "p"), ("s", "q"), ("t", "q"), ("p", "r"), ("q", "r")],
    values={"s": 3, "t": -2, "p": "p = 1", "q": "q = −6", "r": "r = −6"},
    grads={"p": found["p"], "q": found["q"]},
    labels={
        "p": "$+$",
        "q": "$×$",
        "r": "$×$",
        "s": f"$s$\n$\\partial r / \\partial s = {found['s']:g}$",
        "t": f"$t$\n$\\partial r / \\partial t = {found['t']:g}$",
    },
)

# %% claim="a small step in s, and one in t, changes r as the drawing says"
assert abs((3 + 1e-4 - 2) * (3 + 1e-4) * -2 - -6 - 1e-4 * found["s"]) < 1e-6
assert abs((3 + 1e-4 - 2) * 3 * (-2 + 1e-4) - -6 - 1e-4 * found["t"]) < 1e-6

# %% [markdown] lang="en"
# ### 23 · A network in numbers · about 9 minutes
#
# Two inputs, two hidden neurons, one output; all three neurons use tanh. The input is $x = (1, 2)$, the target is
# $y = -1$, and the loss is $L = (\hat{y} - y)^2$. The forward pass is done, with two decimals:
#
# | neuron | weights | bias | sum | tanh of the sum |
# |---|---|---|---|---|
# | hidden 1 | 0.25 and 0.20 | −0.10 | 0.55 | 0.50 |
# | hidden 2 | −0.50 and −0.40 | 0.20 | −1.10 | −0.80 |
# | output | 0.50 and −0.50 | −0.10 | 0.55 | $\hat{y}$ = 0.50 |

# %% [markdown] lang="fr"
# ### 23 · Un réseau en nombres · environ 9 minutes
#
# Deux entrées, deux neurones cachés, une sortie ; les trois neurones utilisent tanh. L'entrée est $x = (1, 2)$, la
# cible est $y = -1$, et le coût est $L = (\hat{y} - y)^2$. La passe avant est faite, à deux décimales :
#
# | neurone | poids | biais | somme | tanh de la somme |
# |---|---|---|---|---|
# | caché 1 | 0,25 et 0,20 | −0,10 | 0,55 | 0,50 |
# | caché 2 | −0,50 et −0,40 | 0,20 | −1,10 | −0,80 |
# | sortie | 0,50 et −0,50 | −0,10 | 0,55 | $\hat{y}$ = 0,50 |

# %% demo unclaimed="a drawing of the table above"
fig, ax = plt.subplots(figsize=(7, 2.9), layout="constrained")
discs = {
    "$x_1$\n1": (0, 1),
    "$x_2$\n2": (0, 0),
    "$h_1$\n0.50": (2, 1),
    "$h_2$\n−0.80": (2, 0),
    "$\\hat{y}$\n0.50": (4, 0.5),
}
left_x, low_x, left_z, low_z, last = discs.values()
for begin, end, text in (
    (left_x, left_z, "0.25"),
    (low_x, left_z, "0.20"),
    (left_x, low_z, "−0.50"),
    (low_x, low_z, "−0.40"),
    (left_z, last, "0.50"),
    (low_z, last, "−0.50"),
):
    ax.plot(*zip(begin, end), color="#999999", zorder=1)
    spot = [0.72 * b + 0.28 * e for b, e in zip(begin, end)]
    ax.text(*spot, text, ha="center", va="center", color="#0072B2", backgroundcolor="white", fontsize=10)
for text, spot in discs.items():
    ax.plot(*spot, "o", markersize=40, markerfacecolor="#EEEEEE", markeredgecolor="#222222", zorder=2)
    ax.text(*spot, text, ha="center", va="center", zorder=3)
for text, (across, above) in (("−0.10", left_z), ("0.20", low_z), ("−0.10", last)):
    ax.text(across, above + 0.34, f"$b$ = {text}", ha="center", color="#009E73", fontsize=10)
ax.text(4.45, 0.5, "$y = -1$", va="center")
ax.set(xlim=(-0.4, 5), ylim=(-0.35, 1.5))
ax.axis("off")
figures.show(
    fig,
    say(
        "A network: x = (1, 0), h = (0.50, −0.80), ŷ = 0.50, y = −1. Weights from x₁ to h: 0.25, −0.50; from "
        "x₂: 0.20, −0.40; from h to ŷ: 0.50, −0.50. Biases of h: −0.10, 0.20; of ŷ: −0.10."
    ),
)

# %% [markdown] lang="en"
# As in the network of part 4, $\tilde{h}_j$ is the sum of hidden neuron $j$ and $h_j$ what it puts out; $\tilde{y}$ and
# $\hat{y}$ are those of the output neuron. Give each neuron its *error* $\delta$: the slope of $L$ in its sum. Start at
# the end, with the output neuron: $\tanh'(\tilde{y}) = 1 - \hat{y}^2$, hence
#
# $$\delta = \frac{\partial L}{\partial \tilde{y}} = 2 \, (\hat{y} - y) \, (1 - \hat{y}^2)$$
#
# Since $\tilde{y} = b + w_1 h_1 + w_2 h_2$, the slopes in its weights and its bias follow:
#
# $$\frac{\partial L}{\partial w_i} = \delta \, h_i \qquad \frac{\partial L}{\partial b} = \delta$$
#
# Write `last_layer`, for any number of hidden neurons. Find the numbers for the drawing by hand first: the check below
# shows them.

# %% [markdown] lang="fr"
# Comme dans le réseau de la partie 4, $\tilde{h}_j$ est la somme du neurone caché $j$, et $h_j$ ce qui en sort ;
# $\tilde{y}$ et $\hat{y}$ sont ceux du neurone de sortie. Donnons à chaque neurone son *erreur* $\delta$ : la pente de
# $L$ par rapport à sa somme. On commence par la fin, le neurone de sortie : $\tanh'(\tilde{y}) = 1 - \hat{y}^2$, d'où
#
# $$\delta = \frac{\partial L}{\partial \tilde{y}} = 2 \, (\hat{y} - y) \, (1 - \hat{y}^2)$$
#
# Comme $\tilde{y} = b + w_1 h_1 + w_2 h_2$, les pentes par rapport à ses poids et à son biais s'en déduisent :
#
# $$\frac{\partial L}{\partial w_i} = \delta \, h_i \qquad \frac{\partial L}{\partial b} = \delta$$
#
# Écrivez `last_layer`, pour un nombre quelconque de neurones cachés : la fonction renvoie les pentes par rapport aux
# poids, puis celle par rapport au biais. Trouvez d'abord à la main les nombres du dessin :
# la vérification qui suit les montre.


# %% answer="last_layer"
def last_layer(h, yhat, y):
    """Return the slopes of L = (yhat - y)² in the weights and the bias of a single output neuron
    with tanh.

    h: outputs of the hidden neurons (nh,). yhat: the output, tanh(ytilde), a number. y: the target, a
    number.
    Returns (dw, db): dw (nh,), and db, a number.
    """
    ### BEGIN SOLUTION
    delta = 2 * (yhat - y) * (1 - yhat**2)
    return delta * h, delta
    ### END SOLUTION


# %% [markdown] hint="last_layer" lang="en"
# The error $\delta$ is the formula above, with numbers in it: on the drawing, twice 1.5 times 0.75. It is the slope in
# the bias as it is. The slopes in the weights are this one number times the vector of what came in, `h`.

# %% [markdown] hint="last_layer" lang="fr"
# L'erreur $\delta$ est la formule ci-dessus, où l'on met des nombres : sur le dessin, deux fois 1,5 fois 0,75. Telle
# quelle, c'est la pente par rapport au biais. Les pentes par rapport aux poids sont ce nombre, fois le vecteur de ce
# qui est entré, `h`.

# %% check="last_layer_bias" points=1 ids=["S-chain", "P-chain"]
got = check.pair(last_layer(torch.tensor([0.5, -0.8]), 0.5, -1.0), "last_layer(h, yhat, y)")
check.close(
    got[1],
    2.25,  # 2 · 1.5 · 0.75; that the loss has the same value is an accident
    "last_layer(h, 0.5, -1.0)[1]",
    unless={
        "you forgot the factor 2": 1.125,
        "you forgot the slope of tanh": 3.0,
        "the sign is wrong: the slope starts with yhat - y": -2.25,
        "yhat is tanh(ytilde) already: the slope of tanh is 1 - yhat²": 2.3594,
        "this is the slope of the sigmoid; that of tanh is 1 - yhat²": 0.75,
    },
)
### BEGIN HIDDEN TESTS
for total, truth in ((0.3, 1.0), (-1.1, 0.5)):
    pre = torch.tensor(total, requires_grad=True)
    expected = torch.autograd.grad((torch.tanh(pre) - truth) ** 2, pre)[0]
    out = float(torch.tanh(pre.detach()))
    check.close(
        check.pair(last_layer(torch.randn(4), out, truth), "last_layer(h, yhat, y)")[1],
        expected,
        "last_layer(h, yhat, y)[1]",
        unless={
            "you forgot the factor 2": expected / 2,
            "you forgot the slope of tanh": 2 * (out - truth),
            "the sign is wrong: the slope starts with yhat - y": -expected,
            "yhat is tanh(ytilde) already: the slope of tanh is 1 - yhat²": 2
            * (out - truth)
            * (1 - float(torch.tanh(torch.tensor(out))) ** 2),
            "this is the slope of the sigmoid; that of tanh is 1 - yhat²": 2 * (out - truth) * out * (1 - out),
            "this is the loss, not its slope": (out - truth) ** 2,
        },
    )
### END HIDDEN TESTS

# %% check="last_layer_weights" points=1 ids=["S-chain", "P-chain"]
got = check.pair(last_layer(torch.tensor([0.5, -0.8]), 0.5, -1.0), "last_layer(h, yhat, y)")
check.that(
    check.is_number(got[1]) or (isinstance(got[1], torch.Tensor) and got[1].numel() == 1),
    "the order is (dw, db): the slopes in the weights, then one number, that in the bias",
)
error = check.number(got[1], "last_layer(h, 0.5, -1.0)[1]")  # yours: it has its own check
check.that(error, "{what} is 0: nothing can be computed from it", what="last_layer(h, yhat, y)[1]")
check.close(
    got[0],
    [error * 0.5, error * -0.8],
    "last_layer(h, 0.5, -1.0)[0]",
    also=[1.125, -1.8],
    unless={
        "the slope in w_i is δ times h_i, not δ alone": [error, error],
        "h is multiplied as it is: its own tanh' belongs to the layer before": [error * 0.375, error * -0.288],
        "this is h: multiply it by δ": [0.5, -0.8],
    },
)
### BEGIN HIDDEN TESTS
hidden = torch.randn(5)
got = check.pair(last_layer(hidden.clone(), 0.3, 1.0), "last_layer(h, yhat, y)")
# From the student's own δ, which has its own check: here its part is how the weights get theirs.
again = check.pair(last_layer(hidden, 0.3, -2.0), "last_layer(h, yhat, y)")
error, other = (check.number(one[1], "last_layer(h, yhat, y)[1]") for one in (got, again))
check.rich(torch.tensor([error, other]), "last_layer(h, yhat, y)[1]")
check.close(
    got[0],
    error * hidden,
    "last_layer(h, yhat, y)[0]",
    also=2 * (0.3 - 1) * (1 - 0.09) * hidden,
    unless={
        "the slope in w_i is δ times h_i, not δ alone": torch.full((5,), error),
        "h is multiplied as it is: its own tanh' belongs to the layer before": error * hidden * (1 - hidden**2),
        "this is h: multiply it by δ": hidden,
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now the first layer. Hidden neuron $j$ acts on $L$ through $h_j$, then $\tilde{y}$. There are two local slopes:
# $\partial \tilde{y} / \partial h_j = w_j$ and $\partial h_j / \partial \tilde{h}_j = 1 - h_j^2$. Hence
#
# $$\delta_j = \frac{\partial L}{\partial \tilde{h}_j} = \delta \, w_j \, (1 - h_j^2)$$
#
# One layer earlier the story repeats: the weight from input $x_i$ to neuron $j$ has the slope $\delta_j x_i$, and the
# bias of neuron $j$ has the slope $\delta_j$. Write `first_layer`.

# %% [markdown] lang="fr"
# Maintenant la première couche. Le neurone caché $j$ agit sur $L$ à travers $h_j$, puis $\tilde{y}$. Il y a deux pentes
# locales : $\partial \tilde{y} / \partial h_j = w_j$ et $\partial h_j / \partial \tilde{h}_j = 1 - h_j^2$. D'où
#
# $$\delta_j = \frac{\partial L}{\partial \tilde{h}_j} = \delta \, w_j \, (1 - h_j^2)$$
#
# Une couche plus tôt, l'histoire se répète : le poids de l'entrée $x_i$ vers le neurone $j$ a pour pente
# $\delta_j x_i$, et le biais du neurone $j$ a pour pente $\delta_j$. Écrivez `first_layer`, qui renvoie les pentes par
# rapport aux poids, une ligne par neurone caché, puis celles par rapport aux biais.


# %% answer="first_layer"
def first_layer(x, h, w, delta):
    """Return the slopes of L in the weights and biases of the hidden layer.

    x: inputs (nx,). h: outputs of the hidden neurons (nh,), tanh of their sums. w: weights of the
    output neuron (nh,).
    delta: the slope of L in the sum of the output neuron, a number.
    Returns (dW, db): dW (nh, nx), row j for hidden neuron j, and db (nh,).
    """
    ### BEGIN SOLUTION
    errors = delta * w * (1 - h**2)
    return errors[:, None] * x, errors
    ### END SOLUTION


# %% [markdown] hint="first_layer" lang="en"
# The errors of all the hidden neurons are one vector $(n_h,)$: a number times `w` times the slope of tanh, entry by
# entry. They are the slopes in the biases. The weights need all the products of an error and an input, one row for each
# neuron: the table at the beginning has two ways to write them.

# %% [markdown] hint="first_layer" lang="fr"
# Les erreurs de tous les neurones cachés forment un vecteur $(n_h,)$ : un nombre, fois `w`, fois la pente de tanh,
# terme à terme. Ce sont les pentes par rapport aux biais. Pour les poids, il faut tous les produits d'une erreur et
# d'une entrée, une ligne par neurone : le tableau du début donne deux façons de les écrire.

# %% check="first_layer_biases" points=1 ids=["S-chain", "P-chain"]
got = first_layer(torch.tensor([1.0, 2.0]), torch.tensor([0.5, -0.8]), torch.tensor([0.5, -0.5]), 2.25)
check.close(
    check.pair(got, "first_layer(x, h, w, delta)")[1],
    [0.8438, -0.405],
    "first_layer(x, h, w, delta)[1]",
    unless={
        "you forgot the slope of tanh, 1 - h²": [1.125, -1.125],
        "h is tanh(htilde) already: the slope of tanh is 1 - h²": [0.8848, -0.6290],
        "you forgot the weights w through which the error comes back": [1.6875, 0.81],
        "this is the slope of the sigmoid; that of tanh is 1 - h²": [0.2813, 1.62],
        "you forgot the error of the output neuron, delta": [0.375, -0.18],
    },
)
### BEGIN HIDDEN TESTS
sums, out_weights, error = torch.randn(5, requires_grad=True), torch.randn(5), 0.7
expected = torch.autograd.grad(error * (out_weights @ torch.tanh(sums)), sums)[0]
hidden = torch.tanh(sums).detach()
got = check.pair(first_layer(torch.randn(3), hidden, out_weights, error), "first_layer(x, h, w, delta)")
check.close(
    got[1],
    expected,
    "first_layer(x, h, w, delta)[1]",
    unless={
        "you forgot the slope of tanh, 1 - h²": error * out_weights,
        "h is tanh(htilde) already: the slope of tanh is 1 - h²": error * out_weights * (1 - torch.tanh(hidden) ** 2),
        "you forgot the weights w through which the error comes back": error * (1 - hidden**2),
        "this is the slope of the sigmoid; that of tanh is 1 - h²": error * out_weights * hidden * (1 - hidden),
        "you forgot the error of the output neuron, delta": out_weights * (1 - hidden**2),
    },
)
### END HIDDEN TESTS

# %% check="first_layer_weights" points=1 ids=["S-chain", "P-chain"]
got = first_layer(torch.tensor([1.0, 2.0]), torch.tensor([0.5, -0.8]), torch.tensor([0.5, -0.5]), 2.25)
got = check.pair(got, "first_layer(x, h, w, delta)")
check.tensor(got[1], (2,), "first_layer(x, h, w, delta)[1]")
check.that(got[1].any(), "{what} is 0: nothing can be computed from it", what="first_layer(x, h, w, delta)[1]")
one, two = got[1].tolist()  # your own δ of the two neurons: they have their own check
check.close(
    got[0],
    [[one * 1, one * 2], [two * 1, two * 2]],
    "first_layer(x, h, w, delta)[0]",
    also=[[0.8438, 1.6875], [-0.405, -0.81]],
    unless={
        "rows are hidden neurons, columns are inputs: yours is transposed": [[one * 1, two * 1], [one * 2, two * 2]]
    },
)
### BEGIN HIDDEN TESTS
example, hidden, out_weights = torch.randn(3), torch.tanh(torch.randn(5)), torch.randn(5)
got = check.pair(first_layer(*check.copies(example, hidden, out_weights, 0.7)), "first_layer(x, h, w, delta)")
check.tensor(got[1], (5,), "first_layer(x, h, w, delta)[1]")
check.rich(got[1], "first_layer(x, h, w, delta)[1]")
check.close(
    got[0],
    torch.outer(got[1].float(), example),
    "first_layer(x, h, w, delta)[0]",
    also=torch.outer(0.7 * out_weights * (1 - hidden**2), example),
    unless={"rows are hidden neurons, columns are inputs: yours is transposed": torch.outer(example, got[1].float())},
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 24 · Why go backward, and when · about 7 minutes
#
# Take a chain of $K$ layers, with one number and one weight each; $z_0$ is the input, $z_k = f_k(z_{k-1}, w_k)$ for
# $k = 1, \dots, K$, then $L = \ell(z_K)$. The forward pass has given all the local slopes. We want
# $\partial L / \partial w_k$ for every $k$:
#
# $$\frac{\partial L}{\partial w_k}
# = \frac{\partial L}{\partial z_K} \, \frac{\partial z_K}{\partial z_{K-1}}
# \cdots \frac{\partial z_{k+1}}{\partial z_k} \, \frac{\partial z_k}{\partial w_k}$$
#
# (For the last layer, $k = K$, only the first factor and the last are left.) Count the products of two numbers; to
# multiply $m$ factors takes $m - 1$ of them.
#
# - **Naive**: each of the $K$ formulas is computed from its first factor to its last, apart from the others.
# - **Backpropagation**: go from $k = K$ down to 1, and keep $\partial L / \partial z_k$. Each layer needs one product
#   for its weight, and one to pass the error on to the layer before. Nobody needs the slope in $z_0$.
#
# Write `products`. With vectors in place of the numbers, these are products of a row vector and a matrix: the counts
# stay the same.

# %% [markdown] lang="fr"
# ### 24 · Pourquoi à rebours, et quand · environ 7 minutes
#
# Prenons une chaîne de $K$ couches, avec un nombre et un poids chacune ; $z_0$ est l'entrée, $z_k = f_k(z_{k-1}, w_k)$
# pour $k = 1, \dots, K$, puis $L = \ell(z_K)$. La passe avant a donné toutes les pentes locales. On veut
# $\partial L / \partial w_k$ pour tout $k$ :
#
# $$\frac{\partial L}{\partial w_k}
# = \frac{\partial L}{\partial z_K} \, \frac{\partial z_K}{\partial z_{K-1}}
# \cdots \frac{\partial z_{k+1}}{\partial z_k} \, \frac{\partial z_k}{\partial w_k}$$
#
# (Pour la dernière couche, $k = K$, il ne reste que le premier facteur et le dernier.) Comptez les produits de deux
# nombres ; multiplier $m$ facteurs en demande $m - 1$.
#
# - **Naïvement** : chacune des $K$ formules est calculée du premier facteur au dernier, indépendamment des autres.
# - **Rétropropagation** : on descend de $k = K$ jusqu'à 1, en gardant $\partial L / \partial z_k$. Chaque couche
#   demande un produit pour son poids, et un autre pour passer l'erreur à la couche précédente. Personne n'a besoin de
#   la pente par rapport à $z_0$.
#
# Écrivez `products`, qui renvoie les deux comptes, deux entiers : le naïf d'abord. Avec des vecteurs au lieu des
# nombres, ce sont des produits d'un vecteur ligne par une matrice : les comptes restent les mêmes.


# %% answer="products"
def products(K):
    """Count the products needed for all the gradients of a chain of K layers.

    Returns (naive, backpropagation), two integers.
    """
    ### BEGIN SOLUTION
    return K * (K + 1) // 2, 2 * K - 1
    ### END SOLUTION


# %% [markdown] hint="products" lang="en"
# Write the formulas for $K = 3$. For $w_3$ there are two factors, for $w_2$ three, for $w_1$ four. How many products is
# that, and what is their sum for any $K$? For backpropagation count the two kinds apart: one product for each weight,
# and one for each error that is passed on. How many layers pass it on?

# %% [markdown] hint="products" lang="fr"
# Écrivez les formules pour $K = 3$. Pour $w_3$, il y a deux facteurs, pour $w_2$ trois, pour $w_1$ quatre. Combien cela
# fait-il de produits, et quelle est leur somme pour $K$ quelconque ? Pour la rétropropagation, comptez séparément les
# deux sortes de produits : un par poids, et un par erreur transmise. Combien de couches la transmettent ?

# %% check="products_naive" points=1 ids=["P-Q12"]
check.same(
    check.pair(products(4), "products(4)")[0],
    10,  # 1 for layer 4, 2 for layer 3, 3 for layer 2, 4 for layer 1
    "products(4)[0]",
    unless={
        "you counted the factors: m factors take m - 1 products": 14,
        "the formula of layer k goes through the layers above k only, not through all": 16,
        "the two counts are exchanged: return (naive, backpropagation)": 7,
        "this is the longest formula alone, that of layer 1: add up those of all the layers": 4,
    },
)
check.that(
    not isinstance(check.pair(products(4), "products(4)")[0], float),
    "a whole number was asked for: divide with //, or round with math.ceil",
)
### BEGIN HIDDEN TESTS
for layers in (1, 3, 7, 20):
    made, factors = 0, 0
    for k in range(1, layers + 1):
        chain = ["loss", *range(layers, k, -1), "weight"]
        made, factors = made + len(chain) - 1, factors + len(chain)
    check.same(
        check.pair(products(layers), f"products({layers})")[0],
        made,
        f"products({layers})[0]",
        unless={
            "you counted the factors: m factors take m - 1 products": factors,
            "the formula of layer k goes through the layers above k only, not through all": layers**2,
            "the two counts are exchanged: return (naive, backpropagation)": 2 * layers - 1,
            "this is the longest formula alone, that of layer 1: add up those of all the layers": layers,
        },
    )
### END HIDDEN TESTS

# %% check="products_backpropagation" points=1 ids=["P-Q12"]
check.same(
    check.pair(products(4), "products(4)")[1],
    7,
    "products(4)[1]",
    unless={
        "nobody needs the error below layer 1: one product less": 8,
        "each layer passes the error on as well: count that product too": 4,
        "all K layers need a product for their weight, and K - 1 of them pass the error on": 6,
        "the two counts are exchanged: return (naive, backpropagation)": 10,
    },
)
check.that(
    not isinstance(check.pair(products(4), "products(4)")[1], float),
    "a whole number was asked for: divide with //, or round with math.ceil",
)
### BEGIN HIDDEN TESTS
for layers in (1, 3, 7, 20):
    walked = 0
    for k in range(layers, 0, -1):
        walked += 1  # for the weight of layer k
        walked += k > 1  # for the layer before
    check.same(
        check.pair(products(layers), f"products({layers})")[1],
        walked,
        f"products({layers})[1]",
        unless={
            "nobody needs the error below layer 1: one product less": 2 * layers,
            "each layer passes the error on as well: count that product too": layers,
            "all K layers need a product for their weight, and K - 1 of them pass the error on": 2 * layers - 2,
            "the two counts are exchanged: return (naive, backpropagation)": layers * (layers + 1) // 2,
        },
    )
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Guess before you run: with $K = 40$ layers, how many times fewer products does backpropagation need?

# %% [markdown] lang="fr"
# Un pronostic avant d'exécuter : avec $K = 40$ couches, combien de fois moins de produits demande la rétropropagation ?

# %% predict="times_fewer"
times_fewer = None

# %% demo
deep = list(range(1, 41))
counted = {say("naive"): [products(k)[0] for k in deep], say("backpropagation"): [products(k)[1] for k in deep]}
fig, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
for (name, values), (colour, style) in zip(counted.items(), (("#D55E00", "--"), ("#0072B2", "-"))):
    ax.plot(deep, values, style, color=colour, linewidth=2, label=name)
ax.set(xlabel="$K$", ylabel=say("products"))
ax.grid(alpha=0.3)
ax.legend()
figures.show(
    fig,
    say(
        "How many products the gradients of K layers take: done naively ever more for each layer, by "
        "backpropagation always as many more."
    ),
)
naive_40, back_40 = (values[-1] for values in counted.values())
reveal(times_fewer, round(naive_40 / back_40, 1))

# %% claim="one count grows with the square of K, the other in proportion; at 40 layers it is ten times less"
naive, back = (torch.tensor(values, dtype=torch.float64) for values in counted.values())
assert naive.diff().diff().eq(1).all() and back.diff().eq(2).all()
assert 10 < naive_40 / back_40 < 11

# %% [markdown] lang="en"
# Quadratic against linear: with 40 layers, ten times less. What does backpropagation ask of a network? An order in
# which to compute, without a loop; and, for every function on the way, a slope in its inputs and in its parameters,
# which exists (but for a few points) and is not 0 everywhere.
#
# In which of these can **all** the weights be trained by backpropagation, as they stand? `True` or `False`.
#
# - **a.** twenty layers with tanh
# - **b.** hidden units that output the sign of their sum
# - **c.** hidden units with ReLU, which has no slope at 0
# - **d.** two branches that both read $x$, and whose results are added before the output
# - **e.** a hidden layer whose outputs are rounded to the nearest integer
# - **f.** a layer whose output must satisfy $h = \tanh(W h + b)$, with the same $h$ on both sides
# - **g.** an ordinary network whose loss is the number of misclassified examples

# %% [markdown] lang="fr"
# Quadratique contre linéaire : avec 40 couches, dix fois moins. Que demande la rétropropagation à un réseau ? Un ordre
# de calcul, sans boucle ; et, pour chaque fonction rencontrée, une pente par rapport à ses entrées et à ses paramètres,
# qui existe (sauf en quelques points) et ne soit pas nulle partout.
#
# Dans lesquels de ces réseaux **tous** les poids peuvent-ils être appris par rétropropagation, tels quels ? `True` ou
# `False`.
#
# - **a.** vingt couches avec tanh
# - **b.** des unités cachées qui donnent le signe de leur somme
# - **c.** des unités cachées avec ReLU, qui n'a pas de pente en 0
# - **d.** deux branches qui lisent toutes deux $x$, et dont les résultats sont additionnés avant la sortie
# - **e.** une couche cachée dont les sorties sont arrondies à l'entier le plus proche
# - **f.** une couche dont la sortie doit vérifier $h = \tanh(W h + b)$, avec le même $h$ des deux côtés
# - **g.** un réseau ordinaire dont le coût est le nombre d'exemples mal classés


# %% answer="trainable"
def trainable():
    """Return a dict from each letter, "a" to "g", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": True, "e": False, "f": False, "g": False}
    ### END SOLUTION


# %% check="trainable_sorted" points=1 ids=["P-Q13"]
check.letters(trainable, "abcdefg")
### BEGIN HIDDEN TESTS
check.choices(
    trainable(),
    {"a": True, "b": False, "c": True, "d": True, "e": False, "f": False, "g": False},
    because={
        "a": "any number of layers, each with a slope: it may be slow, but nothing forbids it.",
        "b": "the slope of sign is 0: no error comes back through it.",
        "c": "a single point without a slope is hardly ever met; everywhere else the slope is 0 or 1.",
        "d": "branches are paths: their gradients add up.",
        "e": "rounding is a staircase: its slope is 0 wherever it exists.",
        "f": "a loop has no order of computation, so nothing to go back along.",
        "g": "a tiny step changes no decision: the slope of this loss is 0. Hence the cross-entropy.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## Part 8. The gradients of the network
#
# Now for our network. The loss of one example is the cross-entropy of $\hat{y} = \text{SoftMax}(\tilde{y})$. We go from
# the loss back to the input: $\tilde{y}$, then $W_y$ and $b_y$, then $\tilde{h}$, then $W_h$ and $b_h$. SoftMax and
# cross-entropy are taken in one step, and the result is simpler than either.
#
# ### 25 · The loss in terms of the scores · about 9 minutes
#
# **Question.** For one example, show that the loss is
#
# $$\ell = -\sum_i y_i \tilde{y}_i + \log \left(\sum_j e^{\tilde{y}_j}\right)$$
#
# and deduce $\partial \ell / \partial \tilde{y}_i$, then the vector $\nabla_{\tilde{y}} \ell$ of these slopes. Say
# which property of $y$ you use, and where. (Formulas may be typed as `yhat_i` or between dollar signs.)

# %% [markdown] lang="fr"
# ## Partie 8. Les gradients du réseau
#
# Passons à notre réseau. Le coût d'un exemple est l'entropie croisée de $\hat{y} = \text{SoftMax}(\tilde{y})$. On
# remonte du coût vers l'entrée : $\tilde{y}$, puis $W_y$ et $b_y$, puis $\tilde{h}$, puis $W_h$ et $b_h$. SoftMax et
# entropie croisée se franchissent d'un seul pas, et le résultat est plus simple que l'un et l'autre.
#
# ### 25 · Le coût en fonction des scores · environ 9 minutes
#
# **Question.** Pour un exemple, montrez que le coût vaut
#
# $$\ell = -\sum_i y_i \tilde{y}_i + \log \left(\sum_j e^{\tilde{y}_j}\right)$$
#
# et déduisez-en $\partial \ell / \partial \tilde{y}_i$, puis le vecteur $\nabla_{\tilde{y}} \ell$ de ces pentes. Dites
# quelle propriété de $y$ vous utilisez, et où. (Dans les formules, vous pouvez taper `yhat_i`, ou écrire entre
# dollars.)

# %% [markdown] open="derive_scores" points=3 ids=["P-Q14", "P-Q15"]
# **English.** $\log \hat{y}_i = \tilde{y}_i - \log \sum_j e^{\tilde{y}_j}$. Put it into the cross-entropy:
#
# $$\ell = -\sum_i y_i \log \hat{y}_i = -\sum_i y_i \tilde{y}_i + \left(\sum_i y_i\right) \log \sum_j e^{\tilde{y}_j}$$
#
# The logarithm does not depend on $i$, so it comes out of the sum, and $\sum_i y_i = 1$ because $y$ is one-hot (that is
# all the proof needs of $y$): this is the formula. Differentiate: the first term gives $-y_i$. The second is the
# logarithm of a sum in which only one term depends on $\tilde{y}_i$: it gives
# $e^{\tilde{y}_i} / \sum_j e^{\tilde{y}_j} = \hat{y}_i$. So $\partial \ell / \partial \tilde{y}_i = \hat{y}_i - y_i$,
# and $\nabla_{\tilde{y}} \ell = \hat{y} - y$.
#
# **Français.** $\log \hat{y}_i = \tilde{y}_i - \log \sum_j e^{\tilde{y}_j}$. On reporte dans l'entropie croisée :
#
# $$\ell = -\sum_i y_i \log \hat{y}_i = -\sum_i y_i \tilde{y}_i + \left(\sum_i y_i\right) \log \sum_j e^{\tilde{y}_j}$$
#
# Le logarithme ne dépend pas de $i$, il sort donc de la somme, et $\sum_i y_i = 1$ puisque $y$ est one-hot (la preuve
# n'utilise rien d'autre de $y$) : c'est la formule. On dérive : le premier terme donne $-y_i$. Le second est le
# logarithme d'une somme dont un seul terme dépend de $\tilde{y}_i$ : il donne
# $e^{\tilde{y}_i} / \sum_j e^{\tilde{y}_j} = \hat{y}_i$. Donc $\partial \ell / \partial \tilde{y}_i = \hat{y}_i - y_i$,
# et $\nabla_{\tilde{y}} \ell = \hat{y} - y$.

# %% [markdown] marking="derive_scores"
# - 1 point: the loss, with $\log \hat{y}_i$ expanded and $\sum_i y_i = 1$ used **and said**.
# - or 0.5: the loss without saying that $\sum_i y_i = 1$.
# - 1 point: the derivative of the log-sum-exp recognised as $\hat{y}_i$ (derivative of the logarithm, then of the one
#   exponential that depends on $\tilde{y}_i$).
# - 1 point: $\hat{y}_i - y_i$, and the vector $\hat{y} - y$. A derivation through the Jacobian of SoftMax,
#   $\hat{y}_i (1_{i=j} - \hat{y}_j)$, is worth the same if it is complete.
# - at most 1: the result is stated without a derivation.
# - Common misconceptions: $\partial \hat{y}_i / \partial \tilde{y}_i$ alone, forgetting that every $\hat{y}_j$ depends
#   on $\tilde{y}_i$; the sign ($y - \hat{y}$).

# %% [markdown] lang="en"
# ### 26 · Loss and gradient from the scores · about 6 minutes
#
# Write `loss_from_scores`, the loss of a batch from its scores $\tilde{Y}$, of shape $(n, n_y)$: the mean over the
# examples of the formula you have just derived. It must cope with scores such as 1000. The shift of exercise 12 works
# here too:
#
# $$\log \sum_j e^{\tilde{y}_j} = m + \log \sum_j e^{\tilde{y}_j - m} \qquad m = \max_j \tilde{y}_j$$
#
# (`torch.logsumexp` does this.) Then write `grad_scores`, the gradient of that mean, $\nabla_{\tilde{Y}} L$, of shape
# $(n, n_y)$: for each example the vector you found, times $1/n$, the share of this example in the mean. It, too, must
# cope with scores such as 1000.

# %% [markdown] lang="fr"
# ### 26 · Coût et gradient à partir des scores · environ 6 minutes
#
# Écrivez `loss_from_scores`, le coût d'un lot à partir de ses scores $\tilde{Y}$, de taille $(n, n_y)$ : la moyenne sur
# les exemples de la formule que vous venez d'établir. La fonction doit accepter des scores comme 1000. Le décalage de
# l'exercice 12 sert ici aussi :
#
# $$\log \sum_j e^{\tilde{y}_j} = m + \log \sum_j e^{\tilde{y}_j - m} \qquad m = \max_j \tilde{y}_j$$
#
# (C'est ce que fait `torch.logsumexp`.) Écrivez ensuite `grad_scores`, le gradient de cette moyenne,
# $\nabla_{\tilde{Y}} L$, de taille $(n, n_y)$ : pour chaque exemple, le vecteur que vous avez trouvé, multiplié par
# $1/n$, la part de cet exemple dans la moyenne. Lui aussi doit supporter des scores comme 1000.


# %% answer="loss_from_scores"
def loss_from_scores(Ytilde, Y):
    """Return the cross-entropy of SoftMax(Ytilde), a single number: the mean over the examples.

    Ytilde: scores (n, ny), of any size, such as 1000 or -1000. Y: one-hot targets (n, ny).
    """
    ### BEGIN SOLUTION
    return (torch.logsumexp(Ytilde, dim=1) - (Y * Ytilde).sum(1)).mean()
    ### END SOLUTION


# %% [markdown] hint="loss_from_scores" lang="en"
# For each example, two numbers: $\log \sum_j e^{\tilde{y}_j}$, over its own row, and $\sum_i y_i \tilde{y}_i$, which
# only picks the score of the true class. Both are vectors $(n,)$. Take the difference, then the mean. `torch.logsumexp`
# wants to know along which dimension.

# %% [markdown] hint="loss_from_scores" lang="fr"
# Pour chaque exemple, deux nombres : $\log \sum_j e^{\tilde{y}_j}$, sur sa propre ligne, et $\sum_i y_i \tilde{y}_i$,
# qui ne fait que choisir le score de la vraie classe. Tous deux sont des vecteurs $(n,)$. Prenez leur différence, puis
# la moyenne. `torch.logsumexp` veut savoir selon quelle dimension.

# %% check="loss_from_scores_value" points=1 ids=["P-Q14"]
got = loss_from_scores(torch.tensor([[0.0, 1.0986], [0.0, 0.0]]), torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
check.close(
    got,
    0.4904,  # the mean of -log(3/4) and -log(1/2)
    "loss_from_scores(Ytilde, Y)",
    unless={
        "you summed over the batch instead of averaging": 0.9808,
        "you averaged over the classes as well: sum over them": 0.2452,
        "the sign of y · ytilde is wrong": 1.5890,
        "you forgot the logarithm of the sum": -0.5493,
        "add m again after the logarithm": -0.0589,
        "you forgot y · ytilde: this is the log-sum-exp alone": 1.0397,
        "the sum of the exponentials runs over the classes of one example, not over the whole batch": 1.2425,
        "you forgot the logarithm: this is the sum of the exponentials": 2.4507,
    },
)
### BEGIN HIDDEN TESTS
scores, targets = torch.randn(7, 5), random_batch(7, 2, 5)[1]
expected = torch.nn.functional.cross_entropy(scores, targets)
agreement = (scores * targets).sum(1).mean()
check.close(
    loss_from_scores(scores, targets),
    expected,
    "loss_from_scores(Ytilde, Y)",
    unless={
        "you summed over the batch instead of averaging": 7 * expected,
        "you averaged over the classes as well: sum over them": expected / 5,
        "the sign of y · ytilde is wrong": expected + 2 * agreement,
        "you forgot the logarithm of the sum": -agreement,
        "add m again after the logarithm": expected - scores.amax(1).mean(),
        "you forgot y · ytilde: this is the log-sum-exp alone": expected + agreement,
        "the sum of the exponentials runs over the classes of one example, not over the whole batch": scores.flatten().logsumexp(
            0
        )
        - agreement,
        "you forgot the logarithm: this is the sum of the exponentials": scores.exp().sum(1).mean() - agreement,
    },
)
### END HIDDEN TESTS

# %% check="loss_from_scores_large" points=1 ids=["P-Q14"]
got = loss_from_scores(torch.tensor([[1000.0, 0.0]]), torch.tensor([[0.0, 1.0]]))
check.that(
    check.is_finite(got),
    "a score of 1000 gives an infinite loss or NaN: subtract the largest score, or use torch.logsumexp",
)
check.close(got, 1000.0, "loss_from_scores(Ytilde, Y)", unless={"add m again after the logarithm": 0.0})
got = loss_from_scores(torch.tensor([[1000.0, 0.0, 0.0], [-1000.0, -1000.0, -1000.0]]), torch.eye(3)[[1, 2]])
check.that(
    check.is_finite(got),
    "subtract the largest score of each row: not its mean or smallest, nor the largest of the whole batch",
)
check.close(
    got,
    500.5493,  # the mean of 1000 and log 3
    "loss_from_scores(Ytilde, Y)",
    unless={
        "the sign of y · ytilde is wrong": -499.4507,
        "you summed over the batch instead of averaging": 1001.0986,
        "you averaged over the classes as well: sum over them": 166.8498,
    },
)
### BEGIN HIDDEN TESTS
scores = torch.tensor([[1000.0, -1000.0, 999.0], [0.0, 1.0, -1.0], [-1000.0, -1000.0, -1001.0]])
targets = torch.eye(3)[[2, 0, 1]]
got = loss_from_scores(scores, targets)
check.that(
    check.is_finite(got),
    "a score of 1000 gives an infinite loss or NaN: subtract the largest score, or use torch.logsumexp",
)
check.close(got, torch.nn.functional.cross_entropy(scores, targets), "loss_from_scores(Ytilde, Y)")
### END HIDDEN TESTS


# %% answer="grad_scores"
def grad_scores(Ytilde, Y):
    """Return the gradient of loss_from_scores in its scores, (n, ny): that of the mean over the
    examples.

    Ytilde: scores (n, ny), of any size. Y: one-hot targets (n, ny).
    """
    ### BEGIN SOLUTION
    return (torch.softmax(Ytilde, dim=1) - Y) / len(Y)
    ### END SOLUTION


# %% [markdown] hint="grad_scores" lang="en"
# Row by row it is prediction minus target. The prediction comes from the scores, by `torch.softmax` along the rows.
# Then each row is divided by how many rows there are.

# %% [markdown] hint="grad_scores" lang="fr"
# Ligne par ligne, c'est la prédiction moins la cible. La prédiction vient des scores, par `torch.softmax` le long des
# lignes. Chaque ligne est ensuite divisée par le nombre de lignes.

# %% check="grad_scores_value" points=1 ids=["P-Q15"]
scores = torch.log(torch.tensor([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))
got = grad_scores(scores, torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
check.close(
    got,
    [[0.0625, -0.375, 0.3125], [-0.3125, 0.1875, 0.125]],
    "grad_scores(Ytilde, Y)",
    unless={
        "the 1/n is missing: the loss is a mean over the batch": [[0.125, -0.75, 0.625], [-0.625, 0.375, 0.25]],
        "the sign is reversed: it is yhat - y": [[-0.0625, 0.375, -0.3125], [0.3125, -0.1875, -0.125]],
        "the sign is reversed, and the 1/n is missing: it is (yhat - y) / n": [
            [-0.125, 0.75, -0.625],
            [0.625, -0.375, -0.25],
        ],
        "divide by the number of examples, not of classes": [[0.0417, -0.25, 0.2083], [-0.2083, 0.125, 0.0833]],
        "you divided by the number of examples and of classes: by that of examples only": [
            [0.02083, -0.125, 0.10417],
            [-0.10417, 0.0625, 0.04167],
        ],
        "you forgot SoftMax: subtract y from yhat, not from ytilde": [[0.0, -0.1534, 0.8047], [0.0493, 0.5493, 0.3466]],
        "SoftMax is taken over the examples; take it over the classes, dim=-1": [
            [0.125, -0.3, 0.3571],
            [-0.125, 0.3, 0.1429],
        ],
        "this is the slope in yhat: go on through SoftMax to ytilde": [[0.0, -2.0, 0.0], [-1.3333, 0.0, 0.0]],
    },
)
### BEGIN HIDDEN TESTS
scores, targets = torch.randn(7, 5, requires_grad=True), random_batch(7, 2, 5)[1]
expected = torch.autograd.grad(torch.nn.functional.cross_entropy(scores, targets), scores)[0]
scores = scores.detach()
check.close(
    grad_scores(scores, targets),
    expected,
    "grad_scores(Ytilde, Y)",
    unless={
        "the 1/n is missing: the loss is a mean over the batch": 7 * expected,
        "the sign is reversed: it is yhat - y": -expected,
        "the sign is reversed, and the 1/n is missing: it is (yhat - y) / n": -7 * expected,
        "divide by the number of examples, not of classes": 7 * expected / 5,
        "you divided by the number of examples and of classes: by that of examples only": expected / 5,
        "you forgot SoftMax: subtract y from yhat, not from ytilde": (scores - targets) / 7,
        "SoftMax is taken over the examples; take it over the classes, dim=-1": (scores.softmax(0) - targets) / 7,
        "this is the slope in yhat: go on through SoftMax to ytilde": -targets / scores.softmax(1) / 7,
    },
)
### END HIDDEN TESTS

# %% check="grad_scores_large" points=1 ids=["P-Q15"]
scores, targets = torch.tensor([[0.0, 1.0, 2.0], [1.0, 1.0, 0.0]]), torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
got = grad_scores(scores + 1000, targets)
check.that(
    check.is_finite(got),
    "large scores give NaN: exp(1000) is infinite; subtract the largest score of the row first",
)
own = check.tensor(grad_scores(scores, targets), None, "grad_scores(Ytilde, Y)")
check.close(
    got,
    own,
    "grad_scores(Ytilde + 1000, Y)",
    unless={"you forgot SoftMax: subtract y from yhat, not from ytilde": own + 500},
)
got = grad_scores(torch.tensor([[1000.0, 1001.0, 0.0], [-1000.0, -1001.0, -1001.0]]), targets)
check.that(
    check.is_finite(got),
    "subtract the largest score of each row: not its mean or smallest, nor the largest of the whole batch",
)
### BEGIN HIDDEN TESTS
scores, targets = torch.randn(7, 5), random_batch(7, 2, 5)[1]
one, other = (
    check.tensor(grad_scores(factor * scores, targets.clone()), None, "grad_scores(Ytilde, Y)") for factor in (1, 2)
)
check.that(one.shape != other.shape or not torch.allclose(one, other), "grad_scores gives the same whatever the scores")
for shift in (3000.0, -3000.0):
    got = grad_scores(scores + shift, targets)
    check.that(
        check.is_finite(got),
        "large scores give NaN: exp(1000) is infinite; subtract the largest score of the row first",
    )
    check.close(got, one, f"grad_scores(Ytilde + {shift:.0f}, Y)", rtol=1e-2, atol=1e-4)
got = grad_scores(scores + 500 * torch.arange(7)[:, None], targets)
check.that(
    check.is_finite(got),
    "subtract the largest score of each row: not its mean or smallest, nor the largest of the whole batch",
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 27 · The output layer · about 4 minutes
#
# From here on, write $\Delta_y$ for the gradient you have just computed, of shape $(n, n_y)$. Row $k$ belongs to
# example $k$ and **already contains the $1/n$**. Write $W_{y,ij}$ for row $i$, column $j$ of $W_y$. For one example
# $\tilde{y}_i = \sum_j W_{y,ij} h_j + b_{y,i}$, so this weight acts on $\tilde{y}_i$ alone, with the slope $h_j$. All
# the examples share the weight: their parts add up.
#
# $$\frac{\partial L}{\partial W_{y,ij}} = \sum_{k=1}^{n} \Delta_{y,ki} \, H_{kj}
# \qquad \frac{\partial L}{\partial b_{y,i}} = \sum_{k=1}^{n} \Delta_{y,ki}$$
#
# Write both for matrices, in `grads_output`. Let the shapes guide you: the gradient of $W_y$ has the shape of $W_y$.

# %% [markdown] lang="fr"
# ### 27 · La couche de sortie · environ 4 minutes
#
# À partir d'ici, notons $\Delta_y$ le gradient que vous venez de calculer, de taille $(n, n_y)$. Sa ligne $k$ concerne
# l'exemple $k$ et **contient déjà le $1/n$**. Notons $W_{y,ij}$ le nombre à la ligne $i$, colonne $j$ de $W_y$. Pour un
# exemple, $\tilde{y}_i = \sum_j W_{y,ij} h_j + b_{y,i}$ ; ce poids n'agit donc que sur $\tilde{y}_i$, avec la pente
# $h_j$. Tous les exemples partagent ce poids : leurs parts s'additionnent.
#
# $$\frac{\partial L}{\partial W_{y,ij}} = \sum_{k=1}^{n} \Delta_{y,ki} \, H_{kj}
# \qquad \frac{\partial L}{\partial b_{y,i}} = \sum_{k=1}^{n} \Delta_{y,ki}$$
#
# Écrivez les deux avec des matrices, dans `grads_output`, qui renvoie `(dWy, dby)`. Laissez-vous guider par les
# tailles : le gradient de $W_y$ a la taille de $W_y$.


# %% answer="grads_output"
def grads_output(h, dYtilde):
    """Return the gradients of the output layer.

    h: outputs of the hidden layer (n, nh). dYtilde: gradient of the mean loss in the scores (n,
    ny), 1/n included.
    Returns (dWy, dby): dWy (ny, nh) and dby (ny,).
    """
    ### BEGIN SOLUTION
    return dYtilde.T @ h, dYtilde.sum(0)
    ### END SOLUTION


# %% [markdown] hint="grads_output" lang="en"
# The sum over $k$ runs over the rows of both tables. A product of matrices sums over the columns of the first one: so
# one of them is transposed. Which, and in which order, if the result is to be $(n_y, n_h)$? The biases are the same sum
# without $H$.

# %% [markdown] hint="grads_output" lang="fr"
# La somme sur $k$ parcourt les lignes des deux tableaux. Un produit de matrices somme sur les colonnes du premier : il
# faut donc en transposer un. Lequel, et dans quel ordre, pour que le résultat soit de taille $(n_y, n_h)$ ? Pour les
# biais, c'est la même somme sans $H$.

# %% check="grads_output_weights" points=1 ids=["P-Q16"]
got = grads_output(
    torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]), torch.tensor([[1.0, -1.0, 0.0, 0.0], [3.0, 0.0, -2.0, -1.0]])
)
check.close(
    check.pair(got, "grads_output(h, dYtilde)")[0],
    [[1.0, 5.0, 3.0], [-1.0, -2.0, 0.0], [0.0, -2.0, -2.0], [0.0, -1.0, -1.0]],
    "grads_output(h, dYtilde)[0]",
    unless={
        "dYtilde contains the 1/n already: do not divide again": [
            [0.5, 2.5, 1.5],
            [-0.5, -1.0, 0.0],
            [0.0, -1.0, -1.0],
            [0.0, -0.5, -0.5],
        ],
        "you kept one example only: add up over the batch": [
            [0.0, 3.0, 3.0],
            [0.0, 0.0, 0.0],
            [0.0, -2.0, -2.0],
            [0.0, -1.0, -1.0],
        ],
        "the sign is wrong: no minus here, it comes with the update": [
            [-1.0, -5.0, -3.0],
            [1.0, 2.0, 0.0],
            [0.0, 2.0, 2.0],
            [0.0, 1.0, 1.0],
        ],
    },
)
### BEGIN HIDDEN TESTS
hidden, targets = torch.tanh(torch.randn(8, 5)), random_batch(8, 2, 3)[1]
weights = {name: tensor.requires_grad_() for name, tensor in random_params(2, 5, 3).items()}
scores = torch.nn.functional.linear(hidden, weights["Wy"], weights["by"])
loss = torch.nn.functional.cross_entropy(scores, targets)
upstream, expected = torch.autograd.grad(loss, [scores, weights["Wy"]])
check.close(
    check.pair(grads_output(hidden, upstream), "grads_output(h, dYtilde)")[0],
    expected,
    "grads_output(h, dYtilde)[0]",
    unless={
        "dYtilde contains the 1/n already: do not divide again": expected / 8,
        "you kept one example only: add up over the batch": torch.outer(upstream[-1], hidden[-1]),
        "the sign is wrong: no minus here, it comes with the update": -expected,
    },
)
### END HIDDEN TESTS

# %% check="grads_output_biases" points=1 ids=["P-Q16"]
got = grads_output(
    torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]), torch.tensor([[1.0, -1.0, 0.0, 0.0], [3.0, 0.0, -2.0, -1.0]])
)
got = check.pair(got, "grads_output(h, dYtilde)")[1]
check.close(
    got.reshape(-1) if isinstance(got, torch.Tensor) and got.numel() == 4 else got,
    [4.0, -1.0, -2.0, -1.0],
    "grads_output(h, dYtilde)[1]",
    unless={
        "dYtilde contains the 1/n already: do not divide again": [2.0, -0.5, -1.0, -0.5],
        "this is one row per example: add up over the batch, sum(0)": [[1.0, -1.0, 0.0, 0.0], [3.0, 0.0, -2.0, -1.0]],
        "you added up over the classes; add up over the batch, sum(0)": [0.0, 0.0],
    },
)
### BEGIN HIDDEN TESTS
hidden, targets = torch.tanh(torch.randn(8, 5)), random_batch(8, 2, 3)[1]
weights = {name: tensor.requires_grad_() for name, tensor in random_params(2, 5, 3).items()}
scores = torch.nn.functional.linear(hidden, weights["Wy"], weights["by"])
loss = torch.nn.functional.cross_entropy(scores, targets)
upstream, expected = torch.autograd.grad(loss, [scores, weights["by"]])
got = check.pair(grads_output(hidden, upstream), "grads_output(h, dYtilde)")[1]
check.close(
    got.reshape(-1) if isinstance(got, torch.Tensor) and got.numel() == 3 else got,
    expected,
    "grads_output(h, dYtilde)[1]",
    unless={
        "dYtilde contains the 1/n already: do not divide again": expected / 8,
        "this is one row per example: add up over the batch, sum(0)": upstream,
        "you added up over the classes; add up over the batch, sum(0)": upstream.sum(1),
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### 28 · The hidden layer · about 7 minutes
#
# One more step back. In exercise 23 a hidden neuron fed one output. Here hidden unit $j$ feeds every score, so its
# error comes back from several sides, and paths add up: $\delta_j = g'(\tilde{h}_j) \sum_i w_{ij} \, \delta_i$, where
# $\delta_i$ is the error of unit $i$ of the next layer and $w_{ij}$ the weight from $j$ to $i$. In a deep network this
# recursion leads from each layer to the one before. Here it is used once, with the example $k$ in row $k$. Write
# $\Delta_h$ for the gradient in $\tilde{H}$, of shape $(n, n_h)$ (`dhtilde` in the code):
#
# $$\Delta_{h,kj} = (1 - H_{kj}^2) \sum_{i=1}^{n_y} \Delta_{y,ki} \, W_{y,ij}$$
#
# Then $W_h$ and $b_h$ are to $\Delta_h$ and $X$ what $W_y$ and $b_y$ were to $\Delta_y$ and $H$. Write `grads_hidden`,
# and write the products out again rather than call `grads_output`: a slip made there will not be paid for twice.

# %% [markdown] lang="fr"
# ### 28 · La couche cachée · environ 7 minutes
#
# Encore un pas en arrière. Dans l'exercice 23, un neurone caché alimentait une seule sortie. Ici, l'unité cachée $j$
# alimente tous les scores. Son erreur lui revient donc de plusieurs côtés, et les chemins s'additionnent :
# $\delta_j = g'(\tilde{h}_j) \sum_i w_{ij} \, \delta_i$, où $\delta_i$ est l'erreur de l'unité $i$ de la couche
# suivante, et $w_{ij}$ le poids de $j$ vers $i$. Dans un réseau profond, cette récurrence mène de chaque couche à la
# précédente. Ici elle sert une seule fois, avec l'exemple $k$ à la ligne $k$. Notons $\Delta_h$ le gradient par rapport
# à $\tilde{H}$, de taille $(n, n_h)$ (`dhtilde` dans le code) :
#
# $$\Delta_{h,kj} = (1 - H_{kj}^2) \sum_{i=1}^{n_y} \Delta_{y,ki} \, W_{y,ij}$$
#
# Ensuite, $W_h$ et $b_h$ sont à $\Delta_h$ et $X$ ce que $W_y$ et $b_y$ étaient à $\Delta_y$ et $H$. Écrivez
# `grads_hidden`, qui renvoie `(dhtilde, dWh, dbh)`. Récrivez les produits au lieu d'appeler `grads_output` : une erreur
# commise là-bas ne vous coûtera pas deux fois.


# %% answer="grads_hidden"
def grads_hidden(X, h, Wy, dYtilde):
    """Return the gradients of the hidden layer.

    X: inputs (n, nx). h: outputs of the hidden layer (n, nh), tanh of htilde. Wy: output weights
    (ny, nh).
    dYtilde: gradient of the mean loss in the scores (n, ny), 1/n included.
    Returns (dhtilde, dWh, dbh): (n, nh), (nh, nx) and (nh,).
    """
    ### BEGIN SOLUTION
    dhtilde = (dYtilde @ Wy) * (1 - h**2)
    return dhtilde, dhtilde.T @ X, dhtilde.sum(0)
    ### END SOLUTION


# %% [markdown] hint="grads_hidden" lang="en"
# The sum over $i$ is a product of $\Delta_y$, $(n, n_y)$, and $W_y$, $(n_y, n_h)$: nothing needs to be transposed.
# Multiply it entry by entry by the slope of tanh, from `h`. Once you have `dhtilde`, the two others are what you wrote
# for the output layer, with other names.

# %% [markdown] hint="grads_hidden" lang="fr"
# La somme sur $i$ est le produit de $\Delta_y$, $(n, n_y)$, par $W_y$, $(n_y, n_h)$ : rien n'est à transposer.
# Multipliez-le terme à terme par la pente de tanh, tirée de `h`. Une fois `dhtilde` trouvé, les deux autres sont ce que
# vous avez écrit pour la couche de sortie, sous d'autres noms.

# %% check="grads_hidden_sums" points=3 ids=["P-Q17", "S-delta"]
got = grads_hidden(
    torch.tensor([[7.0], [1.0]]),
    torch.tensor([[0.0, 0.5, 0.0], [0.8, 0.0, 0.0]]),
    torch.tensor([[1.0, 2.0, 0.0], [3.0, -2.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
    torch.tensor([[1.0, -1.0, 0.0, 2.0], [0.0, 1.0, -1.0, 0.0]]),
)
got = check.pair(got, "grads_hidden(X, h, Wy, dYtilde)", 3)
check.close(
    got[0],
    [[-2.0, 4.5, 2.0], [1.08, -2.0, -1.0]],
    "grads_hidden(X, h, Wy, dYtilde)[0]",
    unless={
        "you forgot the slope of tanh, 1 - h²": [[-2.0, 6.0, 2.0], [3.0, -2.0, -1.0]],
        "h is tanh(htilde) already: the slope of tanh is 1 - h²": [[-2.0, 4.7187, 2.0], [1.6772, -2.0, -1.0]],
        "this is the slope of the sigmoid; that of tanh is 1 - h²": [[0.0, 1.5, 0.0], [0.48, 0.0, 0.0]],
        "the square is missing: the slope of tanh is 1 - h²": [[-2.0, 3.0, 2.0], [0.6, -2.0, -1.0]],
        "the error comes back from one score only: add up over all the scores": [[0.0, 1.5, 2.0], [0.0, 0.0, 0.0]],
        "dYtilde contains the 1/n already: do not divide again": [[-1.0, 2.25, 1.0], [0.54, -1.0, -0.5]],
    },
)
### BEGIN HIDDEN TESTS
sums, targets = torch.randn(8, 5, requires_grad=True), random_batch(8, 2, 3)[1]
weights = random_params(4, 5, 3)
scores = torch.nn.functional.linear(torch.tanh(sums), weights["Wy"], weights["by"])
upstream, expected = torch.autograd.grad(torch.nn.functional.cross_entropy(scores, targets), [scores, sums])
hidden, back = torch.tanh(sums).detach(), upstream @ weights["Wy"]
got = grads_hidden(torch.randn(8, 4), hidden, weights["Wy"], upstream)
check.close(
    check.pair(got, "grads_hidden(X, h, Wy, dYtilde)", 3)[0],
    expected,
    "grads_hidden(X, h, Wy, dYtilde)[0]",
    unless={
        "you forgot the slope of tanh, 1 - h²": back,
        "h is tanh(htilde) already: the slope of tanh is 1 - h²": back * (1 - torch.tanh(hidden) ** 2),
        "this is the slope of the sigmoid; that of tanh is 1 - h²": back * hidden * (1 - hidden),
        "the square is missing: the slope of tanh is 1 - h²": back * (1 - hidden),
        "the error comes back from one score only: add up over all the scores": upstream[:, -1:]
        * weights["Wy"][-1]
        * (1 - hidden**2),
        "dYtilde contains the 1/n already: do not divide again": expected / 8,
    },
)
### END HIDDEN TESTS

# %% check="grads_hidden_weights" points=1 ids=["P-Q17"]
got = grads_hidden(
    torch.tensor([[7.0], [1.0]]),
    torch.tensor([[0.0, 0.5, 0.0], [0.8, 0.0, 0.0]]),
    torch.tensor([[1.0, 2.0, 0.0], [3.0, -2.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
    torch.tensor([[1.0, -1.0, 0.0, 2.0], [0.0, 1.0, -1.0, 0.0]]),
)
got = check.pair(got, "grads_hidden(X, h, Wy, dYtilde)", 3)
own = got[0]  # yours: it has its own check
check.tensor(own, (2, 3), "grads_hidden(X, h, Wy, dYtilde)[0]")
check.that(own.any(), "{what} is 0: nothing can be computed from it", what="grads_hidden(X, h, Wy, dYtilde)[0]")
check.close(
    got[1],
    (7 * own[0] + 1 * own[1])[:, None],
    "grads_hidden(X, h, Wy, dYtilde)[1]",
    also=[[-12.92], [29.5], [13.0]],
    unless={
        "this is built from dh, before the slope of tanh: build it from dhtilde": [[-11.0], [40.0], [13.0]],
        "dYtilde contains the 1/n already: do not divide again": (3.5 * own[0] + 0.5 * own[1])[:, None],
        "you kept one example only: add up over the batch": own[1][:, None],
    },
)
### BEGIN HIDDEN TESTS
inputs, upstream, weights = torch.randn(8, 4), torch.randn(8, 3) / 8, random_params(4, 5, 3)
hidden = torch.tanh(torch.randn(8, 5))
true_own = torch.einsum("ki,ij->kj", upstream, weights["Wy"]) * (1 - hidden**2)
got = grads_hidden(*check.copies(inputs, hidden, weights["Wy"], upstream))
got = check.pair(got, "grads_hidden(X, h, Wy, dYtilde)", 3)
own = got[0]
# From the student's own dhtilde, which has its own check.
check.tensor(own, (8, 5), "grads_hidden(X, h, Wy, dYtilde)[0]")
check.rich(own, "grads_hidden(X, h, Wy, dYtilde)[0]")
own = own.float()
summed = torch.einsum("kj,ki->ji", own, inputs)
check.close(
    got[1],
    summed,
    "grads_hidden(X, h, Wy, dYtilde)[1]",
    also=torch.einsum("kj,ki->ji", true_own, inputs),
    unless={
        "this is built from dh, before the slope of tanh: build it from dhtilde": (upstream @ weights["Wy"]).T @ inputs,
        "dYtilde contains the 1/n already: do not divide again": summed / 8,
        "you kept one example only: add up over the batch": torch.outer(own[-1], inputs[-1]),
    },
)
### END HIDDEN TESTS

# %% check="grads_hidden_biases" points=1 ids=["P-Q17"]
got = grads_hidden(
    torch.tensor([[7.0], [1.0]]),
    torch.tensor([[0.0, 0.5, 0.0], [0.8, 0.0, 0.0]]),
    torch.tensor([[1.0, 2.0, 0.0], [3.0, -2.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
    torch.tensor([[1.0, -1.0, 0.0, 2.0], [0.0, 1.0, -1.0, 0.0]]),
)
got = check.pair(got, "grads_hidden(X, h, Wy, dYtilde)", 3)
own = got[0]  # yours: it has its own check
check.tensor(own, (2, 3), "grads_hidden(X, h, Wy, dYtilde)[0]")
check.that(own.any(), "{what} is 0: nothing can be computed from it", what="grads_hidden(X, h, Wy, dYtilde)[0]")
check.close(
    got[2].reshape(-1) if isinstance(got[2], torch.Tensor) and got[2].numel() == 3 else got[2],
    own[0] + own[1],
    "grads_hidden(X, h, Wy, dYtilde)[2]",
    also=[-0.92, 2.5, 1.0],
    unless={
        "this is built from dh, before the slope of tanh: build it from dhtilde": [1.0, 4.0, 1.0],
        "dYtilde contains the 1/n already: do not divide again": (own[0] + own[1]) / 2,
        "this is one row per example: add up over the batch, sum(0)": own,
        "you added up over the units; add up over the batch, sum(0)": own[:, 0] + own[:, 1] + own[:, 2],
    },
)
### BEGIN HIDDEN TESTS
inputs, upstream, weights = torch.randn(8, 4), torch.randn(8, 3) / 8, random_params(4, 5, 3)
hidden = torch.tanh(torch.randn(8, 5))
true_own = torch.einsum("ki,ij->kj", upstream, weights["Wy"]) * (1 - hidden**2)
got = grads_hidden(*check.copies(inputs, hidden, weights["Wy"], upstream))
got = check.pair(got, "grads_hidden(X, h, Wy, dYtilde)", 3)
own = got[0]
check.tensor(own, (8, 5), "grads_hidden(X, h, Wy, dYtilde)[0]")
check.rich(own, "grads_hidden(X, h, Wy, dYtilde)[0]")
summed = torch.einsum("kj->j", own)
check.close(
    got[2].reshape(-1) if isinstance(got[2], torch.Tensor) and got[2].numel() == 5 else got[2],
    summed,
    "grads_hidden(X, h, Wy, dYtilde)[2]",
    also=torch.einsum("kj->j", true_own),
    unless={
        "this is built from dh, before the slope of tanh: build it from dhtilde": (upstream @ weights["Wy"]).sum(0),
        "dYtilde contains the 1/n already: do not divide again": summed / 8,
        "this is one row per example: add up over the batch, sum(0)": own,
        "you added up over the units; add up over the batch, sum(0)": own.sum(1),
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## Now let it learn
#
# You have written every formula of a network that learns. Here your own functions work together on points of two
# classes that no line separates, a small ring and a large one around it, both blurred by noise: forward, gradients,
# update, 800 times over. On the black curve the network gives both classes the same probability. The best line gets
# some 70 % of such points right. Guess first: what share of the test points, between 0 and 1, will the
# network get right?

# %% [markdown] lang="fr"
# ## Et maintenant, qu'il apprenne
#
# Vous avez écrit chaque formule d'un réseau qui apprend. Voici vos fonctions à l'œuvre, toutes ensemble, sur des points
# de deux classes qu'aucune droite ne sépare, un petit anneau et un grand autour de lui, tous deux brouillés par du
# bruit : passe avant, gradients, mise à jour, 800 fois de suite. Sur la courbe noire, le réseau donne aux deux classes
# la même probabilité. La meilleure droite classe bien quelque 70 % de tels points. Faites d'abord un pronostic :
# quelle part des points de test, entre 0 et 1, le réseau classera-t-il bien ?

# %% predict="share_right"
share_right = None

# %% demo
torch.manual_seed(0)
circles = CirclesData()
Wh, bh, Wy, by = random_params(2, 10, 2).values()
for _ in range(800):
    h, ytilde = forward_batch(circles.Xtrain, Wh, bh, Wy, by)[1:3]
    dYtilde = grad_scores(ytilde, circles.Ytrain)
    dhtilde, dWh, dbh = grads_hidden(circles.Xtrain, h, Wy, dYtilde)
    dWy, dby = grads_output(h, dYtilde)
    Wh, bh, Wy, by = Wh - 0.5 * dWh, bh - 0.5 * dbh, Wy - 0.5 * dWy, by - 0.5 * dby
hits = predicted_class(forward_batch(circles.Xtest, Wh, bh, Wy, by)[3]) == circles.Ytest.argmax(1)
print(say("loss on the training set"), "=", number(float(loss_from_scores(ytilde, circles.Ytrain)), ".3f"))
print(say("accuracy on the test set"), "=", number(float(hits.float().mean()), ".1%"))
circles.plot_data_with_grid(forward_batch(circles.Xgrid, Wh, bh, Wy, by)[3])
reveal(share_right, float(hits.float().mean()))

# %% claim="it separates the rings but for the noise, on points it has not seen; every point of the plane has a class, the centre the inner one"
assert 0.9 < hits.float().mean() < 1 and loss_from_scores(ytilde, circles.Ytrain) < 0.25
middle = circles.Xgrid.norm(dim=1) < 0.2
assert (forward_batch(circles.Xgrid[middle], Wh, bh, Wy, by)[3][:, 1] > 0.5).all()
angles = torch.arange(0, 6.28, 0.1)
heights_of = circles.Xtest @ torch.stack([angles.cos(), angles.sin()])  # of the points above lines in each direction
outside = circles.Ytest[:, :1].bool()
lines_right = [((heights_of > height) == outside).float().mean(0).max() for height in torch.arange(-1.5, 1.5, 0.05)]
assert 0.65 < max(lines_right) < 0.75

# %% [markdown] lang="en"
# ## Summary
#
# - A perceptron cuts space along a hyperplane. Affine layers alone do no better; with activation
#   functions between them, they do.
# - Training fits, validation chooses, test measures once.
# - Forward: $\tilde{h} = W_h x + b_h$, $h = \tanh(\tilde{h})$, $\tilde{y} = W_y h + b_y$,
#   $\hat{y} = \text{SoftMax}(\tilde{y})$.
# - Cross-entropy for classes, squared error for quantities: up to a factor and a constant, both are $-\log$ of a
#   likelihood.
# - An epoch costs $n$ gradients, however many updates it makes. On a parabola of curvature $c$, keep $\eta < 2/c$.
# - Along a path slopes multiply; over several paths they add up. Going backward makes the cost linear in the depth.
# - Backward, for the mean loss: $\Delta_y = (\hat{Y} - Y)/n$, then $\Delta_h = (\Delta_y W_y) \odot (1 - H \odot H)$,
#   where $\odot$ multiplies entry by entry. Weights: $\Delta^\top$ times what came in. Biases: the sum over the batch.
#
# In the next notebook these formulas become a program: `init_params`, `forward`, `backward`, and a training loop.
#
# ## Before you submit
#
# Restart the kernel and run all the cells from the top: each check should print its `✓`, or its `◦`. `✓` means that
# the check holds for the inputs that you see; `◦` promises only that the form is right, so read those questions once
# more. Have you written your six answers, in exercises 7, 9, 13, 17, 19 and 25? Save, and hand in this file without
# renaming it.

# %% [markdown] lang="fr"
# ## En résumé
#
# - Un perceptron coupe l'espace le long d'un hyperplan. Des couches affines seules ne font pas mieux ; avec
#   des fonctions d'activation entre elles, si.
# - L'apprentissage ajuste, la validation choisit, le test mesure une seule fois.
# - Passe avant : $\tilde{h} = W_h x + b_h$, $h = \tanh(\tilde{h})$, $\tilde{y} = W_y h + b_y$,
#   $\hat{y} = \text{SoftMax}(\tilde{y})$.
# - Entropie croisée pour les classes, erreur quadratique pour les grandeurs : à un facteur et une constante près,
#   toutes deux sont $-\log$ d'une vraisemblance.
# - Une époque coûte $n$ gradients, quel que soit le nombre de mises à jour. Sur une parabole de courbure $c$, gardez
#   $\eta < 2/c$.
# - Le long d'un chemin, les pentes se multiplient ; sur plusieurs chemins, elles s'additionnent. Aller à rebours rend
#   le coût du calcul linéaire en la profondeur.
# - Passe arrière, pour le coût moyen : $\Delta_y = (\hat{Y} - Y)/n$, puis
# $\Delta_h = (\Delta_y W_y) \odot (1 - H \odot H)$, où $\odot$ est le produit terme à terme. Poids : $\Delta^\top$ fois
# ce qui est entré. Biais : la somme sur le lot.
#
# Dans le prochain notebook, ces formules deviennent un programme : `init_params`, `forward`, `backward`, et une boucle
# d'apprentissage.
#
# ## Avant de rendre
#
# Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit afficher son `✓`, ou
# son `◦`. `✓` signifie que la vérification tient pour les entrées que vous voyez ; `◦` ne promet que la forme :
# relisez donc ces questions-là. Avez-vous rédigé vos six réponses, aux exercices 7, 9, 13, 17, 19 et 25 ?
# Enregistrez, puis rendez ce fichier sans le renommer.
