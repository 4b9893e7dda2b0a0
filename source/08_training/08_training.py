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
# # Making training work
#
# The network of `06_mnist` had 60 000 digits, two layers and a good choice of everything. Take any of this away and
# training goes wrong: ten layers of sigmoids learn nothing, a few hundred digits are learnt by heart, one score of 1000
# turns the loss into NaN. This notebook is about the remedies. You write each of them by hand, once, and know from then
# on what the modules of PyTorch do.
#
# **You will learn** why classes go with SoftMax and cross-entropy, and how to compute them without overflow; where
# gradients vanish, and how to see it; what centred inputs, BatchNorm and LayerNorm do; how to measure over-fitting, and
# three cures against it: penalties, dropout, augmented data.
#
# **You need** `torch.nn`, `torch.optim` and the training loop of `06_mnist`.
#
# | part | minutes |
# |---|---|
# | Where you stand | 5 |
# | 1 · K classes | 10 |
# | 2 · SoftMax and cross-entropy, safely | 14 |
# | 3 · Several labels at once | 8 |
# | 4 · Where gradients vanish, and where they explode | 15 |
# | 5 · Centred inputs | 10 |
# | 6 · BatchNorm and LayerNorm | 20 |
# | 7 · A network that overfits | 10 |
# | 8 · Three cures | 18 |
# | 9 · The table | 10 |
# | *all together* | *120* |
#
# **How it works.** Where a cell says `YOUR CODE HERE`, replace the line `raise NotImplementedError(…)` by your code.
# The folded cells below it check your answer: `✓` and a name, or a sentence that says what is wrong. Unfold one to see
# what it tries. When the notebook is graded, the same checks try more inputs, of other sizes: write for any size, not
# for these numbers. For questions whose answer is a choice, the checks here tell you only that the form is right; when
# graded, one wrong letter costs all the points of the question.

# %% [markdown] lang="fr"
# # Réussir l'apprentissage
#
# Le réseau de `06_mnist` avait 60 000 chiffres, deux couches, et tout y était bien choisi. Qu'un seul de ces atouts
# manque, et l'apprentissage se passe mal : dix couches de sigmoïdes n'apprennent rien, quelques centaines de chiffres
# sont appris par cœur, un seul score de 1000 transforme le coût en NaN. Ce notebook traite des remèdes. Vous écrivez
# chacun d'eux à la main, une fois, et vous savez désormais ce que font les modules de PyTorch.
#
# **Vous allez apprendre** pourquoi les classes vont avec SoftMax et entropie croisée, et comment les calculer sans
# dépassement ; où les gradients s'évanouissent, et comment le voir ; ce que font des entrées centrées, BatchNorm et
# LayerNorm ; comment mesurer le surapprentissage, et trois remèdes : pénalités, dropout, données augmentées.
#
# **Il vous faut** `torch.nn`, `torch.optim` et la boucle d'apprentissage de `06_mnist`.
#
# | partie | minutes |
# |---|---|
# | Où vous en êtes | 5 |
# | 1 · K classes | 10 |
# | 2 · SoftMax et entropie croisée, sans risque | 14 |
# | 3 · Plusieurs étiquettes à la fois | 8 |
# | 4 · Où les gradients s'évanouissent, et où ils explosent | 15 |
# | 5 · Des entrées centrées | 10 |
# | 6 · BatchNorm et LayerNorm | 20 |
# | 7 · Un réseau qui surapprend | 10 |
# | 8 · Trois remèdes | 18 |
# | 9 · Le tableau | 10 |
# | *en tout* | *120* |
#
# **Mode d'emploi.** Là où une cellule dit `VOTRE CODE ICI`, remplacez la ligne `raise NotImplementedError(…)` par votre
# code. Les cellules repliées qui suivent vérifient votre réponse : `✓` et un nom, ou bien une phrase qui dit ce qui ne
# va pas. Dépliez-en une pour voir ce qu'elle essaie. Lors de la notation, les mêmes vérifications essaient d'autres
# entrées, d'autres tailles : écrivez pour des tailles quelconques, pas pour ces nombres-ci. Aux questions à choix, les
# vérifications ne vous disent ici qu'une chose : la forme est bonne ; à la notation, une seule lettre fausse fait
# perdre tous les points de la question.

# %% setup
import functools
from types import SimpleNamespace

import matplotlib.pyplot as plt
import torch

from helpers import MNISTData, check, figures, probes, start
from helpers.messages import _ as say
from helpers.vision import torchvision

start("08_training", lang="en")

# %% [markdown] lang="en"
# ## Where you stand · about 5 minutes
#
# What you take over from `06_mnist`: the digits, and a network of any depth. Here there are only 200 digits to learn from,
# and 2000 to test: few enough to train in a second, and few enough to be learnt by heart.
#
# `network` makes the layers. Its last two arguments are for later: a normalisation before each activation, and a module
# after it.

# %% [markdown] lang="fr"
# ## Où vous en êtes · environ 5 minutes
#
# Voici ce que vous reprenez de `06_mnist` : les chiffres, et un réseau de profondeur quelconque. Ici, il n'y a que 200
# chiffres pour apprendre, et 2000 pour tester : assez peu pour apprendre en une seconde, assez peu aussi pour être
# appris par cœur.
#
# `network` crée les couches. Ses deux derniers arguments serviront plus tard : une normalisation avant chaque
# activation, et un module après.


# %% setup
@functools.cache
def digits():
    """Return 200 digits to learn from and 2000 to test: Xtrain (200, 784), Ytrain (200, 10), Xtest, Ytest."""
    mnist = MNISTData()
    few = {"Xtrain": 200, "Ytrain": 200, "Xtest": 2000, "Ytest": 2000}
    return SimpleNamespace(**{name: getattr(mnist, name)[:n].clone() for name, n in few.items()})


def network(sizes, activation=torch.nn.ReLU, norm=None, after=None):
    """Make a fully connected network that gives scores; norm(nh) and after() make modules for each hidden layer."""
    layers = []
    for nin, nout in zip(sizes, sizes[1:-1]):
        layers.append(torch.nn.Linear(nin, nout))
        layers += [norm(nout)] if norm else []
        layers.append(activation())
        layers += [after()] if after else []
    return torch.nn.Sequential(*layers, torch.nn.Linear(*sizes[-2:]))


def show_images(rows):
    """Draw rows of digits: rows is a dict from a title to images, (n, 784) or (n, 28, 28)."""
    n = max(len(images) for images in rows.values())
    fig, axes = plt.subplots(len(rows), n, figsize=(8, 0.9 * len(rows)), squeeze=False, layout="constrained")
    for line, (title, images) in zip(axes, rows.items()):
        for ax in line:
            ax.set(xticks=[], yticks=[])
            ax.set_axis_off()
        for ax, image in zip(line, images):
            ax.imshow(image.reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
        line[0].text(-3, 14, title, ha="right", va="center")
    plt.show()


# %% demo
data = digits()
print(tuple(data.Xtrain.shape), tuple(data.Ytrain.shape), tuple(data.Xtest.shape), tuple(data.Ytest.shape))
show_images({"0–11": data.Xtrain[:12], "12–23": data.Xtrain[12:24]})

# %% [markdown] lang="en"
# ## 1 · K classes · about 10 minutes
#
# A label is a number, say 3. As a target of a network, that number is bad: it says that 3 lies between 2 and 4, and that
# 8 is far away. Classes have no order. So the target gets one place for each of the $K$ classes, 1 at the place of the
# right one, 0 elsewhere, and the network gets $K$ outputs ($K$ is the $n_y$ of the other notebooks):
#
# $$y = (0, \dots, 0, 1, 0, \dots, 0) \in \mathbb{R}^K$$
#
# Write `one_hot`. (`MNISTData` did it for you so far.)

# %% [markdown] lang="fr"
# ## 1 · K classes · environ 10 minutes
#
# Une étiquette est un nombre, disons 3. Comme cible d'un réseau, ce nombre est mauvais : il dit que 3 est entre 2 et 4,
# et que 8 est loin. Or des classes n'ont pas d'ordre. La cible reçoit donc une place pour chacune des $K$ classes, 1 à la
# place de la bonne, 0 ailleurs, et le réseau reçoit $K$ sorties ($K$ est le $n_y$ des autres notebooks) :
#
# $$y = (0, \dots, 0, 1, 0, \dots, 0) \in \mathbb{R}^K$$
#
# Écrivez `one_hot`. (Jusqu'ici, `MNISTData` s'en chargeait.)


# %% answer="one_hot"
def one_hot(labels, K):
    """Encode labels as one-hot targets.

    labels: tensor (n,) of torch.int64, whole numbers from 0 to K - 1; not every class need occur in it.
    K: number of classes.
    Returns a tensor (n, K) of torch.float32.
    """
    ### BEGIN SOLUTION
    return torch.eye(K)[labels]
    ### END SOLUTION


# %% check="one_hot_values" points=1 ids=["S-onehot"]
def verify(labels, K):
    """Compare with the places of the labels."""
    expected = torch.stack([labels == k for k in range(K)], dim=1).float()
    got = one_hot(labels.clone(), K)
    what = f"one_hot(labels, {K})"
    check.that(
        not isinstance(got, torch.Tensor) or got.ndim != 2 or got.shape == expected.shape or len(got) != len(labels),
        "there is one column for each class of the argument K, also for classes that do not occur in labels",
    )
    check.close(
        got,
        expected,
        what,
        unless={
            "rows and columns are swapped: one row for each example": expected.T,
            "the places are counted from 1; classes are counted from 0": expected.roll(1, 1),
        },
    )
    check.same(str(got.dtype), "torch.float32", f"{what}.dtype")


verify(torch.tensor([2, 0, 1, 1]), 4)
### BEGIN HIDDEN TESTS
verify(torch.tensor([3, 0, 5, 0, 2, 1, 1]), 9)
verify(torch.tensor([4]), 6)
verify(torch.arange(6).repeat(2)[::2], 7)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Which loss? Squared error is the first that comes to mind. SoftMax makes probabilities $\hat{y}$ of the scores
# $\tilde{y}$, and $\hat{y}$ should be close to $y$:
#
# $$\text{MSE} = \frac{1}{n} \sum_{i=1}^{n} \sum_{k=1}^{K} (\hat{y}_{ik} - y_{ik})^2$$
#
# (The squares of one example are added up here; `torch.nn.MSELoss`, like yours in `07_modules`, takes their mean, $K$
# times smaller.) It can be trained with, but it disappoints. To see why, look at what descent looks at: the gradient in the
# scores. With $g_k = 2 (\hat{y}_k - y_k)$ for one example, the chain rule through SoftMax gives
#
# $$\frac{\partial \text{MSE}}{\partial \tilde{y}_k} = \frac{1}{n} \, \hat{y}_k \Big( g_k - \sum_{j=1}^{K} g_j \hat{y}_j \Big)$$
#
# Write `mse_grad`: by this formula, or with `torch.autograd.grad`, as you like.

# %% [markdown] lang="fr"
# Quel coût choisir ? L'erreur quadratique est la première à laquelle on pense. Le SoftMax fait des scores $\tilde{y}$ des
# probabilités $\hat{y}$, et $\hat{y}$ devrait être proche de $y$ :
#
# $$\text{MSE} = \frac{1}{n} \sum_{i=1}^{n} \sum_{k=1}^{K} (\hat{y}_{ik} - y_{ik})^2$$
#
# (Les carrés d'un exemple sont ici additionnés ; `torch.nn.MSELoss`, comme celle de `07_modules`, en prend la moyenne,
# $K$ fois plus petite.) On peut apprendre avec elle, mais elle déçoit. Pour comprendre pourquoi, voyons ce que voit la
# descente : le gradient par rapport aux scores. Avec $g_k = 2 (\hat{y}_k - y_k)$ pour un exemple, la dérivation à travers
# le SoftMax donne
#
# $$\frac{\partial \text{MSE}}{\partial \tilde{y}_k} = \frac{1}{n} \, \hat{y}_k \Big( g_k - \sum_{j=1}^{K} g_j \hat{y}_j \Big)$$
#
# Écrivez `mse_grad` : par cette formule, ou avec `torch.autograd.grad`, comme vous préférez.


# %% answer="mse_grad"
def mse_grad(Ytilde, Y):
    """Compute the gradient of the squared error of SoftMax outputs, in the scores.

    Ytilde: scores (n, K). Y: one-hot targets (n, K).
    The error is the mean over the n examples of the sum over the K classes of (softmax(Ytilde) - Y)².
    Returns a tensor (n, K), without a graph. Ytilde is left as it is. torch.softmax is allowed.
    """
    ### BEGIN SOLUTION
    Yhat = torch.softmax(Ytilde.detach(), 1)
    g = 2 * (Yhat - Y)
    return Yhat * (g - (g * Yhat).sum(1, keepdim=True)) / len(Y)
    ### END SOLUTION


# %% check="mse_grad_values" points=2 ids=["S-mseclass"]
def verify(scores, Y):
    """Compare with autograd."""

    def slope(error):
        leaf = scores.detach().clone().requires_grad_()
        return torch.autograd.grad(error(leaf), leaf)[0]

    def squares(leaf, dim=1):
        return (leaf.softmax(dim) - Y).square()

    n, K = scores.shape
    expected = slope(lambda leaf: squares(leaf).sum(1).mean())
    yhat = scores.softmax(1)
    check.close(
        mse_grad(*check.copies(scores, Y)),
        expected,
        "mse_grad(Ytilde, Y)",
        unless={
            "SoftMax is taken over the examples; take it over the classes, dim=1": slope(
                lambda leaf: squares(leaf, 0).sum(1).mean()
            ),
            "the sum in the brackets goes over the examples; it goes over the classes, sum(1, keepdim=True)": (
                yhat * (2 * (yhat - Y) - (2 * (yhat - Y) * yhat).sum(0)) / n
            ),
            "SoftMax and the sum in the brackets go over the examples; both go over the classes, dim=1": (
                slope(lambda leaf: squares(leaf, 0).sum(0).mean()) * K / n
            ),
            "1/n is missing: the error is a mean over the examples": n * expected,
            "the error is averaged over the classes too; they are summed": expected / K,
            "this is the gradient of the cross-entropy": (yhat - Y) / n,
            "this is the gradient in the probabilities: go on through SoftMax, to the scores": 2 * (yhat - Y) / n,
            "the sum in the brackets is missing: each probability depends on all the scores": (
                yhat * 2 * (yhat - Y) / n
            ),
            "this is the derivative of a sigmoid, ŷ (1 − ŷ): SoftMax also has terms between different classes": (
                2 * (yhat - Y) * yhat * (1 - yhat) / n
            ),
            "the derivative of the square, 2 (ŷ − y), lacks its 2": expected / 2,
            "the sign is wrong: the error is ŷ − y": -expected,
            "SoftMax is missing: these are the squares of the scores": 2 * (scores - Y) / n,
        },
        atol=1e-6,
    )


verify(torch.tensor([[2.0, 0.0, 1.0], [0.0, 0.5, -1.0]]), torch.eye(3)[[0, 2]])
### BEGIN HIDDEN TESTS
verify(2 * torch.randn(5, 4), torch.eye(4)[[0, 3, 1, 1, 2]])
verify(2 * torch.randn(3, 6, dtype=torch.float64).T, torch.eye(3, dtype=torch.float64)[[0, 2, 1, 1, 0, 2]])
verify(torch.randn(1, 7), torch.eye(7)[[4]])
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now one example of class 0, and three classes. Its own score goes from very bad to very good, the others stay at 0. The
# curves show how hard each loss pulls at that score. The dashed one, $1 - \hat{y}_0$, is the pull of the cross-entropy,
# the loss of part 2.
#
# > **Before you run it.** At the far left the network is wrong, and very sure of itself. Which loss pulls hardest there?

# %% [markdown] lang="fr"
# Prenons maintenant un seul exemple, de classe 0, et trois classes. Son propre score va de très mauvais à très bon, les
# autres restent à 0. Les courbes montrent avec quelle force chaque coût tire sur ce score. Celle en tirets,
# $1 - \hat{y}_0$, montre avec quelle force tire l'entropie croisée, le coût de la partie 2.
#
# > **Avant d'exécuter.** Tout à gauche, le réseau se trompe, et il est très sûr de lui. Quel coût y tire le plus fort ?

# %% demo
score = torch.linspace(-10, 6, 200)
Ytilde = torch.stack([score, 0 * score, 0 * score], dim=1)
Y = torch.eye(3)[[0]].expand(200, 3)
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
pull = -200 * mse_grad(Ytilde, Y)[:, 0]  # of each example alone: 200 undoes the mean over 200 examples
ax.plot(score, pull, color="#D55E00", label=say("squared error"))
ax.plot(score, 1 - torch.softmax(Ytilde, 1)[:, 0], "--", color="#0072B2", label=say("cross-entropy"))
ax.set(xlabel=say("score of the right class"), ylabel=say("pull upwards"))
ax.legend()
ax.grid(alpha=0.3)
plt.show()

# %% [markdown] lang="en"
# Sort these statements into true and false. The first class is the right one throughout, $y = (1, 0, 0)$.
#
# - **a.** An example that is badly wrong, with a score of $-10$ for the right class, is all but forgotten by the descent
#   of the squared error.
# - **b.** $\hat{y} = (0.49, \; 0.51, \; 0)$ has a smaller squared error than $\hat{y} = (0.4, \; 0.3, \; 0.3)$.
# - **c.** So, of two predictions, the one with the smaller squared error is always the one with the right class on top.
# - **d.** The cross-entropy $-\sum_k y_k \log \hat{y}_k$ of one example depends on the probability of the right class alone.
# - **e.** One output that should be 0, 1 or 2, with the squared error, would do as well as one-hot targets.
# - **f.** For one example, the gradient of the cross-entropy in each score lies between $-1$ and $1$.

# %% [markdown] lang="fr"
# Pour chaque affirmation, dites si elle est vraie ou fausse. La première classe est toujours la bonne, $y = (1, 0, 0)$.
#
# - **a.** Un exemple très mal classé, avec un score de $-10$ pour la bonne classe, est presque oublié par la descente de
#   l'erreur quadratique.
# - **b.** $\hat{y} = (0{,}49, \; 0{,}51, \; 0)$ a une erreur quadratique plus petite que
#   $\hat{y} = (0{,}4, \; 0{,}3, \; 0{,}3)$.
# - **c.** Donc, de deux prédictions, celle dont l'erreur quadratique est la plus petite est toujours celle qui met la bonne
#   classe en tête.
# - **d.** L'entropie croisée $-\sum_k y_k \log \hat{y}_k$ d'un exemple ne dépend que de la probabilité de la bonne classe.
# - **e.** Une seule sortie, qui doit valoir 0, 1 ou 2, avec l'erreur quadratique, ferait aussi bien que des cibles one-hot.
# - **f.** Pour un exemple, le gradient de l'entropie croisée par rapport à chaque score est compris entre $-1$ et $1$.


# %% answer="mse_or_ce"
def mse_or_ce():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": True, "c": False, "d": True, "e": False, "f": True}
    ### END SOLUTION


# %% check="mse_or_ce_sorted" points=2 ids=["S-onehot", "S-mseclass"]
check.letters(mse_or_ce, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    mse_or_ce(),
    {"a": True, "b": True, "c": False, "d": True, "e": False, "f": True},
    because={
        "a": "every term has a factor ŷ, which is nearly 0 or meets a bracket that is nearly 0: look at the left of the curve.",
        "b": "0.51² + 0.51² is 0.52; 0.6² + 0.3² + 0.3² is 0.54.",
        "c": "b is an example against it: the smaller error has the wrong class on top.",
        "d": "the other terms of the sum have the factor 0.",
        "e": "it would say that class 1 lies between 0 and 2: between 0 and 2, the best guess would be 1.",
        "f": "it is ŷ − y, a probability minus 0 or 1.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 2 · SoftMax and cross-entropy, safely · about 14 minutes
#
# $$\hat{y}_k = \frac{e^{\tilde{y}_k}}{\sum_{j=1}^{K} e^{\tilde{y}_j}} \qquad\qquad \text{CE} = -\sum_{k=1}^{K} y_k \log \hat{y}_k$$
#
# These are for one example, with its scores $\tilde{y}$ and its target $y$. Written down as they stand, they fail twice.
# In float32, $e^{89}$ is already infinite, and infinity over infinity is NaN. And $e^{-104}$ is 0: then the probability
# is 0, and its logarithm $-\infty$.

# %% [markdown] lang="fr"
# ## 2 · SoftMax et entropie croisée, sans risque · environ 14 minutes
#
# $$\hat{y}_k = \frac{e^{\tilde{y}_k}}{\sum_{j=1}^{K} e^{\tilde{y}_j}} \qquad\qquad \text{CE} = -\sum_{k=1}^{K} y_k \log \hat{y}_k$$
#
# Ces formules valent pour un exemple, avec ses scores $\tilde{y}$ et sa cible $y$. Programmées telles quelles, elles
# échouent de deux façons. En float32, $e^{89}$ est déjà infini, et l'infini divisé par l'infini donne NaN. Et $e^{-104}$
# vaut 0 : la probabilité est alors 0, et son logarithme $-\infty$.

# %% demo
for scores in (torch.tensor([3.0, 1.0, 0.0]), torch.tensor([1000.0, 0.0, 0.0]), torch.tensor([0.0, 0.0, -200.0])):
    naive = scores.exp() / scores.exp().sum()
    print(scores.numpy(), "→", naive.numpy(), "→", naive.log().numpy())

# %% [markdown] lang="en"
# Two ideas mend it. Take the logarithm on paper, so that no probability is ever rounded to 0:
#
# $$\log \hat{y}_k = \tilde{y}_k - \log \sum_{j=1}^{K} e^{\tilde{y}_j}$$
#
# And subtract the same number $m$ from all the scores of an example: SoftMax does not change. With $m = \max_j \tilde{y}_j$,
# the largest exponential is $e^0 = 1$: none overflows, and the sum is at least 1.
#
# $$\log \hat{y}_k = (\tilde{y}_k - m) - \log \sum_{j=1}^{K} e^{\tilde{y}_j - m}$$
#
# Write `log_softmax` in this way, then `cross_entropy` with it.

# %% [markdown] lang="fr"
# Deux idées y remédient. On prend le logarithme sur le papier, pour qu'aucune probabilité ne soit jamais arrondie à 0 :
#
# $$\log \hat{y}_k = \tilde{y}_k - \log \sum_{j=1}^{K} e^{\tilde{y}_j}$$
#
# Et on soustrait un même nombre $m$ à tous les scores d'un exemple : le SoftMax ne change pas. Avec
# $m = \max_j \tilde{y}_j$, la plus grande exponentielle est $e^0 = 1$ : plus de dépassement, et la somme vaut au moins 1.
#
# $$\log \hat{y}_k = (\tilde{y}_k - m) - \log \sum_{j=1}^{K} e^{\tilde{y}_j - m}$$
#
# Écrivez `log_softmax` de cette façon, puis `cross_entropy` à l'aide de celle-ci.


# %% answer="log_softmax"
def log_softmax(Ytilde):
    """Compute the logarithms of the SoftMax probabilities.

    Ytilde: scores (n, K), of any size: also ±1000.
    Returns a tensor (n, K), of the type of Ytilde. Written with max, exp, sum and log: torch's own softmax,
    log_softmax, logsumexp and losses are not allowed.
    """
    ### BEGIN SOLUTION
    shifted = Ytilde - Ytilde.max(1, keepdim=True).values
    return shifted - shifted.exp().sum(1, keepdim=True).log()
    ### END SOLUTION


# %% check="log_softmax_values" points=2 ids=["S-softmaxce"]
def verify(scores):
    """Compare with torch's own, which must not have been called."""
    expected = scores.log_softmax(1)
    try:
        got = log_softmax(scores.clone())
    except TypeError as error:
        check.that("return_types" not in str(error), "max over a dimension gives values and indices: take .values, or amax")
        raise
    check.close(
        got,
        expected,
        "log_softmax(Ytilde)",
        unless={
            "SoftMax is taken over the examples; take it over the classes, dim=1": scores.log_softmax(0),
            "the logarithm is missing: these are the probabilities": scores.softmax(1),
            "SoftMax is taken over the whole batch; take it row by row, dim=1": (
                scores - scores.flatten().logsumexp(0)
            ),
            "the sign is wrong: a logarithm of a probability is at most 0": -expected,
            "the max was subtracted once only: subtract it inside the exponentials and outside": (
                scores - (scores - scores.max(1, keepdim=True).values).logsumexp(1, keepdim=True)
            ),
        },
        rtol=1e-8 if scores.dtype == torch.float64 else 1e-3,
        atol=1e-8 if scores.dtype == torch.float64 else 1e-5,
    )
    for used in (scores.clone(), scores.clone().requires_grad_(), 1000 * scores):
        found = probes.beyond_arithmetic(log_softmax, used)
        check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, -1.0]]))
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(5, 4))
verify(3 * torch.randn(3, 7).T)
verify(3 * torch.randn(4, 6, dtype=torch.float64))
verify(torch.randn(1, 5))
### END HIDDEN TESTS


