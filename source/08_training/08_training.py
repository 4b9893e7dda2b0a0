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
# turns the loss into NaN. This notebook is about the remedies. You write them by hand, once, and know from then on what
# the modules of PyTorch do. At the end you run a small study of your own: which cure helps most, and how sure are you?
#
# **You will learn** why classes go with SoftMax and cross-entropy, and how to compute them without overflow; where
# gradients vanish, and how to see it; what centred inputs, BatchNorm and LayerNorm do; how to measure over-fitting, and
# four cures against it: penalties, dropout, augmented data, early stopping; how to compare cures honestly.
#
# **You need** `torch.nn`, `torch.optim` and the training loop of `06_mnist`.
#
# | part | minutes |
# |---|---|
# | Where you stand | 7 |
# | 1 · K classes | 9 |
# | 2 · SoftMax and cross-entropy, safely | 17 |
# | 3 · Several labels at once | 10 |
# | 4 · Where gradients vanish, and where they explode | 25 |
# | 5 · Centred inputs | 10 |
# | 6 · BatchNorm and LayerNorm | 20 |
# | 7 · A network that overfits | 12 |
# | 8 · Three cures | 18 |
# | 9 · A study of your own | 22 |
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
# `None`, put your guess there before you run the next cell: it is not graded, and you learn most from a wrong one.

# %% [markdown] lang="fr"
# # Réussir l'apprentissage
#
# Le réseau de `06_mnist` avait 60 000 chiffres, deux couches, et tout y était bien choisi. Qu'un seul de ces atouts
# manque, et l'apprentissage se passe mal : dix couches de sigmoïdes n'apprennent rien, quelques centaines de chiffres
# sont appris par cœur, un seul score de 1000 transforme le coût en NaN. Ce notebook traite des remèdes. Vous les
# écrivez à la main, une fois, et vous saurez dès lors ce que font les modules de PyTorch. À la fin, vous menez une
# petite étude à vous : quel remède aide le plus, et à quel point en êtes-vous sûr ?
#
# **Vous allez apprendre** pourquoi les classes vont avec SoftMax et entropie croisée, et comment les calculer sans
# dépassement ; où les gradients s'évanouissent, et comment le voir ; ce que font des entrées centrées, BatchNorm et
# LayerNorm ; comment mesurer le surapprentissage, et quatre remèdes : pénalités, dropout, données augmentées, arrêt
# précoce ; comment comparer des remèdes honnêtement.
#
# **Il vous faut** `torch.nn`, `torch.optim` et la boucle d'apprentissage de `06_mnist`.
#
# | partie | minutes |
# |---|---|
# | Où vous en êtes | 7 |
# | 1 · K classes | 9 |
# | 2 · SoftMax et entropie croisée, sans risque | 17 |
# | 3 · Plusieurs étiquettes à la fois | 10 |
# | 4 · Où les gradients s'évanouissent, et où ils explosent | 25 |
# | 5 · Des entrées centrées | 10 |
# | 6 · BatchNorm et LayerNorm | 20 |
# | 7 · Un réseau qui surapprend | 12 |
# | 8 · Trois remèdes | 18 |
# | 9 · Votre propre étude | 22 |
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
# plus.

# %% setup
import functools
from types import SimpleNamespace

import matplotlib.pyplot as plt
import torch

from helpers import MNISTData, check, figures, playground, probes, progress, reveal, start
from helpers.messages import _ as say
from helpers.messages import number
from helpers.samples import CURVES, random_histories
from helpers.vision import torchvision

start("08_training", lang="en")

# %% [markdown] lang="en"
# ## Where you stand · about 7 minutes
#
# Three questions from earlier notebooks. Answer each in your head, then unfold it.
#
# <details>
# <summary>1 · 02_manual: scores, SoftMax, and the cross-entropy as a mean over n examples. What is the gradient in the scores?</summary>
#
# $(\hat{Y} - Y) / n$: prediction minus target, divided by the number of examples. It will come back in part 2, and it
# explains a curve in part 1.
#
# </details>
#
# <details>
# <summary>2 · 04_nn: a parameter, a buffer: what have they in common, and what not?</summary>
#
# Both belong to the module and are saved with it (`state_dict`). A parameter is trained: an optimiser finds it in
# `model.parameters()`. A buffer is not: the module itself changes it. In part 6, BatchNorm has two of each.
#
# </details>
#
# <details>
# <summary>3 · 06_mnist: why choose on a validation set, and measure on the test set only once?</summary>
#
# The best of several results is partly the luckiest. Whatever a set was used to choose, its number for the chosen one
# is too good. The test set stays honest as long as nothing was chosen with it. Part 9 keeps to this.
#
# </details>
#
# Now the data: digits again, but only 200 to learn from. 500 others are the validation set, 2000 the test set. (In
# earnest, nobody who has 500 more digits would keep them from the training. Here they measure, so that differences
# show.)
#
# `network` makes a network of any depth. Its last two arguments are for later: a normalisation before each activation,
# and a module after it.

# %% [markdown] lang="fr"
# ## Où vous en êtes · environ 7 minutes
#
# Trois questions sur les notebooks précédents. Répondez à chacune de tête, puis dépliez-la.
#
# <details>
# <summary>1 · 02_manual : des scores, un SoftMax, et l'entropie croisée, moyenne sur n exemples. Quel est le gradient par rapport aux scores ?</summary>
#
# $(\hat{Y} - Y) / n$ : la prédiction moins la cible, divisée par le nombre d'exemples. Il reviendra dans la partie 2,
# et il explique une courbe de la partie 1.
#
# </details>
#
# <details>
# <summary>2 · 04_nn : un paramètre, un tampon (buffer) : qu'ont-ils en commun, et qu'est-ce qui les distingue ?</summary>
#
# Tous deux font partie du module et sont sauvegardés avec lui (`state_dict`). Un paramètre est appris : l'optimiseur le
# trouve dans `model.parameters()`. Un tampon ne l'est pas : c'est le module lui-même qui le modifie. Dans la partie 6,
# BatchNorm a deux tenseurs de chaque sorte.
#
# </details>
#
# <details>
# <summary>3 · 06_mnist : pourquoi choisir sur des données de validation, et ne mesurer qu'une fois sur les données de test ?</summary>
#
# Le meilleur de plusieurs résultats est en partie le plus chanceux. Dès que des données ont servi à choisir, le nombre
# qu'elles donnent au modèle choisi est trop beau. Les données de test restent honnêtes tant que rien n'a été choisi
# avec elles. La partie 9 s'y tient.
#
# </details>
#
# Voici les données : encore des chiffres, mais 200 seulement pour apprendre. 500 autres servent à la validation, 2000
# au test. (En réalité, qui dispose de 500 chiffres de plus ne les prive pas d'apprentissage. Ici ils servent à mesurer,
# pour que les différences se voient.)
#
# `network` crée un réseau de profondeur quelconque. Ses deux derniers arguments serviront plus tard : une normalisation
# avant chaque activation, et un module après.


# %% setup
@functools.cache
def digits():
    """Return 200 digits to learn from, 500 to choose with, 2000 to test: Xtrain (200, 784), Ytrain (200, 10), Xval, …"""
    mnist = MNISTData()
    places = {"train": slice(0, 200), "val": slice(200, 700), "test": slice(700, 2700)}
    parts = {f"X{part}": mnist.Xtrain[place].clone() for part, place in places.items()}
    return SimpleNamespace(**parts, **{f"Y{part}": mnist.Ytrain[place].clone() for part, place in places.items()})


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
    """Draw rows of digits: rows is a list of pairs, a title and images, (n, 784) or (n, 28, 28)."""
    n = max(len(images) for _title, images in rows)
    fig, axes = plt.subplots(len(rows), n, figsize=(8, 0.9 * len(rows)), squeeze=False, layout="constrained")
    for line, (title, images) in zip(axes, rows):
        for ax in line:
            ax.set(xticks=[], yticks=[])
            ax.set_axis_off()
        for ax, image in zip(line, images):
            ax.imshow(image.reshape(28, 28), cmap="gray_r", vmin=0, vmax=1)
        line[0].text(-3, 14, title, ha="right", va="center")
    figures.show(fig, say("Rows of digits: {titles}.").format(titles=", ".join(title for title, _images in rows)))


# %% demo unclaimed="only a look at the data"
data = digits()
for part in ("train", "val", "test"):
    print(f"X{part}", tuple(getattr(data, f"X{part}").shape), f"Y{part}", tuple(getattr(data, f"Y{part}").shape))
show_images([("0–11", data.Xtrain[:12]), ("12–23", data.Xtrain[12:24])])

# %% [markdown] lang="en"
# ## 1 · K classes · about 9 minutes
#
# A label is a number, say 3. As a target of a network, that number is bad: it says that 3 lies between 2 and 4, and
# that 8 is far away. Classes have no order. So the target gets one place for each of the $K$ classes ($K$ is the $n_y$
# of the other notebooks), 1 at the place of the right one, 0 elsewhere: $y$, $(K,)$, is *one-hot*. The network gets $K$
# outputs, scores $\tilde{y}$, $(K,)$, and SoftMax makes probabilities $\hat{y}$ of them.
#
# Which loss, then? $\hat{y}$ should be close to $y$, so squared error is the first that comes to mind,
# $\sum_k (\hat{y}_k - y_k)^2$ for one example. It can be trained with, but it disappoints. To see why, look at what
# descent looks at: the gradient in the scores.
#
# Take one example of class 0, and three classes. Its own score goes from very bad to very good, the others stay at 0.
# The next figure shows how hard each loss pulls that score upwards: $-\partial \ell / \partial \tilde{y}_0$, where
# $\ell$ is the loss of this example. At a score of $-10$ the network is wrong, and very sure of itself.
#
# > **Before you run it.** How hard does the squared error pull at a score of $-10$? Nowhere does it pull harder than 1.
# > Put your number in the place of `None`.

# %% [markdown] lang="fr"
# ## 1 · K classes · environ 9 minutes
#
# Une étiquette est un nombre, disons 3. Comme cible d'un réseau, ce nombre est mauvais : il dit que 3 est entre 2 et 4,
# et que 8 est loin. Or des classes n'ont pas d'ordre. La cible reçoit donc une place pour chacune des $K$ classes ($K$
# est le $n_y$ des autres notebooks), 1 à la place de la bonne, 0 ailleurs : $y$, $(K,)$, est *one-hot*. Le réseau
# reçoit $K$ sorties, des scores $\tilde{y}$, $(K,)$, dont le SoftMax fait des probabilités $\hat{y}$.
#
# Quel coût choisir ? $\hat{y}$ devrait être proche de $y$ : l'erreur quadratique est la première à laquelle on pense,
# $\sum_k (\hat{y}_k - y_k)^2$ pour un exemple. On peut apprendre avec elle, mais elle déçoit. Pour comprendre pourquoi,
# voyons ce que voit la descente : le gradient par rapport aux scores.
#
# Prenons un seul exemple, de classe 0, et trois classes. Son propre score va de très mauvais à très bon, les autres
# restent à 0. La figure suivante montre avec quelle force chaque coût tire ce score vers le haut :
# $-\partial \ell / \partial \tilde{y}_0$, où $\ell$ est le coût de cet exemple. À un score de $-10$, le réseau se
# trompe, et il est très sûr de lui.
#
# > **Avant d'exécuter.** Avec quelle force l'erreur quadratique tire-t-elle à un score de $-10$ ? Nulle part elle ne
# > tire plus fort que 1. Écrivez votre nombre à la place de `None`.

# %% predict="pull_at_minus_10"
pull_at_minus_10 = None


# %% demo
score = torch.linspace(-10, 6, 161).requires_grad_()
Yhat = torch.softmax(torch.stack([score, 0 * score, 0 * score], dim=1), dim=1)
squared, cross = (Yhat - torch.eye(3)[0]).square().sum(1), -Yhat[:, 0].log()
losses = {say("squared error"): squared, say("cross-entropy"): cross}
pulls = {name: -torch.autograd.grad(loss.sum(), score, retain_graph=True)[0] for name, loss in losses.items()}
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for (name, pull), style in zip(pulls.items(), ("-", "--")):
    ax.plot(score.detach(), pull, style, color="#D55E00" if style == "-" else "#0072B2", label=name)
ax.set(xlabel=say("score of the right class"), ylabel=say("pull upwards"))
ax.legend()
ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "How strongly two losses pull the score of the right class upwards: with a low score the one lets go, "
        "the other pulls most."
    ),
)
reveal(pull_at_minus_10, float(pulls[say("squared error")][0]))

# %% claim="at -10 the squared error hardly pulls, the cross-entropy pulls hardest; the first has its peak in the middle"
se, ce = pulls.values()
assert se[0] < 1e-3 and ce[0] > 0.99 and ce.argmax() == 0
assert 0.1 < se.max() < 1 and -3 < score[se.argmax()] < 3
assert se[-1] < 0.01 and ce[-1] < 0.01

# %% [markdown] lang="en"
# The squared error has all but given up on the worst example: it sits on a plateau, where no small step changes
# anything. The cross-entropy pulls hardest exactly there.
#
# Sort these statements into true and false. The first class is the right one throughout, $y = (1, 0, 0)$.
#
# - **a.** With the squared error, an example that is undecided, with all scores at 0, is put right sooner than one that
#   is wrong and very sure of itself.
# - **b.** $\hat{y} = (0.49, \; 0.51, \; 0)$ has a smaller squared error than $\hat{y} = (0.4, \; 0.3, \; 0.3)$.
# - **c.** So, of two predictions, the one with the smaller squared error is always the one with the right class on top.
# - **d.** The cross-entropy $-\sum_k y_k \log \hat{y}_k$ of one example depends on the probability of the right class
#   alone.
# - **e.** One output that should be 0, 1 or 2, with the squared error, would do as well as one-hot targets.
# - **f.** For one example, the gradient of the cross-entropy in each score lies between $-1$ and $1$.

# %% [markdown] lang="fr"
# L'erreur quadratique a presque abandonné le pire des exemples : il est sur un plateau, où aucun petit pas ne change
# quoi que ce soit. C'est justement là que l'entropie croisée tire le plus fort.
#
# Pour chaque affirmation, dites si elle est vraie ou fausse. La première classe est toujours la bonne, $y = (1, 0, 0)$.
#
# - **a.** Avec l'erreur quadratique, un exemple indécis, dont tous les scores valent 0, est corrigé plus vite qu'un
#   exemple où le réseau se trompe et est très sûr de lui.
# - **b.** $\hat{y} = (0{,}49, \; 0{,}51, \; 0)$ a une erreur quadratique plus petite que
#   $\hat{y} = (0{,}4, \; 0{,}3, \; 0{,}3)$.
# - **c.** Donc, de deux prédictions, celle dont l'erreur quadratique est la plus petite est toujours celle qui met la
#   bonne classe en tête.
# - **d.** L'entropie croisée $-\sum_k y_k \log \hat{y}_k$ d'un exemple ne dépend que de la probabilité de la bonne
#   classe.
# - **e.** Une seule sortie, qui doit valoir 0, 1 ou 2, avec l'erreur quadratique, ferait aussi bien que des cibles
#   one-hot.
# - **f.** Pour un exemple, le gradient de l'entropie croisée par rapport à chaque score est compris entre $-1$ et $1$.


# %% answer="mse_or_ce"
def mse_or_ce():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": True, "c": False, "d": True, "e": False, "f": True}
    ### END SOLUTION