# %% check="log_softmax_large" points=2 ids=["S-softmaxce"]
def verify(scores):
    """Large scores: finite values, and the right ones."""
    expected = scores.double().log_softmax(1).to(scores.dtype)
    got = log_softmax(scores.clone())
    check.tensor(torch.zeros_like(got) if isinstance(got, torch.Tensor) else got, scores.shape, "log_softmax(Ytilde)")
    best = got.gather(1, scores.argmax(1, keepdim=True))
    check.that(
        not got.isnan().any() and not (best == -torch.inf).any(),
        "an exponential overflows: subtract the largest score of each row first",
    )
    check.that(
        not (got == torch.inf).any(),
        "a sum of exponentials was rounded to 0: subtract from each row its own largest score",
    )
    check.that(
        got.isfinite().all(),
        "minus infinity: a probability was rounded to 0 before the logarithm was taken; simplify the logarithm first",
    )
    check.close(got, expected, "log_softmax(Ytilde)")


verify(torch.tensor([[1000.0, 0.0, 998.0], [-1000.0, -1001.0, -999.0]]))
### BEGIN HIDDEN TESTS
verify(torch.tensor([[1000.0, -1000.0, 0.0, 999.0], [-1000.0, -1000.0, -999.0, -1000.0], [0.1, 0.2, 0.3, 0.4]]))
verify(torch.tensor([[-1000.0, 1000.0]]))
verify(500 * torch.randn(5, 6))
### END HIDDEN TESTS


# %% answer="cross_entropy"
def cross_entropy(Ytilde, Y):
    """Compute the cross-entropy of a batch from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), one-hot or probabilities that add up to 1.
    Returns the mean over the n examples, a single number still on its graph. Uses log_softmax.
    """
    ### BEGIN SOLUTION
    return -(Y * log_softmax(Ytilde)).sum(1).mean()
    ### END SOLUTION


# %% check="cross_entropy_values" points=2 ids=["S-softmaxce"]
PLAIN = "def log_softmax(Ytilde):\n    a = Ytilde - Ytilde.amax(1, True)\n    return a - a.exp().sum(1, True).log()"
ROWS = "def log_softmax(Ytilde):\n    return Ytilde - Ytilde.logsumexp(1, keepdim=True)"


def verify(scores, Y):
    """Compare with torch's own, with log_softmax given."""
    logs = scores.log_softmax(1)
    expected = -(Y * logs).sum(1).mean()
    got = probes.with_functions(ROWS, cross_entropy, *check.copies(scores.requires_grad_(), Y))
    scores, logs, expected = scores.detach(), logs.detach(), expected.detach()
    check.close(
        got,
        expected,
        "cross_entropy(Ytilde, Y)",
        unless={
            "the mean over the examples is missing: this is the sum": expected * len(Y),
            "this is the mean over examples and classes; sum over the classes": expected / Y.shape[1],
            "the sign is wrong: logarithms of probabilities are negative, the loss is positive": -expected,
            "SoftMax is taken twice: log_softmax takes the scores as they are": (
                -(Y * scores.softmax(1).log_softmax(1)).sum(1).mean()
            ),
            "the logarithm is taken twice: log_softmax has taken it already": -(Y * (-logs).log()).sum(1).mean(),
            "this is the mean of all log-probabilities; weight them with Y": -logs.sum(1).mean(),
        },
    )
    check.that(
        isinstance(got, torch.Tensor) and got.requires_grad,
        "L is cut off from its graph: autograd cannot go back from it to the scores",
    )
    for leaf in (False, True):
        found = probes.beyond_arithmetic_with(PLAIN, cross_entropy, scores.clone().requires_grad_(leaf), Y.clone())
        check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, -1.0]]), torch.eye(3)[[0, 2]])
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(5, 4), torch.eye(4)[[0, 3, 1, 1, 2]])
verify(3 * torch.randn(5, 4), torch.rand(5, 4).softmax(1))
verify(3 * torch.randn(3, 7).T, torch.eye(3)[[0, 2, 1, 1, 0, 2, 2]])
verify(torch.tensor([[1000.0, -1000.0], [1000.0, -1000.0], [0.0, 1.0]]), torch.eye(2)[[0, 1, 1]])
verify(torch.randn(1, 6, dtype=torch.float64), torch.eye(6, dtype=torch.float64)[[4]])
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The two together have the simplest gradient of all. In the score $k$ of one example, it is $\hat{y}_k - y_k$: prediction
# minus target. (You derived it in `01_math`.) The loss of a batch is the mean $L = \frac{1}{n} \sum_i \text{CE}_i$ over
# its examples, so there is $\frac{1}{n}$:
#
# $$\frac{\partial L}{\partial \tilde{y}_{ik}} = \frac{1}{n} \left( \hat{y}_{ik} - y_{ik} \right)$$
#
# Write `cross_entropy_grad`, by this formula: autograd is the judge, not the tool.

# %% [markdown] lang="fr"
# Les deux ensemble ont le plus simple des gradients. Par rapport au score $k$ d'un exemple, c'est $\hat{y}_k - y_k$ : la
# prédiction moins la cible. (Vous l'avez établi dans `01_math`.) Le coût d'un lot est la moyenne
# $L = \frac{1}{n} \sum_i \text{CE}_i$ sur ses exemples, d'où le $\frac{1}{n}$ :
#
# $$\frac{\partial L}{\partial \tilde{y}_{ik}} = \frac{1}{n} \left( \hat{y}_{ik} - y_{ik} \right)$$
#
# Écrivez `cross_entropy_grad`, par cette formule : autograd sert ici de juge, pas d'outil.


# %% answer="cross_entropy_grad"
def cross_entropy_grad(Ytilde, Y):
    """Compute the gradient of cross_entropy(Ytilde, Y) in the scores, by its formula, without autograd.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each row adding up to 1.
    Returns a tensor (n, K). May use log_softmax.
    """
    ### BEGIN SOLUTION
    return (log_softmax(Ytilde).exp() - Y) / len(Y)
    ### END SOLUTION


# %% check="cross_entropy_grad_values" points=2 ids=["S-softmaxce"]
ROWS = "def log_softmax(Ytilde):\n    return Ytilde - Ytilde.logsumexp(1, keepdim=True)"


def verify(scores, Y):
    """Compare with autograd, with log_softmax given."""
    leaf = scores.clone().requires_grad_()
    (expected,) = torch.autograd.grad(torch.nn.functional.cross_entropy(leaf, Y), leaf)
    yhat, n = scores.softmax(1), len(Y)
    check.close(
        probes.with_functions(ROWS, cross_entropy_grad, *check.copies(scores, Y)),
        expected,
        "cross_entropy_grad(Ytilde, Y)",
        unless={
            "1/n is missing: the loss is a mean over the examples": n * expected,
            "the sign is wrong: prediction minus target": -expected,
            "divide by the number of examples alone, not by the number of all entries": expected / Y.shape[1],
            "you divided by the number of classes; divide by the number of examples": expected * n / Y.shape[1],
            "the scores are not the predictions: SoftMax first": (scores - Y) / n,
            "these are logarithms of probabilities; take exp of them first": (scores.log_softmax(1) - Y) / n,
            "SoftMax is taken over the examples; take it over the classes, dim=1": (scores.softmax(0) - Y) / n,
            "only the score of the right class has been given a gradient": Y * (yhat - Y) / n,
        },
    )


verify(torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, -1.0]]), torch.eye(3)[[0, 2]])
try:
    by_autograd = probes.calls_autograd(cross_entropy_grad, torch.zeros(2, 3), torch.eye(3)[:2])
except NotImplementedError:  # log_softmax, which it may use, is not written yet
    by_autograd = False
check.that(not by_autograd, "write the formula: autograd is not allowed here")
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(5, 4), torch.eye(4)[[0, 3, 1, 1, 2]])
verify(3 * torch.randn(5, 4), torch.rand(5, 4).softmax(1))
verify(3 * torch.randn(3, 7).T, torch.eye(3)[[0, 2, 1, 1, 0, 2, 2]])
verify(torch.tensor([[1000.0, -1000.0], [1000.0, -1000.0], [0.0, 1.0]]), torch.eye(2)[[0, 1, 1]])
verify(torch.randn(1, 6), torch.eye(6)[[4]])
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 3 · Several labels at once · about 8 minutes
#
# A photograph can show a dog *and* a ball, or neither. The rows of $Y$ then hold any number of ones. SoftMax is wrong for
# that: its probabilities share the total of 1. Each output becomes a yes-or-no question of its own, with a sigmoid,
# $\hat{y}_{ik} = \sigma(\tilde{y}_{ik})$, and its own cross-entropy, the *binary* one:
#
# $$\text{BCE} = -\frac{1}{nK} \sum_{i=1}^{n} \sum_{k=1}^{K} \Big( y_{ik} \log \hat{y}_{ik} + (1 - y_{ik}) \log (1 - \hat{y}_{ik}) \Big)$$
#
# Same danger, same remedy. For one score $a$ and its target $y$, the bracket with its minus sign is equal to
#
# $$\max(a, 0) - a \, y + \log \left( 1 + e^{-|a|} \right)$$
#
# in which no exponential is larger than 1. (Check it for $a > 0$: it takes three lines.) For $\max(a, 0)$ take
# `torch.maximum`: `clamp` and `relu` give the same number, but at $a = 0$ autograd takes a wrong slope from them. Write
# `bce`.

# %% [markdown] lang="fr"
# ## 3 · Plusieurs étiquettes à la fois · environ 8 minutes
#
# Une photo peut montrer un chien *et* un ballon, ou ni l'un ni l'autre. Les lignes de $Y$ contiennent alors autant de 1
# que l'on veut. Le SoftMax ne convient pas : ses probabilités se partagent un total de 1. Chaque sortie devient une
# question par oui ou non, avec une sigmoïde, $\hat{y}_{ik} = \sigma(\tilde{y}_{ik})$, et sa propre entropie croisée, dite
# *binaire* :
#
# $$\text{BCE} = -\frac{1}{nK} \sum_{i=1}^{n} \sum_{k=1}^{K} \Big( y_{ik} \log \hat{y}_{ik} + (1 - y_{ik}) \log (1 - \hat{y}_{ik}) \Big)$$
#
# Même danger, même remède. Pour un score $a$ et sa cible $y$, la parenthèse avec son signe moins est égale à
#
# $$\max(a, 0) - a \, y + \log \left( 1 + e^{-|a|} \right)$$
#
# où aucune exponentielle ne dépasse 1. (Vérifiez-le pour $a > 0$ : trois lignes suffisent.) Pour $\max(a, 0)$, prenez
# `torch.maximum` : `clamp` et `relu` donnent le même nombre, mais en $a = 0$ autograd en tire une pente fausse. Écrivez
# `bce`.


# %% answer="bce"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    ### BEGIN SOLUTION
    positive = torch.maximum(Ytilde, torch.zeros_like(Ytilde))  # at 0, its slope is one half, as that of the loss
    return (positive - Ytilde * Y + torch.log1p(torch.exp(-Ytilde.abs()))).mean()
    ### END SOLUTION


# %% check="bce_values" points=2 ids=["S-bce"]
def verify(scores, Y):
    """Compare with torch's own, which must not have been called."""
    function = torch.nn.functional.binary_cross_entropy_with_logits
    expected = function(scores, Y)
    run = probes.gradients(bce, scores.clone().requires_grad_(), Y)
    p = scores.sigmoid()
    check.close(
        run["result"],
        expected,
        "bce(Ytilde, Y)",
        unless={
            "the mean is missing: this is the sum over all entries": expected * Y.numel(),
            "this is the sum over the outputs; take the mean over them too": expected * Y.shape[1],
            "this is the sum over the examples; take the mean over them too": expected * len(Y),
            "the sign is wrong: logarithms of probabilities are negative, the loss is positive": -expected,
            "the second term is missing: a label that is off counts too, (1 − y) log(1 − ŷ)": -(Y * p.log()).mean(),
            "the first term is missing: y log(ŷ)": -((1 - Y) * (1 - p).log()).mean(),
            "this is SoftMax and cross-entropy, for one label; here each output has its own sigmoid": (
                torch.nn.functional.cross_entropy(scores, Y)
            ),
            "the probabilities come from SoftMax; each output has a sigmoid of its own": (
                torch.nn.functional.binary_cross_entropy(scores.softmax(1), Y)
            ),
            "the sigmoid is taken twice": function(p, Y),
            "y and 1 − y are swapped": function(scores, 1 - Y),
            "the absolute value is missing: log(1 + exp(−|a|))": (
                (scores.clamp(min=0) - scores * Y + torch.log1p(torch.exp(-scores))).mean()
            ),
            "max(a, 0) is missing": (torch.log1p(torch.exp(-scores.abs())) - scores * Y).mean(),
        },
    )
    leaf = scores.clone().requires_grad_()
    (slope,) = torch.autograd.grad(function(leaf, Y), leaf)
    check.that(
        run["grads"] is not None and run["grads"][0] is not None,
        "L is cut off from its graph: autograd cannot go back from it to the scores",
    )
    corner = scores == 0
    check.close(
        run["grads"][0],
        slope,
        "Ytilde.grad",
        unless={
            "at a score of 0 the slope is one half minus y; clamp takes that on its right: torch.maximum takes the middle": (
                torch.where(corner, (1 - Y) / Y.numel(), slope)
            ),
            "at a score of 0 the slope is one half minus y; relu takes that on its left: torch.maximum takes the middle": (
                torch.where(corner, -Y / Y.numel(), slope)
            ),
        },
    )
    for leaf in (False, True):
        found = probes.beyond_arithmetic(bce, scores.clone().requires_grad_(leaf), Y.clone())
        check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[2.0, -1.0, 0.5], [-3.0, 1.0, 1.5]]), torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]))
verify(torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[1.0, 0.0, 0.0]]))
### BEGIN HIDDEN TESTS
verify(2 * torch.randn(5, 4), (torch.rand(5, 4) < 0.4).float())
verify(2 * torch.randn(3, 7).T, (torch.rand(7, 3) < 0.6).float())
verify(torch.randn(1, 6, dtype=torch.float64), (torch.rand(1, 6) < 0.5).double())
### END HIDDEN TESTS


# %% check="bce_large" points=1 ids=["S-bce"]
def verify(scores, Y):
    """Large scores: finite, right, with a finite gradient."""
    expected = torch.nn.functional.binary_cross_entropy_with_logits(scores, Y)
    run = probes.gradients(bce, scores.clone().requires_grad_(), Y)
    got = run["result"]
    number = isinstance(got, torch.Tensor) and got.numel() == 1 and got.is_floating_point() and got.device.type == "cpu"
    value = torch.tensor(float(got) if number or isinstance(got, float) else 0.0, dtype=torch.float64)
    check.that(
        value.isfinite(),
        "NaN or infinity: the sigmoid was rounded to 0 or 1 before the logarithm; use the other form, with max and |a|",
    )
    check.close(
        run["result"],
        expected,
        "bce(Ytilde, Y)",
        unless={"the logarithm is cut off: an error of 1000 must cost 1000; use the form with max and |a|": value}
        if 0 < float(value) < 0.9 * float(expected)
        else {},
    )
    check.that(
        run["grads"] is None or run["grads"][0] is None or run["grads"][0].isfinite().all(),
        "L is right, but its gradient holds NaN: torch.where computes both its branches, and their gradients",
    )


verify(torch.tensor([[1000.0, -1000.0, 2.0]]), torch.tensor([[0.0, 0.0, 1.0]]))
### BEGIN HIDDEN TESTS
verify(torch.tensor([[1000.0, -1000.0], [-1000.0, 3.0]]), torch.tensor([[1.0, 1.0], [0.0, 1.0]]))
verify(torch.tensor([[120.0, -110.0, -200.0]]), torch.tensor([[0.0, 1.0, 0.0]]))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 4 · Where gradients vanish, and where they explode · about 15 minutes
#
# On its way back to the first layers, the gradient is multiplied at each layer by the weights and by the derivative of the
# activation. That of the sigmoid is at most $\frac{1}{4}$, and nearly 0 where the sigmoid is *saturated*, at either end. Ten
# such factors leave little.
#
# How little can be measured. Compute the gradient of the cross-entropy once, and take for each layer the norm of that of
# its weight matrix:
#
# $$\left\| \frac{\partial L}{\partial W} \right\| = \sqrt{\sum_{i,j} \left( \frac{\partial L}{\partial W_{ij}} \right)^2}$$
#
# Write `gradient_norms`, for any model. A weight matrix is a parameter with two dimensions; biases have one.

# %% [markdown] lang="fr"
# ## 4 · Où les gradients s'évanouissent, et où ils explosent · environ 15 minutes
#
# En remontant vers les premières couches, le gradient est multiplié à chaque couche par les poids et par la dérivée de
# l'activation. Celle de la sigmoïde vaut au plus $\frac{1}{4}$, et presque 0 là où la sigmoïde est *saturée*, à ses deux
# bouts. Dix facteurs de ce genre ne laissent pas grand-chose.
#
# Combien exactement ? Cela se mesure. On calcule une fois le gradient de l'entropie croisée et, pour chaque couche, on prend
# la norme de celui de sa matrice de poids :
#
# $$\left\| \frac{\partial L}{\partial W} \right\| = \sqrt{\sum_{i,j} \left( \frac{\partial L}{\partial W_{ij}} \right)^2}$$
#
# Écrivez `gradient_norms`, pour un modèle quelconque. Une matrice de poids est un paramètre à deux dimensions ; les biais
# n'en ont qu'une.


# %% answer="gradient_norms"
def gradient_norms(model, X, Y):
    """Measure how much gradient arrives at each layer.

    model: a torch.nn.Module that gives scores (n, K); gradients may be left in it from before, and must not count.
    X: inputs (n, nx). Y: one-hot targets (n, K).
    Returns a list of numbers: for each weight matrix of the model, from the first to the last, the norm of the
    gradient of the cross-entropy (its mean over the examples; torch.nn.functional.cross_entropy will do).
    """
    ### BEGIN SOLUTION
    model.zero_grad()
    torch.nn.functional.cross_entropy(model(X), Y).backward()
    return [float(p.grad.norm()) for p in model.parameters() if p.ndim == 2]
    ### END SOLUTION


# %% check="gradient_norms_values" points=2 ids=["S-vanish"]
def verify(n, sizes, act, function, seed):
    """Compare with the gradients of a network that is computed without modules."""
    torch.manual_seed(seed)
    layers, values = [], []
    for nin, nout in zip(sizes, sizes[1:]):
        layers += [["Linear", nin, nout], [act]]
        values += [torch.randn(nout, nin), torch.randn(nout)]
    X, Y = torch.randn(n, sizes[0]), torch.eye(sizes[-1])[torch.randint(sizes[-1], (n,))]
    leaves = [value.clone().requires_grad_() for value in values]
    a = X
    for k in range(0, len(leaves), 2):
        a = torch.nn.functional.linear(a if k == 0 else function(a), leaves[k], leaves[k + 1])
    grads = torch.autograd.grad(-(Y * a.log_softmax(1)).sum(1).mean(), leaves)
    stale = [torch.randn_like(value) for value in values]
    got = probes.with_slopes(gradient_norms, layers[:-1], values, stale, X, Y)["result"]
    got = check.items(got, "gradient_norms(model, X, Y)")
    weights = torch.stack([grad.norm() for grad in grads[::2]])
    check.that(
        len(got) != len(grads),
        "the biases are counted too: take the parameters with two dimensions",
    )
    check.close(
        check.numbers(got, len(weights), "gradient_norms(model, X, Y)"),
        weights,
        "gradient_norms(model, X, Y)",
        unless={
            "the order is reversed: from the first layer to the last": weights.flip(0),
            "gradients from before are counted too: reset them first": torch.stack(
                [(grad + old).norm() for grad, old in zip(grads[::2], stale[::2])]
            ),
            "these are gradients from before; compute those of the cross-entropy": torch.stack(
                [old.norm() for old in stale[::2]]
            ),
            "these are squares of the norms; the root is missing": weights**2,
            "these are norms of the weights; take those of their gradients": torch.stack(
                [value.norm() for value in values[::2]]
            ),
            "these are means of absolute values; the norm was asked for": torch.stack(
                [grad.abs().mean() for grad in grads[::2]]
            ),
            "these are largest absolute values; the norm was asked for": torch.stack(
                [grad.abs().max() for grad in grads[::2]]
            ),
            "these are sums of absolute values; the norm was asked for": torch.stack(
                [grad.abs().sum() for grad in grads[::2]]
            ),
            "the loss is summed over the examples; take its mean": weights * n,
        },
        atol=1e-8,
    )