# %% check="mse_or_ce_sorted" points=3 ids=["S-onehot", "S-mseclass"]
check.letters(mse_or_ce, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    mse_or_ce(),
    {"a": True, "b": True, "c": False, "d": True, "e": False, "f": True},
    because={
        "a": "look at the curve: it pulls with 0.4 at a score of 0, and with less than 0.001 at −10.",
        "b": "0.51² + 0.51² is 0.52; 0.6² + 0.3² + 0.3² is 0.54.",
        "c": "b is an example against it: the smaller error has the wrong class on top.",
        "d": "the other terms of the sum have the factor 0.",
        "e": "it would say that class 1 lies between 0 and 2: between 0 and 2, the best guess would be 1.",
        "f": "it is ŷ − y, a probability minus 0 or 1.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 2 · SoftMax and cross-entropy, safely · about 17 minutes
#
# $$\hat{y}_k = \frac{e^{\tilde{y}_k}}{\sum_{j=1}^{K} e^{\tilde{y}_j}} \qquad\qquad \text{CE} = -\sum_{k=1}^{K} y_k \log \hat{y}_k$$
#
# These are for one example, with its scores $\tilde{y}$ and its target $y$. Written down as they stand, they fail
# twice. In float32, $e^{89}$ is already infinite, and infinity over infinity is NaN. And $e^{-104}$ is 0: then the
# probability is 0, and its logarithm $-\infty$.

# %% [markdown] lang="fr"
# ## 2 · SoftMax et entropie croisée, sans risque · environ 17 minutes
#
# $$\hat{y}_k = \frac{e^{\tilde{y}_k}}{\sum_{j=1}^{K} e^{\tilde{y}_j}} \qquad\qquad \text{CE} = -\sum_{k=1}^{K} y_k \log \hat{y}_k$$
#
# Ces formules valent pour un exemple, avec ses scores $\tilde{y}$ et sa cible $y$. Programmées telles quelles, elles
# échouent de deux façons. En float32, $e^{89}$ est déjà infini, et l'infini divisé par l'infini donne NaN. Et
# $e^{-104}$ vaut 0 : la probabilité est alors 0, et son logarithme $-\infty$.

# %% demo
logs = []
for scores in (torch.tensor([3.0, 1.0, 0.0]), torch.tensor([1000.0, 0.0, 0.0]), torch.tensor([0.0, 0.0, -200.0])):
    naive = scores.exp() / scores.exp().sum()
    logs.append(naive.log())
    print(scores.numpy(), "→", naive.numpy(), "→", logs[-1].numpy())

# %% claim="small scores are no problem, 1000 gives NaN, -200 a probability of 0 and minus infinity"
assert logs[0].isfinite().all()
assert logs[1].isnan().any()
assert logs[2][2] == -torch.inf and not logs[2].isnan().any()

# %% [markdown] lang="en"
# Two ideas mend it.
#
# 1. Never compute the probability. What is wanted is its *logarithm*: that of a quotient is a difference, and one of
#    the two terms then needs no exponential at all.
# 2. Subtract one number $m$ from all the scores of an example: numerator and denominator both get the factor $e^{-m}$,
#    so SoftMax does not change. Which $m$ of these scores makes sure that no exponential overflows, and that not all of
#    them are rounded to 0?
#
# On paper, write $\log \hat{y}_k$ with both ideas; then `log_softmax`, for a batch of scores $(n, K)$. Each example
# needs an $m$ of its own.

# %% [markdown] lang="fr"
# Deux idées y remédient.
#
# 1. Ne jamais calculer la probabilité. On en veut le *logarithme* : celui d'un quotient est une différence, et l'un des
#    deux termes n'a plus besoin d'aucune exponentielle.
# 2. Soustraire un même nombre $m$ à tous les scores d'un exemple : le numérateur et le dénominateur reçoivent tous deux
#    le facteur $e^{-m}$, et le SoftMax ne change pas. Quel $m$, parmi ces scores, garantit qu'aucune exponentielle ne
#    dépasse, et que l'une au moins n'est pas arrondie à 0 ?
#
# Écrivez $\log \hat{y}_k$ sur le papier avec ces deux idées, puis `log_softmax`, pour un lot de scores $(n, K)$. Chaque
# exemple a besoin de son propre $m$. Les fonctions toutes faites de torch (`softmax`, `log_softmax`, `logsumexp`, les
# coûts) ne sont pas permises.


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


# %% [markdown] hint="log_softmax" lang="en"
# Take $m$ as the largest of the scores of an example: the largest exponential is then $e^0$. What has $m$ taken away
# from it can be computed once and used twice: as it is, and, through an exponential, a sum and a logarithm, a second
# time. Both the largest score and the sum go over the $K$ classes, dimension 1, and must keep the shape $(n, 1)$.
# (`max` over a dimension returns two things, values and their places.)

# %% [markdown] hint="log_softmax" lang="fr"
# Prenez pour $m$ le plus grand des scores d'un exemple : la plus grande exponentielle est alors $e^0$. Les scores ainsi
# diminués de $m$ se calculent une fois et servent deux fois : tels quels, puis à travers une exponentielle, une somme
# et un logarithme. Le plus grand score comme la somme se prennent sur les $K$ classes, la dimension 1, et doivent
# garder la taille $(n, 1)$. (`max` sur une dimension renvoie deux choses, les valeurs et leurs places.)


# %% check="log_softmax_values" points=2 ids=["S-softmaxce"]
def verify(scores):
    """Compare with torch's own, which must not have been called."""
    expected = scores.log_softmax(1)
    try:
        got = log_softmax(scores.clone())
    except TypeError as error:
        check.that(
            "return_types" not in str(error), "max over a dimension gives values and indices: take .values, or amax"
        )
        raise
    except RuntimeError as error:
        check.that(
            "must match the size" not in str(error),
            "the largest score of each row has lost its dimension, or the sum: keepdim=True makes them (n, 1)",
        )
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
            "subtracting the largest score was not enough: the logarithm of the sum of exponentials is still to be taken away": (
                scores - scores.amax(1, keepdim=True)
            ),
            "the sign is wrong: a logarithm of a probability is at most 0": -expected,
            "the max was subtracted once only: subtract it inside the exponentials and outside": (
                scores - (scores - scores.max(1, keepdim=True).values).logsumexp(1, keepdim=True)
            ),
            "the max was subtracted outside the exponentials alone: subtract it inside them, too": (
                scores - scores.amax(1, keepdim=True) - scores.logsumexp(1, keepdim=True)
            ),
        },
        rtol=1e-8 if scores.dtype == torch.float64 else 1e-3,
        atol=1e-8 if scores.dtype == torch.float64 else 1e-5,
    )
    check.that(
        got.dtype == scores.dtype,
        "log_softmax(Ytilde) is of the type {got}, Ytilde of {expected}: the type should stay",
        got=got.dtype,
        expected=scores.dtype,
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
    try:
        got = log_softmax(scores.clone())
    except (RuntimeError, TypeError) as error:
        known = "must match the size" in str(error) or "return_types" in str(error)
        check.that(not known, "what the check above refuses stops this one too: go by that first")
        raise
    check.tensor(torch.zeros_like(got) if isinstance(got, torch.Tensor) else got, scores.shape, "log_softmax(Ytilde)")
    small = log_softmax(scores / 1000)
    check.that(
        torch.is_tensor(small) and torch.allclose(small.to(scores), (scores / 1000).log_softmax(1), atol=1e-3),
        "small scores are not right yet: go by what the check above says first",
    )
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

# %% [markdown] lang="en"
# Now `cross_entropy`, from the scores of a batch: the loss *and* its gradient. The loss $L$ is the mean of CE over the
# $n$ examples, a single number. The gradient $\partial L / \partial \tilde{Y}$ has the shape of the scores, $(n, K)$.
#
# Derive the gradient for one example first. What is the derivative of $\log \sum_j e^{\tilde{y}_j}$ in $\tilde{y}_k$?
# You know it by another name. And what do the $y_k$ of one example add up to? Autograd is the judge here, not the tool.

# %% [markdown] lang="fr"
# Maintenant `cross_entropy`, à partir des scores d'un lot : le coût *et* son gradient. Le coût $L$ est la moyenne de CE
# sur les $n$ exemples, un seul nombre. Le gradient $\partial L / \partial \tilde{Y}$ a la taille des scores, $(n, K)$.
# La fonction renvoie les deux, dans cet ordre, et se sert de `log_softmax`. Les cibles peuvent être one-hot, ou des
# probabilités de somme 1.
#
# Établissez d'abord le gradient pour un exemple. Quelle est la dérivée de $\log \sum_j e^{\tilde{y}_j}$ par rapport à
# $\tilde{y}_k$ ? Vous la connaissez sous un autre nom. Et que vaut la somme des $y_k$ d'un exemple ? Autograd sert ici
# de juge, pas d'outil.


# %% answer="cross_entropy"
def cross_entropy(Ytilde, Y):
    """Compute the cross-entropy of a batch from its scores, and its gradient in the scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), one-hot or probabilities that add up to 1.
    Returns (L, grad): the mean over the n examples, a single number, and the gradient of that mean, (n, K).
    Uses log_softmax; neither autograd nor torch's own losses.
    """
    ### BEGIN SOLUTION
    logs = log_softmax(Ytilde)
    L = -(Y * logs).sum(1).mean()
    grad = (logs.exp() - Y) / len(Y)
    return L, grad
    ### END SOLUTION


# %% [markdown] hint="cross_entropy" lang="en"
# ### The idea
#
# `log_softmax` gives all the $\log \hat{y}_{ik}$ at once. The loss weights them with $Y$ and adds them up over the
# classes; the mean goes over the examples alone. The gradient needs $\hat{Y}$ itself: what undoes a logarithm?
#
# ### The derivation
#
# For one example, $\text{CE} = -\sum_j y_j \tilde{y}_j + \big(\sum_j y_j\big) \log \sum_j e^{\tilde{y}_j}$, and the sum
# in brackets is 1. The derivative of the second term in $\tilde{y}_k$ is $e^{\tilde{y}_k} / \sum_j e^{\tilde{y}_j}$,
# which is $\hat{y}_k$. What does the first term add? And what does the mean over $n$ examples do to each row?
#
# ### The code, with blanks
#
# ```python
# logs = log_softmax(...)
# L = -(...).sum(1)...
# grad = (... - Y) / ...
# ```

# %% [markdown] hint="cross_entropy" lang="fr"
# ### L'idée
#
# `log_softmax` donne d'un coup tous les $\log \hat{y}_{ik}$. Le coût les pondère par $Y$ et les additionne sur les
# classes ; la moyenne porte sur les seuls exemples. Le gradient a besoin de $\hat{Y}$ lui-même : qu'est-ce qui défait
# un logarithme ?
#
# ### Le calcul
#
# Pour un exemple, $\text{CE} = -\sum_j y_j \tilde{y}_j + \big(\sum_j y_j\big) \log \sum_j e^{\tilde{y}_j}$, et la somme
# entre parenthèses vaut 1. La dérivée du second terme par rapport à $\tilde{y}_k$ est
# $e^{\tilde{y}_k} / \sum_j e^{\tilde{y}_j}$, c'est-à-dire $\hat{y}_k$. Qu'ajoute le premier terme ? Et que fait à
# chaque ligne la moyenne sur $n$ exemples ?
#
# ### Le code, à trous
#
# ```python
# logs = log_softmax(...)
# L = -(...).sum(1)...
# grad = (... - Y) / ...
# ```


# %% check="cross_entropy_loss" points=2 ids=["S-softmaxce"]
PLAIN = "def log_softmax(Ytilde):\n    a = Ytilde - Ytilde.amax(1, True)\n    return a - a.exp().sum(1, True).log()"
ROWS = "def log_softmax(Ytilde):\n    return Ytilde - Ytilde.logsumexp(1, keepdim=True)"


def verify(scores, Y):
    """Compare the loss with torch's own, with log_softmax given."""
    logs = scores.log_softmax(1)
    expected = -(Y * logs).sum(1).mean()
    got = probes.with_functions(ROWS, cross_entropy, *check.copies(scores, Y))
    check.that(
        not check.is_number(got),
        "the gradient is missing: return two values, the loss and its gradient, separated by a comma",
    )
    loss = check.pair(got, "cross_entropy(Ytilde, Y)")[0]
    check.that(
        scores.abs().max() < 90 or check.is_finite(loss),
        "large scores give NaN or infinity: an exponential overflows; start from what log_softmax gives",
    )
    check.close(
        loss,
        expected,
        "cross_entropy(Ytilde, Y)[0]",
        unless={
            "the result is NaN: what log_softmax gives are logarithms already, negative numbers; take no logarithm of them": (
                -(Y * logs.log()).sum(1).mean()
            )
            if ((Y == 0) | (Y == 1)).all()
            else -logs.mean(),
            "the result is NaN where no entry of Y is 1: Y may hold probabilities; weight with all of it": (
                -logs[Y == 1].mean()
            ),
            "the mean over the examples is missing: this is the sum": expected * len(Y),
            "this is the mean over examples and classes; sum over the classes": expected / Y.shape[1],
            "the sign is wrong: logarithms of probabilities are negative, the loss is positive": -expected,
            "SoftMax is taken twice: log_softmax takes the scores as they are": (
                -(Y * scores.softmax(1).log_softmax(1)).sum(1).mean()
            ),
            "the logarithm is taken twice: log_softmax has taken it already": -(Y * (-logs).log()).sum(1).mean(),
            "this is the mean of all log-probabilities; weight them with Y": -logs.sum(1).mean(),
            "the logarithm is missing: these are probabilities": -(Y * logs.exp()).sum(1).mean(),
            "this takes the most likely class of each row of Y; Y may hold probabilities: weight with all of it": (
                -logs[torch.arange(len(Y)), Y.argmax(1)].mean()
            ),
        },
    )
    found = probes.beyond_arithmetic_with(PLAIN, cross_entropy, scores.clone(), Y.clone())
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, -1.0]]), torch.eye(3)[[0, 2]])
verify(torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, -1.0]]), torch.tensor([[0.5, 0.0, 0.5], [0.2, 0.3, 0.5]]))
verify(torch.tensor([[1000.0, -1000.0, 0.0], [0.0, 2.0, -1.0]]), torch.eye(3)[[1, 2]])
### BEGIN HIDDEN TESTS
verify(3 * torch.randn(5, 4), torch.eye(4)[[0, 3, 1, 1, 2]])
verify(3 * torch.randn(5, 4), torch.rand(5, 4).softmax(1))
verify(3 * torch.randn(3, 7).T, torch.eye(3)[[0, 2, 1, 1, 0, 2, 2]])
verify(torch.tensor([[1000.0, -1000.0], [1000.0, -1000.0], [0.0, 1.0]]), torch.eye(2)[[0, 1, 1]])
verify(torch.randn(1, 6, dtype=torch.float64), torch.eye(6, dtype=torch.float64)[[4]])
### END HIDDEN TESTS


# %% check="cross_entropy_grad" points=2 ids=["S-softmaxce"]
ROWS = "def log_softmax(Ytilde):\n    return Ytilde - Ytilde.logsumexp(1, keepdim=True)"


def verify(scores, Y):
    """Compare the gradient with that of autograd, with log_softmax given."""
    leaf = scores.clone().requires_grad_()
    (expected,) = torch.autograd.grad(torch.nn.functional.cross_entropy(leaf, Y), leaf)
    yhat, n = scores.softmax(1), len(Y)
    got = probes.with_functions(ROWS, cross_entropy, *check.copies(scores, Y))
    check.that(
        not check.is_number(got),
        "the gradient is missing: return two values, the loss and its gradient, separated by a comma",
    )
    grad = check.pair(got, "cross_entropy(Ytilde, Y)")[1]
    check.that(
        scores.abs().max() < 90 or check.is_finite(grad),
        "large scores give NaN or infinity: an exponential overflows; start from what log_softmax gives",
    )
    check.close(
        grad,
        expected,
        "cross_entropy(Ytilde, Y)[1]",
        unless={
            "1/n is missing: the loss is a mean over the examples": n * expected,
            "the sign is wrong: prediction minus target": -expected,
            "divide by the number of examples alone, not by the number of all entries": expected / Y.shape[1],
            "you divided by the number of classes; divide by the number of examples": expected * n / Y.shape[1],
            "the scores are not the predictions: SoftMax first": (scores - Y) / n,
            "these are logarithms of probabilities; take exp of them first": (scores.log_softmax(1) - Y) / n,
            "SoftMax is taken over the examples; take it over the classes, dim=1": (scores.softmax(0) - Y) / n,
            "SoftMax is taken twice: log_softmax takes the scores as they are": (yhat.softmax(1) - Y) / n,
            "only the score of the right class has been given a gradient": Y * (yhat - Y) / n,
            "this is the gradient in the probabilities, −y/ŷ: go on through SoftMax, to the scores": -Y / yhat / n,
            "these are the probabilities: the target is still to be subtracted": yhat / n,
        },
    )


verify(torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, -1.0]]), torch.eye(3)[[0, 2]])
verify(torch.tensor([[1000.0, -1000.0, 0.0], [0.0, 2.0, -1.0]]), torch.eye(3)[[1, 2]])
try:
    by_autograd = probes.calls_autograd(cross_entropy, torch.zeros(2, 3), torch.eye(3)[:2])
except Exception:  # log_softmax, which it may use, is not right yet
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
# ## 3 · Several labels at once · about 10 minutes
#
# A photograph can show a dog *and* a ball, or neither. The rows of $Y$ then hold any number of ones. SoftMax is wrong
# for that: its probabilities share the total of 1. Each output becomes a yes-or-no question of its own, with a sigmoid,
# $\hat{y}_{ik} = \sigma(\tilde{y}_{ik})$, and its own cross-entropy, the *binary* one:
#
# $$\text{BCE} = -\frac{1}{nK} \sum_{i=1}^{n} \sum_{k=1}^{K} \Big( y_{ik} \log \hat{y}_{ik} + (1 - y_{ik}) \log (1 - \hat{y}_{ik}) \Big)$$
#
# Same danger, same remedy; and it is the same formula in disguise. Let $a$ be one score and $y$ its target. Multiply
# numerator and denominator of $\sigma(a) = 1 / (1 + e^{-a})$ by $e^a$: it is a SoftMax of two scores, $a$ and 0, with
# the targets $y$ and $1 - y$. So what part 2 did for $K$ scores can be done for these two. On paper, simplify what
# stands between the large brackets, with its minus sign, until one logarithm is left; choose $m$; then write `bce`.

# %% [markdown] lang="fr"
# ## 3 · Plusieurs étiquettes à la fois · environ 10 minutes
#
# Une photo peut montrer un chien *et* un ballon, ou ni l'un ni l'autre. Les lignes de $Y$ contiennent alors autant de 1
# que l'on veut. Le SoftMax ne convient pas : ses probabilités se partagent un total de 1. Chaque sortie devient une
# question par oui ou non, avec une sigmoïde, $\hat{y}_{ik} = \sigma(\tilde{y}_{ik})$, et sa propre entropie croisée,
# dite *binaire* :
#
# $$\text{BCE} = -\frac{1}{nK} \sum_{i=1}^{n} \sum_{k=1}^{K} \Big( y_{ik} \log \hat{y}_{ik} + (1 - y_{ik}) \log (1 - \hat{y}_{ik}) \Big)$$
#
# Même danger, même remède ; et c'est la même formule sous un autre habit. Soit $a$ un score, et $y$ sa cible.
# Multipliez le numérateur et le dénominateur de $\sigma(a) = 1 / (1 + e^{-a})$ par $e^a$ : c'est un SoftMax de deux
# scores, $a$ et 0, dont les cibles sont $y$ et $1 - y$. Ce que la partie 2 a fait pour $K$ scores, on peut donc le
# faire pour ces deux-là. Sur le papier, simplifiez la grande parenthèse, avec son signe moins, jusqu'à ce qu'il ne
# reste qu'un logarithme ; choisissez $m$ ; puis écrivez `bce`. Le résultat est la moyenne sur toutes les cases ; il
# reste sur son graphe, et le gradient qu'autograd en tire doit être fini, et juste, même pour un score de 0. Les
# entropies croisées binaires de torch ne sont pas permises.


# %% answer="bce"
def bce(Ytilde, Y):
    """Compute the binary cross-entropy of a batch with several labels, from its scores.

    Ytilde: scores (n, K), also ±1000. Y: targets (n, K), each entry 0 or 1, any number of ones in a row.
    Returns the mean over all n K entries, a single number still on its graph; its gradient is finite too, and right
    at a score of 0 as well.
    torch's own binary cross-entropies are not allowed.
    """
    ### BEGIN SOLUTION
    m = Ytilde.clamp(min=0)
    logsum = m + torch.log(torch.exp(-m) + torch.exp(Ytilde - m))
    return (logsum - Y * Ytilde).mean()
    ### END SOLUTION


# %% [markdown] hint="bce" lang="en"
# ### The idea
#
# The cross-entropy of two scores $a$ and 0 with the targets $y$ and $1 - y$ is $-y a - (1 - y) \cdot 0$ plus the
# logarithm of a sum of two exponentials. Which two?
#
# ### The derivation
#
# What is left is $-a y$ and the logarithm of $e^a + e^0$. Only the logarithm can overflow. There are two scores here, $a$
# and 0: which $m$ did you choose in part 2? Each entry has its own. Take it out of both exponentials, and keep both: if
# you shorten them to one, with $|a|$, look at the gradient where the score is 0.
#
# ### The code, with blanks
#
# ```python
# m = ...
# logsum = ... + torch.log(... + ...)
# return (logsum - ...).mean()
# ```

# %% [markdown] hint="bce" lang="fr"
# ### L'idée
#
# L'entropie croisée de deux scores $a$ et 0, de cibles $y$ et $1 - y$, est $-y a - (1 - y) \cdot 0$ plus le logarithme
# d'une somme de deux exponentielles. Lesquelles ?
#
# ### Le calcul
#
# Il reste $-a y$ et le logarithme de $e^a + e^0$. Seul le logarithme peut dépasser. Il y a ici deux scores, $a$ et 0 :
# quel $m$ aviez-vous choisi dans la partie 2 ? Chaque case a le sien. Sortez-le des deux exponentielles, et gardez-les
# toutes les deux : si vous les réduisez à une seule, avec $|a|$, regardez le gradient là où le score vaut 0.
#
# ### Le code, à trous
#
# ```python
# m = ...
# logsum = ... + torch.log(... + ...)
# return (logsum - ...).mean()
# ```


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
            "the target is not subtracted: − a y is missing": torch.nn.functional.softplus(scores).mean(),
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


verify(torch.tensor([[2.0, -1.0, 0.5], [-2.5, 1.0, 1.5]]), torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]))
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
    few, labels = torch.tensor([[2.0, -1.0, 0.5]]), torch.tensor([[1.0, 0.0, 1.0]])
    small, known = bce(few, labels), torch.nn.functional.binary_cross_entropy_with_logits(few, labels)
    check.that(
        check.is_number(small) and abs(float(small) - float(known)) < 1e-3,
        "small scores are not right yet: go by what the check above says first",
    )
    run = probes.gradients(bce, scores.clone().requires_grad_(), Y)
    got = run["result"]
    number = isinstance(got, torch.Tensor) and got.numel() == 1 and got.is_floating_point() and got.device.type == "cpu"
    value = torch.tensor(float(got) if number or isinstance(got, float) else 0.0, dtype=torch.float64)
    check.that(
        value.isfinite(),
        "NaN or infinity: an exponential overflowed, or a logarithm was taken of what was rounded to 0; simplify on paper, and take the larger of a and 0 out of both exponentials",
    )
    check.close(
        run["result"],
        expected,
        "bce(Ytilde, Y)",
        unless={
            "the logarithm is cut off: an error of 1000 must cost 1000; simplify it on paper, nothing is to be clamped": value
        }
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
# ## 4 · Where gradients vanish, and where they explode · about 25 minutes
#
# On its way back to the first layers, the gradient is multiplied at each layer by the weights and by the derivative of
# the activation. That of the sigmoid is $\sigma (1 - \sigma)$: at most $\frac{1}{4}$, at a score of 0, and nearly 0
# where the sigmoid is *saturated*, at either end. Ten such factors leave little.
#
# How little can be measured. Compute the gradient of the cross-entropy once, and take for each weight matrix $W$ the
# norm of its part:
#
# $$\left\| \frac{\partial L}{\partial W} \right\| = \sqrt{\sum_{i,j} \left( \frac{\partial L}{\partial W_{ij}} \right)^2}$$
#
# Write `gradient_norms`, for any model. A weight matrix is a parameter with two dimensions; biases have one. Gradients
# may be left in the model from before: they must not count.

# %% [markdown] lang="fr"
# ## 4 · Où les gradients s'évanouissent, et où ils explosent · environ 25 minutes
#
# En remontant vers les premières couches, le gradient est multiplié à chaque couche par les poids et par la dérivée de
# l'activation. Celle de la sigmoïde est $\sigma (1 - \sigma)$ : au plus $\frac{1}{4}$, pour un score de 0, et presque 0
# là où la sigmoïde est *saturée*, à ses deux bouts. Dix facteurs de ce genre ne laissent pas grand-chose.
#
# Combien exactement ? Cela se mesure. On calcule une fois le gradient de l'entropie croisée et, pour chaque matrice de
# poids $W$, on prend la norme de la partie qui lui revient :
#
# $$\left\| \frac{\partial L}{\partial W} \right\| = \sqrt{\sum_{i,j} \left( \frac{\partial L}{\partial W_{ij}} \right)^2}$$
#
# Écrivez `gradient_norms`, pour un modèle quelconque : la fonction renvoie la liste de ces normes, de la première
# matrice à la dernière. Une matrice de poids est un paramètre à deux dimensions ; les biais n'en ont qu'une. Des
# gradients peuvent traîner dans le modèle depuis un calcul précédent : ils ne doivent pas compter.
# `torch.nn.functional.cross_entropy` convient pour le coût.


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


# %% [markdown] hint="gradient_norms" lang="en"
# ### The idea
#
# It is one training step without its last line: reset the gradients, compute the loss, go back. Nothing is learnt; you
# only look at what has arrived.
#
# ### What is where
#
# After `backward()`, each `p` of `model.parameters()` has its gradient in `p.grad`, of the shape of `p`. Tensors have a
# method `norm()`: the root of the sum of squares of all their entries. `p.ndim` says how many dimensions `p` has.
#
# ### The code, with blanks
#
# ```python
# torch.nn.functional.cross_entropy(...).backward()
# return [float(...) for p in model.parameters() if ...]
# ```

# %% [markdown] hint="gradient_norms" lang="fr"
# ### L'idée
#
# C'est un pas de descente sans sa dernière ligne : remettre les gradients à zéro, calculer le coût, revenir en arrière.
# Rien n'est appris ; on regarde seulement ce qui est arrivé.
#
# ### Où se trouve quoi
#
# Après `backward()`, chaque `p` de `model.parameters()` a son gradient dans `p.grad`, de la taille de `p`. Les tenseurs
# ont une méthode `norm()` : la racine de la somme des carrés de toutes leurs cases. `p.ndim` dit combien de dimensions
# a `p`.
#
# ### Le code, à trous
#
# ```python
# torch.nn.functional.cross_entropy(...).backward()
# return [float(...) for p in model.parameters() if ...]
# ```


# %% check="gradient_norms_values" points=2 ids=["S-vanish"]
def norms_of(layers, values, stale, X, Y):
    """Call gradient_norms on a model with these gradients from before."""
    try:
        return probes.with_slopes(gradient_norms, layers, values, stale, X, Y)["result"]
    except AttributeError as error:
        check.that(
            "'NoneType' object has no attribute" not in str(error),
            "a gradient is None: once they are reset, call backward() on the loss, then look at p.grad",
        )
        raise


def verify_any(n, layers, seed):
    """Compare the norms of a model of any layers with those that autograd finds."""
    torch.manual_seed(seed)
    model = torch.nn.Sequential(*(getattr(torch.nn, kind)(*sizes) for kind, *sizes in layers))
    names, params = zip(*model.named_parameters())
    X, classes = torch.randn(n, layers[0][1]), layers[-1][-1]
    Y = torch.eye(classes)[torch.randint(classes, (n,))]
    grads = torch.autograd.grad(torch.nn.functional.cross_entropy(model(X), Y), params)
    values = [param.detach() for param in params]
    got = norms_of(layers, values, [torch.randn_like(value) for value in values], X, Y)
    got = check.items(got, "gradient_norms(model, X, Y)")
    wanted = [k for k, value in enumerate(values) if value.ndim == 2]
    named = [k for k, name in enumerate(names) if name.endswith("weight")]
    linear = [k for k in named if values[k].ndim == 2]

    def is_it(places):
        return len(got) == len(places) and all(
            check.is_number(one) and abs(check.number(one, "gradient_norms(model, X, Y)") - float(grads[k].norm())) < 1e-4
            for one, k in zip(got, places)
        )

    check.that(
        is_it(wanted) or not is_it(linear),
        "only the layers Linear are counted: go through model.parameters(), and take each one with two dimensions",
    )
    check.that(
        is_it(wanted) or not (is_it(named) or is_it(range(0, len(values), 2))),
        "the parameters of a normalisation are counted too: a weight matrix is a parameter with two dimensions",
    )
    weights = torch.stack([grads[k].norm() for k in wanted])
    got = check.numbers(got, len(wanted), "gradient_norms(model, X, Y)")
    check.close(got, weights, "gradient_norms(model, X, Y)")


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
    twice = torch.autograd.grad(-(Y * a.softmax(1).log_softmax(1)).sum(1).mean(), leaves, retain_graph=True)
    grads = torch.autograd.grad(-(Y * a.log_softmax(1)).sum(1).mean(), leaves)
    stale = [torch.randn_like(value) for value in values]
    got = check.items(norms_of(layers[:-1], values, stale, X, Y), "gradient_norms(model, X, Y)")
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
            "SoftMax is taken twice: the loss takes the scores as they are": torch.stack(
                [grad.norm() for grad in twice[::2]]
            ),
        },
        atol=1e-8,
    )


verify(6, [3, 5, 4, 2], "Sigmoid", torch.sigmoid, 1)
verify_any(6, [["Linear", 3, 5], ["LayerNorm", 5], ["Tanh"], ["Linear", 5, 2]], 2)
verify_any(6, [["Linear", 3, 5], ["RNNCell", 5, 4], ["Linear", 4, 2]], 3)
### BEGIN HIDDEN TESTS
verify(7, [4, 6, 5, 8, 3], "ReLU", torch.relu, 2)
verify(1, [5, 9, 3], "Tanh", torch.tanh, 3)
verify_any(7, [["Linear", 4, 6], ["BatchNorm1d", 6], ["ReLU"], ["RNNCell", 6, 5], ["Linear", 5, 3]], 4)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Ten layers of 50 units, the same weights three times, of standard deviation $\sqrt{2 / n_{\text{in}}}$ in a layer of
# $n_{\text{in}}$ inputs. Only the activation differs.
#
# > **Before you run it.** With sigmoids, the gradient of the first layer is $10^{p}$ times that of the last. Guess $p$,
# > a whole number, and put it in the place of `None`.

# %% [markdown] lang="fr"
# Dix couches de 50 unités, trois fois les mêmes poids, d'écart-type $\sqrt{2 / n_{\text{in}}}$ dans une couche à
# $n_{\text{in}}$ entrées. Seule l'activation change.
#
# > **Avant d'exécuter.** Avec des sigmoïdes, le gradient de la première couche est égal à celui de la dernière
# > multiplié par $10^{p}$. Proposez $p$, un nombre entier, à la place de `None`.

# %% predict="power_of_ten"
power_of_ten = None


# %% setup
def deep(activation, norm=None, seed=0):
    """Make a network with ten hidden layers of 50 units, its weights always the same for a seed, its biases 0."""
    model = network([784] + 10 * [50] + [10], activation, norm)
    random = torch.Generator().manual_seed(seed)
    for layer in model:
        if isinstance(layer, torch.nn.Linear):
            layer.bias.data.zero_()
            layer.weight.data = torch.randn(layer.weight.shape, generator=random) * (2 / layer.in_features) ** 0.5
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
    figures.show(fig, say("Norms of gradients, layer by layer."))


# %% demo
data = digits()
X = data.Xtrain - data.Xtrain.mean()
norms = {}
for activation in (torch.nn.Sigmoid, torch.nn.Tanh, torch.nn.ReLU):
    norms[activation.__name__] = gradient_norms(deep(activation, seed=0), X, data.Ytrain)
draw_norms(norms, say("layer (1 is next to the input)"), say("norm of the gradient"))
ratios = {name: float(values[0] / values[-1]) for name, values in norms.items()}
for name, ratio in ratios.items():
    print(f"{name:20} {ratio:.1g}")
reveal(power_of_ten, round(torch.tensor(ratios["Sigmoid"]).log10().item()))

# %% claim="with sigmoids the first layer gets a ten-thousandth or less of the last one's gradient; with tanh and ReLU it does not vanish"
assert ratios["Sigmoid"] < 1e-4
assert ratios["Tanh"] > 0.1 and ratios["ReLU"] > 0.1

# %% [markdown] lang="en"
# The printed numbers are the norm of the first layer divided by that of the last. A step of SGD is as small as its
# gradient: the first layers of the sigmoids would learn more than ten thousand times more slowly
# than the last. A learning rate ten thousand times larger would be no cure, since the last layers would take it too.
# ReLU has the derivative 1 wherever it is active, so that factor never shrinks anything. (Where a ReLU unit is negative
# for *every* example, its derivative is always 0, and it learns nothing more: such a unit is called dead.)
#
# ### The weights to start with
#
# The other factor is the weights themselves, as they are drawn at the start. In a unit with $n_{\text{in}}$ inputs,
# $n_{\text{in}}$ products of a weight and an input are added up. If each weight has the standard deviation
# $s / \sqrt{n_{\text{in}}}$, the sum is spread about $s$ times as wide as the inputs. Through ten layers this happens
# ten times.
#
# The figure shows the outputs of tanh units, layer by layer, as histograms: for three values of $s$, all values that
# come out of layers 1, 4, 7 and 10 when 200 digits go in. For small scores, $\tanh(a) \approx a$.
#
# > **Before you run it.** With $s = 0.5$: how many times narrower is the histogram of layer 10 than that of layer 1?

# %% [markdown] lang="fr"
# Les nombres affichés sont la norme de la première couche divisée par celle de la dernière. Un pas de SGD est aussi
# petit que son gradient : les premières couches de sigmoïdes apprendraient plus de dix mille fois plus lentement que la
# dernière. Un pas d'apprentissage dix mille fois plus grand ne serait pas un remède : les dernières couches le
# recevraient aussi. ReLU a pour dérivée 1 partout où elle est active : ce facteur-là n'affaiblit jamais rien. (Si une
# unité ReLU est négative pour *tous* les exemples, sa dérivée est toujours nulle, et elle n'apprend plus rien : on dit
# qu'elle est morte.)
#
# ### Les poids de départ
#
# L'autre facteur, ce sont les poids eux-mêmes, tels qu'on les tire au départ. Dans une unité à $n_{\text{in}}$ entrées,
# on additionne $n_{\text{in}}$ produits d'un poids et d'une entrée. Si chaque poids a pour écart-type
# $s / \sqrt{n_{\text{in}}}$, la somme s'étale environ $s$ fois plus que les entrées. À travers dix couches, cela se
# produit dix fois.
#
# La figure montre les sorties d'unités tanh, couche par couche, sous forme d'histogrammes : pour trois valeurs de $s$,
# toutes les valeurs qui sortent des couches 1, 4, 7 et 10 quand on y fait entrer 200 chiffres. Pour de petits scores,
# $\tanh(a) \approx a$.
#
# > **Avant d'exécuter.** Avec $s = 0{,}5$ : combien de fois l'histogramme de la couche 10 est-il plus étroit que celui
# > de la couche 1 ?

# %% predict="times_narrower"
times_narrower = None


# %% demo
data = digits()
torch.manual_seed(0)
shown, strong = (1, 4, 7, 10), (0.5, 1.0, 3.0)
spread, ends = {}, {}
fig, axes = plt.subplots(len(strong), len(shown), figsize=(8, 4.2), sharex=True, layout="constrained")
for line, s in zip(axes, strong):
    Z = data.Xtrain - data.Xtrain.mean()
    for layer in range(1, 11):
        W = s / Z.shape[1] ** 0.5 * torch.randn(50, Z.shape[1])
        Z = torch.tanh(Z @ W.T)
        spread[s, layer], ends[s, layer] = float(Z.std()), float((Z.abs() > 0.95).float().mean())
        if layer in shown:
            ax = line[shown.index(layer)]
            ax.hist(Z.flatten().numpy(), bins=41, range=(-1, 1), color="#0072B2")
            ax.set(yticks=[], title=say("layer {k}").format(k=layer) if s == strong[0] else "")
    line[0].set_ylabel(f"$s$ = {number(s, 'g')}")
figures.show(
    fig,
    say(
        "Histograms of what layers 1, 4, 7 and 10 put out, with three sizes of weights: with small ones it "
        "shrinks to 0, with large ones it gathers at −1 and 1."
    ),
)
reveal(times_narrower, round(spread[0.5, 1] / spread[0.5, 10]))

# %% claim="s = 0.5 leaves nothing at the end, s = 1 keeps most of the spread, s = 3 drives nearly half of the values to the ends"
assert 200 < spread[0.5, 1] / spread[0.5, 10] < 1300
assert 0.4 < spread[1.0, 10] / spread[1.0, 1] < 1 and ends[1.0, 10] < 0.01
assert ends[3.0, 10] > 0.35

# %% [markdown] lang="en"
# Halved nine times over: $2^9 = 512$. All the examples then look alike to the last layer, and there is nothing left to
# learn from. With $s = 3$ the values are driven to both ends, where tanh is saturated and its derivative is nearly 0.
# With $s = 1$ they keep most of their spread: tanh itself takes a little away. So for tanh one draws weights of standard
# deviation $1 / \sqrt{n_{\text{in}}}$, and for ReLU, which loses the negative half, $\sqrt{2 / n_{\text{in}}}$, as in the networks above. `torch.nn.Linear` itself
# draws with $s \approx 0.58$. With two layers this makes no difference; with ten it does.

# %% [markdown] lang="fr"
# Neuf fois de suite divisé par deux : $2^9 = 512$. Pour la dernière couche, tous les exemples se ressemblent
# alors, et il n'y a plus rien à en apprendre. Avec $s = 3$, les valeurs sont poussées aux deux bouts, là où tanh est
# saturée et sa dérivée presque nulle. Avec $s = 1$, elles gardent l'essentiel de leur étalement : tanh elle-même
# en ôte un peu. Pour tanh, on tire donc des poids d'écart-type $1 / \sqrt{n_{\text{in}}}$ et, pour ReLU, qui perd la moitié négative, $\sqrt{2 / n_{\text{in}}}$, comme
# dans les réseaux ci-dessus. `torch.nn.Linear`, de son côté, tire avec $s \approx 0{,}58$. Avec deux couches, cela ne
# change rien ; avec dix, si.

# %% [markdown] lang="en"
# ### Clipping
#
# The opposite happens too: one strange batch, one steep place, and the gradient is a thousand times larger than usual.
# A single step throws away what was learnt. *Clipping* sets a limit $r$ (`limit`) on the length of the whole gradient
# $g$, made of the gradients $g_p$ of all the parameters $p$ together:
#
# $$\|g\| = \sqrt{\sum_{p} \|g_p\|^2}$$
#
# A gradient that is longer than $r$ is shortened to the length $r$, and keeps its direction: so all its parts are
# multiplied by the **same** factor. Which one? A shorter gradient is left alone. Write `clip_gradients`; it goes
# between `L.backward()` and `optim.step()`, changes the gradients where they are, and returns what $\|g\|$ was before.

# %% [markdown] lang="fr"
# ### Écrêter le gradient
#
# L'inverse arrive aussi : un lot étrange, un endroit escarpé, et le gradient est mille fois plus grand que d'habitude.
# Un seul pas détruit ce qui était appris. *Écrêter* le gradient (en anglais *clipping*), c'est fixer une limite $r$
# (`limit`) à la longueur du gradient entier $g$, qui réunit les gradients $g_p$ de tous les paramètres $p$ :
#
# $$\|g\| = \sqrt{\sum_{p} \|g_p\|^2}$$
#
# Un gradient plus long que $r$ est ramené à la longueur $r$, et garde sa direction : toutes ses parties sont donc
# multipliées par le **même** facteur. Lequel ? Un gradient plus court n'est pas touché. Écrivez `clip_gradients` ; son
# appel se place entre `L.backward()` et `optim.step()`. La fonction modifie les gradients sur place et renvoie ce que
# valait $\|g\|$ avant. Un paramètre sans gradient (`.grad` vaut None) est laissé de côté ; les fonctions `clip_grad`
# de torch ne sont pas permises.


# %% answer="clip_gradients"
def clip_gradients(model, limit):
    """Shorten the gradient of a model, in place, if it is longer than limit.

    model: a torch.nn.Module; parameters whose .grad is None are left out. limit: > 0.
    Returns the norm of the whole gradient before it was clipped, a single number.
    torch's own clip_grad functions are not allowed.
    """
    ### BEGIN SOLUTION
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum((g**2).sum() for g in grads) ** 0.5
    if norm > limit:
        for g in grads:
            g *= limit / norm
    return norm
    ### END SOLUTION


# %% [markdown] hint="clip_gradients" lang="en"
# ### The idea
#
# Imagine all the gradients written one after the other in one long vector. It has one length, and one factor makes it
# shorter. Two passes: the first measures the length, the second multiplies.
#
# ### The derivation
#
# A vector of length $\|g\|$, multiplied by $c > 0$, has the length $c \|g\|$. That should be $r$. In the first pass,
# squares are added up over all entries of all gradients; one root at the end, not one for each. In the second pass the
# gradients must be changed themselves: `g *= …` does that, `g = g * …` makes a new tensor that nobody sees.
#
# ### The code, with blanks
#
# ```python
# grads = [p.grad for p in ... if ...]
# norm = sum(... for g in grads) ** 0.5
# if ...:
#     for g in grads:
#         g *= ...
# return norm
# ```

# %% [markdown] hint="clip_gradients" lang="fr"
# ### L'idée
#
# Imaginez tous les gradients écrits à la suite dans un seul long vecteur. Il a une longueur, et un seul facteur le
# raccourcit. Deux parcours : le premier mesure la longueur, le second multiplie.
#
# ### Le calcul
#
# Un vecteur de longueur $\|g\|$, multiplié par $c > 0$, a pour longueur $c \|g\|$. On veut que ce soit $r$. Au premier
# parcours, on additionne les carrés de toutes les cases de tous les gradients ; une seule racine, à la fin, et non une
# pour chacun. Au second, il faut modifier les gradients eux-mêmes : `g *= …` le fait, `g = g * …` fabrique un nouveau
# tenseur que personne ne voit.
#
# ### Le code, à trous
#
# ```python
# grads = [p.grad for p in ... if ...]
# norm = sum(... for g in grads) ** 0.5
# if ...:
#     for g in grads:
#         g *= ...
# return norm
# ```


# %% check="clip_gradients_long" points=2 ids=["S-clip"]
def verify(layers, shapes, limit):
    """Clip a gradient that is too long."""
    values, slopes = ([3 * torch.randn(shape) for shape in shapes] for _ in range(2))
    run = probes.one_step(clip_gradients, layers, values, slopes, [limit])
    check.that(
        "leaf Variable" not in run["error"],
        "this changes the weights, p; it is their gradients, p.grad, that are to be shortened",
    )
    norm = torch.cat([slope.flatten() for slope in slopes]).norm()
    kept = all(new is not None and torch.equal(new, old) for new, old in zip(run["slopes"], slopes))
    check.that(
        not kept or all(torch.equal(new, old) for new, old in zip(run["values"], values)),
        "this changes the weights, p; it is their gradients, p.grad, that are to be shortened",
    )
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
                "this is the length of the weights; measure that of their gradients": (
                    old * limit / torch.cat([value.flatten() for value in values]).norm()
                ),
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
    check.that(
        "leaf Variable" not in run["error"],
        "this changes the weights, p; it is their gradients, p.grad, that are to be shortened",
    )
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
            "this is the length of the weights; measure that of their gradients": (
                torch.cat([value.flatten() for value in values]).norm()
            ),
            "this is the norm of the last gradient alone; all of them count": slopes[-1].norm(),
            "this is the largest of the norms; all of them count: add the squares, then take the root": (
                max(slope.norm() for slope in slopes)
            ),
        },
    )
    names = probes.with_slopes(clip_gradients, layers, values, slopes, limit)["beyond"]
    found = [name for name in names if "clip" in name or "_foreach" in name]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


layers, shapes = [["Linear", 2, 3], ["Tanh"], ["Linear", 3, 2]], [(3, 2), (3,), (2, 3), (2,)]
verify(layers, shapes, 50.0, 1.0)
verify(layers, shapes, 0.5, 1.0)
values = [torch.randn(shape) for shape in shapes]
try:
    run = probes.one_step(clip_gradients, layers, values, values[:2], [0.5])
except AttributeError as error:
    check.that("NoneType" not in str(error), "a parameter without gradient, .grad is None, must be left out")
    raise
check.that("NoneType" not in run["error"], "a parameter without gradient, .grad is None, must be left out")
check.close(run["result"], torch.cat([value.flatten() for value in values[:2]]).norm(), "clip_gradients(model, limit)")
check.that(run["slopes"][2] is None, "a parameter without gradient, .grad is None, must be left out")
### BEGIN HIDDEN TESTS
layers, shapes = [["Linear", 4, 7], ["ReLU"], ["Linear", 7, 3]], [(7, 4), (7,), (3, 7), (3,)]
verify(layers, shapes, 100.0, 2.0)
verify(layers, shapes, 1.2, 2.0)
verify(layers, shapes, 1.0, 0.0)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The loss below is a bowl on a plateau, with a steep wall on its left. Descent starts on that wall, with $\eta = 0.25$,
# and takes 40 steps, with a limit of 1 and without.

# %% [markdown] lang="fr"
# Le coût ci-dessous est une cuvette au milieu d'un plateau, avec une falaise à sa gauche. La descente commence sur
# cette falaise, avec $\eta = 0{,}25$, et fait 40 pas, avec une limite de 1 et sans limite.


# %% demo
def cliff(w1, w2):
    w1, w2 = torch.as_tensor(w1), torch.as_tensor(w2)
    return 2 - 2 * torch.exp(-(w1**2 + w2**2) / 6) + (w1 < -1.5) * 25 * (w1 + 1.5) ** 2


def descend(limit):
    model = torch.nn.Linear(2, 1, bias=False)
    model.weight.data = torch.tensor([[-2.1, 1.5]])
    path = [model.weight.detach().clone()[0]]
    for _ in range(40):
        model.zero_grad()
        cliff(*model.weight[0]).backward()
        if limit:
            clip_gradients(model, limit)
        with torch.no_grad():
            model.weight -= 0.25 * model.weight.grad
        path.append(model.weight.detach().clone()[0])
    return torch.stack(path)


free, clipped = descend(None), descend(1.0)
paths = {say("without clipping"): free, say("clipped"): clipped}
figures.surface(cliff, paths, xlim=(-2.2, 6), ylim=(-1.5, 2.5))
last = {name: float(cliff(*path[-1])) for name, path in paths.items()}
for name, loss in last.items():
    print(f"{name:20} {number(loss, '.2f')}")

# %% claim="one step without clipping lands on the plateau and stays there; clipped, descent ends at the bottom of the bowl"
assert free[1, 0] > 5 and cliff(*free[-1]) > 1.9
assert clipped[2, 0] < -1.5 < clipped[3, 0] and cliff(*clipped[-1]) < 0.01