verify(6, [3, 5, 4, 2], "Sigmoid", torch.sigmoid, 1)
### BEGIN HIDDEN TESTS
verify(7, [4, 6, 5, 8, 3], "ReLU", torch.relu, 2)
verify(1, [5, 9, 3], "Tanh", torch.tanh, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Ten layers of 50 units, the same weights three times, of standard deviation $\sqrt{2 / n_{\text{in}}}$ in a layer of
# $n_{\text{in}}$ inputs. Only the activation differs.
#
# > **Before you run it.** By what factor does the sigmoid make the gradient of the first layer smaller than that of the
# > last? Guess a power of ten.

# %% [markdown] lang="fr"
# Dix couches de 50 unités, trois fois les mêmes poids, d'écart-type $\sqrt{2 / n_{\text{in}}}$ dans une couche à
# $n_{\text{in}}$ entrées. Seule l'activation change.
#
# > **Avant d'exécuter.** Par quel facteur la sigmoïde rend-elle le gradient de la première couche plus petit que celui de
# > la dernière ? Proposez une puissance de dix.


# %% setup
def deep(activation, norm=None):
    """Make a network with ten hidden layers of 50 units, its weights always the same."""
    model = network([784] + 10 * [50] + [10], activation, norm)
    random = torch.Generator().manual_seed(0)
    for p in model.parameters():
        if p.ndim == 2:
            p.data = torch.randn(p.shape, generator=random) * (2 / p.shape[1]) ** 0.5
    return model


def draw_norms(curves, xlabel, ylabel):
    """Draw norms of gradients, layer by layer: curves is a dict from a name to a list."""
    fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
    styles = zip(["#D55E00", "#009E73", "#0072B2", "#000000"], ["o-", "^-.", "s--", "d:"])
    for (name, norms), (colour, style) in zip(curves.items(), styles):
        ax.plot(range(1, len(norms) + 1), [float(one) for one in norms], style, color=colour, label=name, markersize=5)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log")
    ax.legend()
    ax.grid(alpha=0.3)
    plt.show()


# %% demo
data = digits()
X = data.Xtrain - 0.13  # the mean pixel
curves = {}
for activation in (torch.nn.Sigmoid, torch.nn.Tanh, torch.nn.ReLU):
    curves[activation.__name__] = gradient_norms(deep(activation), X, data.Ytrain)
draw_norms(curves, say("layer (1 is next to the input)"), say("norm of the gradient"))
for name, norms in curves.items():
    print(f"{name}: {norms[0]:.2g} / {norms[-1]:.2g} = {norms[0] / norms[-1]:.1g}")

# %% [markdown] lang="en"
# ReLU has the derivative 1 wherever it is active, so that factor never shrinks anything. Sort into true and false:
#
# - **a.** With moderate weights, the first layers of a deep network of sigmoids learn much more slowly than the last.
# - **b.** A learning rate a million times larger would cure the network of sigmoids.
# - **c.** The derivative of the sigmoid is largest for scores around 0, and there it is $\frac{1}{4}$.
# - **d.** A ReLU unit whose score is negative for every example gets no gradient: a step of SGD does not change its own
#   weights.
# - **e.** A loss that hardly falls is a proof that the gradient vanishes.

# %% [markdown] lang="fr"
# ReLU a pour dérivée 1 partout où elle est active : ce facteur-là n'affaiblit jamais rien. Vrai ou faux ?
#
# - **a.** Avec des poids modérés, les premières couches d'un réseau profond de sigmoïdes apprennent bien plus lentement
#   que les dernières.
# - **b.** Un pas d'apprentissage un million de fois plus grand guérirait le réseau de sigmoïdes.
# - **c.** La dérivée de la sigmoïde est la plus grande pour des scores autour de 0, et elle y vaut $\frac{1}{4}$.
# - **d.** Une unité ReLU dont le score est négatif pour tous les exemples ne reçoit aucun gradient : un pas de SGD ne
#   change pas ses propres poids.
# - **e.** Un coût qui ne baisse presque pas prouve que le gradient s'évanouit.


# %% answer="vanishing"
def vanishing():
    """Return a dict from each letter, "a" to "e", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": True, "e": False}
    ### END SOLUTION


# %% check="vanishing_sorted" points=2 ids=["S-vanish"]
check.letters(vanishing, "abcde")
### BEGIN HIDDEN TESTS
check.choices(
    vanishing(),
    {"a": True, "b": False, "c": True, "d": True, "e": False},
    because={
        "a": "their gradient is smaller by a factor of many powers of ten, and so are their steps.",
        "b": "the last layers, whose gradient is not small, would take steps a million times too long.",
        "c": "σ' = σ (1 − σ), largest where σ is one half.",
        "d": "the derivative of ReLU is 0 there: such a unit is called dead.",
        "e": "it may also be too small a learning rate, a plateau, or a minimum: measure the gradient layer by layer.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### Clipping
#
# The opposite happens too: one strange batch, one steep place, and the gradient is a thousand times larger than usual. A
# single step throws away what was learnt. *Clipping* sets a limit $r$ (`limit`) on the length of the whole gradient $g$, made of
# the gradients $g_p$ of all the parameters $p$ together:
#
# $$\|g\| = \sqrt{\sum_{p} \|g_p\|^2} \qquad\qquad g_p \leftarrow g_p \cdot \min \Big( 1, \frac{r}{\|g\|} \Big)$$
#
# All parts are shortened by the **same** factor: the direction of the step stays what it was. A short gradient is left
# alone. Write `clip_gradients`; it goes between `L.backward()` and `optim.step()`.

# %% [markdown] lang="fr"
# ### Écrêter le gradient
#
# L'inverse arrive aussi : un lot étrange, un endroit escarpé, et le gradient est mille fois plus grand que d'habitude. Un
# seul pas détruit ce qui était appris. *Écrêter* le gradient (en anglais *clipping*), c'est fixer une limite $r$ (`limit`)
# à la longueur du gradient entier $g$, qui réunit les gradients $g_p$ de tous les paramètres $p$ :
#
# $$\|g\| = \sqrt{\sum_{p} \|g_p\|^2} \qquad\qquad g_p \leftarrow g_p \cdot \min \Big( 1, \frac{r}{\|g\|} \Big)$$
#
# Toutes les parties sont raccourcies par le **même** facteur : la direction du pas reste ce qu'elle était. Un gradient
# court n'est pas touché. Écrivez `clip_gradients` ; son appel se place entre `L.backward()` et `optim.step()`.


# %% answer="clip_gradients"
def clip_gradients(model, limit):
    """Shorten the gradient of a model, in place, if it is longer than limit.

    model: a torch.nn.Module; parameters whose .grad is None are left out. limit: > 0.
    Returns the norm of the whole gradient before it was clipped, a single number.
    torch's own clip_grad functions are not allowed.
    """
    ### BEGIN SOLUTION
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.sqrt(sum((g**2).sum() for g in grads))
    if norm > limit:
        for g in grads:
            g *= limit / norm
    return norm
    ### END SOLUTION


# %% check="clip_gradients_long" points=2 ids=["S-clip"]
def verify(layers, shapes, limit):
    """Clip a gradient that is too long."""
    values, slopes = ([3 * torch.randn(shape) for shape in shapes] for _ in range(2))
    run = probes.one_step(clip_gradients, layers, values, slopes, [limit])
    norm = torch.cat([slope.flatten() for slope in slopes]).norm()
    for i, (new, old) in enumerate(zip(run["slopes"], slopes)):
        check.that(new is not None, "the gradients are gone: shorten them, do not reset them")
        check.close(
            new,
            old * limit / norm,
            f"list(model.parameters())[{i}].grad",
            unless={
                "each tensor is clipped by its own norm; take one norm for the whole gradient, and one factor": (
                    old * min(1.0, limit / float(old.norm()))
                ),
                "nothing was clipped: the gradients must be changed in place": old,
                "each entry is clipped by itself; shorten the whole gradient by one factor": old.clamp(-limit, limit),
                "you divided by the square of the norm: take the root": old * limit / norm**2,
                "the norm of the whole is not the sum of the norms: add the squares, then take the root": (
                    old * limit / sum(slope.norm() for slope in slopes)
                ),
                "the length of the clipped gradient should be limit, not 1": old / norm,
            },
        )
    for new, old in zip(run["values"], values):
        check.that(torch.equal(new, old), "the parameters have changed; only their gradients may")


verify([["Linear", 2, 3], ["Tanh"], ["Linear", 3, 2]], [(3, 2), (3,), (2, 3), (2,)], 1.5)
### BEGIN HIDDEN TESTS
verify([["Linear", 4, 7], ["ReLU"], ["Linear", 7, 3]], [(7, 4), (7,), (3, 7), (3,)], 0.8)
verify([["Conv2d", 1, 2, 3], ["BatchNorm2d", 2]], [(2, 1, 3, 3), (2,), (2,), (2,)], 2.5)
### END HIDDEN TESTS


# %% check="clip_gradients_rest" points=2 ids=["S-clip"]
def verify(layers, shapes, limit, size):
    """A short gradient stays; the norm is returned; no NaN from zeros."""
    values, slopes = ([size * torch.randn(shape) for shape in shapes] for _ in range(2))
    norm = torch.cat([slope.flatten() for slope in slopes]).norm()
    run = probes.one_step(clip_gradients, layers, values, slopes, [limit])
    known = list(zip(run["slopes"], slopes))
    if float(norm) < limit:
        for i, (new, old) in enumerate(known):
            what = f"list(model.parameters())[{i}].grad"
            larger = old * limit / norm if norm > 0 else old
            check.close(
                new, old, what, unless={"a short gradient is made longer: leave it as it is": larger}, atol=1e-7
            )
    check.close(
        run["result"],
        norm,
        "clip_gradients(model, limit)",
        unless={
            "return the norm before clipping, not after": torch.tensor(limit),
            "this is the square of the norm: take the root": norm**2,
            "the norm of the whole is not the sum of the norms: add the squares, then take the root": (
                sum(slope.norm() for slope in slopes)
            ),
        },
    )
    names = probes.with_slopes(clip_gradients, layers, values, slopes, limit)["beyond"]
    found = [name for name in names if "clip" in name or "_foreach" in name]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


layers, shapes = [["Linear", 2, 3], ["Tanh"], ["Linear", 3, 2]], [(3, 2), (3,), (2, 3), (2,)]
verify(layers, shapes, 50.0, 1.0)
verify(layers, shapes, 0.5, 1.0)
### BEGIN HIDDEN TESTS
layers, shapes = [["Linear", 4, 7], ["ReLU"], ["Linear", 7, 3]], [(7, 4), (7,), (3, 7), (3,)]
verify(layers, shapes, 100.0, 2.0)
verify(layers, shapes, 1.2, 2.0)
verify(layers, shapes, 1.0, 0.0)
values = [torch.randn(shape) for shape in shapes]
try:
    run = probes.one_step(clip_gradients, layers, values, values[:2], [0.5])
except AttributeError as error:
    check.that("NoneType" not in str(error), "a parameter without gradient, .grad is None, must be left out")
    raise
check.that("NoneType" not in run["error"], "a parameter without gradient, .grad is None, must be left out")
check.close(run["result"], torch.cat([value.flatten() for value in values[:2]]).norm(), "clip_gradients(model, limit)")
check.that(run["slopes"][2] is None, "a parameter without gradient, .grad is None, must be left out")
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The loss below has a steep wall on its left, and descent starts on it, with $\eta = 0.25$. The first gradient is so long
# that one step throws it to the other side of the valley. With a limit of 1 it comes down quietly. The figure shows 12
# steps without clipping and 40 with it; the wall is the light strip on the left, where the loss rises up to 8.

# %% [markdown] lang="fr"
# Le coût ci-dessous a une falaise sur sa gauche, et la descente y commence, avec $\eta = 0{,}25$. Le premier gradient est
# si long qu'un seul pas la jette de l'autre côté de la vallée. Avec une limite de 1, elle descend tranquillement. La
# figure montre 12 pas sans écrêtage et 40 avec ; la falaise est la bande claire, à gauche, où le coût monte jusqu'à 8.


# %% demo
def cliff(w1, w2):
    return 0.25 * w1**2 + 0.1 * w2**2 + (w1 < -1.5) * 20 * (w1 + 1.5) ** 2


def descend(limit, steps):
    model = torch.nn.Linear(2, 1, bias=False)
    model.weight.data = torch.tensor([[-1.9, 2.0]])
    path = [model.weight.detach().clone()[0]]
    for _ in range(steps):
        model.zero_grad()
        w1, w2 = model.weight[0]
        cliff(w1, w2).backward()
        if limit:
            clip_gradients(model, limit)
        with torch.no_grad():
            model.weight -= 0.25 * model.weight.grad
        path.append(model.weight.detach().clone()[0])
    return torch.stack(path).numpy()


free, clipped = descend(None, 12), descend(1.0, 40)
figures.surface(
    cliff, {say("without clipping"): free, say("clipped"): clipped}, xlim=(-2.05, 2.5), ylim=(-1, 3)
)

# %% [markdown] lang="en"
# ## 5 · Centred inputs · about 10 minutes
#
# Take the simplest model, $\hat{y} = w x + b$, with the squared error. Its loss is a bowl over $(w, b)$, a paraboloid
# whose shape depends on the inputs alone. A flat has around 70 m²: a small change of $w$ then acts almost like a change
# of $b$, seventy times stronger. The level lines become a long narrow valley, and descent, whose rate is bounded by the
# steepest direction, crawls along the flat one.
#
# The *condition number* says how narrow: $\kappa = \lambda_{\max} / \lambda_{\min}$, the largest over the smallest
# eigenvalue of the *Hessian* $H$, the matrix of the second derivatives of $L$: they are the curvatures of the bowl, along
# its steepest and its flattest direction. With $\eta$ close to $1 / \lambda_{\max}$, descent needs about $\kappa$ steps
# to reduce the error along the flat direction to a third. For $L = \frac{1}{n} \sum_i (x_i \cdot w + b - y_i)^2$ the
# Hessian is
#
# $$H = \frac{2}{n} A^\top A, \qquad A = \begin{pmatrix} X & \mathbf{1} \end{pmatrix}$$
#
# where $A$, $(n, n_x + 1)$, is $X$ with a column $\mathbf{1}$ of ones for the bias, and $H$ is $(n_x + 1, n_x + 1)$.
# `torch.linalg.eigvalsh` gives the eigenvalues of a symmetric matrix, in increasing order. Write `condition_number`.

# %% [markdown] lang="fr"
# ## 5 · Des entrées centrées · environ 10 minutes
#
# Prenons le modèle le plus simple, $\hat{y} = w x + b$, avec l'erreur quadratique. Son coût est une cuvette au-dessus de
# $(w, b)$, un paraboloïde dont la forme ne dépend que des entrées. Un appartement fait autour de 70 m² : changer un peu
# $w$ agit alors presque comme changer $b$, soixante-dix fois plus fort. Les lignes de niveau deviennent une vallée longue
# et étroite, et la descente, dont le pas d'apprentissage est limité par la direction la plus raide, se traîne le long de
# la plus plate.
#
# Le *conditionnement* dit à quel point elle est étroite : $\kappa = \lambda_{\max} / \lambda_{\min}$, la plus grande
# valeur propre de la *hessienne* $H$, la matrice des dérivées secondes de $L$, divisée par la plus petite : ce sont les
# courbures de la cuvette, selon la direction la plus raide et selon la plus plate. Avec $\eta$ proche de
# $1 / \lambda_{\max}$, il faut à la descente environ $\kappa$ pas pour réduire à un tiers l'erreur selon la direction
# plate. Pour $L = \frac{1}{n} \sum_i (x_i \cdot w + b - y_i)^2$, la hessienne est
#
# $$H = \frac{2}{n} A^\top A, \qquad A = \begin{pmatrix} X & \mathbf{1} \end{pmatrix}$$
#
# où $A$, $(n, n_x + 1)$, est $X$ avec une colonne $\mathbf{1}$ de 1 pour le biais, et $H$ est $(n_x + 1, n_x + 1)$.
# `torch.linalg.eigvalsh` donne les valeurs propres d'une matrice symétrique, par ordre croissant. Écrivez
# `condition_number`.


# %% answer="condition_number"
def condition_number(X):
    """Compute the condition number of the Hessian of a linear model with a bias, for the squared error.

    X: inputs (n, nx), with n > nx, without the column of ones.
    Returns a single number >= 1. Computed in torch.float64: float32 has too few digits for narrow valleys.
    """
    ### BEGIN SOLUTION
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1).double()
    eigenvalues = torch.linalg.eigvalsh(A.T @ A)
    return float(eigenvalues[-1] / eigenvalues[0])
    ### END SOLUTION


# %% check="condition_number_values" points=2 ids=["S-center"]
def verify(X):
    """Compare with singular values."""
    X64 = X.double()
    A = torch.cat([torch.ones(len(X), 1, dtype=torch.float64), X64], dim=1)

    def ratio(matrix):
        values = torch.linalg.svdvals(matrix)
        return values[0] / values[-1]

    check.close(
        condition_number(X.clone()),
        ratio(A) ** 2,
        "condition_number(X)",
        unless={
            "the bias is missing: X gets a column of ones": ratio(X64) ** 2,
            "these are singular values of A; the eigenvalues of the Hessian are their squares": ratio(A),
            "the ratio is upside down: the largest eigenvalue over the smallest": ratio(A) ** -2,
            "these are the singular values of X, without the column of ones and without the square": ratio(X64),
            "this is the largest eigenvalue; divide it by the smallest": 2 / len(X) * torch.linalg.svdvals(A)[0] ** 2,
        },
        rtol=1e-2,
    )


verify(torch.tensor([[1.0], [3.0], [5.0], [7.0]]))
### BEGIN HIDDEN TESTS
verify(torch.randn(9, 2) * torch.tensor([3.0, 0.5]) + torch.tensor([2.0, 0.0]))
verify(torch.randn(60, 3) * torch.tensor([25.0, 1.5, 0.3]) + torch.tensor([70.0, 4.0, 9.0]))
verify(torch.randn(4, 11).T + 1)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The cure: *standardise*. Subtract its mean from each feature, divide by its standard deviation. One trap: the test set
# stands for data that nobody has seen yet. Its mean cannot be known when the model is made. So the test inputs are
# centred and scaled with the numbers of the **training** set.
#
# Write `standardise`.

# %% [markdown] lang="fr"
# Le remède : *centrer et réduire*. On soustrait à chaque variable sa moyenne, on la divise par son écart-type. Un piège :
# les données de test représentent ce que personne n'a encore vu. Leur moyenne ne peut être connue quand on construit le
# modèle. On centre et on réduit donc les entrées de test avec les nombres des données d'**apprentissage**.
#
# Écrivez `standardise`.


# %% answer="standardise"
def standardise(Xtrain, Xtest):
    """Standardise each feature with the mean and the standard deviation of the training set.

    Xtrain: (n, nx). Xtest: (m, nx), moved and scaled by the same numbers. Both are left as they are.
    The sum of squares in the standard deviation is divided by n or by n - 1, as you like.
    A feature that is constant in Xtrain is only centred, not divided.
    Returns (Xtrain, Xtest), standardised.
    """
    ### BEGIN SOLUTION
    mean, std = Xtrain.mean(0), Xtrain.std(0, correction=0)
    constant = (Xtrain == Xtrain[0]).all(0)  # rounding may leave such a feature a tiny std
    std = torch.where(constant, 1.0, std)
    return (Xtrain - mean) / std, (Xtest - mean) / std
    ### END SOLUTION


# %% check="standardise_values" points=2 ids=["S-center"]
def verify(train, test, constant):
    """Compare with the formula, its standard deviation divided by n or by n - 1."""
    arguments = check.copies(train, test)
    got = check.pair(standardise(*arguments), "standardise(Xtrain, Xtest)")
    mean = train.mean(0)
    spread = [train.var(0, correction=k).sqrt() for k in (0, 1)]
    spread = [torch.where(constant, 1.0, one) for one in spread]
    n, m = len(train), len(test)
    both = torch.cat([train, test])

    def nearest(i, *values):
        """Pick the value that was returned, of those that one mistake may give: divided by n, or by n - 1."""
        one = got[i]
        known = [v for v in values if torch.is_tensor(one) and not one.is_meta and one.shape == v.shape and torch.allclose(one.to(v), v, atol=1e-5)]
        return (known or values)[0]

    def by(x, other, over=0):
        """Standardise x by the statistics of `other`."""
        mean = other.mean() if over is None else other.mean(over, keepdim=True)
        several = over is None or other.shape[over] > 1
        spreads = [other.std(dim=over, correction=k, keepdim=over is not None) for k in ((0, 1) if several else (0,))]
        return [(x - mean) / torch.where(one == 0, 1.0, one) for one in spreads]

    for i, (x, what) in enumerate(((train, "standardise(Xtrain, Xtest)[0]"), (test, "standardise(Xtrain, Xtest)[1]"))):
        mistakes = {
            "the statistics are computed on training and test examples together: those of the test set leak in": (
                nearest(i, *by(x, both))
            ),
            "the inputs are scaled but not centred": x / spread[0],
            "the inputs are centred but not scaled": x - mean,
            "you divided by the variance; divide by its root, the standard deviation": (x - mean) / spread[0] ** 2,
            "one mean and one deviation for all features: compute them feature by feature, over the examples": (
                nearest(i, *by(x, train, None))
            ),
            "one mean for all features: compute it feature by feature, mean(0)": (
                nearest(i, *((x - train.mean()) / one for one in spread))
            ),
            "one deviation for all features: compute it feature by feature, over the examples": (
                nearest(i, *((x - mean) / train.std(correction=k) for k in (0, 1)))
            ),
            "each example is standardised by itself; standardise each feature, over the examples": nearest(i, *by(x, x, 1)),
            "the test inputs are left as they were": x,
        }
        if i == 1:
            mistakes |= {
                "the test inputs are standardised by their own statistics; take those of the training set": nearest(
                    i, *by(test, test)
                )
            }
        known = isinstance(got[i], torch.Tensor) and got[i].shape == x.shape and got[i].is_floating_point()
        known = known and not got[i].is_meta
        check.that(
            not known or got[i].isfinite().all(),
            "a feature that is constant in Xtrain has a standard deviation of 0: only centre it",
        )
        check.that(
            not known or torch.allclose(got[i][:, constant].to(x), (x - mean)[:, constant], atol=1e-5),
            "a feature that is constant in Xtrain is only centred: its standard deviation is 0, or what rounding leaves of 0, so do not divide by it",
        )
        right = [(x - mean) / one for one in spread]
        if known and (got[i] - right[1]).norm() < (got[i] - right[0]).norm():
            right.reverse()  # the nearer of the two is shown
        check.close(got[i], right[0], what, also=right[1], unless=mistakes)
    check.same(arguments[0], train, "Xtrain (must be left as it is)")
    check.same(arguments[1], test, "Xtest (must be left as it is)")


verify(torch.tensor([[60.0, 1.0], [80.0, 3.0]]), torch.tensor([[90.0, 2.0], [70.0, 9.0], [50.0, 1.0]]), torch.tensor(2 * [False]))
X = torch.arange(14.0).reshape(7, 2)
X[:, 0] = 3.0
verify(X, torch.tensor([[3.0, 3.0], [2.0, 1.0]]), torch.tensor([True, False]))
verify(torch.full((7, 1), 0.5), torch.tensor([[0.5], [2.0]]), torch.tensor([True]))  # its mean is exact
### BEGIN HIDDEN TESTS
scale, place = torch.tensor([3.0, 0.5, 20.0]), torch.tensor([2.0, 0.0, 70.0])
verify(scale * torch.randn(8, 3) + place, 2 * scale * torch.randn(5, 3) + 2 * place, torch.tensor(3 * [False]))
train, test = torch.randn(9, 4), torch.randn(6, 4)
train[:, 2] = 3.0
verify(train, test, torch.tensor([False, False, True, False]))
verify(torch.randn(3, 8).T + 2, torch.randn(3, 1).T, torch.tensor(3 * [False]))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Prices of flats against their floor area, here in tens of square metres: in m², $\kappa$ would be a hundred times
# larger, and the valley too narrow to draw. First the loss as descent meets it, over $(w, b)$, then the same after
# `standardise`: 30 steps each, with $\eta = 0.9 / \lambda_{\max}$. Last, the loss step by step, also for inputs that are
# only centred.

# %% [markdown] lang="fr"
# Le prix d'appartements en fonction de leur surface, ici en dizaines de mètres carrés : en m², $\kappa$ serait cent fois
# plus grand, et la vallée trop étroite pour être dessinée. D'abord le coût tel que la descente le rencontre, sur
# $(w, b)$, puis le même après `standardise` : 30 pas chacun, avec $\eta = 0{,}9 / \lambda_{\max}$. Enfin le coût pas à
# pas, y compris pour des entrées seulement centrées.


# %% demo
def descent(X, y, steps):
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1)
    eta = 0.9 / float(torch.linalg.eigvalsh(2 / len(A) * A.T @ A)[-1])
    path, w = [], torch.tensor([0.0, 0.0])
    for _ in range(steps + 1):
        path.append(w)
        w = w - eta * 2 / len(A) * A.T @ (A @ w - y)
    losses = [float(((A @ w - y) ** 2).mean()) for w in path]
    return torch.stack(path).numpy(), losses


torch.manual_seed(0)
surface = 7 + 2 * torch.randn(200, 1)
price = 0.9 * surface[:, 0] + 3 + 0.3 * torch.randn(200)
inputs = {
    say("raw"): surface,
    say("centred"): surface - surface.mean(0),
    say("standardised"): standardise(surface, surface)[0],
}
fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
for (name, X), style in zip(inputs.items(), ["-", "--", ":"]):
    path, losses = descent(X, price, 30)
    ax.plot(losses, style, linewidth=2, label=f"{name}, $\\kappa$ = {condition_number(X):.3g}")
    if name != say("centred"):
        x = X[:, 0].numpy()

        def loss(w1, w2, x=x):
            return ((w1[..., None] * x + w2[..., None] - price.numpy()) ** 2).mean(-1)

        xlim, ylim = ((-0.5, 2.5), (-1.5, 5.5)) if name == say("raw") else ((-3, 7), (-1, 13))
        figures.surface(loss, {name: path}, xlim, ylim, labels=("$w$", "$b$"))
ax.set(xlabel=say("step"), ylabel=say("loss"), yscale="log")
ax.legend()
ax.grid(alpha=0.3)
plt.show()

# %% [markdown] lang="en"
# ## 6 · BatchNorm and LayerNorm · about 20 minutes
#
# The inputs are standardised once. But the inputs of the second layer are the outputs of the first: they change with
# every step. *BatchNorm* standardises them too, each feature over the mini-batch, inside the network. In **training**,
# for each feature, with its $n$ values $x_1, \dots, x_n$ in the mini-batch and a small $\epsilon$ that keeps the divisor
# from 0:
#
# $$\mu = \frac{1}{n} \sum_{i=1}^{n} x_i \qquad v = \frac{1}{n} \sum_{i=1}^{n} (x_i - \mu)^2 \qquad z_i = \gamma \, \frac{x_i - \mu}{\sqrt{v + \epsilon}} + \beta$$
#
# The parameters $\gamma$ (`weight`) and $\beta$ (`bias`), one for each feature, give back to the network the choice of scale
# and centre. The gradient flows through $\mu$ and $v$ as well: they are computed from $x$.
#
# In **evaluation** there may be a single example, and its prediction must not depend on its neighbours. So BatchNorm
# remembers, during training, running averages $\bar{\mu}$ (`running_mean`) of the means and $\bar{v}$ (`running_var`) of
# the variances, and uses these, unchanged, in evaluation. With $m$, the share of the newest batch (PyTorch calls it
# *momentum*):
#
# $$\bar{\mu} \leftarrow (1 - m) \, \bar{\mu} + m \, \mu \qquad\qquad \bar{v} \leftarrow (1 - m) \, \bar{v} + m \, \frac{n}{n - 1} \, v$$
#
# The factor $\frac{n}{n-1}$ makes the variance *unbiased*: it estimates that of all data, not of these $n$. Inside $z_i$
# PyTorch keeps the biased $v$. In a mini-batch of a single example, $x - \mu = 0$ whatever $x$ is, and $\frac{n}{n-1}$
# divides by 0: an error.
#
# Write `BatchNorm`. In `__init__`, call `super().__init__()` first: without it nothing can be registered.
# `self.register_buffer(name, tensor)` registers a *buffer*: saved with the model, but not trained. `self.training` says
# which mode it is. `weight`, `bias` and the buffers have the names of `torch.nn.BatchNorm1d`.

# %% [markdown] lang="fr"
# ## 6 · BatchNorm et LayerNorm · environ 20 minutes
#
# Les entrées sont centrées et réduites une fois pour toutes. Mais les entrées de la deuxième couche sont les sorties de la
# première : elles changent à chaque pas. *BatchNorm* les centre et les réduit aussi, variable par variable, sur le
# mini-lot, à l'intérieur du réseau. En **apprentissage**, pour chaque variable, avec ses $n$ valeurs $x_1, \dots, x_n$
# dans le mini-lot et un petit $\epsilon$ qui éloigne le diviseur de 0 :
#
# $$\mu = \frac{1}{n} \sum_{i=1}^{n} x_i \qquad v = \frac{1}{n} \sum_{i=1}^{n} (x_i - \mu)^2 \qquad z_i = \gamma \, \frac{x_i - \mu}{\sqrt{v + \epsilon}} + \beta$$
#
# Les paramètres $\gamma$ (`weight`) et $\beta$ (`bias`), un par variable, rendent au réseau le choix de l'échelle et du
# centre. Le gradient passe aussi par $\mu$ et $v$ : ils sont calculés à partir de $x$.
#
# En **évaluation**, il n'y a peut-être qu'un exemple, et sa prédiction ne doit pas dépendre de ses voisins. BatchNorm
# retient donc, pendant l'apprentissage, des moyennes glissantes $\bar{\mu}$ (`running_mean`) des moyennes et $\bar{v}$
# (`running_var`) des variances, et les utilise telles quelles, sans les changer, en évaluation. Avec $m$, la part du
# dernier lot (PyTorch l'appelle *momentum*) :
#
# $$\bar{\mu} \leftarrow (1 - m) \, \bar{\mu} + m \, \mu \qquad\qquad \bar{v} \leftarrow (1 - m) \, \bar{v} + m \, \frac{n}{n - 1} \, v$$
#
# Le facteur $\frac{n}{n-1}$ rend la variance *non biaisée* : elle estime celle de toutes les données, et non de ces
# $n$-là. Dans $z_i$, PyTorch garde la variance biaisée $v$. Dans un mini-lot d'un seul exemple, $x - \mu = 0$ quel que
# soit $x$, et $\frac{n}{n-1}$ divise par 0 : c'est une erreur.
#
# Écrivez `BatchNorm`. Dans `__init__`, appelez d'abord `super().__init__()` : sans cela, rien ne peut être enregistré.
# `self.register_buffer(name, tensor)` enregistre un *tampon* (buffer) : sauvegardé avec le modèle, mais pas appris.
# `self.training` dit dans quel mode on est. `weight`, `bias` et les tampons ont les noms de `torch.nn.BatchNorm1d`.


# %% answer="BatchNorm"
class BatchNorm(torch.nn.Module):
    """Batch normalisation of nx features.

    Parameters weight (nx,), ones at first, and bias (nx,), zeros at first.
    Buffers running_mean (nx,), zeros at first, and running_var (nx,), ones at first.
    """

    def __init__(self, nx, eps=1e-5, momentum=0.1):
        """Make the parameters and buffers; momentum is the part of the newest batch in the running statistics."""
        ### BEGIN SOLUTION
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))
        ### END SOLUTION

    def forward(self, X):
        """Normalise X (n, nx): in training by its own mean and biased variance, in evaluation by the running ones.

        In training, the running statistics are updated, without a graph, the variance with its unbiased value.
        ValueError in training if n = 1. torch's own batch_norm is not allowed.
        """
        ### BEGIN SOLUTION
        if self.training:
            n = len(X)
            if n == 1:
                raise ValueError("BatchNorm needs more than one example in training")
            mean, var = X.mean(0), X.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * n / (n - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias
        ### END SOLUTION


# %% check="BatchNorm_registers" points=1 ids=["S-bn"]
def verify(nx):
    """Look at what is registered."""
    try:
        layer, what = BatchNorm(nx), f"BatchNorm({nx})"
    except AttributeError as error:
        missing = "Module.__init__" in str(error) or "object has no attribute '_" in str(error)
        check.that(not missing, "__init__ begins with super().__init__(): a Module is made first, then its parts")
        raise
    about = probes.describe(layer)
    check.that(
        not {"running_mean", "running_var"} & set(about.get("parameters", ())),
        "the running statistics are not trained: make them buffers, not parameters",
    )
    check.module(about, what)
    check.keys(about["parameters"], ["weight", "bias"], f"{what}.named_parameters()")
    check.that(
        {"running_mean", "running_var"} <= set(about["buffers"]),
        "the running statistics are not saved with the model: register_buffer does it",
    )
    check.that(
        all(about["buffers"][name]["saved"] for name in ("running_mean", "running_var")),
        "the running statistics are not saved with the model: register_buffer does it",
    )
    for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
        check.close(getattr(layer, name), torch.full((nx,), value), f"{what}.{name}")


verify(3)
### BEGIN HIDDEN TESTS
verify(7)
### END HIDDEN TESTS


# %% check="BatchNorm_training" points=3 ids=["S-bn"]
def verify(X, eps, momentum):
    """Normalise one batch in training, and go back through it."""
    nx = X.shape[1]
    values = {"weight": torch.randn(nx).to(X), "bias": torch.randn(nx).to(X)}
    slope = torch.randn(X.shape).to(X)
    try:
        run = probes.run_layer(BatchNorm, [nx, eps, momentum], values, [[True, X, slope]])
    except RuntimeError as error:
        check.that(
            "must match the size" not in str(error),
            "the shapes do not fit: mean and variance go over the examples, dim 0, and have the shape (nx,)",
        )
        raise
    check.keys(dict.fromkeys(values.keys() - run["missing"]), list(values), "vars(BatchNorm)")
    run = run["calls"][0]

    def formula(x, mean, var, out=0.0):
        return values["weight"] * (x - mean) / ((var + (1 - out) * eps).sqrt() + out * eps) + values["bias"]

    leaf = X.clone().requires_grad_()
    expected = torch.nn.functional.batch_norm(leaf, None, None, values["weight"], values["bias"], True, 0.1, eps)
    (grad,) = torch.autograd.grad(expected, leaf, slope)
    mean, var = X.mean(0), X.var(0, correction=0)
    rows, spread = X.mean(1, keepdim=True), X.var(1, correction=0, keepdim=True)
    check.close(
        run["output"],
        expected.detach(),
        "BatchNorm(nx)(X)",
        unless={
            "the batch is normalised with the unbiased variance; PyTorch takes the biased one, divided by n": (
                formula(X, mean, X.var(0))
            ),
            "eps is added outside the root; it belongs inside, to the variance": formula(X, mean, var, 1.0),
            "each example is normalised over its features: that is LayerNorm; take mean and variance over the examples": (
                formula(X, rows, spread)
            ),
            "the root is missing: divide by the standard deviation, not by the variance": (
                values["weight"] * (X - mean) / (var + eps) + values["bias"]
            ),
            "in training the batch is normalised by its own statistics, not by the running ones": (
                formula(X, 0.0, torch.ones(nx).to(X))
            ),
            "one mean and one variance for the whole batch; compute them feature by feature": (
                formula(X, X.mean(), X.var(correction=0))
            ),
            "weight and bias are not used": (X - mean) / (var + eps).sqrt(),
            "the bias is not added": formula(X, mean, var) - values["bias"],
            "the weight is not used": (X - mean) / (var + eps).sqrt() + values["bias"],
            "the argument eps is not used": values["weight"] * (X - mean) / (var + 1e-5).sqrt() + values["bias"],
            "the mean is not subtracted": formula(X, 0.0, var),
            "in training the batch is normalised by its own statistics; yours are mixed with the running ones": (
                formula(X, momentum * mean, (1 - momentum) + momentum * X.var(0))
            ),
        },
    )
    check.that(run["grad_X"] is not None, "the output has no graph: autograd cannot go back through it to X")
    check.close(
        run["grad_X"],
        grad,
        "X.grad",
        unless={
            "the gradient does not flow through mean and variance: do not detach them": (
                values["weight"] * slope / (var + eps).sqrt()
            ),
        },
    )
    found = [name for name in run["beyond"] if "norm" in name or "." in name]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))
    check.same(run["X"], X, "X (must be left as it is)")


verify(torch.tensor([[1.0, 10.0], [2.0, 30.0], [6.0, 20.0]]), 0.25, 0.1)
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(6, 4) + 2, 0.5, 0.3)
verify(torch.randn(5, 7).T, 0.1, 0.1)
verify(torch.randn(2, 3, dtype=torch.float64), 0.2, 0.1)
### END HIDDEN TESTS


# %% check="BatchNorm_running" points=2 ids=["S-bn"]
def verify(batches, momentum):
    """Follow the running statistics over several batches."""
    n, nx = batches[0].shape
    values = {"running_mean": torch.randn(nx), "running_var": torch.rand(nx) + 0.5}
    calls = [[True, X, torch.ones_like(X)] for X in batches]
    run = probes.run_layer(BatchNorm, [nx, 1e-5, momentum], values, calls)
    check.keys(dict.fromkeys(values.keys() - run["missing"]), list(values), "vars(BatchNorm)")

    def after(m, correction=1):
        mean, var = values["running_mean"], values["running_var"]
        for X in batches:
            mean, var = (1 - m) * mean + m * X.mean(0), (1 - m) * var + m * X.var(0, correction=correction)
        return mean, var

    last = batches[-1]
    for i, name in enumerate(values):
        check.close(
            run["calls"][-1]["state"][name],
            after(momentum)[i],
            f"BatchNorm(nx).{name}",
            unless={
                "momentum is swapped: it is the part of the newest batch, 1 − momentum that of the past": (
                    after(1 - momentum)[i]
                ),
                "the running variance is the biased one; PyTorch takes the unbiased, with n − 1": (
                    after(momentum, 0)[i]
                ),
                "the running statistics do not change in training": values[name],
                "the argument momentum is not used": after(0.1)[i],
                "only the last batch is remembered: average it with the past": (
                    (last.mean(0), last.var(0))[i]
                ),
                "the running variance averages standard deviations; average variances": (
                    after(momentum)[0] if i == 0 else _deviations(values[name], batches, momentum)
                ),
            },
        )
    check.that(
        not run["calls"][-1]["graph"],
        "the running statistics keep the graph of the batches: update them under torch.no_grad(), or with detach()",
    )


def _deviations(var, batches, m):
    for X in batches:
        var = (1 - m) * var + m * X.std(0)
    return var


verify([torch.tensor([[1.0, 10.0], [2.0, 30.0], [6.0, 20.0]])], 0.25)
### BEGIN HIDDEN TESTS
verify([2 * torch.randn(5, 3) + 1 for _ in range(3)], 0.3)
verify([torch.randn(4, 6) - 2 for _ in range(2)], 0.7)
### END HIDDEN TESTS


# %% check="BatchNorm_evaluation" points=2 ids=["S-bn"]
def verify(X, eps):
    """Evaluate with given running statistics."""
    nx = X.shape[1]
    values = {
        "weight": torch.randn(nx),
        "bias": torch.randn(nx),
        "running_mean": torch.randn(nx),
        "running_var": torch.rand(nx) + 0.5,
    }
    run = probes.run_layer(BatchNorm, [nx, eps, 0.3], values, [[False, X], [False, X[:1]]])
    check.keys(dict.fromkeys(values.keys() - run["missing"]), list(values), "vars(BatchNorm)")
    weight, bias, mean, var = values.values()
    expected = torch.nn.functional.batch_norm(X, mean, var, weight, bias, False, 0.3, eps)
    mistakes = {
        "eps is added outside the root; it belongs inside, to the variance": weight * (X - mean) / (var.sqrt() + eps) + bias,
        "you divide by the variance; divide by its root": weight * (X - mean) / (var + eps) + bias,
        "weight and bias are not used in evaluation": (X - mean) / (var + eps).sqrt(),
    }
    if len(X) > 1:
        for k in (0, 1):
            own = weight * (X - X.mean(0)) / (X.var(0, correction=k) + eps).sqrt() + bias
            got = run["calls"][0]["output"]
            if k == 0 or (isinstance(got, torch.Tensor) and got.shape == own.shape and torch.allclose(got.to(own), own)):
                mistakes["in evaluation the running statistics are used, not those of the batch"] = own
    check.close(run["calls"][0]["output"], expected, "BatchNorm(nx).eval()(X)", unless=mistakes)
    for call in run["calls"]:
        check.that(
            all(torch.equal(call["state"][name], values[name]) for name in ("running_mean", "running_var")),
            "the running statistics change in evaluation: update them in training only",
        )
    check.close(run["calls"][1]["output"], expected[:1], "BatchNorm(nx).eval()(X[:1])")


verify(torch.tensor([[1.0, 10.0], [2.0, 30.0], [6.0, 20.0]]), 0.25)
### BEGIN HIDDEN TESTS
verify(2 * torch.randn(5, 4) + 1, 0.3)
verify(torch.randn(3, 6).T, 0.1)
### END HIDDEN TESTS

# %% check="BatchNorm_single" points=1 ids=["S-bn"]
layer = BatchNorm(3)
layer.train()
try:
    single = layer(torch.tensor([[1.0, 2.0, 3.0]]))
except (ValueError, ZeroDivisionError) as error:
    single = "divided by 0" if isinstance(error, ZeroDivisionError) else "refused"
check.that(
    isinstance(single, str) and single == "refused",
    "a single example in training has no variance: raise a ValueError that says so",
)
pair = layer(torch.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]))
check.tensor(pair, (2, 3), "BatchNorm(3)(X)")
### BEGIN HIDDEN TESTS
layer = BatchNorm(5)
layer.train()
try:
    single = layer(torch.randn(1, 5))
except (ValueError, ZeroDivisionError) as error:
    single = "divided by 0" if isinstance(error, ZeroDivisionError) else "refused"
check.that(
    isinstance(single, str) and single == "refused",
    "a single example in training has no variance: raise a ValueError that says so",
)
check.that(
    float(layer.running_mean.abs().max()) == 0,
    "the refused batch has changed the running statistics: raise the error first",
)
layer.eval()
check.tensor(layer(torch.randn(1, 5)), (1, 5), "BatchNorm(5).eval()(X)")
### END HIDDEN TESTS

# %% [markdown] lang="en"
# *LayerNorm* turns the table round: each **example** is standardised over its own features. No neighbours, so no running
# statistics, and no difference between training and evaluation. With the mean $\mu$ and the biased variance $v$ of the $n_x$
# features of one example:
#
# $$z_j = \gamma_j \, \frac{x_j - \mu}{\sqrt{v + \epsilon}} + \beta_j$$

# %% [markdown] lang="fr"
# *LayerNorm* retourne le tableau : c'est chaque **exemple** qui est centré et réduit, sur ses propres variables. Pas de
# voisins, donc pas de moyennes glissantes, et aucune différence entre apprentissage et évaluation. Avec la moyenne $\mu$ et
# la variance biaisée $v$ des $n_x$ variables d'un exemple :
#
# $$z_j = \gamma_j \, \frac{x_j - \mu}{\sqrt{v + \epsilon}} + \beta_j$$

# %% demo
fig, axes = plt.subplots(ncols=2, figsize=(6.5, 2.4), layout="constrained")
for ax, name, table in (
    (axes[0], "BatchNorm", torch.arange(6.0).repeat(5, 1)),
    (axes[1], "LayerNorm", torch.arange(5.0)[:, None].repeat(1, 6)),
):
    ax.imshow(table, cmap="Pastel1", vmin=0, vmax=8)
    ax.set_xticks(torch.arange(-0.5, 6).tolist(), minor=True)
    ax.set_yticks(torch.arange(-0.5, 5).tolist(), minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.set(title=name, xlabel=say("features"), ylabel=say("examples"), xticks=[], yticks=[])
plt.show()

# %% [markdown] lang="en"
# Each colour is one mean and one variance. Write `LayerNorm`.

# %% [markdown] lang="fr"
# Chaque couleur est une moyenne et une variance. Écrivez `LayerNorm`.


# %% answer="LayerNorm"
class LayerNorm(torch.nn.Module):
    """Layer normalisation of nx features. Parameters weight (nx,), ones at first, and bias (nx,), zeros at first."""

    def __init__(self, nx, eps=1e-5):
        """Make the parameters."""
        ### BEGIN SOLUTION
        super().__init__()
        self.eps = eps
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        ### END SOLUTION

    def forward(self, X):
        """Normalise each row of X (n, nx) by its own mean and biased variance. torch's layer_norm is not allowed."""
        ### BEGIN SOLUTION
        mean, var = X.mean(1, keepdim=True), X.var(1, correction=0, keepdim=True)
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias
        ### END SOLUTION


# %% check="LayerNorm_values" points=2 ids=["S-ln"]
def verify(X, eps):
    """Normalise a batch and go back through it."""
    n, nx = X.shape
    values = {"weight": torch.randn(nx).to(X), "bias": torch.randn(nx).to(X)}
    slope = torch.randn(X.shape).to(X)
    try:
        check.module(probes.describe(LayerNorm(nx)), f"LayerNorm({nx})")
    except AttributeError as error:
        missing = "Module.__init__" in str(error) or "object has no attribute '_" in str(error)
        check.that(not missing, "__init__ begins with super().__init__(): a Module is made first, then its parts")
        raise
    try:
        run = probes.run_layer(LayerNorm, [nx, eps], values, [[True, X, slope]])
    except RuntimeError as error:
        check.that(
            "must match the size" not in str(error),
            "the shapes do not fit: mean and variance go over the features, dim 1, with keepdim=True",
        )
        raise
    check.keys(dict.fromkeys(values.keys() - run["missing"]), list(values), "vars(LayerNorm)")
    run = run["calls"][0]
    leaf = X.clone().requires_grad_()
    expected = torch.nn.functional.layer_norm(leaf, (nx,), values["weight"], values["bias"], eps)
    (grad,) = torch.autograd.grad(expected, leaf, slope)
    mean, var = X.mean(1, keepdim=True), X.var(1, correction=0, keepdim=True)

    def formula(mean, var, out=0.0):
        return values["weight"] * (X - mean) / ((var + (1 - out) * eps).sqrt() + out * eps) + values["bias"]

    mistakes = {
        "the variance is the unbiased one; here it is divided by the number of features": (
            formula(mean, X.var(1, keepdim=True))
        ),
        "eps is added outside the root; it belongs inside, to the variance": formula(mean, var, 1.0),
        "the root is missing: divide by the standard deviation, not by the variance": (
            values["weight"] * (X - mean) / (var + eps) + values["bias"]
        ),
        "one mean and one variance for the whole batch; compute them example by example": (
            formula(X.mean(), X.var(correction=0))
        ),
        "weight and bias are not used": (X - mean) / (var + eps).sqrt(),
        "the bias is not added": formula(mean, var) - values["bias"],
        "the argument eps is not used": values["weight"] * (X - mean) / (var + 1e-5).sqrt() + values["bias"],
    }
    if n > 1:
        for k in (0, 1):
            other = formula(X.mean(0), X.var(0, correction=k))
            got = run["output"]
            if k == 0 or (isinstance(got, torch.Tensor) and got.shape == X.shape and torch.allclose(got.to(X), other)):
                mistakes["each feature is normalised over the examples: that is BatchNorm; go row by row"] = other
    check.close(run["output"], expected.detach(), "LayerNorm(nx)(X)", unless=mistakes)
    check.that(run["grad_X"] is not None, "the output has no graph: autograd cannot go back through it to X")
    check.close(
        run["grad_X"],
        grad,
        "X.grad",
        unless={
            "the gradient does not flow through mean and variance: do not detach them": (
                values["weight"] * slope / (var + eps).sqrt()
            ),
        },
    )
    found = [name for name in run["beyond"] if "norm" in name or "." in name]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[1.0, 2.0, 6.0], [10.0, 30.0, 20.0]]), 0.25)
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(6, 4) + 2, 0.5)
verify(torch.randn(5, 7).T, 0.1)
verify(torch.randn(1, 6), 0.2)
verify(torch.randn(4, 4, dtype=torch.float64), 0.2)
### END HIDDEN TESTS