# %% [markdown] lang="en"
# The last losses are printed. The first gradient is some thirty long, and one step of it goes right across the bowl. It
# ends on the plateau, where the gradient is nearly 0: from there the descent hardly moves in all of these 40 steps.
# With the limit, three small steps in nearly the same direction come down from the wall, and from then on the gradient is a harmless one.

# %% [markdown] lang="fr"
# Les derniers coûts sont affichés. Le premier gradient a une longueur d'une trentaine, et un seul de ses pas traverse
# toute la cuvette. Il s'arrête sur le plateau, où le gradient est presque nul : de là, la descente n'avance presque plus
# pendant ces 40 pas. Avec la limite, trois petits pas dans presque la même direction descendent de la falaise ; dès lors, le gradient est
# inoffensif.

# %% [markdown] lang="en"
# ## 5 · Centred inputs · about 10 minutes
#
# Take the simplest model, $\hat{y} = w x + b$, with the squared error. Its loss is a bowl over $(w, b)$, a paraboloid
# whose shape depends on the inputs alone. A flat has around 70 m²: a small change of $w$ then acts almost like a change
# of $b$, seventy times stronger. The level lines become a long narrow valley, and descent, whose rate is bounded by the
# steepest direction, crawls along the flat one.
#
# The *condition number* $\kappa$ says how narrow: it is the largest curvature of the bowl divided by the smallest. A
# round bowl has $\kappa = 1$. With a learning rate that suits the steepest direction, descent needs about $\kappa$
# steps to reduce the error along the flattest one to a third.
#
# The cure: *standardise*. Subtract its mean from each feature, divide by its standard deviation. Two traps. The test
# set stands for data that nobody has seen yet: its mean cannot be known when the model is made. With whose numbers are
# the test inputs moved and scaled, then? And some features are constant in the training set, as the pixels in the
# corners of digits are. What is their standard deviation?
#
# Write `standardise`. A constant feature is only centred.

# %% [markdown] lang="fr"
# ## 5 · Des entrées centrées · environ 10 minutes
#
# Prenons le modèle le plus simple, $\hat{y} = w x + b$, avec l'erreur quadratique. Son coût est une cuvette au-dessus
# de $(w, b)$, un paraboloïde dont la forme ne dépend que des entrées. Un appartement fait autour de 70 m² : changer un
# peu $w$ agit alors presque comme changer $b$, soixante-dix fois plus fort. Les lignes de niveau deviennent une vallée
# longue et étroite, et la descente, dont le pas d'apprentissage est limité par la direction la plus raide, se traîne le
# long de la plus plate.
#
# Le *conditionnement* $\kappa$ dit à quel point elle est étroite : c'est la plus grande courbure de la cuvette divisée
# par la plus petite. Une cuvette ronde a $\kappa = 1$. Avec un pas d'apprentissage qui convient à la direction la plus
# raide, la descente a besoin d'environ $\kappa$ pas pour réduire au tiers l'erreur dans la plus plate.
#
# Le remède : *centrer et réduire*. On soustrait à chaque variable sa moyenne, on la divise par son écart-type. Deux
# pièges. Les données de test représentent ce que personne n'a encore vu : leur moyenne ne peut être connue quand on
# construit le modèle. Avec quels nombres faut-il donc déplacer et réduire les entrées de test ? Et certaines variables
# sont constantes dans les données d'apprentissage, comme les pixels des coins d'un chiffre. Que vaut leur écart-type ?
#
# Écrivez `standardise`, qui renvoie les deux tableaux. Une variable constante est seulement centrée. Dans l'écart-type,
# divisez par le nombre d'exemples ou par ce nombre moins 1, comme vous voulez. Les tableaux reçus ne changent pas.


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
    # Rounding may leave a constant feature a tiny deviation: compare its values.
    constant = (Xtrain == Xtrain[0]).all(0)
    std = torch.where(constant, 1.0, std)
    return (Xtrain - mean) / std, (Xtest - mean) / std
    ### END SOLUTION


# %% [markdown] hint="standardise" lang="en"
# ### The idea
#
# Two rows of numbers are computed from `Xtrain`, a mean and a deviation for each feature, and used twice: on `Xtrain`
# and on `Xtest`. `Xtest` has no say in them.
#
# ### The shapes
#
# `Xtrain` is $(n, n_x)$; over the examples, dimension 0, `mean` and `std` leave $(n_x,)$, which fits below any number
# of rows. Where all the rows of a column equal the first, $(n_x,)$ truth values, put 1 in the place of the deviation:
# dividing by 1 changes nothing. (A tiny number added to the deviation would not do: one divided by $10^{-8}$ is a
# hundred million.)
#
# ### The code, with blanks
#
# ```python
# mean, std = Xtrain.mean(...), Xtrain.std(...)
# constant = (Xtrain == ...).all(...)
# std = torch.where(constant, ..., ...)
# return (...) / std, (...) / std
# ```

# %% [markdown] hint="standardise" lang="fr"
# ### L'idée
#
# Deux lignes de nombres sont calculées à partir de `Xtrain`, une moyenne et un écart-type par variable, et servent deux
# fois : à `Xtrain` et à `Xtest`. `Xtest` n'a pas son mot à dire.
#
# ### Les tailles
#
# `Xtrain` est de taille $(n, n_x)$ ; sur les exemples, la dimension 0, `mean` et `std` laissent $(n_x,)$, qui
# s'applique à un nombre quelconque de lignes. Là où toutes les lignes d'une colonne sont égales à la première, ce qui
# donne $(n_x,)$ booléens, mettez 1 à la place de l'écart-type : diviser par 1 ne change rien. (Ajouter un tout petit
# nombre à l'écart-type ne suffirait pas : un divisé par $10^{-8}$, c'est cent millions.)
#
# ### Le code, à trous
#
# ```python
# mean, std = Xtrain.mean(...), Xtrain.std(...)
# constant = (Xtrain == ...).all(...)
# std = torch.where(constant, ..., ...)
# return (...) / std, (...) / std
# ```


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
        known = [
            v
            for v in values
            if torch.is_tensor(one)
            and not one.is_meta
            and one.shape == v.shape
            and torch.allclose(one.to(v), v, atol=1e-5)
        ]
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
            "you divided by the variance; divide by its root, the standard deviation": (
                nearest(i, *((x - mean) / one**2 for one in spread))
            ),
            "one mean and one deviation for all features: compute them feature by feature, over the examples": (
                nearest(i, *by(x, train, None))
            ),
            "one mean for all features: compute it feature by feature, mean(0)": (
                nearest(i, *((x - train.mean()) / one for one in spread))
            ),
            "one deviation for all features: compute it feature by feature, over the examples": (
                nearest(i, *((x - mean) / train.std(correction=k) for k in (0, 1)))
            ),
            "each example is standardised by itself; standardise each feature, over the examples": nearest(
                i, *by(x, x, 1)
            ),
            "a feature with a small spread is not constant: divide it, too, and only those whose values are all equal are not": (
                nearest(i, *((x - mean) / torch.where(one < 1e-3, 1.0, one) for one in spread))
            ),
            "this is scaled by the smallest and the largest value; subtract the mean, divide by the standard deviation": (
                (x - train.amin(0)) / torch.where(constant, 1.0, train.amax(0) - train.amin(0))
            ),
        }
        if i == 1:
            mistakes |= {
                "the test inputs are left as they were": x,
                "the test inputs are standardised by their own statistics; take those of the training set": nearest(
                    i, *by(test, test)
                ),
            }
        known = isinstance(got[i], torch.Tensor) and got[i].shape == x.shape and got[i].is_floating_point()
        known = known and not got[i].is_meta
        check.that(
            not known or got[i].isfinite().all(),
            "a feature that is constant in Xtrain has a standard deviation of 0: only centre it",
        )
        tiny = [train.var(0, correction=k).sqrt() for k in (0, 1)]
        tiny = [torch.where(one == 0, 1.0, one) for one in tiny]
        check.that(
            not known
            or constant.sum() == 0
            or not any((one < 1e-6).any() and torch.allclose(got[i].to(x), (x - mean) / one, rtol=0.1) for one in tiny),
            "rounding leaves a constant feature a tiny deviation, which is not 0: compare its values, (Xtrain == Xtrain[0]).all(0)",
        )
        check.that(
            not known or torch.allclose(got[i][:, constant].to(x), (x - mean)[:, constant], atol=1e-5),
            "a feature that is constant in Xtrain is only centred: its standard deviation is 0, or what rounding leaves of 0, so do not divide by it",
        )
        right = [(x - mean) / one for one in spread]
        if known and (got[i] - right[1]).norm() < (got[i] - right[0]).norm():
            right.reverse()  # the nearer of the two is shown
        check.close(got[i], right[0], what, also=right[1], unless=mistakes)
    check.untouched(arguments[0], train, "Xtrain")
    check.untouched(arguments[1], test, "Xtest")


verify(
    torch.tensor([[60.0, 1.0], [80.0, 3.0]]),
    torch.tensor([[90.0, 2.0], [70.0, 9.0], [50.0, 1.0]]),
    torch.tensor(2 * [False]),
)
X = torch.arange(14.0).reshape(7, 2) * torch.tensor([1e-5, 1.0])  # a small spread is one
verify(X, torch.tensor([[3e-5, 3.0], [1e-4, 1.0]]), torch.tensor([False, False]))
X = torch.arange(14.0).reshape(7, 2)
X[:, 0] = 3.0
verify(X, torch.tensor([[3.0, 3.0], [2.0, 1.0]]), torch.tensor([True, False]))
verify(torch.full((7, 1), 0.5), torch.tensor([[0.5], [2.0]]), torch.tensor([True]))  # its mean is exact
for value in (0.1, 0.3, 0.7):  # the means of nine of these are not
    verify(torch.full((9, 1), value), torch.tensor([[value], [2.0]]), torch.tensor([True]))
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
# `standardise`: 30 steps each, with $\eta = 0.9 / \lambda_{\max}$, where $\lambda_{\max}$ is the largest curvature.
# Last, the loss step by step, also for inputs that are only centred.

# %% [markdown] lang="fr"
# Le prix d'appartements en fonction de leur surface, ici en dizaines de mètres carrés : en m², $\kappa$ serait cent
# fois plus grand, et la vallée trop étroite pour être dessinée. D'abord le coût tel que la descente le rencontre, sur
# $(w, b)$, puis le même après `standardise` : 30 pas chacun, avec $\eta = 0{,}9 / \lambda_{\max}$, où $\lambda_{\max}$
# est la plus grande courbure. Enfin le coût pas à pas, y compris pour des entrées seulement centrées.


# %% setup
def curvatures(X):
    """Return the curvatures of the squared error of a linear model over its weights and bias, in increasing order."""
    A = torch.cat([X, torch.ones(len(X), 1)], dim=1).double()  # a column of ones for the bias
    return torch.linalg.eigvalsh(2 / len(A) * A.T @ A)  # the eigenvalues of the matrix of second derivatives


def descent(X, y, steps):
    """Take steps of descent from (0, 0) on the squared error of w x + b; return the path and its losses."""
    A, eta = torch.cat([X, torch.ones(len(X), 1)], dim=1), 0.9 / float(curvatures(X)[-1])
    path, w = [], torch.tensor([0.0, 0.0])
    for _ in range(steps + 1):
        path.append(w)
        w = w - eta * 2 / len(A) * A.T @ (A @ w - y)
    return torch.stack(path).numpy(), [float(((A @ w - y) ** 2).mean()) for w in path]


# %% demo
torch.manual_seed(0)
surface = 7 + 2 * torch.randn(200, 1)
price = 0.9 * surface[:, 0] + 3 + 0.3 * torch.randn(200)
inputs = {
    say("raw"): surface,
    say("centred"): surface - surface.mean(0),
    say("standardised"): standardise(surface, surface)[0],
}
kappas, paths, steps = {}, {}, {}
for name, X in inputs.items():
    kappas[name] = float(curvatures(X)[-1] / curvatures(X)[0])
    paths[name], steps[name] = descent(X, price, 30)
for name, xlim, ylim in ((say("raw"), (-0.5, 2.5), (-1.5, 5.5)), (say("standardised"), (-3, 7), (-1, 13))):
    x = inputs[name][:, 0].numpy()

    def loss(w1, w2, x=x):
        return ((w1[..., None] * x + w2[..., None] - price.numpy()) ** 2).mean(-1)

    figures.surface(loss, {name: paths[name]}, xlim, ylim, labels=("$w$", "$b$"))
fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
for (name, losses), style in zip(steps.items(), ["-", "--", ":"]):
    ax.plot(losses, style, linewidth=2, label=f"{name}, $\\kappa$ = {number(kappas[name], '.3g')}")
ax.set(xlabel=say("step"), ylabel=say("loss"), yscale="log")
ax.legend()
ax.grid(alpha=0.3)
figures.show(fig, say("The loss of three descents, on raw, centred and standardised inputs."))

# %% claim="raw inputs fall once and then crawl, centred ones reach the bottom within 20 steps, standardised ones within 3"
raw, centred, standard = (steps[say(name)] for name in ("raw", "centred", "standardised"))
assert kappas[say("raw")] > 300 and kappas[say("centred")] < 6 and kappas[say("standardised")] < 1.1
assert raw[2] < 0.01 * raw[0] and raw[3] < centred[3] and raw[30] > 0.9 * raw[3]
assert max(centred[20], standard[3]) < 1.3 * standard[30] and raw[30] > 5 * standard[30]

# %% [markdown] lang="en"
# At first the raw inputs do better than the centred ones: the steep direction is settled in two steps. What is left lies along the flat one,
# and there 30 steps hardly move. Centring takes $\kappa$ from hundreds to a few, and descent arrives within 20 steps.
# Scaling makes the bowl round: the path goes straight to the bottom.

# %% [markdown] lang="fr"
# Au début, les entrées brutes font mieux que les entrées centrées : la direction raide est réglée en deux pas. Ce qui reste est
# le long de la plus plate, et là, 30 pas n'avancent presque pas. Centrer fait passer $\kappa$ de plusieurs centaines à
# quelques unités, et la descente arrive en moins de 20 pas. Réduire rend la cuvette ronde : le chemin va droit au fond.

# %% [markdown] lang="en"
# ## 6 · BatchNorm and LayerNorm · about 20 minutes
#
# The inputs are standardised once. But the inputs of the second layer are the outputs of the first: they change with
# every step. *BatchNorm* standardises them too, inside the network, each feature over the mini-batch. In the picture,
# each colour is one mean and one variance; on the right is *LayerNorm*, for later.

# %% [markdown] lang="fr"
# ## 6 · BatchNorm et LayerNorm · environ 20 minutes
#
# Les entrées sont centrées et réduites une fois pour toutes. Mais les entrées de la deuxième couche sont les sorties de
# la première : elles changent à chaque pas. *BatchNorm* les centre et les réduit aussi, à l'intérieur du réseau,
# variable par variable, sur le mini-lot. Sur le dessin, chaque couleur est une moyenne et une variance ; à droite,
# *LayerNorm*, pour plus tard.

# %% demo unclaimed="a drawing of two tables"
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
figures.show(
    fig,
    say(
        "Two tables of 5 examples and 6 features. BatchNorm takes each column together, LayerNorm each row."
    ),
)

# %% [markdown] lang="en"
# **In training**, BatchNorm does to a mini-batch $X$, $(n, n_x)$, what `standardise` did to the training set: each
# feature gets the mean 0 and the variance 1 over the batch. The variance $v$, $(n_x,)$, is the *biased* one, its sum of
# squares divided by $n$. A small $\epsilon$ (`eps`) keeps the divisor from 0: it is added to $v$, under the root. Then
# each feature is multiplied by a parameter $\gamma$ (`weight`) and moved by a parameter $\beta$ (`bias`), both
# $(n_x,)$: they give back to the network the choice of scale and centre. The gradient flows through the mean and the
# variance too, since both are computed from $X$.
#
# **In evaluation** there may be a single example, and its prediction must not depend on its neighbours. So BatchNorm
# remembers, while it trains, running averages of the means (`running_mean`) and of the variances (`running_var`), and
# uses these, unchanged, in the place of the batch's own. After each batch the new average is made of $1 - m$ parts of
# the old one and $m$ parts of the batch's number ($m$ is called *momentum*). One trap: what is averaged is the
# *unbiased* variance, divided by $n - 1$, since it should estimate that of all data, not of these $n$.
#
# A mini-batch of one example in training: what would be left of it, and what would $n - 1$ do? PyTorch raises a
# `ValueError`; so do you.
#
# `__init__` is written already. A *buffer* is saved with the model but not trained; `self.training` says which mode it
# is. Write `forward`.

# %% [markdown] lang="fr"
# **En apprentissage**, BatchNorm fait à un mini-lot $X$, $(n, n_x)$, ce que `standardise` faisait aux données
# d'apprentissage : chaque variable reçoit la moyenne 0 et la variance 1 sur le lot. La variance $v$, $(n_x,)$, est la
# variance *biaisée*, dont la somme de carrés est divisée par $n$. Un petit $\epsilon$ (`eps`) éloigne le diviseur de
# 0 : il s'ajoute à $v$, sous la racine. Ensuite, chaque variable est multipliée par un paramètre $\gamma$ (`weight`) et
# déplacée par un paramètre $\beta$ (`bias`), tous deux $(n_x,)$ : ils rendent au réseau le choix de l'échelle et du
# centre. Le gradient passe aussi par la moyenne et la variance, puisque toutes deux sont calculées à partir de $X$.
#
# **En évaluation**, il n'y a peut-être qu'un exemple, et sa prédiction ne doit pas dépendre de ses voisins. BatchNorm
# retient donc, pendant qu'il apprend, des moyennes glissantes des moyennes (`running_mean`) et des variances
# (`running_var`), et les utilise telles quelles, à la place de celles du lot. Après chaque lot, la nouvelle moyenne
# glissante est faite de $1 - m$ parts de l'ancienne et de $m$ parts du nombre du lot ($m$ s'appelle *momentum*). Un
# piège : ce que l'on moyenne, c'est la variance *non biaisée*, divisée par $n - 1$, car elle doit estimer celle de
# toutes les données, et non de ces $n$-là. Cette mise à jour ne laisse pas de graphe.
#
# Un mini-lot d'un seul exemple en apprentissage : qu'en resterait-il, et que ferait $n - 1$ ? PyTorch lève une
# `ValueError` ; levez alors une `ValueError`, vous aussi.
#
# `__init__` est déjà écrit. Un *tampon* (buffer) est sauvegardé avec le modèle, mais pas appris ; `self.training` dit
# dans quel mode on est. Écrivez `forward`. Les fonctions `batch_norm` de torch ne sont pas permises.


# %% answer="BatchNorm"
class BatchNorm(torch.nn.Module):
    """Batch normalisation of nx features.

    Parameters weight (nx,), ones at first, and bias (nx,), zeros at first.
    Buffers running_mean (nx,), zeros at first, and running_var (nx,), ones at first.
    """

    def __init__(self, nx, eps=1e-5, momentum=0.1):
        """Make the parameters and buffers; momentum is the part of the newest batch in the running statistics."""
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(nx))
        self.bias = torch.nn.Parameter(torch.zeros(nx))
        self.register_buffer("running_mean", torch.zeros(nx))
        self.register_buffer("running_var", torch.ones(nx))

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
                self.running_var += self.momentum * (X.var(0) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (X - mean) / torch.sqrt(var + self.eps) + self.bias
        ### END SOLUTION


# %% [markdown] hint="BatchNorm" lang="en"
# ### The idea
#
# The two modes differ only in *which* mean and variance are used. So first decide these two, then write the last line
# once, for both modes. The running statistics are moved in training only, and nowhere else.
#
# ### The shapes and the conventions
#
# Mean and variance over the examples, dimension 0, are $(n_x,)$, like everything the module holds; no `keepdim` is
# needed. `X.var(0)` divides by $n - 1$, `X.var(0, correction=0)` by $n$. To mix $1 - m$ parts of the old and $m$ parts
# of the new is to move the old by $m$ times the difference. Without `torch.no_grad()`, the running average would keep
# the graph of every batch so far.
#
# ### The code, with blanks
#
# ```python
# if ...:
#     n = ...
#     if n == 1:
#         raise ValueError(...)
#     mean, var = X.mean(...), X.var(...)
#     with torch.no_grad():
#         self.running_mean += ...
#         self.running_var += ...
# else:
#     mean, var = ...
# return ...
# ```

# %% [markdown] hint="BatchNorm" lang="fr"
# ### L'idée
#
# Les deux modes ne diffèrent que par *la* moyenne et *la* variance utilisées. Décidez donc d'abord de ces deux-là, puis
# écrivez la dernière ligne une seule fois, pour les deux modes. Les moyennes glissantes ne bougent qu'en apprentissage.
#
# ### Les tailles et les conventions
#
# La moyenne et la variance sur les exemples, la dimension 0, sont de taille $(n_x,)$, comme tout ce que contient le
# module ; aucun `keepdim` n'est nécessaire. `X.var(0)` divise par $n - 1$, `X.var(0, correction=0)` par $n$. Mélanger
# $1 - m$ parts de l'ancien et $m$ parts du nouveau, c'est déplacer l'ancien de $m$ fois la différence. Sans
# `torch.no_grad()`, la moyenne glissante garderait le graphe de tous les lots passés.
#
# ### Le code, à trous
#
# ```python
# if ...:
#     n = ...
#     if n == 1:
#         raise ValueError(...)
#     mean, var = X.mean(...), X.var(...)
#     with torch.no_grad():
#         self.running_mean += ...
#         self.running_var += ...
# else:
#     mean, var = ...
# return ...
# ```


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
            "must match the size" not in str(error) and "broadcast shape" not in str(error),
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
    check.untouched(run["X"], X, "X")


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
    try:
        run = probes.run_layer(BatchNorm, [nx, 1e-5, momentum], values, calls)
    except RuntimeError as error:
        check.that(
            "must match the size" not in str(error) and "broadcast shape" not in str(error),
            "what the check above refuses stops this one too: go by that first",
        )
        raise
    check.keys(dict.fromkeys(values.keys() - run["missing"]), list(values), "vars(BatchNorm)")

    def after(m, correction=1, whole=False):
        mean, var = values["running_mean"], values["running_var"]
        for X in batches:
            X = X.reshape(-1, 1) if whole else X
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
                "only the last batch is remembered: average it with the past": ((last.mean(0), last.var(0))[i]),
                "one mean and one variance for the whole batch; compute them feature by feature": after(
                    momentum, whole=True
                )[i],
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
    refused = False
    try:
        run = probes.run_layer(BatchNorm, [nx, eps, 0.3], values, [[False, X], [False, X[:1]]])
    except ValueError:
        refused = True
        run = probes.run_layer(BatchNorm, [nx, eps, 0.3], values, [[False, X]])
    check.keys(dict.fromkeys(values.keys() - run["missing"]), list(values), "vars(BatchNorm)")
    weight, bias, mean, var = values.values()
    expected = torch.nn.functional.batch_norm(X, mean, var, weight, bias, False, 0.3, eps)
    mistakes = {
        "eps is added outside the root; it belongs inside, to the variance": weight * (X - mean) / (var.sqrt() + eps)
        + bias,
        "you divide by the variance; divide by its root": weight * (X - mean) / (var + eps) + bias,
        "weight and bias are not used in evaluation": (X - mean) / (var + eps).sqrt(),
    }
    if len(X) > 1:
        for k in (0, 1):
            own = weight * (X - X.mean(0)) / (X.var(0, correction=k) + eps).sqrt() + bias
            got = run["calls"][0]["output"]
            if k == 0 or (
                isinstance(got, torch.Tensor) and got.shape == own.shape and torch.allclose(got.to(own), own)
            ):
                mistakes["in evaluation the running statistics are used, not those of the batch"] = own
    check.close(run["calls"][0]["output"], expected, "BatchNorm(nx).eval()(X)", unless=mistakes)
    for call in run["calls"]:
        check.that(
            all(torch.equal(call["state"][name], values[name]) for name in ("running_mean", "running_var")),
            "the running statistics change in evaluation: update them in training only",
        )
    check.that(
        not refused,
        "a single example is refused in evaluation too: the running statistics do there; refuse it in training only",
    )
    check.close(run["calls"][1]["output"], expected[:1], "BatchNorm(nx).eval()(X[:1])")


verify(torch.tensor([[1.0, 10.0], [2.0, 30.0], [6.0, 20.0]]), 0.25)
### BEGIN HIDDEN TESTS
verify(2 * torch.randn(5, 4) + 1, 0.3)
verify(torch.randn(3, 6).T, 0.1)
### END HIDDEN TESTS


# %% check="BatchNorm_single" points=1 ids=["S-bn"]
def verify(nx):
    """Refuse a batch of one example in training; take one of two."""
    layer = BatchNorm(nx)
    layer.train()
    try:
        layer(torch.randn(1, nx))
        refused = False
    except ValueError:
        refused = True
    except ZeroDivisionError:
        refused = False
    except RuntimeError as error:
        check.that(
            "must match the size" not in str(error) and "broadcast shape" not in str(error),
            "what the check above refuses stops this one too: go by that first",
        )
        raise
    check.that(refused, "a single example in training has no variance: raise a ValueError that says so")
    check.that(
        float(layer.running_mean.abs().max()) == 0,
        "the refused batch has changed the running statistics: raise the error first",
    )
    check.tensor(layer(torch.randn(2, nx)), (2, nx), f"BatchNorm({nx})(X)")


verify(3)
### BEGIN HIDDEN TESTS
verify(5)
verify(1)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# *LayerNorm* turns the table round: each **example** is standardised over its own features. No neighbours, so no
# running statistics, and no difference between training and evaluation. It has the same two parameters, one $\gamma$
# and one $\beta$ for each feature. It is your `forward` with the other dimension; take it from PyTorch,
# `torch.nn.LayerNorm`.
#
# Here are the ten layers of sigmoids of part 4 again: the very same weights, with your `BatchNorm` or with LayerNorm in
# front of each sigmoid.

# %% [markdown] lang="fr"
# *LayerNorm* retourne le tableau : c'est chaque **exemple** qui est centré et réduit, sur ses propres variables. Pas de
# voisins, donc pas de moyennes glissantes, et aucune différence entre apprentissage et évaluation. Il a les deux mêmes
# paramètres, un $\gamma$ et un $\beta$ par variable. C'est votre `forward` avec l'autre dimension ; prenez celui de
# PyTorch, `torch.nn.LayerNorm`.
#
# Revoici les dix couches de sigmoïdes de la partie 4 : exactement les mêmes poids, avec votre `BatchNorm` ou avec
# LayerNorm devant chaque sigmoïde.

# %% demo
data = digits()
models = {
    "Sigmoid": deep(torch.nn.Sigmoid, seed=0),
    "BatchNorm + Sigmoid": deep(torch.nn.Sigmoid, BatchNorm, seed=0),
    "LayerNorm + Sigmoid": deep(torch.nn.Sigmoid, torch.nn.LayerNorm, seed=0),
    "ReLU": deep(torch.nn.ReLU, seed=0),
}
X = data.Xtrain - data.Xtrain.mean()
norms = {name: gradient_norms(model, X, data.Ytrain) for name, model in models.items()}
draw_norms(norms, say("layer (1 is next to the input)"), say("norm of the gradient"))
ratios = {name: float(values[0] / values[-1]) for name, values in norms.items()}
for name, ratio in ratios.items():
    print(f"{name:20} {ratio:.1g}")

# %% claim="with BatchNorm the gradient passes through ten sigmoids; with LayerNorm it is larger than without, and still vanishes"
assert 0.1 < ratios["BatchNorm + Sigmoid"] < 10
assert 2 * ratios["Sigmoid"] < ratios["LayerNorm + Sigmoid"] < 0.01

# %% [markdown] lang="en"
# The printed numbers are those of the first layer divided by those of the last. With `BatchNorm` the gradient passes.
# With `LayerNorm` it still vanishes here, if a little less, and for a reason: after a few sigmoids, all examples look
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
# Les nombres affichés sont ceux de la première couche divisés par ceux de la dernière. Avec `BatchNorm`, le gradient
# passe. Avec `LayerNorm`, il s'évanouit encore, bien qu'un peu moins, et ce n'est pas un hasard : après quelques
# sigmoïdes, tous les exemples se ressemblent. BatchNorm agrandit ce qui distingue les exemples ; LayerNorm n'en regarde
# qu'un à la fois.
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
# ## 7 · A network that overfits · about 12 minutes
#
# 200 digits, and a network with 90 000 weights. What happens, epoch after epoch, on the digits that it learns from, and
# on others? To compare cures later, they must all be measured in the same way. That is what `measure` is for: it trains
# a given model, with or without two of the cures to come, and writes down six numbers after each epoch.
#
# The loop stands there. Two places are yours, and the details matter:
#
# - **each step** is taken in training mode, `model.train()`, on `augment(X)`, if there is such a function. Its loss is
#   the cross-entropy, plus `penalty(model)`, if there is such a function;
# - **the six numbers** are measured in evaluation mode, `model.eval()`, without a graph, on the images as they are.
#   They are the cross-entropy and the accuracy alone.
#
# The model changes its mode twice an epoch, then. Which modules of this notebook would notice, if it did not?

# %% [markdown] lang="fr"
# ## 7 · Un réseau qui surapprend · environ 12 minutes
#
# 200 chiffres, et un réseau à 90 000 poids. Que se passe-t-il, époque après époque, sur les chiffres qu'il apprend, et
# sur d'autres ? Pour comparer ensuite des remèdes, il faut les mesurer tous de la même façon. C'est le rôle de
# `measure` : la fonction entraîne un modèle donné, avec ou sans deux des remèdes à venir, et note six nombres après
# chaque époque.
#
# La boucle est déjà là. Deux endroits sont à vous, et les détails comptent :
#
# - **chaque pas** se fait en mode apprentissage, `model.train()`, sur `augment(X)`, si cette fonction est donnée. Son
#   coût est l'entropie croisée, plus `penalty(model)`, si cette fonction est donnée ;
# - **les six nombres** se mesurent en mode évaluation, `model.eval()`, sans graphe, sur les images telles qu'elles
#   sont. Ce sont l'entropie croisée et le taux de réussite (entre 0 et 1), seuls.
#
# Le modèle change donc deux fois de mode par époque. Quels modules de ce notebook s'en apercevraient, s'il ne le
# faisait pas ?


# %% answer="measure"
def measure(model, data, epochs, batch, eta, penalty=None, augment=None):
    """Train a model and measure it after each epoch.

    model: gives scores; in any mode. data: holds Xtrain (n, nx), Ytrain (n, K), Xval, Yval, Xtest, Ytest.
    epochs: passes over the training examples. batch: size of the mini-batches, which are drawn anew each epoch.
    eta: learning rate of torch.optim.Adam, which minimises the cross-entropy of scores and targets.
    penalty: function of the model that gives a number, added to the loss of each step; None for nothing.
    augment: function of inputs (b, nx) that gives others (b, nx), used on each mini-batch; None for nothing.
    Returns a dict of lists, one float for each epoch: "loss_train", "loss_val", "loss_test", cross-entropies over all
    the examples of that part; "acc_train", "acc_val", "acc_test", rates between 0 and 1.
    """
    optim = torch.optim.Adam(model.parameters(), lr=eta)
    history = {f"{name}_{part}": [] for name in ("loss", "acc") for part in ("train", "val", "test")}
    for _ in range(epochs):
        for indices in torch.randperm(len(data.Xtrain)).split(batch):
            X, Y = data.Xtrain[indices], data.Ytrain[indices]
            # Here: take one step on X and Y.
            ### BEGIN SOLUTION
            model.train()
            if augment is not None:
                X = augment(X)
            L = torch.nn.functional.cross_entropy(model(X), Y)
            if penalty is not None:
                L = L + penalty(model)
            optim.zero_grad()
            L.backward()
            optim.step()
            ### END SOLUTION
        for part in ("train", "val", "test"):
            X, Y = getattr(data, f"X{part}"), getattr(data, f"Y{part}")
            # Here: append the loss and the accuracy on X and Y to history[f"loss_{part}"] and history[f"acc_{part}"].
            ### BEGIN SOLUTION
            model.eval()
            with torch.no_grad():
                scores = model(X)
            history[f"loss_{part}"].append(float(torch.nn.functional.cross_entropy(scores, Y)))
            history[f"acc_{part}"].append(float((scores.argmax(1) == Y.argmax(1)).float().mean()))
            ### END SOLUTION
    return history


# %% [markdown] hint="measure" lang="en"
# ### The idea
#
# The first place is a training step as in `06_mnist`, with two additions that may be absent: the inputs pass through
# `augment` before the model sees them, and the number of `penalty` joins the loss before `backward()`. The second place
# is an evaluation as in `06_mnist`: nothing of the two additions belongs there.
#
# ### What is what
#
# `augment` and `penalty` are functions or `None`: ask `is not None` before you call them. Each of the two places begins
# by setting the mode. `cross_entropy` of `torch.nn.functional` takes scores and one-hot targets, and gives the mean. A
# prediction is right where the largest score and the 1 of the target are in the same place: compare two `argmax(1)`.
# `float(…)` makes a plain number of a tensor.
#
# ### The code, with blanks
#
# ```python
# # each step, the mode first
# if ... is not None:
#     X = ...
# L = torch.nn.functional.cross_entropy(...)
# if ... is not None:
#     L = L + ...
# # the reset, the way back, the step
#
# # the numbers, the mode first
# with torch.no_grad():
#     scores = ...
# history[f"loss_{part}"].append(...)
# history[f"acc_{part}"].append(...)
# ```

# %% [markdown] hint="measure" lang="fr"
# ### L'idée
#
# Le premier endroit est un pas de descente comme dans `06_mnist`, avec deux ajouts qui peuvent manquer : les entrées
# passent par `augment` avant que le modèle les voie, et le nombre donné par `penalty` rejoint le coût avant
# `backward()`. Le second est une évaluation comme dans `06_mnist` : aucun des deux ajouts n'y a sa place.
#
# ### Ce qui est donné
#
# `augment` et `penalty` sont des fonctions, ou `None` : demandez `is not None` avant de les appeler. Chacun des deux
# endroits commence par fixer le mode. `cross_entropy`, dans `torch.nn.functional`, prend des scores et des cibles
# one-hot, et donne la moyenne. Une prédiction est juste quand le plus grand score et le 1 de la cible sont à la même
# place : comparez deux `argmax(1)`. `float(…)` fait d'un tenseur un simple nombre.
#
# ### Le code, à trous
#
# ```python
# # à chaque pas, d'abord le mode
# if ... is not None:
#     X = ...
# L = torch.nn.functional.cross_entropy(...)
# if ... is not None:
#     L = L + ...
# # la remise à zéro, le retour en arrière, le pas
#
# # les nombres, d'abord le mode
# with torch.no_grad():
#     scores = ...
# history[f"loss_{part}"].append(...)
# history[f"acc_{part}"].append(...)
# ```


# %% check="measure_steps" points=3 ids=["S-overfit"]
def parts_of(sizes):
    """Draw the six tensors of a data set: n examples to learn from, m for each of the others."""
    n, m, nx, K = sizes
    parts = {}
    for part, count in (("train", n), ("val", m), ("test", m + 1)):
        parts[f"X{part}"] = torch.randn(count, nx)
        parts[f"Y{part}"] = torch.eye(K)[torch.randint(K, (count,))]
    return parts


def verify(seed, sizes, args, factor, shift):
    """Run measure on one affine map, look at each step, and take the same steps again."""
    torch.manual_seed(seed)
    n, m, nx, K = sizes
    epochs, batch, eta = args
    parts = parts_of(sizes)
    values = [torch.randn(K, nx), torch.randn(K)]
    try:
        run = probes.watch_measure(measure, parts, [["Linear", nx, K]], values, args, factor, shift)
    except TypeError as error:
        check.that(
            "'NoneType' object is not callable" not in str(error),
            "penalty and augment may be None: ask `is not None` before you call them",
        )
        raise
    steps = [call for call in run["calls"] if call["learns"]]
    check.that(steps, "no gradient is ever computed: call L.backward() for each mini-batch")
    batches = -(-n // batch)
    check.same(
        len(steps),
        epochs * batches,
        "len(steps)",
        unless={
            "one step for each mini-batch was asked for, not one for each epoch": epochs,
            "the data are gone through once; it should be once an epoch": batches,
            "the last, shorter mini-batch of each epoch is not used": epochs * (n // batch),
        },
    )
    check.that(
        all(call["training"] for call in steps),
        "the model is not in training mode during the steps: model.train(), or dropout and BatchNorm do nothing",
    )
    known = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"])}
    moved = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"] + (shift or 0.0))}
    others = torch.cat([parts["Xval"], parts["Xtest"]])
    tested = {tuple((row + move).tolist()) for row in others for move in (0.0, shift or 0.0)}
    check.that(
        shift is None or not run["augmented"] or sum(run["augmented"]) >= epochs * n,
        "augment is used once for all epochs: use it on each mini-batch, so that no image comes twice",
    )
    order = []
    for call in steps:
        rows = [tuple(row.tolist()) for row in call["X"]]
        check.that(
            not tested & set(rows), "measure learns from validation or test examples: take steps on Xtrain and Ytrain"
        )
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

    check.that(
        not run["slopes"] or any(run["slopes"]),
        "the gradients are reset between L.backward() and optim.step(), so that the steps find none: reset them before L.backward()",
    )

    def replay(kind, weight, reset=True, twice=False):
        live = [value.clone().requires_grad_() for value in values]
        optim = kind(live, lr=eta)
        for indices in order:
            scores = torch.nn.functional.linear(parts["Xtrain"][indices] + (shift or 0.0), *live)
            scores = scores.softmax(1) if twice else scores
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
        "SoftMax is taken twice: the loss takes the scores as they are": replay(torch.optim.Adam, weight, twice=True),
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


# %% check="measure_numbers" points=3 ids=["S-overfit"]
def parts_of(sizes):
    """Draw the six tensors of a data set: n examples to learn from, m for each of the others."""
    n, m, nx, K = sizes
    parts = {}
    for part, count in (("train", n), ("val", m), ("test", m + 1)):
        parts[f"X{part}"] = torch.randn(count, nx)
        parts[f"Y{part}"] = torch.eye(K)[torch.randint(K, (count,))]
    return parts


def verify(seed, sizes, args, factor, shift):
    """Run measure on one affine map, and compare its numbers with those of the model as it was after each epoch."""
    torch.manual_seed(seed)
    epochs = args[0]
    parts = parts_of(sizes)
    _n, _m, nx, K = sizes
    values = [torch.randn(K, nx), torch.randn(K)]
    try:
        run = probes.watch_measure(measure, parts, [["Linear", nx, K]], values, args, factor, shift)
    except TypeError as error:
        check.that(
            "'NoneType' object is not callable" not in str(error),
            "penalty and augment may be None: ask `is not None` before you call them",
        )
        raise
    places = [place for place, call in enumerate(run["calls"]) if call["learns"]]
    check.that(places, "no gradient is ever computed: call L.backward() for each mini-batch")
    names = [f"{kind}_{part}" for kind in ("loss", "acc") for part in ("train", "val", "test")]
    found = check.keys(run["result"], names, "measure(…)")
    others = [call for call in run["calls"] if not call["learns"]]
    if shift is not None:
        seen = {tuple(row.tolist()) for call in others for row in call["X"]}
        for part in ("val", "test"):
            check.that(
                not seen & {tuple((row + shift).tolist()) for row in parts[f"X{part}"]},
                "the validation and test images are augmented: augmentation is for training only",
            )
        check.that(
            not seen & {tuple((row + shift).tolist()) for row in parts["Xtrain"]},
            "the numbers of the training set are measured on augmented images: measure on the images as they are",
        )
    check.that(
        not any(call["training"] for call in others),
        "the numbers are measured in training mode: call model.eval() first, or dropout goes on dropping",
    )
    ends = [places[len(places) // epochs * (k + 1) - 1] + 1 for k in range(epochs)]
    states = [run["calls"][end]["values"] if end < len(run["calls"]) else run["values"] for end in ends]

    def column(kind, part, *states):
        X, Y = parts[f"X{part}"], parts[f"Y{part}"]
        scores = [torch.nn.functional.linear(X, *state) for state in states]
        if kind == "loss":
            return torch.stack([-(Y * one.log_softmax(1)).sum(1).mean() for one in scores])
        return torch.stack([(one.argmax(1) == Y.argmax(1)).float().mean() for one in scores])

    rows = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"] + (shift or 0.0))}

    def last_batch(end, weight):
        """The loss of the last mini-batch of an epoch, from what the model was called with."""
        call = run["calls"][end - 1]
        found = [rows.get(tuple(row.tolist())) for row in call["X"]]
        if None in found:
            return torch.tensor(-1.0)  # which is no loss
        logs = torch.nn.functional.linear(call["X"], *call["values"]).log_softmax(1)
        return -(parts["Ytrain"][found] * logs).sum(1).mean() + weight * sum((one**2).sum() for one in call["values"])

    def guesses(kind, part):
        """What some mistakes give for a part, from the scores after each epoch."""
        X, Y = parts[f"X{part}"], parts[f"Y{part}"]
        scores = [torch.nn.functional.linear(X, *state) for state in states]
        if kind == "softmax":
            return torch.stack([-(Y * one.softmax(1).log_softmax(1)).sum(1).mean() for one in scores])
        if kind == "equal":
            return torch.stack([(one == Y).float().mean() for one in scores])
        return torch.stack([(one.argmax(0) == Y.argmax(0)).float().mean() for one in scores])

    price = [(factor or 0.0) * sum((value**2).sum() for value in state) for state in states]
    for name in names:
        kind, part = name.split("_")
        what = f'measure(…)["{name}"]'
        check.that(
            not check.is_number(found[name]),
            "one number for each epoch was asked for: measure after every epoch, and append to a list",
        )
        got = check.numbers(
            found[name],
            epochs,
            what,
            unless={
                "one number for each epoch was asked for: measure after every epoch, and append to a list": 1,
                "there is a number for each mini-batch: measure after the epoch, outside the loop over the batches": (
                    len(places)
                ),
            }
            if len(places) != epochs > 1
            else {},
        )
        right, size = column(kind, part, *states), len(parts[f"X{part}"])
        mistakes = {
            "these are the numbers of another part of the data: train, val and test are mixed up": (
                column(kind, {"train": "val", "val": "test", "test": "train"}[part], *states)
            ),
            "these are the numbers of one part of the data for all three": column(kind, "train", *states),
            "loss and accuracy are swapped": column("acc" if kind == "loss" else "loss", part, *states),
            "these are the numbers before each epoch: measure after its steps": column(
                kind, part, values, *states[:-1]
            ),
            "these are the numbers of the last epoch for all epochs: measure after each": right[-1:].expand(epochs),
        }
        if kind == "loss":
            mistakes |= {
                "the penalty is part of the loss that you return: return the cross-entropy alone": (
                    right + torch.stack([torch.as_tensor(one) for one in price])
                ),
                "the loss sums over the batch; keep the mean, which does not grow with the batch": right * size,
                "SoftMax is taken twice: the loss takes the scores as they are": guesses("softmax", part),
                "this is the loss of the last mini-batch: measure on all the examples of the part, after the steps": (
                    torch.stack([last_batch(end, 0.0) for end in ends])
                ),
                "this is L, the loss of the last mini-batch: measure on all the examples of the part, after the steps": (
                    torch.stack([last_batch(end, factor or 0.0) for end in ends])
                ),
            }
        else:
            mistakes |= {
                "the accuracy is a rate between 0 and 1, not a percentage": 100 * right,
                "this is the number of right predictions; divide it by that of all": right * size,
                "this is the rate of errors, not of right predictions": 1 - right,
                "the scores themselves, or the places of argmax(0), are compared: compare that of the largest score of each example, argmax(1)": (
                    guesses("equal", part)
                ),
                "argmax(0) looks for an example in each class; the largest score of each example is argmax(1)": (
                    guesses("argmax", part)
                ),
            }
        with_graph = [one for one in check.items(found[name], what) if getattr(one, "requires_grad", False)]
        check.that(not with_graph, "the numbers keep the graph of the model: make plain numbers of them, float(…)")
        check.close(got, right, what, unless=mistakes)


verify(0, (9, 6, 3, 2), (2, 4, 0.05), None, None)
verify(1, (9, 6, 3, 2), (2, 4, 0.05), 0.3, 0.5)
### BEGIN HIDDEN TESTS
verify(2, (11, 7, 5, 4), (3, 4, 0.1), 0.5, None)
verify(3, (13, 5, 4, 3), (1, 6, 0.03), None, -0.75)
verify(4, (13, 5, 4, 3), (4, 6, 0.03), None, None)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# One training is an anecdote: another seed gives other first weights and other batches. So everything is trained with
# three seeds from now on. `trained` does it, and remembers: what has been trained once is not trained again, however
# often you run the cells below. (Run the answer cell of `measure` or of a cure again, and it is a new function: then it
# is trained anew.)
#
# > **Before you run it.** 20 epochs. After which of them, 1 to 20, is the loss on the validation digits lowest, on
# > average?

# %% [markdown] lang="fr"
# Un seul apprentissage n'est qu'une anecdote : une autre graine donne d'autres poids de départ et d'autres lots.
# Désormais, tout est donc entraîné avec trois graines. `trained` s'en charge, et s'en souvient : ce qui a été entraîné
# une fois ne l'est pas de nouveau, aussi souvent que vous exécutiez les cellules suivantes. (Exécutez de nouveau la
# cellule de réponse de `measure` ou d'un remède, et c'est une nouvelle fonction : on entraîne alors de nouveau.)
#
# > **Avant d'exécuter.** 20 époques. Après laquelle, de 1 à 20, le coût sur les chiffres de validation est-il le plus
# > bas, en moyenne ?

# %% predict="lowest_after_epoch"
lowest_after_epoch = None


# %% setup
@functools.cache
def trained(measure, seed, cure="", code=None, strength=0.0, epochs=20):
    """Train a network of 90 000 weights on 200 digits, with or without one cure; return the history of measure.

    cure: "L2", "Dropout", "BatchNorm", "augment" or "". code: the function or class of yours that it needs.
    strength: the factor of L2, the probability of Dropout. What has been trained once is remembered.
    """
    torch.manual_seed(seed)
    after = functools.partial(code, strength) if cure == "Dropout" else None
    model = network([784, 100, 100, 10], norm=code if cure == "BatchNorm" else None, after=after)
    options = {}
    if cure == "L2":
        options["penalty"] = lambda model: code(model, 0.0, strength)
    if cure == "augment":
        options["augment"] = lambda X: code(X, 10, 0.08)
    return measure(model, digits(), epochs, 20, 0.002, **options)


# %% demo
histories = [trained(measure, seed) for seed in range(3)]
curves = {name: torch.tensor([history[name] for history in histories]) for name in histories[0]}
epochs = range(1, 21)
fig, axes = plt.subplots(ncols=2, figsize=(8, 3.2), layout="constrained")
for ax, kind, title in zip(axes, ("loss", "acc"), (say("loss"), say("accuracy"))):
    for part, colour, style in (("train", "#0072B2", "-"), ("val", "#D55E00", "--")):
        ax.plot(epochs, curves[f"{kind}_{part}"].T, style, color=colour, alpha=0.35, linewidth=1)
        label = say("train") if part == "train" else say("validation")
        ax.plot(epochs, curves[f"{kind}_{part}"].mean(0), style, color=colour, linewidth=2.5, label=label)
    ax.set(xlabel=say("epoch"), ylabel=title)
    ax.grid(alpha=0.3)
axes[0].legend()
figures.show(fig, say("Losses and accuracies of three trainings, thin, and their means, thick."))
lowest = int(curves["loss_val"].mean(0).argmin()) + 1
reveal(lowest_after_epoch, lowest)

# %% claim="the training loss goes to 0; the validation loss turns round before the middle and rises, while the accuracy stays"
assert curves["loss_train"][:, -1].max() < 0.01 and curves["acc_train"][:, -1].min() == 1
assert 5 <= lowest <= 12
assert (curves["loss_val"][:, -1] > curves["loss_val"].min(1).values + 0.05).all()
assert (curves["acc_val"][:, -1] - curves["acc_val"][:, lowest - 1]).abs().mean() < 0.02

# %% [markdown] lang="en"
# Thick lines are means, thin ones single seeds. The training loss goes to 0, and all 200 digits are recognised. The
# validation loss falls, turns round, and rises: *over-fitting*. The network learns its digits by heart, and becomes
# more and more sure of itself, also where it is wrong. The accuracy hardly notices: a digit counts as wrong whether the
# network was nearly right or absurdly sure.
#
# Which suggests the cheapest of all cures: keep the weights of the epoch with the lowest validation loss. It is called
# *early stopping*, and you will measure it in part 9.

# %% [markdown] lang="fr"
# Les traits épais sont des moyennes ; chaque trait fin est une graine. Le coût d'apprentissage tend vers 0, et les 200
# chiffres sont tous reconnus. Le coût de validation descend, fait demi-tour, et remonte : c'est le *surapprentissage*.
# Le réseau apprend ses chiffres par cœur, et devient de plus en plus sûr de lui, y compris là où il se trompe. Le taux
# de réussite s'en aperçoit à peine : un chiffre compte pour faux, que le réseau ait presque eu raison ou qu'il ait été
# absurdement sûr de lui.
#
# D'où le moins cher de tous les remèdes : garder les poids de l'époque où le coût de validation est le plus bas. C'est
# l'*arrêt précoce* (en anglais *early stopping*) ; vous le mesurerez dans la partie 9.

# %% [markdown] lang="en"
# ## 8 · Three cures · about 18 minutes
#
# ### Penalties
#
# A network that learns by heart needs large weights, to bend around each example. So make large weights expensive: add
# to the loss a *penalty*. Two are common, alone or together. L1 is $\lambda_1$ times the sum of the absolute values of
# all weights; L2 is $\lambda_2$ times the sum of their squares. Biases are left out: they only move things, they bend
# nothing.
#
# What does descent do with each term? Take the derivative in one weight: L2 pulls it back in proportion to its size; L1
# pulls with the same force, however small it is already, and brings many weights very close to 0.
#
# Write `weight_penalty`. Weights are here the parameters with two dimensions or more.

# %% [markdown] lang="fr"
# ## 8 · Trois remèdes · environ 18 minutes
#
# ### Les pénalités
#
# Un réseau qui apprend par cœur a besoin de grands poids, pour se plier autour de chaque exemple. Rendons donc les
# grands poids coûteux : on ajoute au coût une *pénalité*. Deux sont courantes, seules ou ensemble. L1 est $\lambda_1$
# fois la somme des valeurs absolues de tous les poids ; L2 est $\lambda_2$ fois la somme de leurs carrés. Les biais n'y
# sont pas : ils ne font que déplacer, ils ne plient rien.
#
# Que fait la descente de chaque terme ? Prenez la dérivée par rapport à un poids : L2 le rappelle en proportion de sa
# valeur ; L1 tire avec la même force, si petit qu'il soit déjà, et amène beaucoup de poids tout près de 0.
#
# Écrivez `weight_penalty`, qui renvoie un seul nombre, avec son graphe. Les poids sont ici les paramètres à deux
# dimensions ou plus.


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


# %% [markdown] hint="weight_penalty" lang="en"
# Go through `model.parameters()` and keep those with two dimensions or more. Of each of these two numbers are wanted, a
# sum of absolute values (`abs`) and a sum of squares; each has its factor, and everything is added up. Stay with
# tensors: a number that was taken out of its graph (`item`, `float`, `.data`) changes nothing in the descent.

# %% [markdown] hint="weight_penalty" lang="fr"
# Parcourez `model.parameters()` et gardez ceux qui ont deux dimensions ou plus. De chacun, on veut deux nombres, une
# somme de valeurs absolues (`abs`) et une somme de carrés ; chacune a son facteur, et tout s'additionne. Restez avec
# des tenseurs : un nombre sorti de son graphe (`item`, `float`, `.data`) ne change rien à la descente.


# %% check="weight_penalty_values" points=2 ids=["S-l1l2"]
def verify(layers, shapes, l1, l2):
    """Compare the penalty and its gradients with their formulas."""
    values = [torch.randn(shape) for shape in shapes]
    run = probes.slopes_of(weight_penalty, layers, values, l1, l2)
    weights = [value for value in values if value.ndim > 1]
    scales = values[2:3] if any("Norm" in kind for kind, *_sizes in layers) else []  # it is the second layer
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
            "the parameters of normalisations are penalised too; only those with two dimensions or more": (
                sum(l1 * v.abs().sum() + l2 * (v**2).sum() for v in weights + scales)
            ),
            "the weights of convolutions have four dimensions, and count too: two dimensions or more": (
                sum(l1 * v.abs().sum() + l2 * (v**2).sum() for v in weights if v.ndim == 2)
            ),
            "the sign is wrong: a penalty is positive, and is added to the loss": -(l1 * absolute + l2 * square),
            "the absolute value is missing in L1: weights of opposite sign cancel": (
                l1 * sum(w.sum() for w in weights) + l2 * square
            ),
            "L2 has the norms, with a root; take the sum of the squares": (
                l1 * absolute + l2 * sum(w.norm() for w in weights)
            ),
            "L2 has the norm of all weights, with a root; take the sum of the squares": l1 * absolute
            + l2 * square**0.5,
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
shapes = [(2, 1, 2, 2), (2,), (2,), (2,), (1, 8), (1,)]
verify([["Conv2d", 1, 2, 2], ["BatchNorm2d", 2], ["Flatten"], ["Linear", 8, 1]], shapes, 0.5, 0.25)
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
# In training, *dropout* sets each value of its input to 0 with probability $p$: a unit can no longer rely on one
# neighbour that knows an example by heart. The choice is made for each entry by itself: for each example, for each
# feature, anew at each call. `torch.rand_like(X)` gives numbers between 0 and 1, evenly.
#
# That alone would make the next layer's sums smaller in training than in evaluation, where nothing is dropped. So what
# remains is enlarged, in training, by such a factor that the *mean* of each value over many draws stays what it was;
# then nothing needs to be done in evaluation. Which factor? (With $p = 0.5$ it is clear. With $p = 1$, everything is
# dropped, and there is nothing to enlarge.)
#
# Write `forward`.

# %% [markdown] lang="fr"
# ### Dropout
#
# En apprentissage, *dropout* met à 0 chaque valeur de son entrée avec la probabilité $p$ : une unité ne peut plus
# s'appuyer sur une seule voisine qui connaît un exemple par cœur. Le tirage se fait pour chaque case séparément : pour
# chaque exemple, pour chaque variable, et de nouveau à chaque appel. `torch.rand_like(X)` donne des nombres entre 0 et
# 1, uniformément.
#
# À elle seule, cette opération rendrait les sommes de la couche suivante plus petites en apprentissage qu'en
# évaluation, où rien n'est annulé. En apprentissage, on agrandit donc ce qui reste, d'un facteur tel que la *moyenne*
# de chaque valeur sur de nombreux tirages ne change pas ; il n'y a alors plus rien à faire en évaluation. Quel
# facteur ? (Avec $p = 0{,}5$, c'est clair. Avec $p = 1$, tout est annulé, et il n'y a rien à agrandir.)
#
# Écrivez `forward`. L'entrée elle-même ne change pas ; le dropout de torch n'est pas permis.


# %% answer="Dropout"
class Dropout(torch.nn.Module):
    """Dropout: in training, zeros in random places."""

    def __init__(self, p):
        """Keep p, the probability with which an entry is dropped, 0 <= p <= 1; ValueError for any other number."""
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError("p is a probability, between 0 and 1")
        self.p = p

    def forward(self, X):
        """In training, drop each entry of X with probability p and enlarge the others; in evaluation return X.

        The others are enlarged by one factor, such that the mean of each entry over many draws stays what it was.
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


# %% [markdown] hint="Dropout" lang="en"
# ### The idea
#
# Draw one number between 0 and 1 for each entry. It is below $p$ with probability $p$: a comparison makes a table of
# true and false, of the shape of `X`, and multiplying by it keeps or drops.
#
# ### The derivation
#
# An entry $x$ becomes 0 with probability $p$, and $c x$ with probability $1 - p$. Its mean is
# $p \cdot 0 + (1 - p) \cdot c x$, and that should be $x$. Solve for $c$; where $p = 1$ there is no such $c$, so that
# case goes its own way.
#
# ### The code, with blanks
#
# ```python
# if ... or ...:
#     return X
# kept = torch.rand_like(...) >= ...
# if ...:
#     return X * ...
# return ... / (...)
# ```

# %% [markdown] hint="Dropout" lang="fr"
# ### L'idée
#
# Tirez un nombre entre 0 et 1 pour chaque case. Il est inférieur à $p$ avec la probabilité $p$ : une comparaison donne
# un tableau de vrai et de faux, de la taille de `X`, et multiplier par lui garde ou annule.
#
# ### Le calcul
#
# Une case $x$ devient 0 avec la probabilité $p$, et $c x$ avec la probabilité $1 - p$. Sa moyenne est
# $p \cdot 0 + (1 - p) \cdot c x$, et l'on veut que ce soit $x$. Trouvez $c$ ; pour $p = 1$, un tel $c$ n'existe pas, et
# ce cas se traite à part.
#
# ### Le code, à trous
#
# ```python
# if ... or ...:
#     return X
# kept = torch.rand_like(...) >= ...
# if ...:
#     return X * ...
# return ... / (...)
# ```


# %% check="Dropout_values" points=2 ids=["S-dropout"]
def verify(X, p):
    """Every value is 0 or x / (1 - p); the rate of zeros is near p, within six standard deviations."""
    check.that(probes.describe(Dropout(p))["module"], "Dropout is not a torch.nn.Module")
    left = probes.run_layer(Dropout, [p], {}, [[True, X]])["calls"][0]["X"]
    check.untouched(left, X, "X")
    run = probes.run_layer(Dropout, [p], {}, [[True, X, torch.ones_like(X)]])["calls"][0]
    got, what = run["output"], f"Dropout({p})(X)"
    check.tensor(got, tuple(X.shape), what)
    check.same(str(got.dtype), str(X.dtype), f"{what}.dtype")
    zeros = got == 0
    if zeros.all() or not zeros.any():  # one example: whoever drops examples as a whole has tossed one coin
        calls = probes.run_layer(Dropout, [p], {}, [[True, torch.ones(2, 4)] for _ in range(64)])["calls"]
        kept = [(call["output"] != 0).double().mean(1) for call in calls]
        alone = any(float(one[0]) != float(one[1]) for one in kept)
        check.that(not alone, "whole examples are dropped: draw for each feature by itself")
        drops = [not one.any() for one in kept]
        check.that(
            len(set(drops)) == 1, "one number is drawn for the whole batch: draw one for each entry, torch.rand_like(X)"
        )
        check.that(drops[0], "nothing is dropped in training")
        check.that(not drops[0], "everything is dropped, for any p")
    rate, bound = float(zeros.double().mean()), 6 * (p * (1 - p) / X.numel()) ** 0.5
    check.that(
        abs(rate - p) < bound or abs(rate - (1 - p)) >= bound or p == 0.5,
        "p is taken for the probability of keeping; it is that of dropping",
    )
    normal = float(torch.special.ndtr(torch.tensor(p)))  # how often a number from a bell curve is below p
    check.that(
        abs(rate - p) < bound or abs(rate - normal) >= bound,
        "randn draws from a bell curve; rand draws evenly between 0 and 1",
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
    for call in probes.run_layer(Dropout, [p], {}, [[True, X] for _ in range(12)])["calls"]:
        check.tensor(call["output"], (n, nx), f"Dropout({p})(X)")
        masks.append(call["output"] == 0)
    check.that(any(mask.any() for mask in masks), "nothing is dropped in training")
    check.that(
        not all(mask.all() or not mask.any() for mask in masks),
        "one number is drawn for the whole batch: draw one for each entry, torch.rand_like(X)",
    )
    first, second = masks[:2]
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
    rate = float(first.double().mean())
    check.that(
        min(abs(rate - p), abs(rate - 1 + p)) < 3 / (n * nx) ** 0.5,
        "not the right share of the entries is dropped: go by what the check above says first",
    )
    agreement = float((first == second).double().mean())
    expected, bound = p * p + (1 - p) * (1 - p), 6 * 0.5 / (n * nx) ** 0.5
    check.that(abs(agreement - expected) < bound, "two calls of Dropout do not draw independently of each other")
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
    calls = [[True, torch.ones(60, 60)] for _ in range(12)] + [[False, X]]
    *trained, got = (run["output"] for run in probes.run_layer(Dropout, [p], {}, calls)["calls"])
    for one in trained:
        check.tensor(one, (60, 60), f"Dropout({p})(X)")
    check.that(any((one == 0).any() for one in trained), "nothing is dropped in training")
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
    """Nothing dropped, and all dropped."""
    none = probes.run_layer(Dropout, [0.0], {}, [[True, X]])["calls"][0]["output"]
    none = check.tensor(none, tuple(X.shape), "Dropout(0.0)(X)", finite=False)
    check.that(none.isfinite().all(), "p = 0 gives NaN or infinity: something is divided by p; divide by 1 - p")
    check.that((none != 0).all(), "with p = 0 nothing may be dropped")
    check.close(none, X, "Dropout(0.0)(X)")
    everything = probes.run_layer(Dropout, [1.0], {}, [[True, X], [False, X]])["calls"]
    got = check.tensor(everything[0]["output"], tuple(X.shape), "Dropout(1.0)(X)", finite=False)
    check.that(
        not got.isnan().any(),
        "p = 1 gives NaN, 0 times infinity: there is nothing to divide when everything is dropped",
    )
    check.close(got, torch.zeros_like(X), "Dropout(1.0)(X)", unless={"with p = 1 everything is dropped in training": X})
    check.close(
        everything[1]["output"],
        X,
        "Dropout(1.0).eval()(X)",
        unless={"in evaluation nothing is dropped and nothing scaled, whatever p is": torch.zeros_like(X)},
    )


verify(torch.rand(4, 6) + 0.5)
### BEGIN HIDDEN TESTS
verify(torch.rand(7, 5, 3) + 0.5)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### Augmented data
#
# The best cure is more data. A digit that is turned a little and moved a little is another picture of the same digit:
# such pictures can be made without end. `torchvision().transforms` holds transformations that draw their numbers at
# random at each call. `RandomAffine(degrees, translate=(a, b))` turns by an angle between `-degrees` and `degrees`, and
# moves by at most $a$ of the width and $b$ of the height. It takes an image as a tensor $(1, 28, 28)$.
#
# It also takes a whole batch $(n, 1, 28, 28)$, **but then turns all the images by the same angle**. So call it for each
# image by itself. Write `augment`, for a batch of rows $(n, 784)$; it gives rows back.

# %% [markdown] lang="fr"
# ### Des données augmentées
#
# Le meilleur remède, c'est davantage de données. Un chiffre un peu tourné et un peu déplacé est une autre image du même
# chiffre : de telles images, on peut en fabriquer sans fin. `torchvision().transforms` contient des transformations qui
# tirent leurs nombres au hasard à chaque appel. `RandomAffine(degrees, translate=(a, b))` tourne d'un angle compris
# entre `-degrees` et `degrees`, et déplace d'au plus $a$ fois la largeur et $b$ fois la hauteur. Elle prend une image
# sous forme d'un tenseur $(1, 28, 28)$.
#
# Elle accepte aussi tout un lot $(n, 1, 28, 28)$, **mais elle tourne alors toutes les images du même angle**.
# Appelez-la donc pour chaque image séparément. Écrivez `augment`, pour un lot de lignes $(n, 784)$ ; la fonction rend
# des lignes, et ne change pas celles qu'elle a reçues. `shift` vaut pour les deux directions.


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


# %% [markdown] hint="augment" lang="en"
# Make the transformation once, and call it $n$ times. A row of 784 pixels becomes an image with `reshape`, and an image
# becomes a row in the same way. A tensor can be gone through with `for`; what comes out is put together with
# `torch.cat` or `torch.stack`. In `translate`, both numbers are the same here.

# %% [markdown] hint="augment" lang="fr"
# Créez la transformation une fois, et appelez-la $n$ fois. Une ligne de 784 pixels devient une image grâce à `reshape`,
# et une image redevient une ligne de la même façon. On peut parcourir un tenseur avec `for` ; ce qui en sort se réunit
# avec `torch.cat` ou `torch.stack`. Dans `translate`, les deux nombres sont ici les mêmes.


# %% check="augment_images" points=1 ids=["S-augment"]
def verify(n):
    """Shape, range, and nothing done where nothing was asked for."""
    X = torch.rand(n, 784)
    given = X.clone()
    try:
        turned = augment(given, 20, 0.1)
    except (IndexError, TypeError, ValueError) as error:
        check.that(
            "not a torch image" not in str(error) and "out of range" not in str(error),
            "RandomAffine takes images, not rows of pixels: reshape each to (1, 28, 28)",
        )
        check.that(
            "translate should be a sequence" not in str(error),
            "translate is a pair, one number for each direction: translate=(shift, shift)",
        )
        check.that(
            "translation values" not in str(error),
            "translate counts in parts of the image, from 0 to 1, not in pixels: as shift does",
        )
        raise
    check.tensor(turned, (n, 784), "augment(X, 20, 0.1)")
    check.that(not torch.allclose(turned, X, atol=5e-3), "the images come back as they were")
    check.untouched(given, X, "X")
    still = check.tensor(augment(X.clone(), 0, 0.0), (n, 784), "augment(X, 0, 0.0)")
    mistakes = {
        "rows and columns of the images are swapped": X.reshape(n, 28, 28).mT.reshape(n, 784),
        "the images are mirrored: a mirrored digit is another sign": X.reshape(n, 28, 28).flip(2).reshape(n, 784),
    }
    check.that(
        any(torch.allclose(still, one, atol=5e-3) for one in (X, *mistakes.values())),
        "with degrees = 0 and shift = 0 the images should come back as they were: are both passed on?",
    )
    check.close(still, X, "augment(X, 0, 0.0)", unless=mistakes, atol=5e-3)  # one of 255 grey levels


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
    try:
        still = augment(spot(14, 9), 0, 0.0)
        images = augment(spot(14, 14), 0, shift)
    except (IndexError, TypeError, ValueError) as error:
        known = ("not a torch image", "out of range", "translate should be a sequence", "translation values")
        check.that(
            not any(one in str(error) for one in known),
            "what the check above refuses stops this one too: go by that first",
        )
        raise
    still = check.tensor(still, (60, 784), "augment(X, 0, 0.0)")
    check.that(
        torch.allclose(still, spot(14, 9), atol=5e-3),
        "with degrees = 0 and shift = 0 the images should come back as they were: go by what the check above says first",
    )
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
    check.that(angles.max() > 3 and angles.min() < -3, "the images should be turned both ways, left and right")
    check.that(
        angles.std() > 0.2 * degrees,
        "all images of the batch are transformed in the same way: call the transformation for each image by itself",
    )


verify(30, 0.25)
### BEGIN HIDDEN TESTS
verify(20, 0.15)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Each row starts with a digit as it is; then come your augmentations of it. Below them, three *policies* that
# torchvision has ready: `AutoAugment` chooses among pairs of operations that a search found useful for photographs of
# house numbers, `RandAugment` applies two operations at random, `TrivialAugmentWide` one. Look at what they do to
# digits. Which pictures would you not want a network to learn from?

# %% [markdown] lang="fr"
# Chaque ligne commence par un chiffre tel quel ; suivent les augmentations que vous en faites. Plus bas, trois
# *politiques* que torchvision propose toutes faites : `AutoAugment` choisit parmi des paires d'opérations qu'une
# recherche a jugées utiles pour des photos de numéros de rue, `RandAugment` applique deux opérations au hasard,
# `TrivialAugmentWide` une seule. Regardez ce qu'elles font de chiffres. De quelles images ne voudriez-vous pas qu'un
# réseau apprenne ?

# %% demo
torch.manual_seed(0)
data, transforms = digits(), torchvision().transforms
show_images(
    [("", torch.cat([image[None], augment(image.repeat(11, 1), 10, 0.08)])) for image in data.Xtrain[[0, 1, 4, 7]]]
)
image = (255 * data.Xtrain[7].reshape(1, 28, 28)).to(torch.uint8)  # policies want pixels from 0 to 255
policies = {
    "AutoAugment": transforms.AutoAugment(transforms.AutoAugmentPolicy.SVHN),
    "RandAugment": transforms.RandAugment(num_ops=2, magnitude=9),
    "TrivialAugmentWide": transforms.TrivialAugmentWide(),
}
pictures = {
    name: [image / 255] + [policy(image.repeat(3, 1, 1))[0] / 255 for _ in range(11)]
    for name, policy in policies.items()
}
show_images(list(pictures.items()))

# %% claim="a policy for photographs turns black into white"
assert max(float(one.mean()) for images in pictures.values() for one in images) > 0.5
assert all(float(images[0].mean()) < 0.2 for images in pictures.values())

# %% [markdown] lang="en"
# A policy for photographs turns black into white now and then, since colours hardly matter there. What keeps the class
# is knowledge about the data: a small turn keeps a digit what it is; turned by 180 degrees, a 6 is a 9; a mirrored cat
# is a cat, a mirrored 2 is no digit. And only the training images are augmented: test images stand for data to come,
# and are measured as they are.

# %% [markdown] lang="fr"
# Une politique conçue pour des photos change parfois le noir en blanc, car les couleurs n'y comptent guère. Ce qui
# conserve la classe, c'est une connaissance des données : un chiffre un peu tourné reste le même ; tourné de 180
# degrés, un 6 est un 9 ; un chat en miroir est un chat, un 2 en miroir n'est pas un chiffre. Et seules les images
# d'apprentissage sont augmentées : celles de test représentent les données à venir, et se mesurent telles quelles.

# %% [markdown] lang="en"
# ### A playground, if you have ten minutes more
#
# Over-fitting in a plane, where one can look at it: 40 noisy points of the circles, and a `network` with two hidden layers
# of 16 units, trained by Adam. `l2` is the $\lambda_2$ of your `weight_penalty`, `dropout` the $p$ of your `Dropout`.
#
# > **Before you touch it.** Without a cure, what will the boundary look like after 200 epochs, and what will the two losses
# > do? Which of the values of `l2` is too small, which too large, and by what would you know? Write it down, then play.

# %% [markdown] lang="fr"
# ### Un terrain de jeu, si vous avez dix minutes de plus
#
# Le surapprentissage dans un plan, où l'on peut le regarder : 40 points bruités des cercles, et un `network` à deux
# couches cachées de 16 unités, entraîné par Adam. `l2` est le $\lambda_2$ de votre `weight_penalty`, `dropout` le $p$ de
# votre `Dropout`.
#
# > **Avant d'y toucher.** Sans remède, à quoi ressemblera la frontière après 200 époques, et que feront les deux coûts ?
# > Quelle valeur de `l2` est trop petite, laquelle trop grande, et à quoi le verriez-vous ? Notez-le, puis jouez.


# %% demo
def begin_cure(nh, l2, dropout):
    model = network([2, nh, nh, 2], after=functools.partial(Dropout, dropout))
    return model, torch.optim.Adam(model.parameters()), l2


def step_cure(state, X, Y, eta):
    model, optim, l2 = state
    model.train()
    optim.param_groups[0]["lr"] = eta
    L = torch.nn.functional.cross_entropy(model(X), Y) + weight_penalty(model, 0.0, l2)
    optim.zero_grad()
    L.backward()
    optim.step()


def look_cured(state, X):
    model = state[0].eval()
    with torch.no_grad():
        return torch.softmax(model(X), 1), playground.hidden(model, X)


cured = playground.play(
    start=begin_cure,
    step=step_cure,
    look=look_cured,
    choices={"l2": (0.0, 0.001, 0.003, 0.01, 0.03), "dropout": (0.0, 0.2, 0.5)},
    settings="data=circles n=40 noise=0.3 nh=16 eta=0.01 batch=10 seed=3 l2=0 dropout=0",
)

# %% claim="without a cure the test loss turns round before epoch 20 and rises over log 2; a little L2 holds it down, too much learns nothing; dropout slows the rise down"
after = {line: cured.trained(line, 200) for line in ("", "l2=0.003", "l2=0.01", "l2=0.03", "dropout=0.2")}
turning = cured.trained("", 20)
assert turning["loss_test"] < 0.5 < 0.69 < after[""]["loss_test"] and after[""]["loss_train"] < 0.1
assert abs(turning["acc_test"] - after[""]["acc_test"]) < 0.05
assert max(after[line]["loss_test"] for line in ("l2=0.003", "l2=0.01")) < 0.55
assert after["l2=0.03"]["loss_train"] > 0.65
assert turning["loss_test"] + 0.1 < after["dropout=0.2"]["loss_test"] < after[""]["loss_test"] - 0.2

# %% [markdown] lang="en"
# <details>
# <summary>What you should have seen</summary>
#
# Without a cure the boundary grows bays and islands around single points, and gets sharp: white bands become thin. The training
# loss goes towards 0; the test loss turns round before epoch 20 and rises over $\log 2$, which is what a coin would
# have. The accuracy on the test points hardly changes. With `l2=0.003` or `0.01` the boundary is one smooth curve with a broad white
# band, and the test loss stays down. With `0.03` the penalty weighs more than the points: all weights go to 0, all maps turn
# white, the loss stays at $\log 2$. Dropout makes the boundary wander from epoch to epoch; on so small a network,
# with so few points, it slows the rise down, but does not stop it. By what would one know, without test points? By
# others that were kept aside for it: part 9.
#
# </details>

# %% [markdown] lang="fr"
# <details>
# <summary>Ce que vous devriez avoir vu</summary>
#
# Sans remède, il pousse à la frontière des baies et des îles autour de points isolés, et elle devient nette : les bandes
# blanches s'amincissent. Le coût d'apprentissage va vers 0 ; le coût de test fait demi-tour avant l'époque 20 et
# remonte au-dessus de $\log 2$, le coût de pile ou face. Le taux de réussite sur les points de test change à peine. Avec
# `l2=0.003` ou `0.01`, la frontière est une seule courbe régulière, avec une large bande blanche, et le coût de test
# reste bas. Avec `0.03`, la pénalité pèse plus que les points : tous les poids vont vers 0, toutes les cartes
# blanchissent, le coût reste à $\log 2$. Avec dropout, la frontière bouge d'une époque à l'autre ; sur un réseau si
# petit, avec si peu de points, il ralentit la remontée mais ne l'arrête pas. À quoi le verrait-on sans points de test ?
# À d'autres, qu'on a gardés pour cela : c'est la partie 9.
#
# </details>

# %% [markdown] lang="en"
# ## 9 · A study of your own · about 22 minutes
#
# Which cure helps most? Everybody has a favourite, and a table with one number a row is soon made to please it. Three
# rules keep a study honest:
#
# 1. **Several seeds.** Each row is trained with three, and shown as a mean with its standard deviation. A difference
#    that is smaller than the deviations may be luck.
# 2. **Choose on the validation set.** The strength of a cure, the epoch to stop at, the winner: all by validation
#    numbers.
# 3. **The test set, once**, at the very end, for what was chosen. (`measure` has noted its numbers all along; what counts
#    is that nobody looks at them, and that they choose nothing.)
#
# First, the numbers of a row. `measure` gave a history for each seed. Write `summarise`: for each of the six names, the
# mean and the standard deviation over the trainings (squares divided by their number *minus 1*: with three it matters).
# Which epoch counts? The last one; or, with `stop=True`, early stopping: in each training, the epoch whose *validation
# loss* is its lowest. Mind that this epoch is another one in each training, but the same for all six names.

# %% [markdown] lang="fr"
# ## 9 · Votre propre étude · environ 22 minutes
#
# Quel remède aide le plus ? Chacun a son favori, et un tableau à un nombre par ligne a vite fait de lui plaire. Trois
# règles gardent une étude honnête :
#
# 1. **Plusieurs graines.** Chaque ligne est entraînée avec trois graines, et donnée par une moyenne et son écart-type.
#    Une différence plus petite que les écarts-types peut être due au hasard.
# 2. **Choisir sur les données de validation.** La force d'un remède, l'époque où s'arrêter, le gagnant : tout se décide
#    sur les nombres de validation.
# 3. **Les données de test, une seule fois**, tout à la fin, pour ce qui a été choisi. (`measure` a noté leurs nombres
#    depuis le début ; ce qui compte, c'est que personne ne les regarde, et qu'ils ne choisissent rien.)
#
# D'abord, les nombres d'une ligne. `measure` a donné un historique par graine. Écrivez `summarise` : pour chacun des
# six noms, un couple, la moyenne et l'écart-type sur les apprentissages (carrés divisés par leur nombre *moins 1* : à
# trois, cela compte). Quelle époque prendre ? La dernière ; ou, avec `stop=True`, l'arrêt précoce : dans chaque
# apprentissage, l'époque où son *coût de validation* est le plus bas. Attention, cette époque change d'un apprentissage
# à l'autre, mais c'est la même pour les six noms.


# %% answer="summarise"
def summarise(histories, stop=False):
    """Sum up several trainings of the same kind, which differ in their seeds alone.

    histories: a list of two or more dicts as measure returns them: each holds a list for each name, one number an epoch.
    stop: which epoch of each training counts: the last one; if True, the one with the lowest "loss_val" of that training.
    Returns a dict from each name to a pair of floats: the mean over the trainings, and the standard deviation, its
    sum of squares divided by the number of trainings minus 1.
    """
    ### BEGIN SOLUTION
    rows = []
    for history in histories:
        epoch = history["loss_val"].index(min(history["loss_val"])) if stop else -1
        rows.append({name: numbers[epoch] for name, numbers in history.items()})
    columns = {name: torch.tensor([row[name] for row in rows]) for name in rows[0]}
    return {name: (float(column.mean()), float(column.std())) for name, column in columns.items()}
    ### END SOLUTION


# %% [markdown] hint="summarise" lang="en"
# ### The idea
#
# Two questions, one after the other. Which epoch counts, for *this* training? Answer it once for each history. Then,
# name by name: one number from each training makes a short list, and the list has a mean and a deviation.
#
# ### The tools
#
# In a list, `[-1]` is the last entry; `min(…)` gives the smallest number, `numbers.index(…)` the place of a number. Of
# a tensor, `std()` divides by the number of entries minus 1, as it is wanted here; `float(…)` makes a plain number of
# it.
#
# ### The code, with blanks
#
# ```python
# rows = []
# for history in histories:
#     epoch = history["loss_val"].index(...) if stop else ...
#     rows.append({name: ... for name, numbers in history.items()})
# columns = {name: torch.tensor(...) for name in rows[0]}
# return {name: (..., ...) for name, column in columns.items()}
# ```

# %% [markdown] hint="summarise" lang="fr"
# ### L'idée
#
# Deux questions, l'une après l'autre. Quelle époque compte, dans *cet* apprentissage ? Répondez-y une fois par
# historique. Puis, nom par nom : un nombre par apprentissage donne une courte liste, et cette liste a une moyenne et un
# écart-type.
#
# ### Les outils
#
# Dans une liste, `[-1]` est le dernier élément ; `min(…)` donne le plus petit nombre, `numbers.index(…)` la place d'un
# nombre. D'un tenseur, `std()` divise par le nombre d'éléments moins 1, comme on le veut ici ; `float(…)` en fait un
# simple nombre.
#
# ### Le code, à trous
#
# ```python
# rows = []
# for history in histories:
#     epoch = history["loss_val"].index(...) if stop else ...
#     rows.append({name: ... for name, numbers in history.items()})
# columns = {name: torch.tensor(...) for name in rows[0]}
# return {name: (..., ...) for name, column in columns.items()}
# ```


# %% check="summarise_last" points=2 ids=["S-overfit"]
def verify(histories):
    """Sum up the last epochs."""
    what = "summarise(histories)"
    found = check.keys(summarise(*check.copies(histories)), CURVES, what)
    for name in CURVES:
        mean, deviation = check.pair(found[name], f'{what}["{name}"]')
        last = torch.tensor([history[name][-1] for history in histories], dtype=torch.float64)
        best = [history[name][history["loss_val"].index(min(history["loss_val"]))] for history in histories]
        every = torch.tensor([one for history in histories for one in history[name]], dtype=torch.float64)
        n = len(histories)
        check.close(
            mean,
            last.mean(),
            f'{what}["{name}"][0]',
            unless={
                "these are means over all the epochs; take one epoch of each training": every.mean(),
                "this is the sum over the trainings; divide by their number": last.sum(),
                "these are numbers of the epoch with the lowest validation loss; stop is False": sum(best) / n,
                "this is the first training alone; take the mean over all of them": last[0],
                "this is the last training alone; take the mean over all of them": last[-1],
                "this is the smallest of the trainings; take their mean": last.min(),
                "this is the largest of the trainings; take their mean": last.max(),
                "this is the median of the trainings; take their mean": last.median(),
            },
        )
        check.close(
            deviation,
            last.std(),
            f'{what}["{name}"][1]',
            unless={
                "the squares are divided by the number of trainings; divide by that number minus 1": last.std(
                    correction=0
                ),
                "this is the variance; take its root": last.var(),
                "this is the error of the mean, the deviation over the root of the number; the deviation itself was asked for": (
                    last.std() / n**0.5
                ),
                "this is the largest minus the smallest; take the standard deviation": last.max() - last.min(),
            },
        )


verify(random_histories([4, 4, 4, 4, 4]))
### BEGIN HIDDEN TESTS
verify(random_histories([7, 7, 7]))
verify(random_histories([4, 6]))
### END HIDDEN TESTS


# %% check="summarise_stop" points=2 ids=["S-overfit"]
def verify(histories):
    """Sum up the epochs with the lowest validation loss. What the deviation is, is asked above."""
    what = "summarise(histories, stop=True)"
    found = check.keys(summarise(*check.copies(histories), stop=True), CURVES, what)

    def column(name, place):
        return torch.tensor([history[name][place(history)] for history in histories], dtype=torch.float64)

    def lowest(numbers, largest=False):
        return numbers.index(max(numbers) if largest else min(numbers))

    shortest = min(len(history["loss_val"]) for history in histories)
    common = lowest([sum(history["loss_val"][k] for history in histories) for k in range(shortest)])
    places = {
        "these are numbers of the last epochs; with stop=True, take those of the lowest validation loss": lambda h: -1,
        "each list gives its own lowest number; take all of them from the epoch with the lowest validation loss": None,
        "the epoch is chosen by the test loss: the test set must not choose anything": lambda h: lowest(h["loss_test"]),
        "the epoch is chosen by the training loss, which sees no over-fitting": lambda h: lowest(h["loss_train"]),
        "the epoch is chosen by the accuracy; it is the one with the lowest validation loss": (
            lambda h: lowest(h["acc_val"], True)
        ),
        "this is the epoch with the highest validation loss; take the lowest": lambda h: lowest(h["loss_val"], True),
        "one epoch is chosen for all the trainings; each training has its own": lambda h: common,
        "this is the epoch of the first training, used for all; each training has its own": (
            lambda h: min(lowest(histories[0]["loss_val"]), len(h["loss_val"]) - 1)
        ),
        "this is the epoch after the lowest validation loss: places in a list are counted from 0": (
            lambda h: min(lowest(h["loss_val"]) + 1, len(h["loss_val"]) - 1)
        ),
        "this is the epoch before the lowest validation loss": lambda h: lowest(h["loss_val"]) - 1,
    }
    last = check.keys(summarise(*check.copies(histories)), CURVES, "summarise(histories)")
    for name in CURVES[3:] + CURVES[:3]:  # of an accuracy, the lowest number of its own is nobody else's
        mean, got = check.pair(last[name], what)[0], check.pair(found[name], f'{what}["{name}"]')[0]
        right = column(name, lambda h: lowest(h["loss_val"])).mean()
        known = ((mean, column(name, lambda h: -1).mean()), (got, right))
        check.that(
            any(check.is_number(one) and abs(check.number(one, what) - other) < 1e-4 for one, other in known),
            "without stop, the numbers are not right yet: go by what the check above says first",
        )
        check.close(
            got,
            right,
            f'{what}["{name}"][0]',
            unless={
                sentence: column(name, place or (lambda h, name=name: lowest(h[name], name.startswith("acc")))).mean()
                for sentence, place in places.items()
            },
        )


verify(random_histories([5, 5, 5]))
### BEGIN HIDDEN TESTS
verify(random_histories([7, 7, 7, 7]))
verify(random_histories([6, 4]))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### One strength to choose
#
# L2 has a strength, $\lambda_2$. Too small, it changes nothing; too large, it forbids everything, learning included.
# What is "too small" here, 0.001, or 1? Nobody knows beforehand. So one tries a few that are far apart, equal *factors*
# apart, and looks.
#
# Write `sweep`. It returns a list of four to six strengths, in increasing order, the largest at least 100 times the
# smallest, and the one that you choose of them. Choose None at first. Run the cells below: they train with each of your
# strengths and draw your curve. Then come back and choose the one with the lowest validation loss; one that is
# nearly as low will do, since seeds make small differences. If the lowest point lies at an end
# of your curve, the best may lie outside: widen the list.

# %% [markdown] lang="fr"
# ### Une force à choisir
#
# L2 a une force, $\lambda_2$. Trop petite, elle ne change rien ; trop grande, elle interdit tout, l'apprentissage
# compris. Qu'est-ce que « trop petit » ici, 0,001 ou 1 ? Personne ne le sait d'avance. On en essaie donc quelques-unes,
# très différentes, séparées par des *facteurs* égaux, et l'on regarde.
#
# Écrivez `sweep`. La fonction renvoie une liste de quatre à six forces, en ordre croissant, la plus grande valant au
# moins 100 fois la plus petite, et celle que vous choisissez parmi elles. Choisissez d'abord None. Exécutez les
# cellules suivantes : elles apprennent avec chacune de vos forces et dessinent votre courbe. Revenez ensuite choisir
# celle dont le coût de validation est le plus bas ; une autre qui l'approche de près convient aussi, car les graines
# font de petites différences. Si le point le plus bas est à un bout de votre courbe, le meilleur est peut-être
# dehors : élargissez la liste.


# %% answer="sweep"
def sweep():
    """Plan a sweep over the strength of L2, and choose one strength from what it shows.

    Returns (strengths, chosen). strengths: a list of four to six numbers > 0, in increasing order; the largest is at
    least 100 times the smallest. chosen: one of them, which has the lowest validation loss on your curve (or nearly:
    seeds make a small difference), and has a neighbour on either side; None as long as there is no curve.
    """
    ### BEGIN SOLUTION
    return [1e-4, 1e-3, 1e-2, 1e-1], 1e-3
    ### END SOLUTION


# %% [markdown] hint="sweep" lang="en"
# The penalty is added to a loss that starts at 2.3, and the network has 90 000 weights, most of them around 0.02 in
# size: what is the sum of their squares at the start, roughly? A useful $\lambda_2$ makes of that number a noticeable
# part of the loss, not a hundred times the loss. Take one strength for each power of ten around it. `1e-4` is Python
# for 0.0001.

# %% [markdown] hint="sweep" lang="fr"
# La pénalité s'ajoute à un coût qui part de 2,3, et le réseau a 90 000 poids, la plupart de l'ordre de 0,02 : que vaut
# à peu près la somme de leurs carrés au départ ? Un $\lambda_2$ utile fait de ce nombre une part sensible du coût, et
# non cent fois le coût. Prenez une force par puissance de dix autour de celui-là. En Python, 0,0001 s'écrit `1e-4`.


# %% check="sweep_plan" points=1 ids=["S-l1l2"]
strengths = check.items(check.pair(sweep(), "sweep()")[0], "sweep()[0]")
strengths = check.numbers(strengths, len(strengths), "sweep()[0]")
check.that(4 <= len(strengths) <= 6, "a sweep of {n} strengths: take four to six", n=len(strengths))
check.that((strengths > 0).all(), "a strength is larger than 0: without a penalty, the network is in the curve anyway")
check.that((strengths[1:] > strengths[:-1]).all(), "put the strengths in increasing order, each once")
check.that(
    strengths[-1] >= 99.9 * strengths[0],
    "the largest strength should be at least 100 times the smallest: go by factors, not by sums",
)

# %% demo
strengths, chosen = sweep()
none = summarise([trained(measure, seed) for seed in range(3)])
curve = [
    summarise([trained(measure, seed, "L2", weight_penalty, strength) for seed in range(3)]) for strength in strengths
]
fig, axes = plt.subplots(ncols=2, figsize=(8, 3), layout="constrained")
parts = (("loss_val", say("validation loss"), (0.8, 1.3)), ("acc_val", say("validation accuracy"), (0.85, 1.05)))
for ax, (name, title, shown) in zip(axes, parts):
    means, deviations = zip(*(row[name] for row in curve))
    ax.errorbar(strengths, means, deviations, fmt="s-", color="#D55E00", capsize=3, label="L2")
    ax.axhline(none[name][0], color="#000000", linestyle=":", label=say("none"))
    ax.set(xlabel="$\\lambda_2$", ylabel=title, xscale="log", ylim=[share * none[name][0] for share in shown])
    ax.grid(alpha=0.3)
axes[0].legend()
figures.show(
    fig,
    say(
        "Loss and accuracy on the validation examples by the strength of the penalty, each the mean of three "
        "trainings: the loss is {losses}; without a penalty, {none:.3f}."
    ).format(losses=", ".join(number(row["loss_val"][0], ".3f") for row in curve), none=none["loss_val"][0]),
)
losses = dict(zip([float(one) for one in strengths], [row["loss_val"][0] for row in curve]))
lowest = min(losses, key=losses.get)
print(say("lowest validation loss: {loss:.3f}, with {strength:g}").format(loss=losses[lowest], strength=lowest))
for one, loss in losses.items():
    if chosen == one != lowest:
        print(say("the strength chosen, {strength:g}, has {loss:.3f}").format(strength=one, loss=loss))

# %% claim="the validation loss has a valley; in it, L2 makes the network less sure, but no better"
best = min(curve, key=lambda row: row["loss_val"][0])
assert curve[0]["loss_val"][0] > best["loss_val"][0] < curve[-1]["loss_val"][0]
assert best["loss_val"][0] < none["loss_val"][0] - 0.03
assert best["acc_val"][0] <= none["acc_val"][0] and best["loss_train"][0] > none["loss_train"][0]

# %% [markdown] lang="en"
# Dotted: without a penalty; points outside the picture are worse still. In the valley of the left picture, the loss on
# the validation digits is lower. Look at the right one, too: the accuracy is no better there. The penalty keeps the
# network from being absurdly sure, and that is all it does here.

# %% [markdown] lang="fr"
# En pointillé : sans pénalité ; les points hors de l'image sont pires encore. Dans la vallée de l'image de gauche, le
# coût sur les chiffres de validation est plus bas. Regardez aussi celle de droite : le taux n'y est pas meilleur. La
# pénalité empêche le réseau d'être absurdement sûr de lui, et elle ne fait ici rien de plus.


# %% check="sweep_choice" points=1 ids=["S-l1l2"]
strengths, chosen = check.pair(sweep(), "sweep()")
check.that(
    chosen is not None,
    "nothing is chosen yet: run the cell of the curve, then put one of your strengths in the place of None",
)
strengths, chosen = check.items(strengths, "sweep()[0]"), check.number(chosen, "sweep()[1]")
check.that(chosen in strengths, "{chosen} is not one of your strengths: choose one that you have tried", chosen=chosen)
check.that(
    chosen not in (strengths[0], strengths[-1]),
    "the strength chosen lies at an end of your list: the best may lie outside; widen the list",
)
check.that(
    chosen >= 2e-4,
    "with so small a strength the validation loss is hardly lower than without: look at your curve again",
)
check.that(
    chosen <= 2e-2,
    "with so large a strength the network hardly learns, and the validation loss is high: look at your curve again",
)
# A curve as it should be, for powers of ten; yours lies near it. Between them: linear in the logarithm.
powers = torch.tensor([-5.0, -4.0, -3.5, -3.0, -2.5, -2.0, -1.5, -1.0])
known = torch.tensor([0.814, 0.802, 0.787, 0.748, 0.732, 0.779, 0.938, 2.3])


def loss_of(strength):
    place = torch.as_tensor(strength, dtype=torch.float32).log10().clamp(-5.0, -1.0)
    k = int((powers <= place).sum().clamp(max=len(powers) - 1)) - 1
    return float(known[k] + (known[k + 1] - known[k]) * (place - powers[k]) / (powers[k + 1] - powers[k]))


others = [check.number(one, "sweep()[0]") for one in strengths]
check.that(
    loss_of(chosen) <= min(loss_of(one) for one in others if one > 0) + 0.04,
    "another of your strengths has a clearly lower validation loss than {chosen}: look at your curve again",
    chosen=chosen,
)

# %% [markdown] lang="en"
# ### The table
#
# Now all the cures, three seeds each: L2 with the strength that you chose, dropout with $p = 0.5$, BatchNorm, and
# augmented data. Augmentation makes the task harder, so it is shown after 20 epochs, like the others, and after 60.
# (The others would gain nothing from 60: their training loss is nearly 0 after 20.) Early stopping costs no training at
# all: it is read from the same histories. Training takes half a minute or more.
#
# > **Before you run it.** Which row will have the highest validation accuracy? Its name as a word: `"L2"`, `"Dropout"`,
# > `"BatchNorm"`, `"augment 20"`, `"augment 60"`, or `"none"`. (The two rows with `+ stop` do not count here.)

# %% [markdown] lang="fr"
# ### Le tableau
#
# Tous les remèdes maintenant, trois graines chacun : L2 avec la force que vous avez choisie, dropout avec $p = 0{,}5$,
# BatchNorm, et les données augmentées. L'augmentation rend la tâche plus difficile : elle est donc montrée après 20
# époques, comme les autres, et après 60. (Aux autres, 60 époques n'apporteraient rien : après 20, leur coût
# d'apprentissage est presque nul.) L'arrêt précoce ne coûte aucun apprentissage : il se lit dans les mêmes historiques.
# Comptez une demi-minute ou plus.
#
# > **Avant d'exécuter.** Quelle ligne aura le meilleur taux de validation ? Son nom, entre guillemets : `"L2"`,
# > `"Dropout"`, `"BatchNorm"`, `"augment 20"`, `"augment 60"`, ou `"none"` (aucun remède). Les deux lignes avec `+ stop`
# > ne comptent pas ici.

# %% predict="best_row"
best_row = None


# %% setup
def study(seeds):
    """Train every row of the table with these seeds; return for each row its histories, as measure gives them."""
    cures = {
        "none": (),
        "L2": ("L2", weight_penalty, sweep()[1]),
        "Dropout": ("Dropout", Dropout, 0.5),
        "BatchNorm": ("BatchNorm", BatchNorm),
    }
    runs = {name: [trained(measure, seed, *cure) for seed in seeds] for name, cure in cures.items()}
    long = [trained(measure, seed, "augment", augment, epochs=60) for seed in seeds]
    short = [{name: numbers[:20] for name, numbers in history.items()} for history in long]
    return runs | {"augment 20": short, "augment 60": long}


def print_rows(table, columns):
    """Print these columns of a table, whose rows are what summarise gives: mean ± deviation."""
    print(f"{'':17}" + "".join(f"{column:^16}" for column in columns))
    for name, row in table.items():
        pairs = ([number(one, ".3f") for one in row[column]] for column in columns)
        print(f"{name:17}" + "".join(f"{mean} ± {deviation}".center(16) for mean, deviation in pairs))


# %% demo
runs = study([seed for seed in range(3)])
table = {name: summarise(histories) for name, histories in runs.items()}
table |= {f"{name} + stop": summarise(runs[name], stop=True) for name in ("none", "augment 60")}
print_rows(table, ("loss_train", "loss_val", "acc_train", "acc_val"))  # the test set stays out of it
fig, axes = plt.subplots(ncols=2, figsize=(8, 3.2), sharey=True, layout="constrained")
for ax, kind, title in zip(axes, ("loss", "acc"), (say("loss"), say("accuracy"))):
    for part, colour, marker in (("train", "#0072B2", "o"), ("val", "#D55E00", "s")):
        means, deviations = zip(*(row[f"{kind}_{part}"] for row in table.values()))
        label = say("train") if part == "train" else say("validation")
        ax.errorbar(means, range(len(table)), xerr=deviations, fmt=marker, color=colour, capsize=3, label=label)
    ax.set(xlabel=title, yticks=range(len(table)), yticklabels=list(table))
    ax.grid(alpha=0.3)
axes[0].invert_yaxis()
axes[0].legend()
figures.show(fig, say("Losses and accuracies of the rows of the table, with how far three trainings spread."))
reveal(best_row, max(runs, key=lambda name: table[name]["acc_val"][0]))

# %% claim="without a cure it overfits; long augmentation wins by far, after 20 epochs it does not yet; the others lower the loss only"
L = {name: row["loss_val"][0] for name, row in table.items()}
rate = {name: row["acc_val"][0] for name, row in table.items()}
assert table["none"]["loss_train"][0] < 0.01 and L["none"] > 0.7 and rate["none"] < 0.85
assert rate["augment 60"] > max(rate[name] for name in ("none", "L2", "Dropout", "BatchNorm")) + 0.015
assert rate["augment 20"] < rate["none"] + 0.01
assert max(L[name] for name in ("none + stop", "L2", "BatchNorm")) < L["none"] - 0.03 and L["Dropout"] < L["none"]
assert max(rate[name] for name in ("none + stop", "L2", "Dropout", "BatchNorm")) < rate["none"] + 0.01
assert L["augment 60 + stop"] == min(L.values())

# %% [markdown] lang="en"
# The last step of a study: the winner is the row with the lowest validation loss, and now, once, the test set is looked
# at, for this row and for the one without a cure.

# %% [markdown] lang="fr"
# La dernière étape d'une étude : le gagnant est la ligne au coût de validation le plus bas ; et maintenant, une seule
# fois, on regarde les données de test, pour cette ligne et pour celle sans remède.

# %% demo
runs = study([seed for seed in range(3)])
rows = {name: summarise(histories) for name, histories in runs.items()}
rows |= {f"{name} + stop": summarise(histories, stop=True) for name, histories in runs.items()}
winner = min(rows, key=lambda name: rows[name]["loss_val"][0])
print_rows({name: rows[name] for name in ("none", winner)}, ("loss_test", "acc_test"))

# %% claim="augmented data win on the test digits too, by several points"
assert winner == "augment 60 + stop"
assert rows[winner]["acc_test"][0] > rows["none"]["acc_test"][0] + 0.03
assert rows[winner]["loss_test"][0] < rows["none"]["loss_test"][0] - 0.15


# %% [markdown] lang="en"
# ### Read your table
#
# In five to ten lines: by which numbers of the first row do you see that the network overfits? Which cure helps most
# (look at the loss *and* the accuracy, and at the deviations), and why this one, with 200 digits? Some cures lower the
# loss on the validation digits and leave the accuracy where it was: how can that be? And why was the test set looked at
# only at the end?

# %% [markdown] lang="fr"
# ### Lisez votre tableau
#
# En cinq à dix lignes : à quels nombres de la première ligne voyez-vous que le réseau surapprend ? Quel remède aide le
# plus (regardez le coût *et* le taux, et les écarts-types), et pourquoi celui-là, avec 200 chiffres ? Certains remèdes
# abaissent le coût sur les chiffres de validation et laissent le taux où il était : comment est-ce possible ? Et
# pourquoi n'a-t-on regardé les données de test qu'à la fin ?

# %% [markdown] open="cures" points=4 ids=["S-overfit"]
# **English.** Without a cure the training loss is nearly 0 and the training accuracy 100 %, but on the validation
# digits the loss is around 0.8 and the accuracy about 80 %: the gap is over-fitting. Augmentation over 60 epochs helps
# most: the loss is lowest, between 0.5 and 0.6, and the accuracy some four points higher, with deviations of one or two
# points. With 200 digits what is lacking is variety, and turned and moved digits bring just that: they say what does
# *not* matter to the class. (After 20 epochs it had gained nothing yet: the task is harder and takes longer.) Early
# stopping, L2, dropout and BatchNorm lower the loss without raising the accuracy: the accuracy asks only which score is
# largest, the loss also how sure the network is. A network that is less sure of its mistakes has a lower loss and makes
# the same mistakes. And the test set was kept because everything else was chosen on the validation set, the strength,
# the epoch, the winner: the best of many is partly luck, and its validation numbers are a little too good. A set with
# which nothing was chosen gives an honest number, once.
#
# **Français.** Sans remède, le coût d'apprentissage est presque nul et le taux de réussite en apprentissage de 100 %,
# alors que, sur les chiffres de validation, le coût est d'environ 0,8 et le taux d'environ 80 % : cet écart est le
# surapprentissage. L'augmentation sur 60 époques aide le plus : le coût est le plus bas, entre 0,5 et 0,6, et le taux
# est plus haut d'environ quatre points, avec des écarts-types d'un ou deux points. Avec 200 chiffres, c'est la variété
# qui manque, et les chiffres tournés et déplacés apportent précisément cela : ils disent ce qui *ne* compte *pas* pour
# la classe. (Après 20 époques, elle n'avait encore rien apporté : la tâche est plus difficile et demande plus de
# temps.) L'arrêt précoce, L2, dropout et BatchNorm abaissent le coût sans améliorer le taux : le taux demande seulement
# quel score est le plus grand, le coût demande aussi à quel point le réseau est sûr de lui. Un réseau moins sûr de ses
# erreurs a un coût plus bas et fait les mêmes erreurs. Enfin, on a gardé les données de test parce que tout le reste a
# été choisi sur celles de validation, la force, l'époque, le gagnant : le meilleur de plusieurs l'est en partie par
# chance, et ses nombres de validation sont un peu trop beaux. Des données avec lesquelles rien n'a été choisi donnent
# un nombre honnête, une fois.

# %% [markdown] marking="cures"
# - 1 point: over-fitting is read from the gap between training and validation, in loss or accuracy, with numbers.
# - 1 point: a cure named from the table, with a reason that fits it (augmentation: variety, invariance; dropout: no
#   unit relies on another; penalties: small weights, smoother functions; early stopping: before it is learnt by heart).
#   Another winner than ours is right if the table says so, in the loss or in the accuracy, by more than the deviations.
# - 1 point: the loss also counts how sure the network is, the accuracy only which class is on top. (That a harder task
#   or smaller weights raise the training loss is no answer to this.)
# - 1 point: what was used to choose gives too good a number; the test set has chosen nothing.
# - see `print_rows(`

# %% [markdown] lang="en"
# ## What you have built
#
# What PyTorch's modules do, you have written: `log_softmax` and both cross-entropies, `clip_gradients`, `BatchNorm`,
# `Dropout`, penalties. From now on use those of PyTorch: `CrossEntropyLoss`, `BCEWithLogitsLoss`,
# `torch.nn.utils.clip_grad_norm_`, `BatchNorm1d`, `LayerNorm`, `Dropout`, and the option `weight_decay` of an
# optimiser. (In `SGD` and `Adam` it equals $2 \lambda_2$, and acts on the biases too.) They are faster, and hold no
# secret any more. What stays yours is to *measure*: gradients layer by layer, training beside validation, several
# seeds, one change at a time.
#
# In `09_svm` the circles come back once more, to be separated without any network.
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓`, or
# `◦` where the answer is a choice. `✓` means that the check holds for the inputs that you see; `◦` promises only that
# the form is right, so read those questions once more. Have you chosen a strength, and written your answer on the
# table, in part 9? Save, and hand in this file without renaming it.

# %% [markdown] lang="fr"
# ## Ce que vous avez construit
#
# Ce que font les modules de PyTorch, vous l'avez écrit : `log_softmax` et les deux entropies croisées,
# `clip_gradients`, `BatchNorm`, `Dropout`, les pénalités. Désormais, utilisez ceux de PyTorch : `CrossEntropyLoss`,
# `BCEWithLogitsLoss`, `torch.nn.utils.clip_grad_norm_`, `BatchNorm1d`, `LayerNorm`, `Dropout`, et l'option
# `weight_decay` d'un optimiseur. (Dans `SGD` et `Adam`, elle vaut $2 \lambda_2$ et touche aussi les biais.) Ils sont
# plus rapides, et n'ont plus de secret pour vous. Ce qui reste votre affaire, c'est de *mesurer* : les gradients couche
# par couche, l'apprentissage à côté de la validation, plusieurs graines, un seul changement à la fois.
#
# Dans `09_svm`, les cercles reviennent une dernière fois, pour être séparés sans aucun réseau.
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓`, ou `◦` si la réponse est un choix. `✓` signifie que la vérification tient pour les entrées que
# vous voyez ; `◦` ne promet que la forme : relisez donc ces questions-là. Avez-vous choisi une force, et rédigé votre
# réponse sur le tableau, dans la partie 9 ? Enregistrez, puis rendez ce fichier sans le renommer.