# %% check="LayerNorm_modes" points=1 ids=["S-ln"]
def verify(X):
    """Compare training with evaluation, a batch with its examples, and look at the parameters."""
    nx = X.shape[1]
    values = {"weight": torch.randn(nx), "bias": torch.randn(nx)}
    layer = LayerNorm(nx)
    about = probes.describe(layer)
    check.module(about, f"LayerNorm({nx})")
    for name, value in (("weight", 1.0), ("bias", 0.0)):
        check.close(getattr(layer, name), torch.full((nx,), value), f"LayerNorm({nx}).{name}")
    calls = [[True, X], [False, X], [True, X[:1]], [False, X[:1]]]
    train, other, *single = (call["output"] for call in probes.run_layer(LayerNorm, [nx], values, calls)["calls"])
    check.tensor(train, tuple(X.shape), "LayerNorm(nx)(X)")
    plain = layer(X.clone())
    check.that(
        plain.shape == X.shape and plain.mean(1).abs().max() < 1e-3 < 0.1 < plain.abs().max(),
        "while weight is 1 and bias is 0, each row of the output has the mean 0",
    )
    check.close(other, train, "LayerNorm(nx).eval()(X)")
    for one in single:
        check.close(one, train[:1], "LayerNorm(nx)(X[:1])")


verify(torch.tensor([[1.0, 2.0, 6.0], [10.0, 30.0, 20.0]]))
### BEGIN HIDDEN TESTS
verify(2 * torch.randn(7, 5) + 1)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The ten layers of part 4 again, before and after: the very same weights, with your `BatchNorm` or `LayerNorm` in front of
# each sigmoid.

# %% [markdown] lang="fr"
# Revoici les dix couches de la partie 4, avant et après : exactement les mêmes poids, avec votre `BatchNorm` ou votre
# `LayerNorm` devant chaque sigmoïde.

# %% demo
data = digits()
curves = {
    "Sigmoid": deep(torch.nn.Sigmoid),
    "BatchNorm + Sigmoid": deep(torch.nn.Sigmoid, BatchNorm),
    "LayerNorm + Sigmoid": deep(torch.nn.Sigmoid, LayerNorm),
    "ReLU": deep(torch.nn.ReLU),
}
X = data.Xtrain - 0.13  # the mean pixel, as in part 4
norms = {name: gradient_norms(model, X, data.Ytrain) for name, model in curves.items()}
draw_norms(norms, say("layer (1 is next to the input)"), say("norm of the gradient"))

# %% [markdown] lang="en"
# With `BatchNorm` the gradient passes. `LayerNorm` helps less here, and for a reason: after a few sigmoids, all examples look
# nearly the same. BatchNorm enlarges what differs between examples; LayerNorm looks at one example at a time.
#
# Which of the two? Answer `"BatchNorm"`, `"LayerNorm"` or `"both"`.
#
# - **a.** In training, the output for an example depends on the other examples of its mini-batch.
# - **b.** It can be trained with mini-batches of a single example.
# - **c.** It behaves differently in evaluation, and forgetting `model.eval()` is a mistake that matters.
# - **d.** In training, if the whole batch $X$ is replaced by $10 X$, the output stays (nearly) the same.
# - **e.** In training, if one single feature is multiplied by 10, for all examples, the output stays (nearly) the same.
# - **f.** For each feature it has a learnt scale and a learnt centre.

# %% [markdown] lang="fr"
# Avec `BatchNorm`, le gradient passe. `LayerNorm` aide moins ici, et ce n'est pas un hasard : après quelques sigmoïdes, tous
# les exemples se ressemblent. BatchNorm agrandit ce qui distingue les exemples ; LayerNorm n'en regarde qu'un à la fois.
#
# Laquelle des deux ? Répondez `"BatchNorm"`, `"LayerNorm"` ou `"both"` (les deux).
#
# - **a.** En apprentissage, la sortie pour un exemple dépend des autres exemples de son mini-lot.
# - **b.** On peut l'entraîner avec des mini-lots d'un seul exemple.
# - **c.** Elle se comporte autrement en évaluation, et oublier `model.eval()` est une erreur qui compte.
# - **d.** En apprentissage, si l'on remplace tout le lot $X$ par $10 X$, la sortie reste (à peu près) la même.
# - **e.** En apprentissage, si l'on multiplie par 10 une seule variable, pour tous les exemples, la sortie reste (à peu
#   près) la même.
# - **f.** Pour chaque variable, elle a une échelle apprise et un centre appris.


# %% answer="which_norm"
def which_norm():
    """Return a dict from each letter, "a" to "f", to "BatchNorm", "LayerNorm" or "both"."""
    ### BEGIN SOLUTION
    return {"a": "BatchNorm", "b": "LayerNorm", "c": "BatchNorm", "d": "both", "e": "BatchNorm", "f": "both"}
    ### END SOLUTION


# %% check="which_norm_choices" points=2 ids=["S-bn", "S-ln"]
check.letters(which_norm, "abcdef", options=("BatchNorm", "LayerNorm", "both"))
### BEGIN HIDDEN TESTS
check.choices(
    which_norm(),
    {"a": "BatchNorm", "b": "LayerNorm", "c": "BatchNorm", "d": "both", "e": "BatchNorm", "f": "both"},
    because={
        "a": "BatchNorm takes mean and variance over the examples, LayerNorm within one.",
        "b": "LayerNorm needs no neighbours; for BatchNorm a single example has no variance.",
        "c": "only BatchNorm has running statistics, which evaluation uses.",
        "d": "mean and deviation grow with X, in both.",
        "e": "BatchNorm treats each feature by itself; in LayerNorm that feature would outweigh the others.",
        "f": "weight and bias of shape (nx,), in both.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 7 · A network that overfits · about 10 minutes
#
# 200 digits, and a network with 90 000 weights. Watch four curves over 20 epochs: on the training digits all goes well,
# and ever better.
#
# > **Before you run it.** Will the loss on the test digits go down, level off, or rise? And their accuracy?

# %% [markdown] lang="fr"
# ## 7 · Un réseau qui surapprend · environ 10 minutes
#
# 200 chiffres, et un réseau à 90 000 poids. Regardez quatre courbes sur 20 époques : sur les chiffres d'apprentissage, tout
# va bien, et de mieux en mieux.
#
# > **Avant d'exécuter.** Le coût sur les chiffres de test va-t-il descendre, se stabiliser ou remonter ? Et leur taux de
# > réussite ?

# %% demo
torch.manual_seed(1)
data = digits()
model = network([784, 100, 100, 10])
optim = torch.optim.Adam(model.parameters(), lr=0.002)
history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
for _ in range(20):
    for indices in torch.randperm(200).split(10):
        optim.zero_grad()
        torch.nn.functional.cross_entropy(model(data.Xtrain[indices]), data.Ytrain[indices]).backward()
        optim.step()
    with torch.no_grad():
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model(X)
            history[f"loss_{part}"].append(float(torch.nn.functional.cross_entropy(Yhat, Y)))
            history[f"acc_{part}"].append(float((Yhat.argmax(1) == Y.argmax(1)).float().mean()))
figures.curves(history)

# %% [markdown] lang="en"
# The training loss goes to 0; the test loss falls, turns round, and rises: *over-fitting*. The network learns its 200 digits
# by heart, and becomes more and more sure of itself, also where it is wrong.
#
# To compare cures, measure them all in the same way. Write `measure`: it trains a given model, with or without two of the
# cures to come, and returns four numbers. The details matter:
#
# - during the steps the model is in training mode, `model.train()`; for the four numbers it is in evaluation mode,
#   `model.eval()`;
# - `penalty(model)` is added to the loss **of the steps**. The four numbers are the cross-entropy and accuracy alone;
# - `augment(X)` changes the inputs **of the steps**, each mini-batch anew. The four numbers are measured on the images as
#   they are.

# %% [markdown] lang="fr"
# Le coût d'apprentissage tend vers 0 ; le coût de test descend, fait demi-tour, et remonte : c'est le *surapprentissage*.
# Le réseau apprend ses 200 chiffres par cœur, et devient de plus en plus sûr de lui, y compris là où il se trompe.
#
# Pour comparer des remèdes, il faut les mesurer tous de la même façon. Écrivez `measure` : la fonction entraîne un modèle
# donné, avec ou sans deux des remèdes à venir, et renvoie quatre nombres. Les détails comptent :
#
# - pendant les pas, le modèle est en mode apprentissage, `model.train()` ; pour les quatre nombres, il est en mode
#   évaluation, `model.eval()` ;
# - `penalty(model)` s'ajoute au coût **des pas**. Les quatre nombres sont l'entropie croisée et le taux de réussite, seuls ;
# - `augment(X)` transforme les entrées **des pas**, de nouveau à chaque mini-lot. Les quatre nombres se mesurent sur les
#   images telles qu'elles sont.


# %% answer="measure"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    """Train a model and measure it.

    model: gives scores; in any mode, left in evaluation mode. data: holds Xtrain (n, nx), Ytrain (n, K), Xtest, Ytest.
    epochs: passes over the training examples. batch: size of the mini-batches, which are drawn anew each epoch.
    eta: learning rate of torch.optim.Adam, which minimises the cross-entropy of scores and targets.
    penalty: function of the model that gives a number, added to the loss of each step; None for nothing.
    augment: function of inputs (b, nx) that gives others (b, nx), used on each mini-batch; None for nothing.
    Returns a dict of four floats, measured after the last epoch on all examples: "loss_train" and "loss_test",
    cross-entropies; "acc_train" and "acc_test", rates between 0 and 1.
    """
    ### BEGIN SOLUTION
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    model.train()
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X = data.Xtrain[indices]
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), data.Ytrain[indices])
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
    model.eval()
    result = {}
    with torch.no_grad():
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model(X)
            result[f"loss_{part}"] = float(torch.nn.functional.cross_entropy(Yhat, Y))
            result[f"acc_{part}"] = float((Yhat.argmax(1) == Y.argmax(1)).float().mean())
    return result
    ### END SOLUTION


# %% check="measure_steps" points=3 ids=["S-overfit"]
def verify(seed, sizes, args, factor, shift):
    """Run measure on one affine map, look at each step, and take the same steps again."""
    torch.manual_seed(seed)
    n, m, nx, K = sizes
    epochs, batch, eta = args
    parts = {
        "Xtrain": torch.randn(n, nx),
        "Ytrain": torch.eye(K)[torch.randint(K, (n,))],
        "Xtest": torch.randn(m, nx),
        "Ytest": torch.eye(K)[torch.randint(K, (m,))],
    }
    values = [torch.randn(K, nx), torch.randn(K)]
    run = probes.watch_measure(measure, parts, [["Linear", nx, K]], values, args, factor, shift)
    steps = [call for call in run["calls"] if call["learns"]]
    check.that(steps, "no gradient is ever computed: call L.backward() for each mini-batch")
    batches = -(-n // batch)
    check.same(
        len(steps),
        epochs * batches,
        "len(steps)",
        unless={
            "one step for each mini-batch was asked for, not one for each epoch": epochs,
            "train goes through the data once; it should do so once an epoch": batches,
            "the last, shorter mini-batch of each epoch is not used": epochs * (n // batch),
        },
    )
    check.that(
        all(call["training"] for call in steps),
        "the model is not in training mode during the steps: model.train(), or dropout and BatchNorm do nothing",
    )
    known = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"])}
    moved = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"] + (shift or 0.0))}
    tested = {tuple((row + move).tolist()) for row in parts["Xtest"] for move in (0.0, shift or 0.0)}
    check.that(
        shift is None or not run["augmented"] or sum(run["augmented"]) >= epochs * n,
        "augment is used once for all epochs: use it on each mini-batch, so that no image comes twice",
    )
    order = []
    for call in steps:
        rows = [tuple(row.tolist()) for row in call["X"]]
        check.that(not tested & set(rows), "train learns from test examples: use Xtrain and Ytrain for the steps")
        check.that(
            shift is None or not set(rows) & set(known),
            "augment is not used on the mini-batches of the steps",
        )
        check.that(
            all(row in moved for row in rows),
            "the inputs of the steps are not those of data.Xtrain, with augment used on them once",
        )
        order.append([moved[row] for row in rows])
    check.that(
        sorted(sum(order, [])) == sorted([*range(n)] * epochs),
        "each training example should be used once an epoch, in one mini-batch",
    )
    check.that(
        epochs == 1 or order[:batches] != order[batches : 2 * batches],
        "each epoch has the same batches: draw them anew in each epoch",
    )

    def replay(kind, weight, reset=True):
        live = [value.clone().requires_grad_() for value in values]
        optim = kind(live, lr=eta)
        for indices in order:
            scores = torch.nn.functional.linear(parts["Xtrain"][indices] + (shift or 0.0), *live)
            L = -(parts["Ytrain"][indices] * scores.log_softmax(1)).sum(1).mean()
            L = L + weight * sum((value**2).sum() for value in live)
            if reset:
                optim.zero_grad()
            L.backward()
            optim.step()
        return [value.detach() for value in live]

    weight = factor or 0.0
    right = replay(torch.optim.Adam, weight)
    mistakes = {
        "the gradients of earlier mini-batches are still in it: reset them after each step": (
            replay(torch.optim.Adam, weight, reset=False)
        ),
        "these are the steps of SGD; Adam was asked for": replay(torch.optim.SGD, weight),
    }
    if factor is not None:
        mistakes |= {
            "the penalty is not added to the loss of the steps": replay(torch.optim.Adam, 0.0),
            "the penalty is subtracted: add it, so that descent makes it small": replay(torch.optim.Adam, -weight),
        }
    for i, name in enumerate(("weight", "bias")):
        check.close(
            run["values"][i],
            right[i],
            f"model[0].{name}",
            unless={sentence: wrong[i] for sentence, wrong in mistakes.items()}
            | {"the steps are never taken: call optim.step() after L.backward()": values[i]},
            rtol=5e-3,
            atol=1e-4,
        )


verify(0, (9, 6, 3, 2), (2, 4, 0.05), None, None)
verify(1, (9, 6, 3, 2), (2, 4, 0.05), 0.3, 0.5)
### BEGIN HIDDEN TESTS
verify(2, (11, 7, 5, 4), (3, 4, 0.1), None, None)
verify(3, (11, 7, 5, 4), (3, 5, 0.02), 0.2, None)
verify(4, (13, 5, 4, 3), (2, 6, 0.03), None, -0.75)
### END HIDDEN TESTS


# %% check="measure_numbers" points=2 ids=["S-overfit"]
def verify(seed, sizes, args, factor, shift):
    """Run measure on one affine map, and compare its numbers with those of the model that it has trained."""
    torch.manual_seed(seed)
    n, m, nx, K = sizes
    parts = {
        "Xtrain": torch.randn(n, nx),
        "Ytrain": torch.eye(K)[torch.randint(K, (n,))],
        "Xtest": torch.randn(m, nx),
        "Ytest": torch.eye(K)[torch.randint(K, (m,))],
    }
    values = [torch.randn(K, nx), torch.randn(K)]
    run = probes.watch_measure(measure, parts, [["Linear", nx, K]], values, args, factor, shift)
    result = run["result"]
    names = ["loss_train", "acc_train", "loss_test", "acc_test"]
    result = check.keys(result, names, "measure(…)")
    others = [call for call in run["calls"] if not call["learns"]]
    if shift is not None:
        seen = {tuple(row.tolist()) for call in others for row in call["X"]}
        check.that(
            not seen & {tuple((row + shift).tolist()) for row in parts["Xtest"]},
            "the test images are augmented: augmentation is for training only",
        )
        check.that(
            not seen & {tuple((row + shift).tolist()) for row in parts["Xtrain"]},
            "the numbers of the training set are measured on augmented images: measure on the images as they are",
        )
    check.that(
        others and not any(call["training"] for call in others[-2:]),
        "the numbers are measured in training mode: call model.eval() first, or dropout goes on dropping",
    )

    def numbers(x, y):
        scores = torch.nn.functional.linear(x, *run["values"])
        return {
            "loss": -(y * scores.log_softmax(1)).sum(1).mean(),
            "acc": (scores.argmax(1) == y.argmax(1)).double().mean(),
        }

    sets = {part: numbers(parts[f"X{part}"], parts[f"Y{part}"]) for part in ("train", "test")}
    extra = (factor or 0.0) * sum((value**2).sum() for value in run["values"])
    for part, other in (("train", "test"), ("test", "train")):
        for name in ("loss", "acc"):
            true = sets[part][name]
            mistakes = {
                "these are the numbers of the other half of the data: train and test are mixed up": sets[other][name],
                "loss and accuracy are swapped": sets[part]["loss" if name == "acc" else "acc"],
            }
            if name == "loss":
                size = len(parts[f"X{part}"])
                mistakes |= {
                    "the penalty is part of the loss that you return: return the cross-entropy alone": true + extra,
                    "the loss sums over the batch; keep the mean, which does not grow with the batch": true * size,
                }
            else:
                mistakes |= {
                    "the accuracy is a rate between 0 and 1, not a percentage": 100 * true,
                    "this is the rate of errors, not of right predictions": 1 - true,
                }
            check.close(result[f"{name}_{part}"], true, f'measure(…)["{name}_{part}"]', unless=mistakes)


verify(0, (9, 6, 3, 2), (2, 4, 0.05), None, None)
verify(1, (9, 6, 3, 2), (2, 4, 0.05), 0.3, 0.5)
### BEGIN HIDDEN TESTS
verify(2, (11, 7, 5, 4), (3, 4, 0.1), 0.5, None)
verify(3, (13, 5, 4, 3), (1, 6, 0.03), None, -0.75)
verify(4, (13, 5, 4, 3), (1, 6, 0.03), None, None)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 8 · Three cures · about 18 minutes
#
# ### Penalties
#
# A network that learns by heart needs large weights, to bend around each example. So make large weights expensive: add to
# the loss the *penalty*
#
# $$\lambda_1 \sum_{W} \sum_{i,j} |W_{ij}| \; + \; \lambda_2 \sum_{W} \sum_{i,j} W_{ij}^2$$
#
# over all weight matrices $W$, not over the biases: they only move things, they bend nothing. In descent, the term with
# $\lambda_2$ (L2) pulls each weight back in proportion to it; the term with $\lambda_1$ (L1) always pulls with the same
# force, and brings many weights very close to 0.
#
# Write `weight_penalty`.

# %% [markdown] lang="fr"
# ## 8 · Trois remèdes · environ 18 minutes
#
# ### Les pénalités
#
# Un réseau qui apprend par cœur a besoin de grands poids, pour se plier autour de chaque exemple. Rendons donc les grands
# poids coûteux : on ajoute au coût la *pénalité*
#
# $$\lambda_1 \sum_{W} \sum_{i,j} |W_{ij}| \; + \; \lambda_2 \sum_{W} \sum_{i,j} W_{ij}^2$$
#
# sur toutes les matrices de poids $W$, et non sur les biais : eux ne font que déplacer, ils ne plient rien. Dans la
# descente, le terme en $\lambda_2$ (L2) rappelle chaque poids en proportion de sa valeur ; le terme en $\lambda_1$ (L1)
# tire toujours avec la même force, et amène beaucoup de poids tout près de 0.
#
# Écrivez `weight_penalty`.


# %% answer="weight_penalty"
def weight_penalty(model, l1, l2):
    """Compute a penalty on the weights of a model.

    model: a torch.nn.Module. Its weights are its parameters with two dimensions or more; the others, biases and
    the parameters of normalisations, are not penalised.
    l1, l2: factors of the sum of absolute values and of the sum of squares, >= 0.
    Returns a single number, on its graph, to be added to a loss.
    """
    ### BEGIN SOLUTION
    weights = [p for p in model.parameters() if p.ndim >= 2]
    return sum(l1 * w.abs().sum() + l2 * (w**2).sum() for w in weights)
    ### END SOLUTION


# %% check="weight_penalty_values" points=2 ids=["S-l1l2"]
def verify(layers, shapes, l1, l2):
    """Compare the penalty and its gradients with their formulas."""
    values = [torch.randn(shape) for shape in shapes]
    run = probes.slopes_of(weight_penalty, layers, values, l1, l2)
    weights = [value for value in values if value.ndim > 1]
    absolute, square = (sum(f(w) for w in weights) for f in (lambda w: w.abs().sum(), lambda w: (w**2).sum()))
    count = sum(w.numel() for w in weights)
    check.close(
        run["result"],
        l1 * absolute + l2 * square,
        "weight_penalty(model, l1, l2)",
        unless={
            "the biases are penalised too; only the weights, with two dimensions or more": (
                sum(l1 * v.abs().sum() + l2 * (v**2).sum() for v in values)
            ),
            "the sign is wrong: a penalty is positive, and is added to the loss": -(l1 * absolute + l2 * square),
            "the absolute value is missing in L1: weights of opposite sign cancel": (
                l1 * sum(w.sum() for w in weights) + l2 * square
            ),
            "L2 has the norms, with a root; take the sum of the squares": (
                l1 * absolute + l2 * sum(w.norm() for w in weights)
            ),
            "L2 has the norm of all weights, with a root; take the sum of the squares": l1 * absolute + l2 * square**0.5,
            "l1 and l2 are swapped": l2 * absolute + l1 * square,
            "these are means; take sums over all the weights": (l1 * absolute + l2 * square) / count,
            "these are means over each matrix; take sums": (
                sum(l1 * w.abs().mean() + l2 * (w**2).mean() for w in weights)
            ),
            "there is a factor of one half too many": l1 * absolute + l2 * square / 2,
            "only the first weight matrix is penalised": l1 * weights[0].abs().sum() + l2 * (weights[0] ** 2).sum(),
            "only the last weight matrix is penalised": l1 * weights[-1].abs().sum() + l2 * (weights[-1] ** 2).sum(),
        },
    )
    check.that(
        run["grads"] is not None,
        "the penalty has no graph, so descent does not feel it: no detach, .data, item() or no_grad",
    )
    for i, (grad, value) in enumerate(zip(run["grads"], values)):
        if value.ndim > 1:
            check.close(grad, l1 * value.sign() + 2 * l2 * value, f"list(model.parameters())[{i}].grad")
    for new, old in zip(run["values"], values):
        check.that(torch.equal(new, old), "the parameters have changed; only compute with them")


verify([["Linear", 3, 2], ["Tanh"], ["Linear", 2, 2]], [(2, 3), (2,), (2, 2), (2,)], 0.5, 0.25)
### BEGIN HIDDEN TESTS
verify([["Linear", 4, 7], ["ReLU"], ["Linear", 7, 3]], [(7, 4), (7,), (3, 7), (3,)], 0.3, 0.07)
shapes = [(2, 1, 3, 3), (2,), (2,), (2,), (5, 8), (5,)]
verify([["Conv2d", 1, 2, 3], ["BatchNorm2d", 2], ["Flatten"], ["Linear", 8, 5]], shapes, 0.02, 0.4)
verify([["Linear", 4, 6, False]], [(6, 4)], 0.0, 0.5)
verify([["Linear", 4, 6, False]], [(6, 4)], 0.7, 0.0)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### Dropout
#
# In training, *dropout* sets each value of its input to 0 with probability $p$: a unit can no longer rely on one neighbour
# that knows an example by heart. What remains is divided by $1 - p$, so that the mean of each value stays the same. In
# evaluation nothing is dropped, and nothing scaled.
#
# $$z_{ij} = \begin{cases} 0 & \text{with probability } p \\[1ex] \dfrac{x_{ij}}{1 - p} & \text{otherwise} \end{cases}$$
#
# The choice is made for each entry by itself: for each example, for each feature, anew at each call. `torch.rand_like(X)`
# gives numbers between 0 and 1, evenly. Write `Dropout`; mind $p = 1$, where everything is dropped and nothing divided.

# %% [markdown] lang="fr"
# ### Dropout
#
# En apprentissage, *dropout* met à 0 chaque valeur de son entrée avec la probabilité $p$ : une unité ne peut plus s'appuyer
# sur une seule voisine qui connaît un exemple par cœur. Ce qui reste est divisé par $1 - p$, pour que la moyenne de chaque
# valeur ne change pas. En évaluation, rien n'est annulé, rien n'est mis à l'échelle.
#
# $$z_{ij} = \begin{cases} 0 & \text{avec probabilité } p \\[1ex] \dfrac{x_{ij}}{1 - p} & \text{sinon} \end{cases}$$
#
# Le tirage se fait pour chaque case séparément : pour chaque exemple, pour chaque variable, et de nouveau à chaque appel.
# `torch.rand_like(X)` donne des nombres entre 0 et 1, uniformément. Écrivez `Dropout` ; attention à $p = 1$, où tout est
# annulé et où il n'y a rien à diviser.


# %% answer="Dropout"
class Dropout(torch.nn.Module):
    """Dropout: in training, zeros in random places."""

    def __init__(self, p):
        """Keep p, the probability with which an entry is dropped, 0 <= p <= 1; ValueError for any other number."""
        ### BEGIN SOLUTION
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p
        ### END SOLUTION

    def forward(self, X):
        """In training, drop each entry of X with probability p and divide the others by 1 - p; else return X.

        X, of any shape, is left as it is. With p = 1 all entries become 0. torch's own dropout is not allowed.
        """
        ### BEGIN SOLUTION
        if not self.training or self.p == 0:
            return X
        kept = torch.rand_like(X) >= self.p
        if self.p == 1:
            return X * kept
        return X * kept / (1 - self.p)
        ### END SOLUTION


# %% check="Dropout_values" points=2 ids=["S-dropout"]
def verify(X, p):
    """Every value is 0 or x / (1 - p); the rate of zeros is near p, within six standard deviations."""
    try:
        check.that(probes.describe(Dropout(p))["module"], "Dropout is not a torch.nn.Module")
    except AttributeError as error:
        missing = "Module.__init__" in str(error) or "object has no attribute '_" in str(error)
        check.that(not missing, "__init__ begins with super().__init__(): a Module is made first, then its parts")
        raise
    left = probes.run_layer(Dropout, [p], {}, [[True, X]])["calls"][0]["X"]
    check.same(left, X, "X (must be left as it is)")
    run = probes.run_layer(Dropout, [p], {}, [[True, X, torch.ones_like(X)]])["calls"][0]
    got, what = run["output"], f"Dropout({p})(X)"
    check.tensor(got, tuple(X.shape), what)
    check.same(str(got.dtype), str(X.dtype), f"{what}.dtype")
    zeros = got == 0
    if zeros.all() or not zeros.any():  # one example: whoever drops examples as a whole has tossed one coin
        calls = probes.run_layer(Dropout, [p], {}, [[True, torch.ones(1, 4)] for _ in range(64)])["calls"]
        drops = [bool((call["output"] == 0).any()) for call in calls]
        check.that(len(set(drops)) == 1, "whole examples are dropped: draw for each feature by itself")
        check.that(drops[0], "nothing is dropped in training")
        check.that(not drops[0], "everything is dropped, for any p")
    rate, bound = float(zeros.double().mean()), 6 * (p * (1 - p) / X.numel()) ** 0.5
    check.that(
        abs(rate - p) < bound or abs(rate - (1 - p)) >= bound or p == 0.5,
        "p is taken for the probability of keeping; it is that of dropping",
    )
    expected = torch.where(zeros, 0.0, X / (1 - p))
    check.close(
        got,
        expected,
        what,
        unless={
            "what is kept must be divided by 1 - p, or its mean shrinks": torch.where(zeros, 0.0, X),
            "divide by 1 - p, not by p": torch.where(zeros, 0.0, X / p),
            "divide by 1 - p; you multiplied": torch.where(zeros, 0.0, X * (1 - p)),
        },
    )
    check.that(
        abs(rate - p) < bound,
        "the rate of zeros is {rate:.3f} in {n} entries; expected about {p}",
        rate=rate,
        n=X.numel(),
        p=p,
    )
    check.close(run["grad_X"], torch.where(zeros, 0.0, 1 / (1 - p)).to(X), "X.grad")
    found = [name for name in run["beyond"] if "dropout" in name]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.rand(1, 2000) + 0.5, 0.3)
### BEGIN HIDDEN TESTS
verify(torch.rand(1, 6000) + 0.5, 0.2)
verify(-torch.rand(3000, 1).T - 0.5, 0.75)
verify(-torch.rand(1, 8000)[:, ::2] - 0.5, 0.4)
verify(torch.rand(1, 70, 90, dtype=torch.float64) + 0.5, 0.6)
### END HIDDEN TESTS


# %% check="Dropout_masks" points=2 ids=["S-dropout"]
def verify(n, nx, p):
    """Masks differ between examples, between features and between calls."""
    X = torch.ones(n, nx)
    masks = []
    for call in probes.run_layer(Dropout, [p], {}, [[True, X], [True, X]])["calls"]:
        check.tensor(call["output"], (n, nx), f"Dropout({p})(X)")
        masks.append(call["output"] == 0)
    first, second = masks
    check.that(first.any(), "nothing is dropped in training")
    check.that(
        not all(torch.equal(row, first[0]) for row in first),
        "all examples of the batch lose the same features: draw for each example by itself",
    )
    check.that(
        not all(torch.equal(column, first[:, 0]) for column in first.T),
        "whole examples are dropped: draw for each feature by itself",
    )
    check.that(
        not torch.equal(first, second),
        "two calls drop the same entries: draw anew in forward, without fixing the seed",
    )
    agreement = float((first == second).double().mean())
    expected, bound = p * p + (1 - p) * (1 - p), 6 * 0.5 / (n * nx) ** 0.5
    check.that(
        abs(agreement - expected) < bound, "two calls of Dropout do not draw independently of each other"
    )
    rows = (first[0] == first[1]).double().mean()
    check.that(
        abs(float(rows) - expected) < 6 * 0.5 / nx**0.5,
        "the entries of two examples are not drawn independently of each other",
    )


verify(30, 200, 0.5)
### BEGIN HIDDEN TESTS
verify(40, 300, 0.3)
verify(25, 250, 0.6)
### END HIDDEN TESTS


# %% check="Dropout_evaluation" points=1 ids=["S-dropout"]
def verify(X, p):
    """In evaluation, the input comes out as it is."""
    calls = [[True, torch.ones(60, 60)], [False, X]]
    trained, got = (run["output"] for run in probes.run_layer(Dropout, [p], {}, calls)["calls"])
    check.tensor(trained, (60, 60), f"Dropout({p})(X)")
    check.that((trained == 0).any(), "nothing is dropped in training")
    check.that(
        not isinstance(got, torch.Tensor) or got.shape != X.shape or not (got == 0).any(),
        "dropout is still active in evaluation: look at self.training",
    )
    check.close(
        got,
        X,
        f"Dropout({p}).eval()(X)",
        unless={"in evaluation nothing is scaled: it was done in training": X * (1 - p)},
    )


verify(torch.rand(20, 30) + 0.5, 0.5)
### BEGIN HIDDEN TESTS
verify(torch.rand(21, 32) + 0.5, 0.3)
verify(torch.rand(20, 30).T + 0.5, 0.9)
verify(torch.rand(1, 30) + 0.5, 0.4)
### END HIDDEN TESTS


# %% check="Dropout_limits" points=1 ids=["S-dropout"]
def verify(X):
    """Nothing dropped, all dropped, and no probability."""
    none = probes.run_layer(Dropout, [0.0], {}, [[True, X]])["calls"][0]["output"]
    check.close(none, X, "Dropout(0.0)(X)")
    everything = probes.run_layer(Dropout, [1.0], {}, [[True, X], [False, X]])["calls"]
    got = everything[0]["output"]
    check.that(
        not isinstance(got, torch.Tensor) or got.is_meta or not got.isnan().any(),
        "p = 1 gives NaN, 0 times infinity: there is nothing to divide when everything is dropped",
    )
    check.close(got, torch.zeros_like(X), "Dropout(1.0)(X)")
    check.close(everything[1]["output"], X, "Dropout(1.0).eval()(X)")


def refused(p):
    """Tell whether this p is refused."""
    try:
        Dropout(p)
    except ValueError:
        return True
    return False


verify(torch.rand(4, 6) + 0.5)
check.that(refused(1.5), "p = {p} is no probability: raise a ValueError", p=1.5)
### BEGIN HIDDEN TESTS
verify(torch.rand(7, 5, 3) + 0.5)
for p in (-0.1, 2.0):
    check.that(refused(p), "p = {p} is no probability: raise a ValueError", p=p)
for p in (0.0, 0.5, 1.0):
    check.that(not refused(p), "p = {p} is a probability: it must be accepted", p=p)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### Augmented data
#
# The best cure is more data. A digit that is turned a little and moved a little is another picture of the same digit: such
# pictures can be made without end. `torchvision().transforms` holds transformations that draw their numbers at random at
# each call. `RandomAffine(degrees, translate=(a, b))` turns by an angle between `-degrees` and `degrees`, and moves by at
# most $a$ of the width and $b$ of the height. It takes an image as a tensor $(1, 28, 28)$.
#
# It also takes a whole batch $(n, 1, 28, 28)$, **but then turns all the images by the same angle**. So call it for each
# image by itself. Write `augment`.

# %% [markdown] lang="fr"
# ### Des données augmentées
#
# Le meilleur remède, c'est davantage de données. Un chiffre un peu tourné et un peu déplacé est une autre image du même
# chiffre : de telles images, on peut en fabriquer sans fin. `torchvision().transforms` contient des transformations qui
# tirent leurs nombres au hasard à chaque appel. `RandomAffine(degrees, translate=(a, b))` tourne d'un angle compris entre
# `-degrees` et `degrees`, et déplace d'au plus $a$ fois la largeur et $b$ fois la hauteur. Elle prend une image sous forme
# d'un tenseur $(1, 28, 28)$.
#
# Elle accepte aussi tout un lot $(n, 1, 28, 28)$, **mais elle tourne alors toutes les images du même angle**. Appelez-la donc
# pour chaque image séparément. Écrivez `augment`.


# %% answer="augment"
def augment(X, degrees, shift):
    """Turn and move each image at random, with torchvision's RandomAffine.

    X: images (n, 784), rows of 28 x 28 pixels; left as it is.
    degrees: each image is turned by an angle of its own, between -degrees and degrees.
    shift: and moved by at most that part of its 28 pixels, in each direction; 0 <= shift <= 1.
    Returns a tensor (n, 784).
    """
    ### BEGIN SOLUTION
    transform = torchvision().transforms.RandomAffine(degrees, translate=(shift, shift))
    return torch.cat([transform(image).reshape(1, 784) for image in X.reshape(-1, 1, 28, 28)])
    ### END SOLUTION


# %% check="augment_images" points=1 ids=["S-augment"]
def verify(n):
    """Shape, range, and nothing done where nothing was asked for."""
    X = torch.rand(n, 784)
    given = X.clone()
    try:
        turned = augment(given, 20, 0.1)
    except TypeError as error:
        check.that("not a torch image" not in str(error), "RandomAffine takes images, not rows of pixels: reshape each to (1, 28, 28)")
        raise
    check.tensor(turned, (n, 784), "augment(X, 20, 0.1)")
    check.that(not torch.allclose(turned, X, atol=5e-3), "the images come back as they were")
    check.same(given, X, "X (must be left as it is)")
    check.close(
        augment(X.clone(), 0, 0.0),
        X,
        "augment(X, 0, 0.0)",
        unless={
            "rows and columns of the images are swapped": X.reshape(n, 28, 28).mT.reshape(n, 784),
            "the images are mirrored: a mirrored digit is another sign": X.reshape(n, 28, 28).flip(2).reshape(n, 784),
        },
        atol=5e-3,  # one of 255 grey levels
    )


verify(5)
### BEGIN HIDDEN TESTS
verify(1)
verify(3)
### END HIDDEN TESTS


# %% check="augment_random" points=3 ids=["S-augment"]
def spot(row, column):
    """Draw sixty images of one spot of 3 x 3 pixels."""
    image = torch.zeros(60, 28, 28)
    image[:, row - 1 : row + 2, column - 1 : column + 2] = 1.0
    return image.reshape(60, 784)


def centre(images):
    """Find the centre of each image: (60, 2), row and column."""
    images = images.reshape(60, 28, 28)
    place = torch.arange(28.0)
    total = images.sum((1, 2)).clamp(min=1e-6)
    return torch.stack([(images.sum(2) * place).sum(1), (images.sum(1) * place).sum(1)], 1) / total[:, None]


def verify(degrees, shift):
    """Follow a spot at the centre that is moved, and one at the edge that is turned."""
    images = augment(spot(14, 14), 0, shift)
    check.tensor(images, (60, 784), f"augment(X, 0, {shift})")
    moves = centre(images) - 14
    check.that(moves.abs().max() > 0.5, "the images do not move: is shift passed on, as translate?")
    check.that(
        not torch.equal(moves, moves[:1].expand(60, 2)),
        "all images of the batch are transformed in the same way: call the transformation for each image by itself",
    )
    check.that(
        float(moves.abs().max()) <= 28 * shift + 0.6,
        "an image has moved by {found:.1f} pixels; with shift = {shift}, it is {limit:.1f} at most",
        found=float(moves.abs().max()),
        shift=shift,
        limit=28 * shift,
    )
    for axis in (0, 1):
        check.that(
            moves[:, axis].max() > 0.5 and moves[:, axis].min() < -0.5,
            "the images should move both ways, up and down, left and right",
        )
    other = centre(augment(spot(14, 14), 0, shift)) - 14
    check.that(
        not torch.equal(moves, other), "two calls make the same images: draw anew at each call, without fixing the seed"
    )
    places = centre(augment(spot(14, 24), degrees, 0.0)) - 13.5
    angles = torch.rad2deg(torch.atan2(places[:, 0], places[:, 1]) - torch.atan2(torch.tensor(0.5), torch.tensor(10.5)))
    check.that(angles.abs().max() > 3, "the images are not turned: is degrees passed on?")
    check.that(
        float(angles.abs().max()) <= degrees + 5,
        "an image is turned by {found:.0f} degrees; {limit} at most",
        found=float(angles.abs().max()),
        limit=degrees,
    )
    check.that(
        angles.max() > 3 and angles.min() < -3, "the images should be turned both ways, left and right"
    )
    check.that(
        angles.std() > 0.2 * degrees,
        "all images of the batch are transformed in the same way: call the transformation for each image by itself",
    )


verify(30, 0.25)
### BEGIN HIDDEN TESTS
verify(20, 0.15)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Each row starts with a digit as it is; then come your augmentations of it.

# %% [markdown] lang="fr"
# Chaque ligne commence par un chiffre tel quel ; suivent les augmentations que vous en faites.

# %% demo
torch.manual_seed(0)
data = digits()
show_images(
    {
        str(k): torch.cat([data.Xtrain[k : k + 1], augment(data.Xtrain[k : k + 1].repeat(11, 1), 15, 0.1)])
        for k in (0, 1, 4, 7)
    }
)

# %% [markdown] lang="en"
# Which transformations, how strong? There are *policies* found by search or drawn at random, made for photographs:
# `AutoAugment` chooses among pairs of operations that a search found useful, `RandAugment` applies two at random, and
# `TrivialAugmentWide` one. They take images with pixels from 0 to 255. See what they do to digits, and judge.

# %% [markdown] lang="fr"
# Quelles transformations, et de quelle force ? Il existe des *politiques* automatiques, trouvées par une recherche ou tirées
# au hasard, et conçues pour des photos : `AutoAugment` choisit parmi des paires d'opérations qu'une recherche a jugées
# utiles, `RandAugment` en applique deux au hasard, et `TrivialAugmentWide` une seule. Elles prennent des images dont les
# pixels vont de 0 à 255. Regardez ce qu'elles font de chiffres, et jugez.

# %% demo
torch.manual_seed(3)
transforms = torchvision().transforms
image = (255 * digits().Xtrain[7].reshape(1, 28, 28)).to(torch.uint8)
policies = {
    "AutoAugment": transforms.AutoAugment(transforms.AutoAugmentPolicy.SVHN),
    "RandAugment": transforms.RandAugment(num_ops=2, magnitude=9),
    "TrivialAugmentWide": transforms.TrivialAugmentWide(),
}
show_images(
    {
        name: [image / 255] + [policy(image.repeat(3, 1, 1))[0] / 255 for _ in range(11)]
        for name, policy in policies.items()
    }
)

# %% [markdown] lang="en"
# True or false?
#
# - **a.** A small rotation keeps the class of a handwritten digit.
# - **b.** So does a rotation by any angle, up to 180 degrees.
# - **c.** Mirroring left and right is a good augmentation for photographs of cats, and a bad one for digits.
# - **d.** The test images should be augmented in the same way, so that training and test are alike.
# - **e.** Augmented images can be made anew at each epoch: the network need never see the same image twice.
# - **f.** With augmentation, the training loss ends higher; that is a sign that it does harm.

# %% [markdown] lang="fr"
# Vrai ou faux ?
#
# - **a.** Une petite rotation conserve la classe d'un chiffre manuscrit.
# - **b.** Une rotation d'un angle quelconque, jusqu'à 180 degrés, aussi.
# - **c.** L'image en miroir, gauche contre droite, est une bonne augmentation pour des photos de chats, et une mauvaise pour
#   des chiffres.
# - **d.** Il faut augmenter les images de test de la même façon, pour qu'apprentissage et test se ressemblent.
# - **e.** On peut fabriquer de nouvelles images augmentées à chaque époque : le réseau ne voit jamais deux fois la même image.
# - **f.** Avec l'augmentation, le coût d'apprentissage finit plus haut ; c'est le signe qu'elle nuit.


# %% answer="augmentations"
def augmentations():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": False, "e": True, "f": False}
    ### END SOLUTION


# %% check="augmentations_sorted" points=2 ids=["S-augment"]
check.letters(augmentations, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    augmentations(),
    {"a": True, "b": False, "c": True, "d": False, "e": True, "f": False},
    because={
        "a": "people write at an angle, too: it is another picture of the same digit.",
        "b": "turned by 180 degrees, a 6 is a 9.",
        "c": "a mirrored cat is a cat; a mirrored 2 is no digit.",
        "d": "the test set stands for the data to come: it is measured as it is.",
        "e": "the numbers are drawn anew at each call.",
        "f": "the task has become harder, so this is expected; what counts is the test set.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 9 · The table · about 10 minutes
#
# All your work in one table: the same 200 digits, the same sizes, the same seed; `measure` trains and measures. The one
# cure that this table cannot show needs no code: 60 000 digits in place of 200.

# %% [markdown] lang="fr"
# ## 9 · Le tableau · environ 10 minutes
#
# Tout votre travail en un tableau : les mêmes 200 chiffres, les mêmes tailles, la même graine ; `measure` entraîne et mesure.
# Le seul remède que ce tableau ne peut pas montrer ne demande pas de code : 60 000 chiffres au lieu de 200.

# %% demo
data, sizes = digits(), [784, 100, 100, 10]
cures = {
    say("none"): (None, {}),
    "L1": (None, {"penalty": lambda model: weight_penalty(model, 4e-4, 0.0)}),
    "L2": (None, {"penalty": lambda model: weight_penalty(model, 0.0, 4e-3)}),
    "Dropout": (lambda: network(sizes, after=lambda: Dropout(0.5)), {}),
    "BatchNorm": (lambda: network(sizes, norm=BatchNorm), {}),
    "augment": (None, {"augment": lambda X: augment(X, 10, 0.08)}),
    "augment + Dropout": (
        lambda: network(sizes, after=lambda: Dropout(0.2)),
        {"augment": lambda X: augment(X, 10, 0.08)},
    ),
}
table = {}
for name, (make, options) in cures.items():
    torch.manual_seed(1)
    model = make() if make else network(sizes)
    table[name] = measure(model, data, epochs=20, batch=10, eta=0.002, **options)
columns = ["loss_train", "loss_test", "acc_train", "acc_test"]
print(f"{'':18}" + "".join(f"{column:>12}" for column in columns))
for name, row in table.items():
    print(f"{name:18}" + "".join(f"{row[column]:12.3f}" for column in columns))
fig, axes = plt.subplots(ncols=2, figsize=(8, 3), sharey=True, layout="constrained")
for ax, kind, title in zip(axes, ("loss", "acc"), (say("loss"), say("accuracy"))):
    for k, part, colour, marker in ((0, "train", "#0072B2", "o"), (1, "test", "#D55E00", "s")):
        values = [row[f"{kind}_{part}"] for row in table.values()]
        ax.plot(values, range(len(table)), marker, color=colour, label=say(part))
    ax.set(xlabel=title, yticks=range(len(table)), yticklabels=list(table))
    ax.grid(alpha=0.3)
axes[0].invert_yaxis()
axes[0].legend()
plt.show()

# %% [markdown] lang="en"
# ### Read your table
#
# In five to ten lines: by which numbers of the first row do you see that the network overfits? Which cure helps most here
# (look at the loss *and* the accuracy; with 2000 digits, a gap of 0.01 in accuracy may be chance), and why? Why does a
# good cure make the *training* loss larger? And why is "the best of these seven by its test accuracy" not yet an honest
# result to publish? (Recall part 6 of `06_mnist`.)

# %% [markdown] lang="fr"
# ### Lisez votre tableau
#
# En cinq à dix lignes : à quels nombres de la première ligne voyez-vous que le réseau surapprend ? Quel remède aide le
# plus ici (regardez le coût *et* le taux ; sur 2000 chiffres, un écart de 0,01 entre deux taux peut être dû au hasard),
# et pourquoi ? Pourquoi un bon remède augmente-t-il le coût *d'apprentissage* ? Et pourquoi « le meilleur des sept
# d'après son taux de réussite en test » n'est-il pas encore un résultat honnête à publier ? (Rappelez-vous la partie 6 de
# `06_mnist`.)

# %% [markdown] open="cures" points=4 ids=["S-overfit"]
# **English.** Without a cure the training loss is nearly 0 and the training accuracy 100 %, but on the test digits the
# loss is around 1 and the accuracy about 72 %: the gap is over-fitting. Augmentation helps most: the loss on the test
# digits is lowest, 0.8, and the accuracy highest, though by about one point only, which may be chance. With 200 digits
# what is lacking is variety, and turned and moved digits bring just that: they say what does *not* matter to the class.
# Penalties and dropout only make the network less free; they lower the test loss, because it becomes less sure of itself,
# but hardly raise the accuracy (with the penalties it even falls). A good cure makes the training loss larger because
# it keeps the network from learning the examples by heart, or makes the task harder; what counts is the test. And the
# test set has been used to choose among seven: the best of seven is partly luck, and its number is too good. One chooses
# on a validation set and measures the chosen one on the test set, once (and with more than one seed).
#
# **Français.** Sans remède, le coût d'apprentissage est presque nul et le taux de réussite en apprentissage de 100 %,
# alors que, sur les chiffres de test, le coût est d'environ 1 et le taux d'environ 72 % : cet écart est le
# surapprentissage. L'augmentation aide le plus : le coût de test est le plus bas, 0,8, et le taux le plus haut, mais d'un
# point seulement, ce qui peut être dû au hasard. Avec 200 chiffres, c'est la variété qui manque, et les chiffres tournés
# et déplacés apportent précisément cela : ils disent ce qui *ne* compte *pas* pour la classe. Pénalités et dropout ne
# font que brider le réseau ; ils abaissent le coût de test, parce que le réseau devient moins sûr de lui, mais
# n'améliorent guère le taux (avec les pénalités, il baisse même). Un bon remède augmente le coût d'apprentissage parce
# qu'il empêche d'apprendre les exemples par cœur, ou rend la tâche plus difficile ; c'est le test qui compte. Enfin, les
# données de test ont servi à choisir parmi sept : le meilleur des sept l'est en partie par chance, et son résultat est
# trop beau. On choisit sur des données de validation, et l'on mesure le modèle choisi sur les données de test, une seule
# fois (et avec plusieurs graines).

# %% [markdown] marking="cures"
# - 1 point: over-fitting is read from the gap between training and test, in loss or accuracy, with numbers.
# - 1 point: a cure named from the table, with a reason that fits it (augmentation: variety, invariance; dropout: no unit
#   relies on another; penalties: small weights, smoother functions). Another winner than ours is right if the
#   table says so, in the loss or in the accuracy.
# - 1 point: the training loss grows because learning by heart is prevented or the task is made harder.
# - 1 point: the test set was used to choose; a validation set is needed. (Several seeds: half a point.)

# %% [markdown] lang="en"
# ## What you have built
#
# What PyTorch's modules do, you have written: `log_softmax` and both cross-entropies, `clip_gradients`, `BatchNorm` and
# `LayerNorm`, `Dropout`, penalties. From now on use those of PyTorch: `CrossEntropyLoss`, `BCEWithLogitsLoss`,
# `torch.nn.utils.clip_grad_norm_`, `BatchNorm1d`, `LayerNorm`, `Dropout`, and the option `weight_decay` of an optimiser.
# (In `SGD` and `Adam` it equals $2 \lambda_2$, and acts on the biases too.) They are faster, and hold no secret any more.
# What stays yours is to *measure*: gradients layer by layer, train beside test, one change at a time.
#
# In `09_svm` the circles come back once more, to be separated without any network.
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓` (the run
# stops at the first one that does not). Have you written your answer on the table, in part 9? Save, and hand in this file
# without renaming it.

# %% [markdown] lang="fr"
# ## Ce que vous avez construit
#
# Ce que font les modules de PyTorch, vous l'avez écrit : `log_softmax` et les deux entropies croisées, `clip_gradients`,
# `BatchNorm` et `LayerNorm`, `Dropout`, les pénalités. Désormais, utilisez ceux de PyTorch : `CrossEntropyLoss`,
# `BCEWithLogitsLoss`, `torch.nn.utils.clip_grad_norm_`, `BatchNorm1d`, `LayerNorm`, `Dropout`, et l'option `weight_decay`
# d'un optimiseur. (Dans `SGD` et `Adam`, elle vaut $2 \lambda_2$ et touche aussi les biais.) Ils sont plus rapides, et
# n'ont plus de secret pour vous. Ce qui reste votre affaire, c'est de *mesurer* : les gradients couche par couche,
# l'apprentissage à côté du test, un seul changement à la fois.
#
# Dans `09_svm`, les cercles reviennent une dernière fois, pour être séparés sans aucun réseau.
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓` (l'exécution s'arrête à la première qui ne l'affiche pas). Avez-vous rédigé votre réponse sur le
# tableau, dans la partie 9 ? Enregistrez, puis rendez ce fichier sans le renommer.
