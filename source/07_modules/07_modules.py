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
# # Your own torch, in numpy
#
# `torch.nn` gave you modules, `L.backward()` gave you gradients. Here you build both yourself, from arrays: layers,
# losses, a container. Nothing computes a derivative for you, and yet you will not write the backward pass of a network
# again: each module writes its own small part, once, and the parts fit together in any order.
#
# **You will learn** to cut a network into modules that go forth and back; to derive and to write the backward pass of a
# linear layer, of activations and of losses; why gradients accumulate; to chain any number of modules and to compute
# nothing twice; to write modules with several inputs, or none, and to put them together in any graph; and to read
# digits with all this.
#
# **You need** the chain rule of `01_math`, the gradients of `02_manual`, and the modules of `04_nn`.
#
# | part | minutes |
# |---|---|
# | Where you stand | 8 |
# | 1 · A linear module | 29 |
# | 2 · Activations | 8 |
# | 3 · Losses | 12 |
# | 4 · One step, and many small ones | 12 |
# | 5 · Modules in series, by hand | 15 |
# | 6 · Any number of modules | 18 |
# | 7 · Any graph | 22 |
# | 8 · Digits from envelopes | 21 |
# | *all together* | *145* |
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
# # Votre propre torch, en numpy
#
# `torch.nn` vous a fourni des modules, `L.backward()` des gradients. Ici, vous construisez les deux vous-même, à partir
# de tableaux : des couches, des coûts, un conteneur. Rien ne dérive à votre place, et pourtant vous n'écrirez plus
# jamais la passe arrière d'un réseau : chaque module écrit une fois pour toutes son petit morceau, et les morceaux
# s'assemblent dans n'importe quel ordre.
#
# **Vous allez apprendre** à découper un réseau en modules qui savent aller et revenir ; à calculer, puis à écrire la
# passe arrière d'une couche linéaire, des activations et des coûts ; pourquoi les gradients s'accumulent ; à enchaîner
# autant de modules que l'on veut sans rien calculer deux fois ; à écrire des modules à plusieurs entrées, ou sans
# entrée, et à les assembler en un graphe quelconque ; et à lire des chiffres avec tout cela.
#
# **Il vous faut** la dérivation des fonctions composées de `01_math`, les gradients de `02_manual` et les modules de
# `04_nn`.
#
# | partie | minutes |
# |---|---|
# | Où vous en êtes | 8 |
# | 1 · Un module linéaire | 29 |
# | 2 · Les activations | 8 |
# | 3 · Les coûts | 12 |
# | 4 · Un pas, et plusieurs petits | 12 |
# | 5 · Des modules en série, à la main | 15 |
# | 6 · Un nombre quelconque de modules | 18 |
# | 7 · Un graphe quelconque | 22 |
# | 8 · Des chiffres sur des enveloppes | 21 |
# | *en tout* | *145* |
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
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import torch

from helpers import CirclesData, USPSData, check, figures, probes, progress, reveal, start
from helpers.messages import _ as say
from helpers.messages import number
from helpers.samples import bent, woven

start("07_modules", lang="en")

# %% [markdown] lang="en"
# ## Where you stand · about 8 minutes
#
# Three questions from earlier notebooks. Answer each in your head, then unfold it.
#
# <details>
# <summary>1 · 01_math: a number acts on the loss along two paths. What is the derivative of the loss in it?</summary>
#
# The sum over the two paths; along one path, the local derivatives are multiplied. In part 7 you write that sum in
# code.
#
# </details>
#
# <details>
# <summary>2 · 02_manual: which of the results of forward does backward need, and what for?</summary>
#
# The input $X$ and the hidden values: the gradient of a weight is what came in through it, times the error at its
# output. So they are kept on the way forth. Here each module is given its input once more, on the way back.
#
# </details>
#
# <details>
# <summary>3 · 04_nn: what happens if you never call zero_grad?</summary>
#
# Gradients are added up, so each step also takes all the gradients before it. Here too; part 4 says what the adding
# is good for.
#
# </details>
#
# Now to the new things. A network is a chain. $z^0 = X$ goes into the first module, $z^k$ comes out of module $k$, which computes the
# function $M^k$ with its parameters $W^k$, and the last output, $z^K = \hat{Y}$, goes into the loss $L$. Write
# $\delta^k$ for the gradient of $L$ in $z^k$, an array of the same shape:
#
# $$z^k = M^k(z^{k-1}, W^k) \qquad\qquad \delta^k = \frac{\partial L}{\partial z^k}$$
#
# $z^k$ and $\delta^k$ have one row for each of the $n$ examples of the batch; how many columns, module $k$ decides.
#
# To learn, module $k$ needs no more than two things: its input $z^{k-1}$, and $\delta^k$, which comes from the module
# after it. From these it computes the gradient in its own parameters, and $\delta^{k-1}$ for the module before it:
#
# $$\frac{\partial L}{\partial W^k_{ij}} = \sum_u \delta^k_u \, \frac{\partial z^k_u}{\partial W^k_{ij}}
# \qquad\qquad \delta^{k-1}_j = \sum_u \delta^k_u \, \frac{\partial z^k_u}{\partial z^{k-1}_j}$$
#
# ($u$ runs over all numbers of $z^k$.) The picture shows both ways: data forth, above the arrows; errors back,
# below.

# %% [markdown] lang="fr"
# ## Où vous en êtes · environ 8 minutes
#
# Trois questions sur les notebooks précédents. Répondez à chacune de tête, puis dépliez-la.
#
# <details>
# <summary>1 · 01_math : un nombre agit sur le coût par deux chemins. Quelle est la dérivée du coût par rapport à lui ?</summary>
#
# La somme sur les deux chemins ; le long d'un chemin, les dérivées locales se multiplient. Dans la partie 7, vous
# programmez cette somme.
#
# </details>
#
# <details>
# <summary>2 · 02_manual : de quels résultats de la passe avant la passe arrière a-t-elle besoin, et pour quoi faire ?</summary>
#
# De l'entrée $X$ et des valeurs cachées : le gradient d'un poids est ce qui est entré par lui, multiplié par l'erreur à
# sa sortie. On les garde donc à l'aller. Ici, on redonne à chaque module son entrée, au retour.
#
# </details>
#
# <details>
# <summary>3 · 04_nn : que se passe-t-il si l'on n'appelle jamais zero_grad ?</summary>
#
# Les gradients s'additionnent : chaque pas reprend donc aussi tous les gradients précédents. Ici aussi ; la partie 4
# dit à quoi sert cette addition.
#
# </details>
#
# Passons au nouveau. Un réseau est une chaîne. $z^0 = X$ entre dans le premier module, $z^k$ sort du module $k$, qui calcule la fonction
# $M^k$ avec ses paramètres $W^k$, et la dernière sortie, $z^K = \hat{Y}$, entre dans le coût $L$. On note $\delta^k$
# le gradient de $L$ par rapport à $z^k$, un tableau de même taille :
#
# $$z^k = M^k(z^{k-1}, W^k) \qquad\qquad \delta^k = \frac{\partial L}{\partial z^k}$$
#
# $z^k$ et $\delta^k$ ont une ligne pour chacun des $n$ exemples du lot ; le module $k$ décide du nombre de colonnes.
#
# Pour apprendre, le module $k$ n'a besoin que de deux choses : son entrée $z^{k-1}$, et $\delta^k$, qui lui vient du
# module suivant. Il en tire le gradient par rapport à ses propres paramètres, et $\delta^{k-1}$ pour le module
# précédent :
#
# $$\frac{\partial L}{\partial W^k_{ij}} = \sum_u \delta^k_u \, \frac{\partial z^k_u}{\partial W^k_{ij}}
# \qquad\qquad \delta^{k-1}_j = \sum_u \delta^k_u \, \frac{\partial z^k_u}{\partial z^{k-1}_j}$$
#
# ($u$ parcourt tous les nombres de $z^k$.) La figure montre les deux sens : les données à l'aller, au-dessus
# des flèches ; les erreurs au retour, au-dessous.

# %% demo unclaimed="only a drawing of the chain"
figures.graph(
    {"X": (0, 0), "M1": (1.6, 0), "M2": (3.2, 0), "M3": (4.8, 0), "L": (6.4, 0), "Y": (6.4, 0.9)},
    [("X", "M1"), ("M1", "M2"), ("M2", "M3"), ("M3", "L"), ("Y", "L")],
    values={"X": "$z^0$", "M1": "$z^1$", "M2": "$z^2$", "M3": r"$z^3 = \hat{Y}$"},
    grads={"X": r"$\delta^0$", "M1": r"$\delta^1$", "M2": r"$\delta^2$", "M3": r"$\delta^3$"},
    labels={"X": "$X$", "M1": "$M^1$", "M2": "$M^2$", "M3": "$M^3$", "L": "$L$", "Y": "$Y$"},
)

# %% [markdown] lang="en"
# In code, each arrow is a method. These are the two abstract classes that yours will inherit from; read them, all the
# rest relies on them. (The design is that of the torch written in Lua, PyTorch's ancestor, which had no autograd. Two
# of your classes, `Sigmoide` and `Sequentiel`, are spelt nearly as in French, to tell them from torch's.)

# %% [markdown] lang="fr"
# Dans le code, chaque flèche est une méthode. Voici les deux classes abstraites dont hériteront les vôtres ; lisez-les,
# tout le reste s'appuie dessus. (Le principe est celui du torch écrit en Lua, l'ancêtre de PyTorch, qui n'avait pas
# d'autograd. Deux de vos classes, `Sigmoide` et `Sequentiel`, s'écrivent à la française, accents en moins, pour ne pas
# être confondues avec celles de torch.)


# %% setup
class Module:
    """A piece of a network, from an input to an output.

    _parameters: dict of arrays by name; None if the module has no parameters.
    _gradient: dict of arrays of the same names and shapes, to which gradients are added; or None.
    """

    def __init__(self):
        self._parameters = None
        self._gradient = None

    def zero_grad(self):
        """Set the gradient to zeros."""

    def forward(self, X):
        """Return the output (n, nout) for the input X (n, nin)."""
        raise NotImplementedError("forward")

    def update_parameters(self, gradient_step):
        """Take one step of descent: subtract gradient_step times the gradient. No other method moves parameters."""

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in the parameters to _gradient.

        input: what forward was given. delta: the gradient of the loss in the output, of the output's shape.
        """

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input, of the input's shape. Nothing is kept or changed."""
        raise NotImplementedError("backward_delta")


class Loss:
    """A loss: one number for a batch, the mean over its n examples and ny outputs."""

    def forward(self, y, yhat):
        """Return the loss of the predictions yhat (n, ny) for the targets y (n, ny), one number."""
        raise NotImplementedError("forward")

    def backward(self, y, yhat):
        """Return the gradient of that number in yhat, of shape (n, ny)."""
        raise NotImplementedError("backward")


# %% [markdown] lang="en"
# Note four things.
#
# - A module without parameters need not write three of the five methods: here they do nothing.
# - The gradient is **added**, not written over. Part 4 says why.
# - What is added is `scale` times the gradient. `scale` is one number, nearly always 1; it concerns the parameters'
#   gradient only, never $\delta$. Part 4 needs it, too.
# - The loss is a **mean over all $n \, n_y$ numbers**, as in `torch.nn.MSELoss`. So $\delta$ has the factor
#   $1 / (n \, n_y)$ from the start, and no module divides again.
#
# Which method …
#
# - **a.** is the only one that may change `_parameters`?
# - **b.** adds to `_gradient`?
# - **c.** turns the result of the forward pass into the first $\delta$, with which the way back begins?
# - **d.** gives the module before what it needs for its own gradient?
# - **e.** must be called before each new step, so that old gradients do not count again?

# %% [markdown] lang="fr"
# Remarquez quatre choses.
#
# - Un module sans paramètre n'a pas à écrire trois des cinq méthodes : ici, elles ne font rien.
# - Le gradient **s'ajoute** à l'ancien, il ne le remplace pas. La partie 4 dit pourquoi.
# - Ce qu'on ajoute, c'est `scale` fois le gradient. `scale` est un nombre, presque toujours 1 ; il ne concerne que le
#   gradient par rapport aux paramètres, jamais $\delta$. Il servira, lui aussi, dans la partie 4.
# - Le coût est une **moyenne sur les $n \, n_y$ nombres**, comme dans `torch.nn.MSELoss`. $\delta$ porte donc dès le
#   départ le facteur $1 / (n \, n_y)$, et aucun module ne divise de nouveau.
#
# Quelle méthode…
#
# - **a.** est la seule à pouvoir changer `_parameters` ?
# - **b.** ajoute à `_gradient` ?
# - **c.** transforme le résultat de la passe avant en un premier $\delta$, par lequel commence le retour ?
# - **d.** donne au module précédent ce qu'il lui faut pour son propre gradient ?
# - **e.** doit être appelée avant chaque nouveau pas, sans quoi les anciens gradients comptent encore ?


# %% answer="interface"
def interface():
    """Return a dict from each letter, "a" to "e", to the name of a method.

    One of "zero_grad", "forward", "update_parameters", "backward_update_gradient", "backward_delta",
    "loss.forward", "loss.backward".
    """
    ### BEGIN SOLUTION
    return {
        "a": "update_parameters",
        "b": "backward_update_gradient",
        "c": "loss.backward",
        "d": "backward_delta",
        "e": "zero_grad",
    }
    ### END SOLUTION


# %% check="interface_choices" points=1 ids=["T-module", "T-loss"]
check.letters(
    interface,
    "abcde",
    options=(
        "zero_grad",
        "forward",
        "update_parameters",
        "backward_update_gradient",
        "backward_delta",
        "loss.forward",
        "loss.backward",
    ),
)
### BEGIN HIDDEN TESTS
check.choices(
    interface(),
    {
        "a": "update_parameters",
        "b": "backward_update_gradient",
        "c": "loss.backward",
        "d": "backward_delta",
        "e": "zero_grad",
    },
    because={
        "a": "computing a gradient and taking a step are two things: update_parameters takes the step.",
        "b": "backward_update_gradient adds the gradient in the module's own parameters.",
        "c": "the loss knows how L changes with Yhat: its backward gives the last delta, that of the output.",
        "d": "backward_delta gives the gradient in the module's input, which is the output of the module before.",
        "e": "gradients are added up until zero_grad sets them to zero.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Some tools for later. `differences` measures a gradient without any calculus: it moves each number of an array a
# little up and a little down. It is slow, and right: whenever you doubt a derivative of yours, compare. The others you
# know.

# %% [markdown] lang="fr"
# Quelques outils pour la suite. `differences` mesure un gradient sans aucun calcul de dérivée : elle déplace un peu
# chaque nombre d'un tableau, vers le haut puis vers le bas. C'est lent, et juste : chaque fois que vous doutez d'une
# dérivée, comparez. Les autres, vous les connaissez.


# %% setup
def differences(f, x, h=1e-5):
    """Return the gradient of the number f(x) in the array x, measured by central differences."""
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up, down = x.astype(float), x.astype(float)
        up[place] += h
        down[place] -= h
        slopes[place] = (f(up) - f(down)) / (2 * h)
    return slopes


def minibatches(n, batch):
    """Return arrays of indices: 0 … n - 1 in random order, cut into pieces of size batch (the last may be shorter)."""
    order = np.random.permutation(n)
    return [order[start : start + batch] for start in range(0, n, batch)]


def accuracy(Y, Yhat):
    """Return the share of examples whose largest output is that of the right class."""
    return float((Yhat.argmax(1) == Y.argmax(1)).mean())


def in_numpy(data):
    """Return a data set with arrays in the place of tensors, each input feature with mean 0 over Xtrain."""
    parts = {name: getattr(data, name).double().numpy() for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
    mean = parts["Xtrain"].mean(0)
    return SimpleNamespace(**parts | {"Xtrain": parts["Xtrain"] - mean, "Xtest": parts["Xtest"] - mean, "mean": mean})


# %% [markdown] lang="en"
# ## 1 · A linear module · about 29 minutes
#
# The linear module takes $X$ $(n, n_x)$ to $Z$ $(n, n_y)$, with weights $W$ $(n_y, n_x)$ and a bias $b$ $(n_y,)$. For
# one example, and for a batch with one example per row:
#
# $$z_j = \sum_{i=1}^{n_x} W_{ji} \, x_i + b_j \qquad\qquad Z = X W^\top + b$$
#
# First on paper. You are given $\delta$, the gradient of $L$ in $z$. For **one** example, derive
#
# 1. $\partial L / \partial W_{ji}$ and $\partial L / \partial b_j$, from $\delta$ and $x$;
# 2. $\partial L / \partial x_i$, from $\delta$ and $W$: say where the sum comes from;
# 3. then, for a batch, the three results as products of matrices, with the shape of each. Why does the batch appear as
#    a sum in the first two, and not in the third?

# %% [markdown] lang="fr"
# ## 1 · Un module linéaire · environ 29 minutes
#
# Le module linéaire envoie $X$ $(n, n_x)$ sur $Z$ $(n, n_y)$, avec des poids $W$ $(n_y, n_x)$ et un biais $b$ $(n_y,)$.
# Pour un exemple, puis pour un lot avec un exemple par ligne :
#
# $$z_j = \sum_{i=1}^{n_x} W_{ji} \, x_i + b_j \qquad\qquad Z = X W^\top + b$$
#
# D'abord sur le papier. On vous donne $\delta$, le gradient de $L$ par rapport à $z$. Pour **un** exemple, calculez
#
# 1. $\partial L / \partial W_{ji}$ et $\partial L / \partial b_j$, à partir de $\delta$ et de $x$ ;
# 2. $\partial L / \partial x_i$, à partir de $\delta$ et de $W$ : dites d'où vient la somme ;
# 3. puis, pour un lot, les trois résultats sous forme de produits de matrices, avec la taille de chacun. Pourquoi le
#    lot apparaît-il comme une somme dans les deux premiers, et pas dans le troisième ?

# %% [markdown] open="linear_derivation" points=4 ids=["T-linear", "G-linear", "G-delta"]
# **English.** 1. $W_{ji}$ acts on $z_j$ alone, and $\partial z_j / \partial W_{ji} = x_i$, so
# $\partial L / \partial W_{ji} = \delta_j x_i$; likewise $\partial z_j / \partial b_j = 1$, so
# $\partial L / \partial b_j = \delta_j$. 2. $x_i$ acts on every $z_j$, with $\partial z_j / \partial x_i = W_{ji}$; the
# chain rule adds up all the ways from $x_i$ to $L$: $\partial L / \partial x_i = \sum_j \delta_j W_{ji}$. 3. For a
# batch, with $\Delta$ $(n, n_y)$: $\partial L / \partial W = \Delta^\top X$, $(n_y, n_x)$; $\partial L / \partial b$ is
# the sum of the rows of $\Delta$, $(n_y,)$; $\partial L / \partial X = \Delta W$, $(n, n_x)$. All the examples share
# $W$ and $b$, so their contributions add up; but each row of $X$ belongs to one example and acts on that example's row
# of $Z$ only.
#
# **Français.** 1. $W_{ji}$ n'agit que sur $z_j$, et $\partial z_j / \partial W_{ji} = x_i$, donc
# $\partial L / \partial W_{ji} = \delta_j x_i$ ; de même $\partial z_j / \partial b_j = 1$, donc
# $\partial L / \partial b_j = \delta_j$. 2. $x_i$ agit sur tous les $z_j$, avec
# $\partial z_j / \partial x_i = W_{ji}$ ; la dérivation d'une composée additionne tous les chemins de $x_i$ à $L$ :
# $\partial L / \partial x_i = \sum_j \delta_j W_{ji}$. 3. Pour un lot, avec $\Delta$ $(n, n_y)$ :
# $\partial L / \partial W = \Delta^\top X$, $(n_y, n_x)$ ; $\partial L / \partial b$ est la somme des lignes de
# $\Delta$, $(n_y,)$ ; $\partial L / \partial X = \Delta W$, $(n, n_x)$. Tous les exemples partagent $W$ et $b$, leurs
# contributions s'additionnent donc ; mais chaque ligne de $X$ appartient à un exemple et n'agit que sur la ligne de
# $Z$ de cet exemple.

# %% [markdown] marking="linear_derivation"
# - 1 point: $\delta_j x_i$ and $\delta_j$, with the reason (only $z_j$ depends on row $j$ of $W$ and on $b_j$).
# - 1 point: $\sum_j \delta_j W_{ji}$, the sum being over the outputs, because $x_i$ acts on all of them.
# - 1 point: $\Delta^\top X$, the sum of the rows of $\Delta$, $\Delta W$, each with its shape. Other conventions for
#   $W$ are fine if said and consistent.
# - 1 point: parameters are shared by the examples, so contributions add up; each row of $X$ acts on its own row of $Z$.
# - at most 3: a factor $1/n$ in the module's own gradients; $\delta$ contains it already.

# %% [markdown] lang="en"
# Now write it. `Linear(nx, ny)` makes two dicts with the names `"W"` and `"b"`: `_parameters`, with $W$ drawn around 0
# and $b$ of zeros, and `_gradient`, all zeros at first. Draw $W$ with a standard deviation of $1 / \sqrt{n_x}$: that
# keeps $z$ of order 1, however many inputs there are.

# %% [markdown] lang="fr"
# Maintenant, écrivez-le. `Linear(nx, ny)` crée deux dictionnaires de clés `"W"` et `"b"` : `_parameters`, où $W$ est
# tiré autour de 0 et $b$ ne contient que des zéros, et `_gradient`, nul au départ. Tirez $W$ avec un écart-type de
# $1 / \sqrt{n_x}$ : $z$ reste ainsi de l'ordre de 1, quel que soit le nombre d'entrées.


# %% answer="Linear"
class Linear(Module):
    """An affine map of each example.

    _parameters: dict of "W" (ny, nx), drawn at random around 0, with a standard deviation of the order of
    1 / sqrt(nx), and "b" (ny,), zeros. _gradient: dict of the same names and shapes, zeros at first.
    """

    def __init__(self, nx, ny):
        """Make the parameters and the gradient for nx inputs and ny outputs."""
        super().__init__()
        ### BEGIN SOLUTION
        W = np.random.randn(ny, nx) / np.sqrt(nx)
        self._parameters = {"W": W, "b": np.zeros(ny)}
        self.zero_grad()
        ### END SOLUTION

    def zero_grad(self):
        """Set every array of _gradient to zeros."""
        ### BEGIN SOLUTION
        self._gradient = {name: np.zeros_like(p) for name, p in self._parameters.items()}
        ### END SOLUTION

    def forward(self, X):
        """Return Z (n, ny) for X (n, nx)."""
        ### BEGIN SOLUTION
        return X @ self._parameters["W"].T + self._parameters["b"]
        ### END SOLUTION

    def update_parameters(self, gradient_step):
        """Subtract gradient_step times the gradient from the parameters."""
        ### BEGIN SOLUTION
        for name in self._parameters:
            self._parameters[name] -= gradient_step * self._gradient[name]
        ### END SOLUTION

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in W and in b to _gradient.

        input: X (n, nx). delta: gradient of the loss in Z (n, ny); it holds the factor of the mean already.
        """
        ### BEGIN SOLUTION
        self._gradient["W"] += scale * delta.T @ input
        self._gradient["b"] += scale * delta.sum(0)
        ### END SOLUTION

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in X, an array (n, nx)."""
        ### BEGIN SOLUTION
        return delta @ self._parameters["W"]
        ### END SOLUTION


# %% [markdown] hint="Linear" lang="en"
# ### The idea
#
# Your derivation, line by line. `forward` is $X W^\top + b$. The two gradients of the way back belong to
# `backward_update_gradient`, the third result to `backward_delta`. The other methods only go through the two dicts.
#
# ### The shapes
#
# Let them guide you. $W$ is $(n_y, n_x)$, so its gradient is made of `delta` $(n, n_y)$ and `input` $(n, n_x)$, with
# the sum over the $n$ examples: transpose the first. The gradient of $b$ is $(n_y,)$: add up the rows of `delta`. What
# goes back is $(n, n_x)$, from `delta` $(n, n_y)$ and $W$ $(n_y, n_x)$: nothing to transpose. `np.random.randn(a, b)`
# draws with standard deviation 1: divide.
#
# ### The code, with blanks
#
# ```python
# # __init__
# self._parameters = {"W": ..., "b": ...}
# # zero_grad
# self._gradient = {name: ... for name, p in ...}
# # update_parameters
# for name in self._parameters:
#     self._parameters[name] -= ...
# # backward_update_gradient
# self._gradient["W"] += scale * ...
# self._gradient["b"] += scale * ...
# ```

# %% [markdown] hint="Linear" lang="fr"
# ### L'idée
#
# Votre calcul, ligne par ligne. `forward`, c'est $X W^\top + b$. Les deux gradients du retour vont dans
# `backward_update_gradient`, le troisième résultat dans `backward_delta`. Les autres méthodes ne font que parcourir les
# deux dictionnaires.
#
# ### Les tailles
#
# Laissez-vous guider par elles. $W$ est $(n_y, n_x)$ ; son gradient se fait donc avec `delta` $(n, n_y)$ et `input`
# $(n, n_x)$, la somme portant sur les $n$ exemples : transposez le premier. Le gradient de $b$ est $(n_y,)$ :
# additionnez les lignes de `delta`. Ce qui repart en arrière est $(n, n_x)$, fait avec `delta` $(n, n_y)$ et $W$
# $(n_y, n_x)$ : rien à transposer. `np.random.randn(a, b)` tire avec un écart-type de 1 : divisez.
#
# ### Le code, à trous
#
# ```python
# # __init__
# self._parameters = {"W": ..., "b": ...}
# # zero_grad
# self._gradient = {name: ... for name, p in ...}
# # update_parameters
# for name in self._parameters:
#     self._parameters[name] -= ...
# # backward_update_gradient
# self._gradient["W"] += scale * ...
# self._gradient["b"] += scale * ...
# ```


# %% check="Linear_parameters" points=1 ids=["T-module", "T-linear"]
def verify(nx, ny):
    """Make two modules and look at what they hold."""
    what = f"Linear({nx}, {ny})"
    first, again = (check.ran(probes.use_module, Linear, [nx, ny], None, [])["start"] for _ in range(2))
    shapes = {"W": (ny, nx), "b": (ny,)}
    for kind in ("parameters", "gradient"):
        check.keys(first[kind], ["W", "b"], f"{what}._{kind}")
        for name, shape in shapes.items():
            check.array(first[kind][name], shape, f'{what}._{kind}["{name}"]')
    W = first["parameters"]["W"]
    check.that(
        W.std() > 0 and not np.array_equal(W, again["parameters"]["W"]),
        "W is not drawn at random: the units would all learn the same",
    )
    check.that(
        0.3 < W.std() * np.sqrt(nx) < 2.5 and abs(W.mean()) * np.sqrt(nx) < 0.5,
        "W has the mean {mean:.2g} and the standard deviation {std:.2g}; expected about 0 and {wanted:.2g}, 1 / sqrt(nx)",
        mean=W.mean(),
        std=W.std(),
        wanted=1 / np.sqrt(nx),
    )
    check.that(
        not first["parameters"]["b"].any() and not any(slope.any() for slope in first["gradient"].values()),
        "b and the gradient are zeros at first",
    )


verify(20, 30)
### BEGIN HIDDEN TESTS
verify(200, 15)
### END HIDDEN TESTS


# %% check="Linear_forward" points=1 ids=["T-linear", "G-linear"]
def verify(x, ny):
    """Give the module parameters, and call forward."""
    nx = x.shape[1]
    W, b = np.random.randn(ny, nx), np.random.randn(ny)
    run = check.ran(probes.use_module, Linear, [nx, ny], {"W": W, "b": b}, [["forward", x]])
    own = check.keys(run["start"]["parameters"], ["W", "b"], f"Linear({nx}, {ny})._parameters")
    mistakes = {"the bias is missing": x @ W.T, "the bias is subtracted": x @ W.T - b}
    if np.shape(own["W"]) == W.shape and np.shape(own["b"]) == b.shape:
        mistakes |= {
            "forward does not use what is in _parameters: keep W and b there, and read them there": x @ own["W"].T
            + own["b"]
        }
    got = run["calls"][0]
    check.close(got["result"], x @ W.T + b, f"Linear({nx}, {ny}).forward(X)", unless=mistakes)
    check.that(not got["changed"], "forward changes the array that it is given: compute a new one")


verify(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), 4)
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 4), 3)
verify(np.random.randn(4, 5).T, 3)
verify(np.random.randn(1, 4), 3)
verify(np.random.randn(5, 4).astype(np.float32), 3)
### END HIDDEN TESTS


# %% check="Linear_gradient" points=2 ids=["T-linear", "G-linear", "T-module"]
def verify(x, delta):
    """Compare the gradient of a new module with that of torch."""
    (n, nx), ny = x.shape, delta.shape[1]
    what = f"Linear({nx}, {ny})._gradient"
    live = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in ((ny, nx), (ny,))]
    Z = torch.nn.functional.linear(torch.tensor(x).double(), *live)
    Z.backward(torch.tensor(delta).double())
    given = {name: value.detach().numpy() for name, value in zip(("W", "b"), live)}
    right = {name: value.grad.numpy() for name, value in zip(("W", "b"), live)}
    run = check.ran(probes.use_module, Linear, [nx, ny], given, [["backward_update_gradient", x, delta]])
    got = run["calls"][0]
    check.keys(got["gradient"], ["W", "b"], what)
    check.that(
        n == 1 or np.shape(got["gradient"]["b"]) != delta.shape,
        "the gradient of b is not summed over the examples: it has the shape of b",
    )
    with check.table(got["gradient"], right):
        for name in ("W", "b"):
            check.close(
                got["gradient"][name],
                right[name],
                f'{what}["{name}"]',
                unless={
                    "nothing was added to the gradient": 0 * right[name],
                    "the gradient is divided by the number of examples: delta holds that factor already": right[name] / n,
                    "the gradient has the wrong sign: update_parameters subtracts it, later": -right[name],
                    "the gradient is transposed: it has the shape of the parameter": right[name].T
                    if name == "W"
                    else right[name] + 1,
                    "the gradient of b is summed over its entries too: sum over the examples only, sum(0)": (
                        np.full_like(right["b"], right["b"].sum()) if name == "b" else right["W"] + 1
                    ),
                },
            )
    check.that(not got["changed"], "backward_update_gradient changes its arguments: compute new arrays")
    kept = check.keys(got["parameters"], ["W", "b"], f"Linear({nx}, {ny})._parameters")
    check.that(
        all(np.array_equal(kept[name], given[name]) for name in ("W", "b")),
        "backward_update_gradient moves the parameters: only update_parameters may",
    )


verify(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([[1.0, 0.0], [0.0, 0.0], [10.0, 1.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 4), np.random.randn(5, 3))
verify(np.random.randn(4, 6).T, np.random.randn(3, 6).T)
verify(np.random.randn(1, 4), np.random.randn(1, 3))
verify(np.random.randn(5, 4).astype(np.float32), np.random.randn(5, 3).astype(np.float32))
### END HIDDEN TESTS


# %% check="Linear_accumulates" points=2 ids=["G-accum", "T-module"]
def verify(nx, ny, n, m, scale):
    """Call backward_update_gradient twice, and compare with two modules that it was called on once."""
    x, delta = np.random.randn(n, nx), np.random.randn(n, ny)
    more, other = np.random.randn(m, nx), np.random.randn(m, ny)
    alone = []
    for pair in ((x, delta), (more, other)):
        run = check.ran(probes.use_module, Linear, [nx, ny], None, [["backward_update_gradient", *pair]])
        alone.append(run["calls"][0]["gradient"])
    calls = [["backward_update_gradient", x, delta], ["backward_update_gradient", more, other, scale]]
    got = check.ran(probes.use_module, Linear, [nx, ny], None, calls)["calls"][1]["gradient"]
    for slopes in (*alone, got):
        slopes = check.keys(slopes, ["W", "b"], f"Linear({nx}, {ny})._gradient")
    for name in ("W", "b"):
        first, second = (slopes[name] for slopes in alone)
        check.that(
            isinstance(first, np.ndarray) and isinstance(second, np.ndarray) and first.any() and second.any(),
            "nothing was added to the gradient",
        )
    true = {name: alone[0][name] + scale * alone[1][name] for name in ("W", "b")}
    with check.table(got, true):
        for name in ("W", "b"):
            first, second = (slopes[name] for slopes in alone)
            check.close(
                got[name],
                true[name],
                f'Linear({nx}, {ny})._gradient["{name}"]',
                unless={
                    "the second gradient took the place of the first: add to it": scale * second,
                    "the second gradient took the place of the first, and scale is not used: add scale times the gradient": second,
                    "scale is not used: add scale times the gradient": first + second,
                    "scale is applied to the sum: only the new gradient is multiplied by it": scale * (first + second),
                    "scale multiplies delta, and the gradient as well: once is enough": first + scale**2 * second,
                    "the gradient is divided by scale: multiply by it": first + second / scale,
                    "nothing is added to a gradient that is there already": first,
                },
            )


verify(3, 3, 4, 4, 0.5)
### BEGIN HIDDEN TESTS
verify(4, 4, 5, 7, 0.25)
verify(3, 3, 4, 4, 1.0)
### END HIDDEN TESTS

# %% check="Linear_zero_grad" points=1 ids=["T-module", "G-accum"]
x, delta = np.random.randn(5, 4), np.random.randn(5, 4)
add = ["backward_update_gradient", x, delta]
run = check.ran(probes.use_module, Linear, [4, 4], None, [add, ["zero_grad"]])
got = run["calls"][1]
check.that(
    isinstance(got["gradient"], dict) and all(got["gradient"].get(name) is not None for name in ("W", "b")),
    "after zero_grad there is None where an array was promised: put zeros",
)
for name, shape in (("W", (4, 4)), ("b", (4,))):
    check.close(
        got["gradient"][name],
        np.zeros(shape),
        f'Linear(4, 4)._gradient["{name}"]',
        unless={"zero_grad leaves the gradient as it was": run["calls"][0]["gradient"][name]},
    )
### BEGIN HIDDEN TESTS
run = check.ran(probes.use_module, Linear, [4, 4], None, [add, ["zero_grad"], add, add, ["zero_grad"], add])
first, last = run["calls"][0], run["calls"][-1]
check.keys(last["parameters"], ["W", "b"], "Linear(4, 4)._parameters")
for name in ("W", "b"):
    check.that(first["gradient"][name].any(), "nothing was added to the gradient")
    check.close(last["gradient"][name], first["gradient"][name], f'Linear(4, 4)._gradient["{name}"]')
    check.that(
        np.array_equal(last["parameters"][name], run["start"]["parameters"][name]),
        "zero_grad or backward_update_gradient moves the parameters: only update_parameters may",
    )
### END HIDDEN TESTS


# %% check="Linear_delta" points=2 ids=["T-linear", "G-delta"]
def verify(x, delta):
    """Compare with the gradient that torch finds in the input."""
    (n, nx), ny = x.shape, delta.shape[1]
    W, b = np.random.randn(ny, nx), np.random.randn(ny)
    live = torch.tensor(x).double().requires_grad_()
    torch.nn.functional.linear(live, torch.tensor(W), torch.tensor(b)).backward(torch.tensor(delta).double())
    right = live.grad.numpy()
    run = check.ran(probes.use_module, Linear, [nx, ny], {"W": W, "b": b}, [["backward_delta", x, delta]])
    got = run["calls"][0]
    kept = check.keys(got["parameters"], ["W", "b"], f"Linear({nx}, {ny})._parameters")
    check.close(
        got["result"],
        right,
        f"Linear({nx}, {ny}).backward_delta(X, delta)",
        unless={
            "delta is passed on as it is: multiply it by the weights": delta if delta.shape == right.shape else 2 * right,
            "delta is divided by the number of examples: it holds that factor already": right / n,
            "delta has the wrong sign": -right,
            "the input does not matter here: Z is linear in it": right * x,
            "the bias has no part in the gradient in the input": (delta + b) @ W,
        },
    )
    before = run["start"]["gradient"]
    check.that(
        not isinstance(before, dict) or all(np.array_equal(got["gradient"][name], before[name]) for name in before),
        "backward_delta changes _gradient: that is the work of backward_update_gradient",
    )
    check.that(
        np.array_equal(kept["W"], W) and np.array_equal(kept["b"], b) and not got["changed"],
        "backward_delta changes the parameters or its arguments: compute a new array",
    )


delta = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
verify(np.array([[1.0, 2.0], [0.0, 3.0], [2.0, -1.0]]), delta)
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 4), np.random.randn(5, 3))
verify(np.random.randn(1, 4), np.random.randn(1, 3))
verify(np.random.randn(6, 2).astype(np.float32), np.random.randn(6, 5).astype(np.float32))
### END HIDDEN TESTS


# %% check="Linear_update" points=1 ids=["T-module", "T-linear"]
def verify(nx, ny, n, eta):
    """Take one step along the gradient that the module has accumulated itself."""
    given = {"W": np.random.randn(ny, nx), "b": np.random.randn(ny)}
    add = ["backward_update_gradient", np.random.randn(n, nx), np.random.randn(n, ny)]
    run = check.ran(probes.use_module, Linear, [nx, ny], given, [add, ["update_parameters", eta]])
    slopes = check.keys(run["calls"][0]["gradient"], ["W", "b"], f"Linear({nx}, {ny})._gradient")
    before, got = (check.keys(call["parameters"], ["W", "b"], f"Linear({nx}, {ny})._parameters") for call in run["calls"])
    for name in ("W", "b"):
        check.that(isinstance(slopes[name], np.ndarray) and slopes[name].any(), "nothing was added to the gradient")
    true = {name: before[name] - eta * slopes[name] for name in ("W", "b")}
    with check.table(got, true):
        for name in ("W", "b"):
            old, slope = before[name], slopes[name]
            check.close(
                got[name],
                true[name],
                f'Linear({nx}, {ny})._parameters["{name}"]',
                unless={
                    "update_parameters walks up the slope: the gradient is subtracted": old + eta * slope,
                    "gradient_step is not used": old - slope,
                    "the parameters do not move: update every array of _parameters": old,
                },
            )


verify(3, 3, 4, 0.1)
### BEGIN HIDDEN TESTS
verify(4, 4, 5, 0.03)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Is your gradient right? Measure it. Take $L = \sum_{ij} S_{ij} Z_{ij}$ for some fixed $S$: its gradient in $Z$ is
# $\delta = S$. First what your module computes, below it what `differences` measures.

# %% [markdown] lang="fr"
# Votre gradient est-il juste ? Mesurez-le. Prenez $L = \sum_{ij} S_{ij} Z_{ij}$ pour un $S$ fixé : son gradient par
# rapport à $Z$ est $\delta = S$. D'abord ce que calcule votre module, au-dessous ce que mesure `differences`.

# %% demo
np.random.seed(0)
layer, X, S = Linear(3, 2), np.random.randn(5, 3), np.random.randn(5, 2)


def with_weights(W):
    layer._parameters["W"] = W
    return (S * layer.forward(X)).sum()


W = layer._parameters["W"].copy()
layer.backward_update_gradient(X, S)
measured_W = differences(with_weights, W)
layer._parameters["W"] = W
print("W\n", layer._gradient["W"].round(4), "\n", measured_W.round(4))
measured_X = differences(lambda X: (S * layer.forward(X)).sum(), X)
print("X\n", layer.backward_delta(X, S).round(4), "\n", measured_X.round(4))

# %% claim="what the module computes is what differences measures"
assert np.abs(layer._gradient["W"] - measured_W).max() < 1e-7
assert np.abs(layer.backward_delta(X, S) - measured_X).max() < 1e-7

# %% [markdown] lang="en"
# ## 2 · Activations · about 8 minutes
#
# An activation is a module like any other: no parameters, and a backward pass of one line. It acts on each number by
# itself, so the sum in $\delta^{k-1}$ has a single term:
#
# $$z = \tanh(x) \;\Rightarrow\; \delta_x = \delta_z \, (1 - \tanh^2 x)
# \qquad\qquad z = \sigma(x) = \frac{1}{1 + e^{-x}} \;\Rightarrow\; \delta_x = \delta_z \, \sigma(x) (1 - \sigma(x))$$
#
# Here $x$ is one number of the input, $z$ the number that comes out, $\delta_x$ and $\delta_z$ the gradients of the loss
# in them. Mind at which number the derivative is taken: at the module's own **input**. `backward_delta` is given that
# input. It must be right even if `forward` was called on something else in between.
#
# Write `TanH` and `Sigmoide`. Neither changes the arrays that it is given.

# %% [markdown] lang="fr"
# ## 2 · Les activations · environ 8 minutes
#
# Une activation est un module comme un autre : pas de paramètre, et une passe arrière d'une ligne. Elle agit sur chaque
# nombre séparément, donc la somme dans $\delta^{k-1}$ n'a qu'un terme :
#
# $$z = \tanh(x) \;\Rightarrow\; \delta_x = \delta_z \, (1 - \tanh^2 x)
# \qquad\qquad z = \sigma(x) = \frac{1}{1 + e^{-x}} \;\Rightarrow\; \delta_x = \delta_z \, \sigma(x) (1 - \sigma(x))$$
#
# Ici $x$ est un nombre de l'entrée, $z$ le nombre qui en sort, $\delta_x$ et $\delta_z$ les gradients du coût par rapport
# à eux. Attention, la dérivée se prend en l'**entrée** du module, et non en sa sortie. `backward_delta` reçoit cette
# entrée. Son résultat doit être juste même si `forward` a été appelée entre-temps sur autre chose.
#
# Écrivez `TanH` et `Sigmoide`. Ni l'une ni l'autre ne modifie les tableaux qu'elle reçoit.


# %% answer="TanH"
class TanH(Module):
    """The hyperbolic tangent of each number. It has no parameters."""

    def forward(self, X):
        """Return tanh of X (n, nx), an array of the same shape."""
        ### BEGIN SOLUTION
        return np.tanh(X)
        ### END SOLUTION

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input (n, nx), whatever forward was called on last.

        input: X. delta: the gradient of the loss in tanh(X). Both (n, nx).
        """
        ### BEGIN SOLUTION
        return delta * (1 - np.tanh(input) ** 2)
        ### END SOLUTION


# %% [markdown] hint="TanH" lang="en"
# numpy has the function, and acts on each number. On the way back, compute the slope of tanh at `input` anew (its
# formula stands above), and multiply it, number by number, by what arrives.

# %% [markdown] hint="TanH" lang="fr"
# numpy a cette fonction, et l'applique à chaque nombre. Au retour, recalculez la pente de tanh en `input` (la formule
# est plus haut), et multipliez-la, nombre par nombre, par ce qui arrive.


# %% check="TanH_forward" points=1 ids=["T-act", "G-tanh"]
def verify(x):
    """Call forward."""
    got = check.ran(probes.use_module, TanH, [], None, [["forward", x]])["calls"][0]
    right = torch.tanh(torch.tensor(x)).numpy()
    check.close(
        got["result"],
        right,
        "TanH().forward(X)",
        unless={
            "this is the sigmoid; tanh was asked for": 1 / (1 + np.exp(-x)),
            "the input comes back as it is": x,
            "this is the derivative of tanh": 1 - right**2,
        },
    )
    check.that(not got["changed"], "forward changes the array that it is given: compute a new one")


verify(np.array([[0.0, 1.0, -1.0], [2.0, -2.0, 0.5]]))
### BEGIN HIDDEN TESTS
verify(3 * np.random.randn(5, 4))
verify(3 * np.random.randn(1, 4))
verify(3 * np.random.randn(5, 4).astype(np.float32))
### END HIDDEN TESTS


# %% check="TanH_delta" points=2 ids=["T-act", "G-tanh", "G-delta"]
def verify(x, delta):
    """Call forward on other numbers, then backward_delta."""
    other = np.random.randn(*x.shape)
    run = check.ran(probes.use_module, TanH, [], None, [["forward", other], ["backward_delta", x, delta]])
    live = torch.tensor(x).double().requires_grad_()
    torch.tanh(live).backward(torch.tensor(delta).double())
    right = live.grad.numpy()
    got = run["calls"][1]
    check.close(
        got["result"],
        right,
        "TanH().backward_delta(X, delta)",
        unless={
            "the derivative is taken at the output, not at the input: 1 - tanh(input)**2": delta
            * (1 - np.tanh(np.tanh(x)) ** 2),
            "1 - input**2 takes the input for the output: 1 - tanh(input)**2": delta * (1 - x**2),
            "input and delta are swapped: the derivative is taken at the input": x * (1 - np.tanh(delta) ** 2),
            "the derivative is taken where forward was called last: take it at the argument input": delta
            * (1 - np.tanh(other) ** 2),
            "delta is missing: multiply the derivative by it": 1 - np.tanh(x) ** 2,
            "the square is missing: 1 - tanh(input)**2": delta * (1 - np.tanh(x)),
            "delta is passed on as it is: multiply it by the derivative": delta,
            "this is the derivative of the sigmoid": delta / (2 + np.exp(x) + np.exp(-x)),
            "the square is in the wrong place: 1 - tanh(input)**2": delta * (1 - np.tanh(x**2)),
            "this is s (1 - s), the form of the sigmoid's derivative: for tanh it is 1 - tanh(input)**2": delta
            * np.tanh(x)
            * (1 - np.tanh(x)),
            "delta is added to the derivative: multiply the two": delta + 1 - np.tanh(x) ** 2,
        },
    )
    check.that(not got["changed"], "backward_delta changes its arguments: compute a new array")


verify(np.array([[0.0, 1.0, -1.0], [2.0, -2.0, 0.5]]), np.array([[1.0, 1.0, 1.0], [10.0, 1.0, -1.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 4), np.random.randn(5, 4))
verify(np.random.randn(1, 4), np.random.randn(1, 4))
verify(np.random.randn(5, 3).astype(np.float32), np.random.randn(5, 3).astype(np.float32))
### END HIDDEN TESTS

# %% check="TanH_module" points=1 ids=["T-act", "T-module"]
x, delta = np.random.randn(5, 4), np.random.randn(5, 4)
others = [["zero_grad"], ["backward_update_gradient", x, delta], ["update_parameters", 0.1]]
run = check.ran(probes.use_module, TanH, [], None, [["forward", x], *others, ["forward", x]])
check.that(
    not run["lacks"],
    "{name} lacks {missing}: a module without parameters inherits them, class {name}(Module)",
    name="TanH",
    missing=", ".join(run["lacks"]),
)
first, last = run["calls"][0]["result"], run["calls"][4]["result"]
check.array(first, (5, 4), "TanH().forward(X)")
check.that(np.array_equal(first, last), "after zero_grad and update_parameters, TanH computes something else")


# %% answer="Sigmoide"
class Sigmoide(Module):
    """The sigmoid of each number. It has no parameters."""

    def forward(self, X):
        """Return the sigmoid of X (n, nx), an array of the same shape."""
        ### BEGIN SOLUTION
        return 1 / (1 + np.exp(-X))
        ### END SOLUTION

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input (n, nx), whatever forward was called on last.

        input: X. delta: the gradient of the loss in the sigmoid of X. Both (n, nx).
        """
        ### BEGIN SOLUTION
        s = self.forward(input)
        return delta * s * (1 - s)
        ### END SOLUTION


# %% [markdown] hint="Sigmoide" lang="en"
# ### The idea
#
# As for `TanH`, with another function. Its slope is best written with its own value, $s = \sigma(x)$.
#
# ### The derivation
#
# $\sigma = 1 / q$ with $q = 1 + e^{-x}$, so $\sigma' = e^{-x} / q^2$. Now $e^{-x} = q - 1$, which gives
# $(q - 1) / q^2 = \sigma \, (1 - \sigma)$.
#
# ### The code, with blanks
#
# ```python
# # forward
# return 1 / (...)
# # backward_delta
# s = ...
# return delta * ...
# ```

# %% [markdown] hint="Sigmoide" lang="fr"
# ### L'idée
#
# Comme pour `TanH`, avec une autre fonction. Sa pente s'écrit le mieux avec sa propre valeur, $s = \sigma(x)$.
#
# ### Le calcul
#
# $\sigma = 1 / q$ avec $q = 1 + e^{-x}$, donc $\sigma' = e^{-x} / q^2$. Or $e^{-x} = q - 1$, ce qui donne
# $(q - 1) / q^2 = \sigma \, (1 - \sigma)$.
#
# ### Le code, à trous
#
# ```python
# # forward
# return 1 / (...)
# # backward_delta
# s = ...
# return delta * ...
# ```


# %% check="Sigmoide_forward" points=1 ids=["T-act"]
def verify(x):
    """Call forward."""
    got = check.ran(probes.use_module, Sigmoide, [], None, [["forward", x]])["calls"][0]
    check.close(
        got["result"],
        torch.sigmoid(torch.tensor(x)).numpy(),
        "Sigmoide().forward(X)",
        unless={
            "the sign of the exponent is wrong: 1 / (1 + exp(-x))": torch.sigmoid(torch.tensor(-x)),
            "this is tanh; the sigmoid was asked for": np.tanh(x),
        },
    )
    check.that(not got["changed"], "forward changes the array that it is given: compute a new one")


verify(np.array([[0.0, 1.0, -1.0], [2.0, -2.0, 0.5]]))
### BEGIN HIDDEN TESTS
verify(3 * np.random.randn(5, 4))
verify(3 * np.random.randn(1, 4).astype(np.float32))
### END HIDDEN TESTS


# %% check="Sigmoide_delta" points=1 ids=["T-act"]
def verify(x, delta):
    """Call forward on other numbers, then backward_delta."""
    other = np.random.randn(*x.shape)
    run = check.ran(probes.use_module, Sigmoide, [], None, [["forward", other], ["backward_delta", x, delta]])
    live = torch.tensor(x).double().requires_grad_()
    torch.sigmoid(live).backward(torch.tensor(delta).double())
    right = live.grad.numpy()
    s, last = (torch.sigmoid(torch.tensor(numbers)).numpy() for numbers in (x, other))
    twice = torch.sigmoid(torch.tensor(s)).numpy()
    check.close(
        run["calls"][1]["result"],
        right,
        "Sigmoide().backward_delta(X, delta)",
        unless={
            "the derivative is taken at the output, not at the input: s (1 - s) with s the sigmoid of input": delta
            * twice
            * (1 - twice),
            "x (1 - x) takes the input for the output: s (1 - s) with s the sigmoid of input": delta * x * (1 - x),
            "the derivative is taken where forward was called last: take it at the argument input": delta
            * last
            * (1 - last),
            "delta is missing: multiply the derivative by it": s * (1 - s),
            "this is the derivative of tanh": delta * (1 - np.tanh(x) ** 2),
            "one factor is missing: the derivative is s (1 - s)": delta * (1 - s),
            "one factor is missing: the derivative is s (1 - s), not s": delta * s,
            "the sign is wrong: the derivative is s (1 - s)": delta * s * (1 + s),
            "delta is added to the derivative: multiply the two": delta + s * (1 - s),
            "delta is passed on as it is: multiply it by the derivative": delta,
        },
    )
    check.that(not run["calls"][1]["changed"], "backward_delta changes its arguments: compute a new array")


verify(np.array([[0.0, 1.0, -1.0], [2.0, -2.0, 0.5]]), np.array([[4.0, 1.0, 1.0], [10.0, 1.0, -1.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 4), np.random.randn(5, 4))
verify(np.random.randn(1, 4), np.random.randn(1, 4))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# > **Before you run it.** A $\delta$ of 1 goes back through ten sigmoids, one after the other. How large can it be at
# > most when it comes out? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# > **Avant d'exécuter.** Un $\delta$ de 1 revient à travers dix sigmoïdes, l'une après l'autre. Combien peut-il valoir
# > au plus quand il en sort ? Écrivez votre nombre à la place de `None`.

# %% predict="after_ten"
after_ten = None


# %% demo
x = np.linspace(-5, 5, 201)[:, None]
slopes = {}
fig, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
for ax, module in zip(axes, (TanH(), Sigmoide())):
    slopes[type(module).__name__] = module.backward_delta(x, np.ones_like(x))
    ax.plot(x, module.forward(x), color="#0072B2", label="forward(x)")
    ax.plot(x, slopes[type(module).__name__], "--", color="#D55E00", label="backward_delta(x, 1)")
    ax.set(title=type(module).__name__, xlabel="$x$")
    ax.grid(alpha=0.3)
axes[0].legend()
figures.show(fig, say("Two activations, each with its derivative."))
reveal(after_ten, float(slopes["Sigmoide"].max() ** 10))

# %% claim="the slope of tanh is 1 at most, that of the sigmoid a quarter, both at 0; ten quarters make a millionth"
assert np.isclose(slopes["TanH"].max(), 1) and np.isclose(slopes["Sigmoide"].max(), 0.25)
assert x[slopes["TanH"].argmax()] == x[slopes["Sigmoide"].argmax()] == 0
assert 0.5e-6 < slopes["Sigmoide"].max() ** 10 < 1.5e-6
assert slopes["TanH"][0] < 0.001 and slopes["Sigmoide"][0] < 0.01

# %% [markdown] lang="en"
# The slope of the sigmoid is a quarter at most, at 0. Ten of them leave less than a millionth, and that only if all ten
# inputs are 0. `08_training` comes back to it. The slope of tanh is 1 at 0; far from 0, both are nearly 0.

# %% [markdown] lang="fr"
# La pente de la sigmoïde vaut un quart au plus, en 0. Dix d'entre elles laissent moins d'un millionième, et encore,
# si les dix entrées sont nulles. `08_training` y revient. La pente de tanh vaut 1 en 0 ; loin de 0, les deux sont
# presque nulles.

# %% [markdown] lang="en"
# ## 3 · Losses · about 12 minutes
#
# A loss is at the end of the chain. It takes targets $y$ and predictions $\hat{y}$, both $(n, n_y)$, to one number, and
# gives the first $\delta$, of the same shape. With $n$ examples and $n_y$ outputs:
#
# $$L = \frac{1}{n \, n_y} \sum_{i=1}^{n} \sum_{j=1}^{n_y} \left( \hat{y}_{ij} - y_{ij} \right)^2
# \qquad\qquad \delta_{ij} = \frac{\partial L}{\partial \hat{y}_{ij}}$$
#
# Mind the order of the arguments: $y$ first, then $\hat{y}$; the losses of torch take them the other way round.
#
# Derive $\delta$, then write `MSELoss`. Arrays of different shapes are a trap: numpy would *broadcast* $(n,)$ against
# $(n, 1)$ to a table of all pairs, without a word. So `forward` refuses them, with a `ValueError`.

# %% [markdown] lang="fr"
# ## 3 · Les coûts · environ 12 minutes
#
# Le coût est au bout de la chaîne. Des cibles $y$ et des prédictions $\hat{y}$, toutes deux $(n, n_y)$, il fait un seul
# nombre, puis il donne le premier $\delta$, de la même taille qu'elles. Avec $n$ exemples et $n_y$ sorties :
#
# $$L = \frac{1}{n \, n_y} \sum_{i=1}^{n} \sum_{j=1}^{n_y} \left( \hat{y}_{ij} - y_{ij} \right)^2
# \qquad\qquad \delta_{ij} = \frac{\partial L}{\partial \hat{y}_{ij}}$$
#
# Attention à l'ordre des arguments : $y$ d'abord, $\hat{y}$ ensuite ; les coûts de torch les prennent dans l'autre
# sens.
#
# Calculez $\delta$, puis écrivez `MSELoss`. Des tableaux de tailles différentes sont un piège : numpy étendrait
# (*broadcast*) $(n,)$ face à $(n, 1)$ en un tableau de toutes les paires, sans rien dire. C'est pourquoi `forward`
# les refuse, en levant `ValueError`.


# %% answer="MSELoss"
class MSELoss(Loss):
    """The mean of the squared errors, over all examples and outputs."""

    def forward(self, y, yhat):
        """Return the mean of (yhat - y)**2 over the n * ny numbers, one number.

        y: targets (n, ny). yhat: predictions (n, ny).
        Raises ValueError where y and yhat have different shapes.
        """
        ### BEGIN SOLUTION
        if y.shape != yhat.shape:
            raise ValueError(f"y has the shape {y.shape}, yhat {yhat.shape}")
        return ((yhat - y) ** 2).mean()
        ### END SOLUTION

    def backward(self, y, yhat):
        """Return the gradient of forward(y, yhat) in yhat, an array (n, ny)."""
        ### BEGIN SOLUTION
        return 2 * (yhat - y) / yhat.size
        ### END SOLUTION


# %% [markdown] hint="MSELoss" lang="en"
# ### The idea
#
# `forward`: first look at the shapes, then one line of numpy. Its mean runs over all the numbers of the array. The sign
# inside the square does not matter in `forward`, but it does in `backward`.
#
# ### The derivation
#
# One number $\hat{y}_{ij}$ stands in one term of the sum. The derivative of $(\hat{y}_{ij} - y_{ij})^2$ in it is
# $2 \, (\hat{y}_{ij} - y_{ij})$; the factor in front of the sum stays. `a.size` is the number of numbers in an array.
#
# ### The code, with blanks
#
# ```python
# # forward
# if ...:
#     raise ValueError(...)
# return (...).mean()
# # backward
# return 2 * (...) / ...
# ```

# %% [markdown] hint="MSELoss" lang="fr"
# ### L'idée
#
# `forward` : d'abord un regard sur les tailles, puis une ligne de numpy. Sa moyenne porte sur tous les nombres du
# tableau. Le signe à l'intérieur du carré ne compte pas dans `forward`, mais il compte dans `backward`.
#
# ### Le calcul
#
# Un nombre $\hat{y}_{ij}$ figure dans un seul terme de la somme. La dérivée de $(\hat{y}_{ij} - y_{ij})^2$ par rapport à
# lui est $2 \, (\hat{y}_{ij} - y_{ij})$ ; le facteur devant la somme reste. `a.size` est le nombre d'éléments d'un
# tableau.
#
# ### Le code, à trous
#
# ```python
# # forward
# if ...:
#     raise ValueError(...)
# return (...).mean()
# # backward
# return 2 * (...) / ...
# ```


# %% check="MSELoss_forward" points=1 ids=["T-mse", "G-square", "T-loss"]
def verify(y, yhat):
    """Compare with torch."""
    squares = (yhat - y) ** 2
    n, ny = y.shape
    got, given = check.ran(check.changed, MSELoss().forward, y, yhat)
    check.that(
        np.array_equal(given[0], y) and np.array_equal(given[1], yhat), "forward changes its arguments: compute new arrays"
    )
    check.close(
        got,
        torch.nn.functional.mse_loss(torch.tensor(yhat), torch.tensor(y)).numpy(),
        "MSELoss().forward(y, yhat)",
        unless={
            "this is one loss for each example: take the mean over the examples, too": squares.mean(1),
            "these are the squares: take their mean": squares,
            "this is one sum for each example: take the mean over all the numbers": squares.sum(1),
            "the squares are summed: take their mean, over all n × ny numbers": squares.sum(),
            "the mean is over the examples only: divide by ny too, the number of outputs": squares.sum() / n,
            "the mean is over the outputs only: divide by n too, the number of examples": squares.sum() / ny,
            "there is a factor 1/2 too many": squares.mean() / 2,
            "this is the root of the loss": np.sqrt(squares.mean()),
            "these are absolute values, not squares": np.abs(yhat - y).mean(),
        },
    )


verify(np.eye(4)[:, :3], np.array([[0.0, 0.0, 1.0], [0.0, 3.0, 0.0], [4.0, 0.0, 2.0], [1.0, 1.0, 0.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), np.random.randn(5, 3))
verify(np.random.randn(1, 4), np.random.randn(1, 4))
verify(np.random.randn(7, 3).astype(np.float32), np.random.randn(7, 3).astype(np.float32))
### END HIDDEN TESTS


# %% check="MSELoss_backward" points=2 ids=["T-mse", "G-square", "G-delta", "T-loss"]
def verify(y, yhat):
    """Compare with the gradient of torch, and with central differences."""
    live = torch.tensor(yhat).double().requires_grad_()
    torch.nn.functional.mse_loss(live, torch.tensor(y).double()).backward()
    right, (n, ny) = live.grad.numpy(), y.shape
    got, given = check.ran(check.changed, MSELoss().backward, y, yhat)
    check.that(
        np.array_equal(given[0], y) and np.array_equal(given[1], yhat), "backward changes its arguments: compute new arrays"
    )
    check.close(
        got,
        right,
        "MSELoss().backward(y, yhat)",
        unless={
            "the factor 1 / (n ny) is missing: forward is a mean over all these numbers": right * n * ny,
            "the factor 1/n is missing: forward is a mean over the examples": right * n,
            "the factor 1/ny is missing: forward is a mean over the outputs, too": right * ny,
            "the sign is wrong: the gradient in yhat, not in y": -right,
            "the factor 2 is missing": right / 2,
            "both the factor 2 and 1 / (n ny) are missing": right * n * ny / 2,
            "this is the loss; its gradient was asked for": np.full(y.shape, ((yhat - y) ** 2).mean()),
            "these are the squares; their derivative was asked for": (yhat - y) ** 2 / y.size,
            "the sign of the difference is lost: it is that of yhat - y": np.abs(right),
            "the gradients are averaged over the examples: one row for each example was asked for": right.mean(0),
            "the gradients are added up over the examples: one row for each example was asked for": right.sum(0),
        },
    )
    if yhat.dtype == np.float64:
        measured = differences(lambda moved: ((moved - y) ** 2).mean(), yhat)
        check.close(got, measured, "MSELoss().backward(y, yhat)")


verify(np.eye(4)[:, :3], np.array([[0.0, 0.0, 1.0], [0.0, 3.0, 0.0], [4.0, 0.0, 2.0], [1.0, 1.0, 0.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), np.random.randn(5, 3))
verify(np.random.randn(1, 4), np.random.randn(1, 4))
verify(np.random.randn(7, 3).astype(np.float32), np.random.randn(7, 3).astype(np.float32))
### END HIDDEN TESTS


# %% check="MSELoss_shapes" points=1 ids=["T-mse"]
def verify(y, yhat):
    """Call forward on arrays whose shapes differ."""
    kind = ""
    try:
        MSELoss().forward(y, yhat)
    except NotImplementedError:
        raise
    except ValueError:
        kind = "ValueError"
    except Exception as error:
        kind = type(error).__name__
    check.that(
        kind, "forward takes y {one} and yhat {other} without a word: raise ValueError", one=y.shape, other=yhat.shape
    )
    check.that(kind == "ValueError", "forward raises {kind}; ValueError was asked for", kind=kind)


verify(np.ones(4), np.ones((4, 1)))
verify(np.ones((1, 3)), np.ones((4, 3)))
verify(np.ones((4, 1)), np.ones((4, 3)))
### BEGIN HIDDEN TESTS
verify(np.ones((5, 3)), np.ones((5, 1)))
verify(np.ones((6, 2)), np.ones((1, 2)))
verify(np.ones((4, 1)), np.ones(4))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now a loss for targets $y_{ij} \in \{-1, 1\}$. The *product* $y \hat{y}$ is positive when the sign of $\hat{y}$ is
# right. The *hinge* loss is content when the sign is right with a margin of $m \geq 0$ or more:
#
# $$L = \frac{1}{n \, n_y} \sum_{i, j} \max(0, m - y_{ij} \, \hat{y}_{ij})$$
#
# With $m = 0$ it is the loss of the perceptron of `01_math`, which minds wrong signs only. With $m = 1$ it is the usual
# hinge loss.
#
# At its kink such a function has no derivative, but a whole interval of *subgradients*: the slopes between that on the
# left and that on the right. Any of them will do: descent hardly ever meets the kink.

# %% [markdown] lang="fr"
# Voici un coût pour des cibles $y_{ij} \in \{-1, 1\}$. Le *produit* $y \hat{y}$ est positif quand le signe de $\hat{y}$
# est le bon. Le coût *hinge* (« charnière ») est satisfait quand le signe est bon avec une marge d'au moins $m \geq 0$ :
#
# $$L = \frac{1}{n \, n_y} \sum_{i, j} \max(0, m - y_{ij} \, \hat{y}_{ij})$$
#
# Avec $m = 0$, c'est le coût du perceptron de `01_math`, qui ne s'intéresse qu'aux mauvais signes. Avec $m = 1$, c'est
# le coût hinge usuel.
#
# En son point anguleux, une telle fonction n'a pas de dérivée, mais tout un intervalle de *sous-gradients* : les pentes
# comprises entre celle de gauche et celle de droite. N'importe laquelle convient : la descente ne tombe presque jamais
# sur ce point.

# %% demo
yhat = np.linspace(-2.5, 2.5, 201)
curves = {"MSELoss": (yhat - 1) ** 2, "HingeLoss(0)": np.maximum(0, -yhat), "HingeLoss(1)": np.maximum(0, 1 - yhat)}
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for (name, values), style, colour in zip(curves.items(), ("-", "--", "-."), ("#0072B2", "#D55E00", "#009E73")):
    ax.plot(yhat, values, style, color=colour, label=name)
ax.set(xlabel=r"$\hat{y}$", ylabel="$L$", title="$y = 1$", ylim=(-0.1, 4))
ax.grid(alpha=0.3)
ax.legend()
figures.show(fig, say("Three losses of an example with y = 1."))

# %% claim="at 2.5 the squared error alone costs something, and rises; the hinge losses are 0 from their margins on"
assert curves["MSELoss"][-1] > 2 and curves["MSELoss"][-1] > curves["MSELoss"][-2]
assert curves["HingeLoss(0)"][yhat >= 0].max() == 0 < curves["HingeLoss(0)"][yhat < 0].min()
assert curves["HingeLoss(1)"][yhat >= 1].max() == 0 < curves["HingeLoss(1)"][yhat < 1].min()

# %% [markdown] lang="en"
# Look at $\hat{y} = 2.5$. One of the three still pulls $\hat{y}$ back, though its sign is right, and by far. You will
# meet it again in part 8.
#
# Write `HingeLoss`. `HingeLoss(margin)` keeps its margin, 1 where none is given.

# %% [markdown] lang="fr"
# Regardez $\hat{y} = 2{,}5$. L'un des trois tire encore $\hat{y}$ en arrière, alors que son signe est bon, et de loin.
# Vous le retrouverez dans la partie 8.
#
# Écrivez `HingeLoss`. `HingeLoss(margin)` garde sa marge, qui vaut 1 si l'on n'en donne pas.


# %% answer="HingeLoss"
class HingeLoss(Loss):
    """The mean of max(0, margin - y yhat), over all examples and outputs."""

    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, y, yhat):
        """Return the mean over the n * ny numbers, for targets y (n, ny) of -1 and 1 and predictions yhat (n, ny)."""
        ### BEGIN SOLUTION
        return np.maximum(0, self.margin - y * yhat).mean()
        ### END SOLUTION

    def backward(self, y, yhat):
        """Return a subgradient of forward(y, yhat) in yhat, an array (n, ny)."""
        ### BEGIN SOLUTION
        return -y * (y * yhat < self.margin) / yhat.size
        ### END SOLUTION


# %% [markdown] hint="HingeLoss" lang="en"
# `np.maximum` compares number by number; the mean comes after it. For the slope, look at one number of the sum: where
# $m - y \hat{y}$ is positive, its derivative in $\hat{y}$ is $-y$, elsewhere 0. An array of conditions counts as 0 and 1
# when it is multiplied. The factor of the mean is that of `MSELoss`.

# %% [markdown] hint="HingeLoss" lang="fr"
# `np.maximum` compare nombre par nombre ; la moyenne vient après. Pour la pente, regardez un nombre de la somme : là où
# $m - y \hat{y}$ est positif, sa dérivée par rapport à $\hat{y}$ est $-y$, ailleurs 0. Un tableau de conditions compte
# pour 0 et 1 quand on le multiplie. Le facteur de la moyenne est celui de `MSELoss`.


# %% check="HingeLoss_forward" points=1 ids=["G-hinge1", "G-hinge", "T-loss"]
def verify(margin, y, yhat):
    """Compare with torch."""
    product, n = y * yhat, len(y)
    values = torch.relu(margin - torch.tensor(product)).numpy()
    mistakes = {
        "the sign is wrong: right signs cost, wrong ones do not": np.maximum(0, margin + product).mean(),
        "the margin is always 1: use the one that was given": np.maximum(0, 1 - product).mean(),
        "the margin is missing: the loss is max(0, margin - y yhat)": np.maximum(0, -product).mean(),
        "y is missing: the loss is max(0, margin - y yhat)": np.maximum(0, margin - yhat).mean(),
        "max(0, …) is missing, or outside the mean: take it number by number, then the mean": (margin - product).mean(),
        "these are the errors one by one: take their mean": values,
        "this is one loss for each example: take the mean over the examples, too": values.mean(1),
        "this is the sum: take the mean, over all n × ny numbers": values.sum(),
        "the mean is over the examples only: divide by ny too, the number of outputs": values.sum() / n,
        "the largest error is taken, over the whole batch: maximum compares number by number": values.max(),
    }
    right = np.array(values.mean())
    got = check.ran(HingeLoss(margin).forward, *check.copies(y, yhat))
    check.close(got, right, f"HingeLoss({margin:g}).forward(y, yhat)", unless=mistakes)


y = np.array([[1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
yhat = np.array([[0.6, 3.0], [-1.1, -2.0], [-0.2, 0.3]])
verify(0, y, yhat)
verify(1, y, yhat)
### BEGIN HIDDEN TESTS
verify(0, np.sign(np.random.randn(5, 3)), np.random.randn(5, 3))
verify(1, np.sign(np.random.randn(5, 3)), 2 * np.random.randn(5, 3))
verify(0.5, np.array([[1.0, -1.0, 1.0, -1.0]]), np.array([[0.3, -1.7, -1.2, 0.7]]))
check.close(HingeLoss().forward(y, yhat), np.maximum(0, 1 - y * yhat).mean(), "HingeLoss().forward(y, yhat)")
### END HIDDEN TESTS


# %% check="HingeLoss_backward" points=2 ids=["G-hinge1", "G-hinge", "G-delta"]
def verify(margin, y, yhat):
    """Compare with central differences; at a kink any value between the two slopes is right."""
    n, ny = y.shape
    call = f"HingeLoss({margin:g}).backward(y, yhat)"
    right = differences(lambda moved: np.maximum(0, margin - y * moved).mean(), yhat)
    product, kink, active = y * yhat, y * yhat == margin, y * yhat < margin
    got = check.ran(HingeLoss(margin).backward, *check.copies(y, yhat))
    check.array(got, y.shape, call)
    chosen = np.clip(got, np.minimum(0, -y / y.size), np.maximum(0, -y / y.size))
    right = np.where(kink, chosen, right)

    def stops(at, end):  # on the end itself, either is usual
        return np.where(at == end, got, -y * (at < end) / y.size)

    slopes = {
        "the factor 1 / (n ny) is missing: forward is a mean over all these numbers": right * n * ny,
        "the factor 1/n is missing: forward is a mean over the examples": right * n,
        "the factor 1/ny is missing: forward is a mean over the outputs, too": right * ny,
        "the sign is wrong: where the loss is not 0, it falls when yhat moves towards y": -right,
        "all the numbers have a slope: where the loss is 0, it is 0": -y / y.size,
        "the slope is where the loss is 0: it should be where it is not": -y * ~active / y.size,
        "y is missing in the slope: it is -y where the loss is not 0": -1.0 * active / y.size,
        "yhat stands where y should: the slope in yhat is -y where the loss is not 0": -yhat * active / y.size,
        "the slope stops at the wrong place: the margin is always 1, use the one that was given": stops(product, 1),
        "the slope stops at the wrong place: the loss is 0 from y yhat = margin on, not from 0": stops(product, 0),
        "y is missing in the condition: the loss is 0 from y yhat = margin on, not from yhat = margin": stops(yhat, margin),
    }
    mistakes = {sentence: np.where(kink, got, slope) for sentence, slope in slopes.items()}
    check.close(got, right, call, unless=mistakes, rtol=1e-2)


y = np.array([[1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
yhat = np.array([[0.6, 3.0], [-1.1, -2.0], [-0.2, 0.3], [0.0, 1.0]])
verify(0, y, yhat)
verify(1, y, yhat)
### BEGIN HIDDEN TESTS
verify(0, np.sign(np.random.randn(5, 3)), np.random.randn(5, 3))
verify(1, np.sign(np.random.randn(5, 3)), 2 * np.random.randn(5, 3))
verify(0.5, np.array([[1.0, -1.0, 1.0, -1.0]]), np.array([[0.5, -1.0, -1.2, 0.7]]))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 4 · One step, and many small ones · about 12 minutes
#
# You have all the parts. One step of descent, with any module and any loss:
#
# | | |
# |---|---|
# | reset | `module.zero_grad()` |
# | forth | $\hat{Y}$ from $X$, then $L$ |
# | back | $\delta$ from the loss, then the gradient of the module, from **its input** and $\delta$ |
# | move | `module.update_parameters(eta)` |
#
# Write `step`. It calls `forward` of the module once, and returns $L$, the loss before the step. The module may itself be
# a whole network: `step` need not know.

# %% [markdown] lang="fr"
# ## 4 · Un pas, et plusieurs petits · environ 12 minutes
#
# Vous avez toutes les pièces. Un pas de descente, avec n'importe quel module et n'importe quel coût :
#
# | | |
# |---|---|
# | remettre à zéro | `module.zero_grad()` |
# | aller | $\hat{Y}$ à partir de $X$, puis $L$ |
# | revenir | $\delta$ à partir du coût, puis le gradient du module, à partir de **son entrée** et de $\delta$ |
# | avancer | `module.update_parameters(eta)` |
#
# Écrivez `step`. Elle appelle une seule fois le `forward` du module, et renvoie $L$, le coût avant le pas. Le module
# peut être à lui seul un réseau entier : `step` n'a pas à le savoir.


# %% answer="step"
def step(module, loss, X, Y, eta):
    """Take one step of gradient descent.

    module: a Module, whatever it computes; gradients left in it from before must not count.
    loss: a Loss. X: inputs (n, nx). Y: targets (n, ny). eta: learning rate.
    Calls module.forward once. Returns the loss before the step.
    """
    ### BEGIN SOLUTION
    module.zero_grad()
    Yhat = module.forward(X)
    L = loss.forward(Y, Yhat)
    module.backward_update_gradient(X, loss.backward(Y, Yhat))
    module.update_parameters(eta)
    return L
    ### END SOLUTION


# %% [markdown] hint="step" lang="en"
# ### The idea
#
# The table above, line by line. Keep what `forward` gives: the loss needs it twice.
#
# ### What goes where
#
# Losses take the targets first. `loss.forward` gives one number, to be returned; `loss.backward` gives $\delta$, which is
# for the module. Nobody asks for $\delta^0$ here: `backward_delta` is not needed.
#
# ### The code, with blanks
#
# ```python
# ...zero_grad()
# Yhat = ...
# L = loss.forward(...)
# module.backward_update_gradient(..., loss.backward(...))
# module.update_parameters(...)
# return L
# ```

# %% [markdown] hint="step" lang="fr"
# ### L'idée
#
# Le tableau ci-dessus, ligne par ligne. Gardez ce que donne `forward` : le coût en a besoin deux fois.
#
# ### Qui reçoit quoi
#
# Les coûts prennent les cibles en premier. `loss.forward` donne un nombre, à renvoyer ; `loss.backward` donne $\delta$,
# qui est pour le module. Personne ne demande ici $\delta^0$ : `backward_delta` ne sert pas.
#
# ### Le code, à trous
#
# ```python
# ...zero_grad()
# Yhat = ...
# L = loss.forward(...)
# module.backward_update_gradient(..., loss.backward(...))
# module.update_parameters(...)
# return L
# ```


# %% check="step_moves" points=2 ids=["G-step", "T-module", "T-loss"]
def verify(x, target, eta):
    """Take a step with a module a x² + c x, and the loss mean(yhat² + 3 yhat y)."""
    pair, stale = np.array([0.4, 0.8]), np.array([0.7, -0.5])
    right = bent([pair], x, target)
    run = check.ran(probes.drive, step, [[*pair]], [[*stale]], *check.copies(x, target, eta))
    slope, yhat = right.slopes[0], right.z[1]

    def along(point, delta):
        return np.array([(delta * point**2).sum(), (delta * point).sum()])

    methods = [method for _, method in run["events"]]
    check.that("update_parameters" in methods, "no step is taken: call update_parameters at the end")
    check.close(
        np.array(run["values"][0]),
        pair - eta * slope,
        "module._parameters",
        unless={
            "the gradient left in the module from before counts: call zero_grad first": pair - eta * (slope + stale),
            "the step is taken before the gradient is computed": pair - eta * stale,
            "nothing moved: is the gradient computed before update_parameters, and reset before that?": pair,
            "y and yhat are swapped in loss.backward": pair - eta * along(x, (2 * target + 3 * yhat) / x.size),
            "backward_update_gradient is given the output: it wants the input of the module": pair
            - eta * along(yhat, right.deltas[1]),
            "delta is what loss.backward gives, not the loss": pair - eta * along(x, np.full(x.shape, right.L)),
            "the step is taken twice, or the gradient added twice": pair - 2 * eta * slope,
            "backward_update_gradient is given a delta that has gone back already: it wants the delta of the output": pair
            - eta * along(x, right.deltas[0]),
            "backward_update_gradient is given Y; it wants the input of the module": pair - eta * along(target, right.deltas[1]),
            "you walked up the slope: the gradient is subtracted": pair + eta * slope,
            "input and delta are swapped in backward_update_gradient: the input comes first": pair
            - eta * along(right.deltas[1], x),
            "the learning rate eta is not passed on": pair - slope,
            "eta is passed on as scale, too: the step holds it twice": pair - eta**2 * slope,
            "the gradient is divided by the number of examples: the loss is a mean already": pair - eta * slope / len(x),
        },
    )


verify(np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), 0.1)
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), np.random.randn(5, 3), 0.03)
verify(np.random.randn(1, 4), np.random.randn(1, 4), 0.07)
### END HIDDEN TESTS


# %% check="step_returns" points=1 ids=["G-step"]
def verify(x, target, eta):
    """Look at what step returns, and count the calls of forward."""
    before, after = (bent([[0.4, 0.8]], x, target, steps, eta) for steps in (0, 1))
    run = check.ran(probes.drive, step, [[0.4, 0.8]], [[0.7, -0.5]], *check.copies(x, target, eta))
    y, yhat = target, before.z[1]
    check.close(
        run["result"],
        np.array(before.L),
        "step(module, loss, X, Y, eta)",
        unless={
            "return the loss before the step, not after it": after.L,
            "y and yhat are swapped in loss.forward": (y**2 + 3 * yhat * y).mean(),
            "this is Yhat: return the loss": yhat,
            "this is delta: return the loss": before.deltas[1],
        },
    )
    calls = sum(event == [0, "forward"] for event in run["events"])
    check.that(calls == 1, "forward is called {n} times in one step: keep what the first call gave", n=calls)


verify(np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), 0.1)
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), np.random.randn(5, 3), 0.03)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The same step with torch, and with your modules. What autograd did out of sight now has a name, $\delta$. Below, 40 of
# your steps fit a line to points on $y = 2 x + 1$.

# %% [markdown] lang="fr"
# Le même pas avec torch, et avec vos modules. Ce qu'autograd faisait sans le montrer a maintenant un nom, $\delta$.
# Au-dessous, 40 de vos pas ajustent une droite à des points de $y = 2 x + 1$.


# %% demo
def step_04(model, loss, X, Y, eta):
    L = loss(model(X), Y)
    L.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= eta * p.grad
    model.zero_grad()
    return L.item()


figures.side_by_side(([step_04], [step]))
np.random.seed(0)
line, X = Linear(1, 1), np.linspace(-1, 1, 20)[:, None]
losses = [step(line, MSELoss(), X, 2 * X + 1, 0.3) for _ in range(40)]
W, b = (line._parameters[name].item() for name in "Wb")
print(f"W = {number(W, '.3f')}, b = {number(b, '.3f')}, L = {number(losses[-1], '.1e')}")

# %% claim="40 steps bring the line to 2 x + 1, and the loss falls at each"
assert abs(W - 2) < 0.01 and abs(b - 1) < 0.01 and losses[-1] < 1e-4
assert all(late < early for early, late in zip(losses, losses[1:]))

# %% [markdown] lang="en"
# Why does a module *add* its gradients, when we set them to zero before each step? For batches too large for the
# memory: as in `05_optim`, they pass in parts, the gradients add up, and only then comes the step. (Batch, mini-batch
# and stochastic descent thus differ only in *when* one calls `zero_grad` and `update_parameters`.)
#
# One thing needs care. The loss $L_p$ of part $p$ is a mean over **its own** $n_p$ examples. The mean over all $n$
# examples weighs it by its share:
#
# $$L = \sum_p \frac{n_p}{n} \, L_p \qquad\qquad \frac{\partial L}{\partial W} = \sum_p \frac{n_p}{n} \,
# \frac{\partial L_p}{\partial W}$$
#
# That is what the argument `scale` is for. Write `accumulate`. It passes the rows of $X$ and $Y$ in their order, `size`
# at a time; the last part may be shorter than the others. It leaves the gradient of the whole batch in the module, moves
# nothing, and returns nothing. Gradients that were there before do not count.

# %% [markdown] lang="fr"
# Pourquoi un module *ajoute*-t-il ses gradients, puisqu'on les remet à zéro avant chaque pas ? Pour les lots trop
# grands pour la mémoire : comme dans `05_optim`, ils passent par morceaux, les gradients s'additionnent, et le pas ne
# vient qu'après. (Descentes par lot complet, par mini-lots et stochastique ne diffèrent donc que par *le moment* où
# l'on appelle `zero_grad` et `update_parameters`.)
#
# Un point demande du soin. Le coût $L_p$ du morceau $p$ est une moyenne sur **ses propres** $n_p$ exemples. La
# moyenne sur les $n$ exemples le pondère par sa part :
#
# $$L = \sum_p \frac{n_p}{n} \, L_p \qquad\qquad \frac{\partial L}{\partial W} = \sum_p \frac{n_p}{n} \,
# \frac{\partial L_p}{\partial W}$$
#
# C'est à cela que sert l'argument `scale`. Écrivez `accumulate`. Elle fait passer les lignes de $X$ et de $Y$ dans leur
# ordre, `size` à la fois ; le dernier morceau peut être plus court que les autres. Elle laisse dans le module le gradient
# du lot entier, ne déplace aucun paramètre et ne renvoie rien. Les gradients qui s'y trouvaient avant ne comptent pas.


# %% answer="accumulate"
def accumulate(module, loss, X, Y, size):
    """Compute the gradient of the loss of a whole batch, size examples at a time.

    module: a Module; afterwards _gradient is that of the mean loss over all n examples, whatever it was before,
    and the parameters are as they were. loss: a Loss. X: inputs (n, nx). Y: targets (n, ny).
    size: examples in a part, rows that follow each other; the last part may have fewer.
    Returns nothing.
    """
    ### BEGIN SOLUTION
    module.zero_grad()
    for first in range(0, len(X), size):
        x, y = X[first : first + size], Y[first : first + size]
        delta = loss.backward(y, module.forward(x))
        module.backward_update_gradient(x, delta, scale=len(x) / len(X))
    ### END SOLUTION


# %% [markdown] hint="accumulate" lang="en"
# ### The idea
#
# The first lines of `step`, once for each part; but the reset comes only once, before the loop, and no parameter moves.
#
# ### The weight of a part
#
# `range(0, n, size)` gives the first row of each part. A slice that goes beyond the end is simply shorter, so the last
# part takes care of itself. Its share is the number of rows that it *has*, divided by $n$: not `size / n`.
#
# ### The code, with blanks
#
# ```python
# for first in range(...):
#     x, y = ..., ...
#     delta = loss.backward(y, ...)
#     module.backward_update_gradient(x, delta, scale=...)
# ```

# %% [markdown] hint="accumulate" lang="fr"
# ### L'idée
#
# Les premières lignes de `step`, une fois par morceau ; mais la remise à zéro ne vient qu'une fois, avant la boucle, et
# aucun paramètre ne bouge.
#
# ### Le poids d'un morceau
#
# `range(0, n, size)` donne la première ligne de chaque morceau. Une tranche qui dépasse la fin est simplement plus
# courte : le dernier morceau se règle donc tout seul. Sa part, c'est le nombre de lignes qu'il *a*, divisé par $n$, et
# non `size / n`.
#
# ### Le code, à trous
#
# ```python
# for first in range(...):
#     x, y = ..., ...
#     delta = loss.backward(y, ...)
#     module.backward_update_gradient(x, delta, scale=...)
# ```


# %% check="accumulate_gradient" points=2 ids=["G-accum"]
def verify(n, nx, size):
    """Accumulate the gradient of a module a x² + c x, and compare with that of the whole batch."""
    x, target = np.random.randn(n, nx), np.random.randn(n, nx) + 1
    pair, stale = [0.4, 0.8], np.array([0.7, -0.5])
    right = bent([pair], x, target).slopes[0]
    run = check.ran(probes.drive, accumulate, [pair], [[*stale]], *check.copies(x, target, size))
    parts = [(x[i : i + size], target[i : i + size]) for i in range(0, n, size)]
    slopes = [bent([pair], *part).slopes[0] for part in parts]
    deltas = [bent([pair], *part).deltas[1] for part in parts]
    total, last = sum(slopes), slopes[-1]
    swapped = (2 * target + 3 * bent([pair], x, target).z[1]) / x.size
    check.that(
        np.allclose(run["values"][0], pair), "accumulate moves the parameters: only the gradient was asked for"
    )
    check.close(
        np.array(run["slopes"][0]),
        right,
        "module._gradient",
        unless={
            "the gradient left in the module from before counts: call zero_grad first": right + stale,
            "the gradients of the parts are added up as they are: weigh each by its share, scale = rows in the part / n": total,
            "the parts weigh the same, though the last is shorter: scale is the number of its rows / n": total
            / len(parts),
            "only the last part counts: call zero_grad once, before the loop": last * len(parts[-1][0]) / n,
            "only the last part counts, and without its weight: call zero_grad once, before the loop": last,
            "scale is size / n for every part: the last may be shorter": total * size / n,
            "scale is 1 / size: delta holds the mean over its part already, weigh it by the share of its rows": total / size,
            "the last, shorter part is left out": right - last * len(parts[-1][0]) / n,
            "scale is the number of rows in the part: divide it by n": sum(
                len(part[0]) * slope for part, slope in zip(parts, slopes)
            ),
            "delta is multiplied by the share, and scale as well: once is enough": sum(
                (len(part[0]) / n) ** 2 * slope for part, slope in zip(parts, slopes)
            ),
            "no gradient is computed: call backward_update_gradient for each part": stale,
            "nothing was added to the gradient": 0 * right,
            "y and yhat are swapped in loss.backward": np.array([(swapped * x**2).sum(), (swapped * x).sum()]),
            "input and delta are swapped in backward_update_gradient: the input comes first": sum(
                len(part[0]) / n * np.array([(part[0] * d**2).sum(), (part[0] * d).sum()]) for part, d in zip(parts, deltas)
            ),
        },
    )


verify(6, 2, 4)
### BEGIN HIDDEN TESTS
verify(7, 3, 3)
verify(5, 3, 8)
### END HIDDEN TESTS

# %% check="accumulate_parts" points=1 ids=["G-accum"]
x, target = np.random.randn(7, 3), np.random.randn(7, 3)
run = check.ran(probes.drive, accumulate, [[0.4, 0.8]], [[0.0, 0.0]], *check.copies(x, target, 3))
sizes = [len(batch[1]) for batch in run["batches"]]
check.same(
    sizes,
    [3, 3, 1],
    "accumulate(module, loss, X, Y, 3): len(y)",
    unless={
        "the whole batch passes at once: pass it in parts of size examples": [7],
        "the examples pass one by one: pass size of them at a time": [1] * 7,
        "the last, shorter part is left out": [3, 3],
    },
)
for (x_part, y_part), begin in zip(run["batches"], (0, 3, 6)):
    check.that(
        np.array_equal(x_part, x[begin : begin + 3]) and np.array_equal(y_part, target[begin : begin + 3]),
        "the parts are not the rows of X and Y in their order",
    )

# %% [markdown] lang="en"
# ## 5 · Modules in series, by hand · about 15 minutes
#
# Two modules, $g$ then $f$: $H = g(X)$, $\hat{Y} = f(H)$. The loss gives $\delta$ at $\hat{Y}$, which is what $f$
# needs. What $g$ needs is $\delta$ at $H$: `f.backward_delta` makes it.
#
# Write `series_step`. Like `step`, it resets both modules first, calls `forward` of each once, and returns the loss before
# the step. Mind two things: which array is the **input** of which module, and that each module must still have its old
# parameters when its `backward_delta` is called.

# %% [markdown] lang="fr"
# ## 5 · Des modules en série, à la main · environ 15 minutes
#
# Deux modules, $g$ puis $f$ : $H = g(X)$, $\hat{Y} = f(H)$. Le coût donne $\delta$ en $\hat{Y}$ : c'est ce qu'il faut à
# $f$. À $g$, il faut $\delta$ en $H$ : c'est `f.backward_delta` qui le fabrique.
#
# Écrivez `series_step`. Comme `step`, elle remet d'abord les deux modules à zéro, appelle une fois le `forward` de
# chacun, et renvoie le coût avant le pas. Faites attention à deux choses : quel tableau est l'**entrée** de quel module,
# et le fait que chaque module doit encore avoir ses anciens paramètres quand on appelle son `backward_delta`.


# %% answer="series_step"
def series_step(g, f, loss, X, Y, eta):
    """Take one step of gradient descent with two modules in series, g then f.

    g, f: Modules; gradients left in them from before must not count. loss: a Loss.
    X: inputs of g (n, nx). Y: targets of f's outputs (n, ny). eta: learning rate, for both.
    Calls forward of each module once. Returns the loss before the step.
    """
    ### BEGIN SOLUTION
    g.zero_grad()
    f.zero_grad()
    H = g.forward(X)
    Yhat = f.forward(H)
    L = loss.forward(Y, Yhat)
    delta = loss.backward(Y, Yhat)
    f.backward_update_gradient(H, delta)
    g.backward_update_gradient(X, f.backward_delta(H, delta))
    f.update_parameters(eta)
    g.update_parameters(eta)
    return L
    ### END SOLUTION


# %% [markdown] hint="series_step" lang="en"
# ### The idea
#
# Forth: X, g, H, f, Yhat. Back, the same way: first $f$, with the $\delta$ of the loss, then $g$, with what
# `f.backward_delta` makes of it. Only then do both move.
#
# ### Which input, which delta
#
# A module's two methods of the way back take the same two arrays: its input, and the $\delta$ of its output. For $f$
# these are $H$ and the gradient of $L$ in $\hat{Y}$. For $g$ they are $X$ and the gradient of $L$ in $H$. Do not let the
# second $\delta$ take the name of the first before $f$ has used it.
#
# ### The code, with blanks
#
# ```python
# g...
# f...
# H = ...
# Yhat = f.forward(...)
# L = ...
# delta = loss.backward(...)
# f.backward_update_gradient(..., delta)
# g.backward_update_gradient(..., f.backward_delta(...))
# ```

# %% [markdown] hint="series_step" lang="fr"
# ### L'idée
#
# À l'aller : X, g, H, f, Yhat. Au retour, le même chemin : d'abord $f$, avec le $\delta$ du coût, puis $g$, avec ce
# qu'en fait `f.backward_delta`. Les deux ne bougent qu'ensuite.
#
# ### Quelle entrée, quel delta
#
# Les deux méthodes du retour d'un module prennent les deux mêmes tableaux : son entrée, et le $\delta$ de sa sortie.
# Pour $f$, ce sont $H$ et le gradient de $L$ par rapport à $\hat{Y}$. Pour $g$, ce sont $X$ et le gradient de $L$ par
# rapport à $H$. Le second $\delta$ ne doit pas prendre le nom du premier avant que $f$ s'en soit servi.
#
# ### Le code, à trous
#
# ```python
# g...
# f...
# H = ...
# Yhat = f.forward(...)
# L = ...
# delta = loss.backward(...)
# f.backward_update_gradient(..., delta)
# g.backward_update_gradient(..., f.backward_delta(...))
# ```


# %% check="series_step_moves" points=2 ids=["G-series", "G-step", "G-delta"]
def verify(x, target, eta):
    """Take a step with two modules a x² + c x, and compare both with autograd."""
    pairs, stale = np.array([[0.4, 0.8], [-0.3, 1.2]]), np.array([[0.7, -0.5], [0.3, 0.9]])
    right = bent(pairs, x, target)
    run = check.ran(probes.drive, series_step, pairs.tolist(), stale.tolist(), *check.copies(x, target, eta))
    hidden, delta = right.z[1], right.deltas[2]
    moved = pairs - eta * right.slopes

    def along(point, slope):
        return np.array([(slope * point**2).sum(), (slope * point).sum()])

    def back(point, slope, pair):
        return slope * (2 * pair[0] * point + pair[1])

    def only_g(slope):
        return np.array([pairs[0] - eta * along(x, slope), moved[1]])

    methods = [tuple(event) for event in run["events"]]
    for number, name in enumerate("gf"):
        check.that(
            (number, "update_parameters") in methods, "{name} never moves: call its update_parameters", name=name
        )
    for which in ([[1], [1]], [[1], [0]], [[0], [1]]):
        check.that(
            not np.allclose(run["values"], pairs - eta * (right.slopes + stale * which)),
            "the gradients left in the modules from before count: call zero_grad of both first",
        )
    check.close(
        np.array(run["values"]),
        moved,
        "g._parameters, f._parameters",
        unless={
            "delta at H is computed after f has moved: call f.backward_delta before f.update_parameters": only_g(
                back(hidden, delta, moved[1])
            ),
            "g is given the delta of the loss: it needs that of its own output, f.backward_delta(H, delta)": only_g(delta),
            "f.backward_delta is given another array than H, the input of f": only_g(back(x, delta, pairs[1])),
            "f.backward_delta is given f's output; it wants its input, H": only_g(back(right.z[2], delta, pairs[1])),
            "delta goes back through g: g wants the delta of its output, which f.backward_delta gives": only_g(
                back(x, delta, pairs[0])
            ),
            "g is given H; its input is X": np.array([pairs[0] - eta * along(hidden, right.deltas[1]), moved[1]]),
            "delta goes back through g as well: g wants the delta of its output, which f.backward_delta gives": only_g(
                back(x, right.deltas[1], pairs[0])
            ),
            "input and delta are swapped: the input comes first": np.array(
                [pairs[0] - eta * along(right.deltas[1], x), pairs[1] - eta * along(delta, hidden)]
            ),
            "input and delta are swapped in backward_delta: the input comes first": only_g(back(delta, hidden, pairs[1])),
            "f is given X; its input is H": np.array([moved[0], pairs[1] - eta * along(x, delta)]),
            "f is given a delta that has gone back through it already: call its backward_update_gradient first": np.array(
                [moved[0], pairs[1] - eta * along(hidden, right.deltas[1])]
            ),
            "f is given a delta that has gone back through it already, and g one that has gone back twice": np.array(
                [pairs[0] - eta * along(x, right.deltas[0]), pairs[1] - eta * along(hidden, right.deltas[1])]
            ),
            "you walked up the slope: the gradient is subtracted": pairs + eta * right.slopes,
            "the learning rate eta is not passed on": pairs - right.slopes,
            "f is given Yhat; its input is H": np.array([moved[0], pairs[1] - eta * along(right.z[2], delta)]),
            "g receives no gradient": np.array([pairs[0], moved[1]]),
            "f receives no gradient": np.array([moved[0], pairs[1]]),
            "the step of one module comes before its gradient is computed": np.array([pairs[0] - eta * stale[0], moved[1]]),
            "nothing moved: is the gradient computed before update_parameters, and reset before that?": pairs,
        },
    )


verify(np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), 0.1)
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), np.random.randn(5, 3), 0.03)
verify(np.random.randn(1, 4), np.random.randn(1, 4), 0.07)
### END HIDDEN TESTS

# %% check="series_step_returns" points=1 ids=["G-series"]
x, target = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
run = check.ran(probes.drive, series_step, [[0.4, 0.8], [-0.3, 1.2]], [[0.0, 0.0]] * 2, *check.copies(x, target, 0.1))
before, after = (bent([[0.4, 0.8], [-0.3, 1.2]], x, target, steps, 0.1) for steps in (0, 1))
hidden = before.z[1]
check.close(
    run["result"],
    np.array(before.L),
    "series_step(g, f, loss, X, Y, eta)",
    unless={
        "return the loss before the step, not after it": after.L,
        "the loss compares Y with H, the output of g: it wants the output of f": (hidden**2 + 3 * hidden * target).mean(),
        "y and yhat are swapped in loss.forward": (target**2 + 3 * before.z[2] * target).mean(),
    },
)
### BEGIN HIDDEN TESTS
x, target = np.random.randn(5, 3), np.random.randn(5, 3)
run = check.ran(probes.drive, series_step, [[0.2, 0.9], [-0.4, 1.1]], [[0.3, 0.4]] * 2, *check.copies(x, target, 0.05))
check.close(run["result"], np.array(bent([[0.2, 0.9], [-0.4, 1.1]], x, target).L), "series_step(g, f, loss, X, Y, eta)")
calls = [sum(event == [number, "forward"] for event in run["events"]) for number in (0, 1)]
check.that(calls == [1, 1], "forward is called {n} times in one step: keep what the first call gave", n=max(calls))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now a network with one hidden layer, all by hand: three modules, and the $\delta$ at each of the four places of the
# chain.
#
# $$X = z^0 \to \text{first} \to z^1 \to \text{act} \to z^2 \to \text{second} \to z^3 = \hat{Y}$$
#
# Write `by_hand`. It takes no step: it returns the loss and the list of the four deltas, $\delta^0$ to $\delta^3$, and
# leaves its gradient in each module, whatever was there before. Treat the three alike: `act` might have parameters.

# %% [markdown] lang="fr"
# Voici un réseau à une couche cachée, entièrement à la main : trois modules, et le $\delta$ en chacun des quatre
# endroits de la chaîne.
#
# $$X = z^0 \to \text{first} \to z^1 \to \text{act} \to z^2 \to \text{second} \to z^3 = \hat{Y}$$
#
# Écrivez `by_hand`. Elle ne fait aucun pas : elle renvoie le coût et la liste des quatre deltas, de $\delta^0$ à
# $\delta^3$, et laisse dans chaque module son gradient, quoi qu'il y ait eu avant. Traitez les trois de la même façon :
# `act` pourrait avoir des paramètres.


# %% answer="by_hand"
def by_hand(first, act, second, loss, X, Y):
    """Go forth and back through three modules in series: first, act, second.

    Afterwards _gradient of each module is that of the loss, whatever it was before; no parameter moves.
    X: inputs (n, nx). Y: targets (n, ny).
    Returns (L, deltas): L, the loss; deltas, a list of four arrays, deltas[k] the gradient of the loss in z^k,
    where z^0 is X and z^3 is Yhat.
    """
    ### BEGIN SOLUTION
    modules = [first, act, second]
    z = [X]
    for module in modules:
        module.zero_grad()
        z.append(module.forward(z[-1]))
    L = loss.forward(Y, z[3])
    deltas = [None, None, None, loss.backward(Y, z[3])]
    for k in (3, 2, 1):
        modules[k - 1].backward_update_gradient(z[k - 1], deltas[k])
        deltas[k - 1] = modules[k - 1].backward_delta(z[k - 1], deltas[k])
    return L, deltas
    ### END SOLUTION


# %% [markdown] hint="by_hand" lang="en"
# ### The idea
#
# Forth, keep all four arrays. Back, from the last module to the first, do two things at each: its gradient, then the
# $\delta$ for the one before. Old gradients must not count: what did `step` do first?
#
# ### The places
#
# `z[k]` is the output of module $k$ and the input of module $k + 1$. Module $k$ thus takes `z[k - 1]` and `deltas[k]`, in
# both methods, and `deltas[k - 1]` comes out. In a list of three modules that begins at 0, module $k$ is number $k - 1$.
#
# ### The code, with blanks
#
# ```python
# z = [X]
# for module in modules:
#     module...
#     z.append(...)
# L = loss.forward(...)
# deltas = [None, None, None, ...]
# for k in (3, 2, 1):
#     modules[k - 1].backward_update_gradient(...)
#     deltas[k - 1] = ...
# ```

# %% [markdown] hint="by_hand" lang="fr"
# ### L'idée
#
# À l'aller, gardez les quatre tableaux. Au retour, du dernier module au premier, faites deux choses pour chacun : son
# gradient, puis le $\delta$ pour celui d'avant. Les anciens gradients ne doivent pas compter : que faisait `step` en
# premier ?
#
# ### Les places
#
# `z[k]` est la sortie du module $k$ et l'entrée du module $k + 1$. Le module $k$ prend donc `z[k - 1]` et `deltas[k]`,
# dans les deux méthodes, et il en sort `deltas[k - 1]`. Dans une liste de trois modules qui commence à 0, le module $k$
# porte le numéro $k - 1$.
#
# ### Le code, à trous
#
# ```python
# z = [X]
# for module in modules:
#     module...
#     z.append(...)
# L = loss.forward(...)
# deltas = [None, None, None, ...]
# for k in (3, 2, 1):
#     modules[k - 1].backward_update_gradient(...)
#     deltas[k - 1] = ...
# ```


# %% check="by_hand_deltas" points=2 ids=["T-hand", "S-modk", "G-delta"]
def verify(x, target):
    """Go through three modules a x² + c x, and compare the deltas with autograd."""
    pairs = [[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7]]
    right = bent(pairs, x, target)
    run = check.ran(probes.drive, by_hand, pairs, [[0.7, -0.5]] * 3, *check.copies(x, target))
    L, deltas = check.pair(run["result"], "by_hand(first, act, second, loss, X, Y)")
    check.that(not isinstance(L, list | tuple), "the two values are swapped: the loss, then the deltas")
    check.close(L, np.array(right.L), "by_hand(first, act, second, loss, X, Y)[0]")
    check.that(
        isinstance(deltas, list | tuple) and len(deltas) == 4,
        "by_hand returns the loss, then a list of four arrays, deltas[0] to deltas[3]",
    )
    for k in (3, 2, 1, 0):
        check.that(deltas[k] is not None, "deltas[{k}] is None: go back through all three modules, to X", k=k)
    check.that(
        not (np.shape(deltas[0]) == x.shape and np.allclose(deltas[0], right.deltas[3])),
        "the deltas are in the order in which they were computed; deltas[0] is that of the input X",
    )
    z, d = right.z, right.deltas

    def back(k, point, delta=None):
        a, c = pairs[k - 1]
        return (d[k] if delta is None else delta) * (2 * a * point + c)

    with check.table({f"deltas[{k}]": deltas[k] for k in range(4)}, {f"deltas[{k}]": d[k] for k in range(4)}):
        for k in (3, 2, 1, 0):
            mistakes = {"these are the outputs of the modules: the gradients of the loss in them were asked for": z[k]}
            if k < 3:
                mistakes |= {
                    "the delta of the module after is passed on as it is": d[k + 1],
                    "backward_delta is given the output of the module; it wants its input": back(k + 1, z[k + 1]),
                    "backward_delta is given X; it wants the input of the module": back(k + 1, z[0]),
                    "input and delta are swapped in backward_delta: the input comes first": back(k + 1, d[k + 1], z[k]),
                }
            check.close(deltas[k], d[k], f"deltas[{k}]", unless=mistakes)


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), np.random.randn(5, 3))
verify(np.random.randn(1, 4), np.random.randn(1, 4))
### END HIDDEN TESTS


# %% check="by_hand_gradients" points=1 ids=["T-hand"]
def verify(x, target):
    """Look at the gradients and at the parameters of the three modules."""
    pairs, stale = np.array([[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7]]), np.array([[0.7, -0.5], [0.3, 0.9], [0.2, 0.1]])
    right = bent(pairs, x, target)
    run = check.ran(probes.drive, by_hand, pairs.tolist(), stale.tolist(), *check.copies(x, target))
    own = right.slopes

    def along(point, slope):
        return np.array([(slope * point**2).sum(), (slope * point).sum()])

    def swapped():
        delta, slopes = right.deltas[3], 0 * own
        for k in (2, 1, 0):
            slopes[k] = along(delta, right.z[k])
            delta = right.z[k] * (2 * pairs[k][0] * delta + pairs[k][1])
        return slopes

    check.that(np.allclose(run["values"], pairs), "by_hand moves the parameters: only the gradients were asked for")
    check.that(
        not any(np.allclose(slopes, one + left) for slopes, one, left in zip(run["slopes"], own, stale)),
        "the gradients left in the modules from before count: call zero_grad of each first",
    )
    check.close(
        np.array(run["slopes"]),
        own,
        "first._gradient, act._gradient, second._gradient",
        unless={
            "act is left out: it may have parameters, treat all modules alike": np.array([own[0], stale[1], own[2]]),
            "act is left out, though it may have parameters: treat all modules alike": np.array([own[0], 0 * own[1], own[2]]),
            "no gradient is computed: call backward_update_gradient of each module": stale,
            "no gradient is added after zero_grad: call backward_update_gradient of each module": 0 * own,
            "the gradients are added twice": 2 * own,
            "each module is given a delta that has gone back through it already: its gradient comes first": np.array(
                [along(right.z[k], right.deltas[k]) for k in range(3)]
            ),
            "each module is given its output; it wants its input": np.array(
                [along(right.z[k + 1], right.deltas[k + 1]) for k in range(3)]
            ),
            "each module is given X; it wants its own input": np.array([along(x, right.deltas[k + 1]) for k in range(3)]),
            "input and delta are swapped: the input comes first": swapped(),
            "input and delta are swapped in backward_update_gradient: the input comes first": np.array(
                [along(right.deltas[k + 1], right.z[k]) for k in range(3)]
            ),
            "all three are given the delta of the loss: each wants that of its own output": np.array(
                [along(right.z[k], right.deltas[3]) for k in range(3)]
            ),
        },
    )


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), np.random.randn(5, 3))
### END HIDDEN TESTS

# %% [markdown] lang="en"
# In numbers: one example, two inputs, two hidden units, one output. $M^1$ and $M^3$ are `Linear`, $M^2$ is `TanH`.
# Follow the values forth and the deltas back: every number of the picture comes from your modules. $\delta^2$ is
# $\delta^3$ times the weights of $M^3$. On the way to $\delta^1$, tanh multiplies each of its two numbers by a slope
# between 0 and 1: both keep their signs and come nearer to 0.

# %% [markdown] lang="fr"
# En nombres : un exemple, deux entrées, deux unités cachées, une sortie. $M^1$ et $M^3$ sont des `Linear`, $M^2$ est un
# `TanH`. Suivez les valeurs à l'aller et les deltas au retour : tous les nombres de la figure viennent de vos modules.
# $\delta^2$ est $\delta^3$ multiplié par les poids de $M^3$. Sur le chemin de $\delta^1$, tanh multiplie chacun de ses deux
# nombres par une pente comprise entre 0 et 1 : tous deux gardent leur signe et se rapprochent de 0.

# %% demo
np.random.seed(10)
parts, X, Y = (Linear(2, 2), TanH(), Linear(2, 1)), np.array([[1.0, -0.5]]), np.array([[0.5]])
L, deltas = by_hand(*parts, MSELoss(), X, Y)
z = [X]
for part in parts:
    z.append(part.forward(z[-1]))


def short(numbers):
    return "(" + "; ".join(number(one, ".2f").replace("-", "−") for one in numbers[0]) + ")"


places = ["X", "M1", "M2", "M3"]
figures.graph(
    {"X": (0, 0), "M1": (2, 0), "M2": (4.1, 0), "M3": (6.2, 0), "L": (7.7, 0)},
    [("X", "M1"), ("M1", "M2"), ("M2", "M3"), ("M3", "L")],
    values={name: short(z[k]) for k, name in enumerate(places)},
    grads={name: short(deltas[k]) for k, name in enumerate(places)},
    labels={"X": "$X$", "M1": "$M^1$", "M2": "$M^2$", "M3": "$M^3$", "L": "$L$"},
)

# %% claim="delta 2 is delta 3 times the weights of M3; tanh brings each number of it nearer to 0; the input's is as measured"
assert np.allclose(deltas[2], deltas[3] * parts[2]._parameters["W"])
assert (np.abs(deltas[1]) < np.abs(deltas[2])).all() and (np.sign(deltas[1]) == np.sign(deltas[2])).all()
assert np.allclose(deltas[0], differences(lambda x: by_hand(*parts, MSELoss(), x, Y)[0], X))

# %% [markdown] lang="en"
# Sort these statements about module $k$ of a chain of $K$ into true and false.
#
# - **a.** To compute $\delta^{k-1}$, module $k$ needs $\delta^k$, its input $z^{k-1}$ and its own parameters, and
#   nothing else.
# - **b.** $\delta^k$ has the same shape as $z^k$.
# - **c.** Without $\delta^0$ the parameters of the first module cannot be trained.
# - **d.** The parameters of module $k + 1$ influence the gradient of module $k$ only through $\delta^k$.
# - **e.** TanH has no parameters, so $\delta$ passes through it unchanged.
# - **f.** If module $k$, a `Linear`, has moved already, its `backward_delta` still gives $\delta^{k-1}$ of the loss
#   that was computed.
# - **g.** On the way back, `forward` of each module must be called once more.

# %% [markdown] lang="fr"
# Pour chacune de ces affirmations sur le module $k$ d'une chaîne de $K$ modules, dites si elle est vraie ou fausse.
#
# - **a.** Pour calculer $\delta^{k-1}$, il faut au module $k$ le $\delta^k$, son entrée $z^{k-1}$ et ses propres
#   paramètres, rien d'autre.
# - **b.** $\delta^k$ a la même taille que $z^k$.
# - **c.** Sans $\delta^0$, on ne peut pas entraîner les paramètres du premier module.
# - **d.** Les paramètres du module $k + 1$ n'influencent le gradient du module $k$ qu'à travers $\delta^k$.
# - **e.** TanH n'a pas de paramètres, donc $\delta$ le traverse sans changer.
# - **f.** Si le module $k$, un `Linear`, a déjà bougé, son `backward_delta` donne encore le $\delta^{k-1}$ du coût qui
#   a été calculé.
# - **g.** Au retour, il faut appeler une nouvelle fois le `forward` de chaque module.


# %% answer="module_k"
def module_k():
    """Return a dict from each letter, "a" to "g", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": True, "c": False, "d": True, "e": False, "f": False, "g": False}
    ### END SOLUTION


# %% check="module_k_sorted" points=1 ids=["S-modk"]
check.letters(module_k, "abcdefg")
### BEGIN HIDDEN TESTS
check.choices(
    module_k(),
    {"a": True, "b": True, "c": False, "d": True, "e": False, "f": False, "g": False},
    because={
        "a": "that is all that its derivative in the input depends on: modules know nothing of each other.",
        "b": "there is one derivative of L for each number of z.",
        "c": "its gradient needs the delta of its output; that of the network's input serves nobody here.",
        "d": "delta sums up all that comes after: that is why modules can be written one by one.",
        "e": "delta is multiplied by the derivative of tanh, number by number.",
        "f": "the derivative in the input is taken at the old parameters: move only when all deltas are computed.",
        "g": "inputs kept from the forward pass are enough; to compute them again would cost as much as the pass itself.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 6 · Any number of modules · about 18 minutes
#
# Your hands know the way: forth through the modules, back through them in reverse. So write it once, for any number.
# `Sequentiel` holds modules in series, and it is **itself a module**: whoever has one need not know what is inside. (So
# your `step` trains a `Sequentiel` as it is.)
#
# The way back needs the input of every module. They were all computed on the way forth: **keep them**, in `forward`,
# those of the last call. To compute them again would cost a second forward pass. On the way back, `forward` of no module
# is called.
#
# Some finer points:
#
# - There may be no module at all: then `forward` returns its input, and `backward_delta` its `delta`.
# - `add` puts one more module at the end.
# - A module may stand at several places (the same weights, used twice). Its gradient is then the sum of what comes from
#   each place, and it moves **once**. Only modules that stand *directly* in this `Sequentiel` need this care: one that two
#   inner `Sequentiel` share would move twice. Nor may a `Sequentiel` stand at two places: it keeps one set of inputs.
# - `scale` goes to every module as it is. It is not for $\delta$: multiplied into $\delta$ as well, it would count twice.
# - Going back without having gone forth makes no sense: both methods of the way back raise `RuntimeError` then.

# %% [markdown] lang="fr"
# ## 6 · Un nombre quelconque de modules · environ 18 minutes
#
# Vos mains connaissent le chemin : l'aller à travers les modules, le retour en sens inverse. Écrivez-le donc une fois
# pour toutes, pour un nombre quelconque. `Sequentiel` contient des modules en série, et c'est **lui-même un module** :
# qui s'en sert n'a pas à savoir ce qu'il y a dedans. (Votre `step` entraîne donc un `Sequentiel` sans rien y changer.)
#
# Le retour a besoin de l'entrée de chaque module. Toutes ont été calculées à l'aller : **gardez-les**, dans `forward`,
# celles du dernier appel. Les recalculer coûterait une deuxième passe avant. Au retour, on n'appelle le `forward` d'aucun
# module.
#
# Quelques points plus délicats :
#
# - Il peut n'y avoir aucun module : `forward` renvoie alors son entrée, et `backward_delta` son `delta`.
# - `add` ajoute un module à la fin.
# - Un module peut figurer à plusieurs endroits (les mêmes poids, utilisés deux fois). Son gradient est alors la somme de
#   ce qui vient de chaque endroit, et il bouge **une seule fois**. Cela ne concerne que les modules qui figurent
#   *directement* dans ce `Sequentiel` : partagé par deux `Sequentiel` intérieurs, un module bougerait deux fois. Un
#   `Sequentiel` non plus ne peut figurer à deux endroits : il ne garde qu'un jeu d'entrées.
# - `scale` est transmis tel quel à chaque module. Il n'est pas pour $\delta$ : si $\delta$ en était multiplié aussi, il
#   compterait deux fois.
# - Revenir sans être allé n'a pas de sens : les deux méthodes du retour lèvent alors `RuntimeError`.


# %% answer="Sequentiel"
class Sequentiel(Module):
    """Modules in series, as one module. The parameters and gradients stay in the modules."""

    def __init__(self, *modules):
        """Put the modules in series, in this order; there may be none."""
        super().__init__()
        ### BEGIN SOLUTION
        self.modules = list(modules)
        self.inputs = None
        ### END SOLUTION

    def add(self, module):
        """Put one more module at the end."""
        ### BEGIN SOLUTION
        self.modules.append(module)
        ### END SOLUTION

    def zero_grad(self):
        """Set the gradient of every module to zeros."""
        ### BEGIN SOLUTION
        for module in self.modules:
            module.zero_grad()
        ### END SOLUTION

    def forward(self, X):
        """Return the output of the last module; X itself if there is none.

        Calls forward of each module once for each place it stands at, and keeps the inputs for the way back.
        """
        ### BEGIN SOLUTION
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X
        ### END SOLUTION

    def update_parameters(self, gradient_step):
        """Let every module take its step; one that stands at several places directly takes a single one all the same."""
        ### BEGIN SOLUTION
        for module in {id(module): module for module in self.modules}.values():
            module.update_parameters(gradient_step)
        ### END SOLUTION

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times its gradient to each module, without calling forward of any module.

        input: what forward was given last. delta: gradient of the loss in what it returned.
        Raises RuntimeError if forward has not been called.
        """
        ### BEGIN SOLUTION
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            module.backward_update_gradient(x, delta, scale)
            delta = module.backward_delta(x, delta)
        ### END SOLUTION

    def backward_delta(self, input, delta):
        """Return the gradient of the loss in the input; no gradient of a module changes.

        input, delta: as above; forward of no module is called. Raises RuntimeError if forward has not been called.
        """
        ### BEGIN SOLUTION
        if self.inputs is None:
            raise RuntimeError("backward before forward")
        for module, x in zip(reversed(self.modules), reversed(self.inputs)):
            delta = module.backward_delta(x, delta)
        return delta
        ### END SOLUTION


# %% [markdown] hint="Sequentiel" lang="en"
# ### The idea
#
# `by_hand` as a loop, cut in two: what goes forth in `forward`, what comes back in the other two. Between the two, the
# object remembers the inputs: a list, one entry for each place. What `*modules` gives is a tuple, which cannot grow; but
# `add` makes it longer.
#
# ### Back, and once only
#
# `zip(reversed(a), reversed(b))` goes through two lists from their ends. At each place `delta` first belongs to the
# module's output; after `backward_delta` it belongs to its input. So the gradient comes first. `None` instead of a list
# says that `forward` was never called; an empty list says that there was nothing to keep. To go through modules without
# repeating one, remember which have moved: two names of one object have the same `id(…)`.
#
# ### The code, with blanks
#
# ```python
# # forward
# self.inputs = ...
# for module in self.modules:
#     self.inputs.append(...)
#     X = ...
# # backward_update_gradient
# if ...:
#     raise RuntimeError(...)
# for module, x in zip(reversed(...), reversed(...)):
#     module.backward_update_gradient(x, ...)
#     delta = ...
# ```

# %% [markdown] hint="Sequentiel" lang="fr"
# ### L'idée
#
# `by_hand` sous forme de boucle, coupée en deux : l'aller dans `forward`, le retour dans les deux autres méthodes. Entre
# les deux, l'objet se souvient des entrées : une liste, un élément par place. Ce que donne `*modules` est un tuple, qui ne
# peut pas grandir ; or `add` l'allonge.
#
# ### Le retour, et une seule fois
#
# `zip(reversed(a), reversed(b))` parcourt deux listes à partir de la fin. À chaque place, `delta` est d'abord celui de la
# sortie du module ; après `backward_delta`, celui de son entrée. Le gradient vient donc en premier. `None` au lieu
# d'une liste dit que `forward` n'a jamais été appelée ; une liste vide, qu'il n'y avait rien à garder. Pour parcourir les
# modules sans répéter personne, retenez lesquels ont bougé : deux noms d'un même objet ont le même `id(…)`.
#
# ### Le code, à trous
#
# ```python
# # forward
# self.inputs = ...
# for module in self.modules:
#     self.inputs.append(...)
#     X = ...
# # backward_update_gradient
# if ...:
#     raise RuntimeError(...)
# for module, x in zip(reversed(...), reversed(...)):
#     module.backward_update_gradient(x, ...)
#     delta = ...
# ```


# %% check="Sequentiel_forward" points=1 ids=["T-seq"]
def verify(x, places, flat, added=False):
    """Send x through stand-ins that compute a x² + c x."""
    pairs = [[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7]]
    run = check.ran(probes.in_series, Sequentiel, places, pairs, [["forward", x]], added=added)
    right = bent([pairs[i] for i in flat], x, x).z[-1]
    mistakes = {
        "forward returns what it was given": x,
        "the modules are applied in the reverse order": bent([pairs[i] for i in flat[::-1]], x, x).z[-1],
        "each module is given X: it wants the output of the module before": bent(
            [pairs[i] for i in flat[-1:]], x, x
        ).z[-1],
        "forward stops after the first module": bent([pairs[i] for i in flat[:1]], x, x).z[-1],
        "the last module is left out": bent([pairs[i] for i in flat[:-1]], x, x).z[-1],
    }
    check.close(
        run["calls"][0]["result"], right, "Sequentiel(…).forward(X)", unless=mistakes if len(flat) > 1 else None
    )


x = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 1.0]])
verify(x, [0, 1, 2], [0, 1, 2])
verify(x, [2, 0], [2, 0], added=True)
### BEGIN HIDDEN TESTS
verify(x, [], [])
verify(x, [1], [1])
verify(np.random.randn(1, 4), [1, 0, 2, 1], [1, 0, 2, 1])
verify(np.random.randn(5, 3), [1, 0, 2, 1], [1, 0, 2, 1], added=True)
verify(np.random.randn(5, 3), [0, [2, 1]], [0, 2, 1])
verify(np.random.randn(5, 3), [[], 1, [0]], [1, 0], added=True)
### END HIDDEN TESTS


# %% check="Sequentiel_gradients" points=2 ids=["T-seq", "S-modk"]
def verify(x, places):
    """Go forth and back, and compare the gradients of the stand-ins with autograd."""
    pairs = np.array([[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7]])
    right = bent(pairs, x, np.ones_like(x))
    calls = [["forward", x], ["backward_update_gradient", x, right.deltas[-1]]]
    run = check.ran(probes.in_series, Sequentiel, places, pairs.tolist(), calls)
    z, d = right.z, right.deltas

    def chain(order=(2, 1, 0), points=z[:3], passed=True, swapped=False):
        delta, slopes = d[3], np.zeros((3, 2))
        for k in order:
            point, delta = (delta, points[k]) if swapped else (points[k], delta)
            slopes[k] = (delta * point**2).sum(), (delta * point).sum()
            if passed:
                delta = delta * (2 * pairs[k][0] * point + pairs[k][1])
        return slopes

    half = np.array([[(z[k] * d[k + 1] ** 2).sum(), (z[k] * d[k + 1]).sum()] for k in range(3)])
    check.close(
        np.array(run["calls"][1]["slopes"]),
        right.slopes,
        "module._gradient",
        unless={
            "no gradient reaches the modules: call backward_update_gradient of each": 0 * right.slopes,
            "the way back goes through the modules in the forward order: reverse it": chain(order=(0, 1, 2)),
            "each module is given X: give it the input that it had on the way forth": chain(points=[x] * 3),
            "each module is given its output: give it the input that it had on the way forth": chain(points=z[1:]),
            "the inputs are in the wrong order on the way back: each module wants its own": chain(points=z[2::-1]),
            "all the modules are given the delta of the loss: pass on backward_delta of each": chain(passed=False),
            "the modules come in the forward order, their inputs in reverse: reverse both": chain(
                order=(0, 1, 2), points=z[2::-1]
            ),
            "each module is given a delta that has gone back through it already: its gradient comes first": np.array(
                [[(d[k] * z[k] ** 2).sum(), (d[k] * z[k]).sum()] for k in range(3)]
            ),
            "input and delta are swapped: the input comes first": chain(swapped=True),
            "input and delta are swapped in backward_update_gradient: the input comes first": half,
            "only the last module receives a gradient": right.slopes * [[0], [0], [1]],
            "only the first module receives a gradient": right.slopes * [[1], [0], [0]],
            "the gradients are added twice": 2 * right.slopes,
        },
    )
    check.that(
        np.allclose(run["calls"][1]["values"], pairs),
        "backward_update_gradient moves the parameters: only update_parameters may",
    )


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), [0, 1, 2])
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), [0, 1, 2])
verify(np.random.randn(1, 4), [0, 1, 2])
verify(np.random.randn(3, 5).T, [0, [1, 2]])
verify(np.random.randn(5, 3), [[0, [1]], 2])
### END HIDDEN TESTS


# %% check="Sequentiel_delta" points=1 ids=["T-seq", "G-delta"]
def verify(x, pairs):
    """Go forth, and ask for the delta of the input."""
    right = bent(pairs, x, np.ones_like(x))
    calls = [["forward", x], ["backward_delta", x, right.deltas[-1]]]
    run = check.ran(probes.in_series, Sequentiel, list(range(len(pairs))), pairs, calls)
    got, in_order, swapped = run["calls"][1], right.deltas[-1], right.deltas[-1]
    for (a, c), point in zip(pairs, right.z):
        in_order = in_order * (2 * a * point + c)
    for (a, c), point in zip(pairs[::-1], right.z[-2::-1]):
        swapped = point * (2 * a * swapped + c)
    mistakes = {
        "this is the delta of the second module's input: go back through the first module as well": right.deltas[min(1, len(pairs))],
        "delta is passed on as it is: go back through the modules": right.deltas[-1],
        "input and delta are swapped: the input comes first": swapped,
        "the way back goes through the modules in the forward order: reverse it": in_order,
    }
    check.close(
        got["result"], right.deltas[0], "Sequentiel(…).backward_delta(X, delta)", unless=mistakes if len(pairs) > 1 else None
    )
    check.that(
        not np.any(got["slopes"]),
        "backward_delta changes _gradient: that is the work of backward_update_gradient",
    )


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), [[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7]])
empty = np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]])
run = check.ran(probes.in_series, Sequentiel, [], [], [["forward", empty], ["backward_delta", empty, empty]], refused=True)
check.that(
    "RuntimeError" not in run["raised"],
    "forward of an empty Sequentiel was called, yet backward_delta refuses: an empty list of inputs does not mean no forward",
)
verify(empty, [])
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), [[0.3, 0.8], [-0.2, 1.2]])
verify(np.random.randn(1, 4), [[0.3, 0.8]])
x, pairs = np.random.randn(5, 3), [[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7]]
right = bent(pairs, x, np.ones_like(x))
ways = [["forward", x], ["backward_delta", x, right.deltas[-1]]]
run = check.ran(probes.in_series, Sequentiel, [0, [[1]], 2], pairs, ways)
check.close(run["calls"][1]["result"], right.deltas[0], "Sequentiel(…, Sequentiel(…), …).backward_delta(X, delta)")
### END HIDDEN TESTS


# %% check="Sequentiel_keeps" points=2 ids=["T-seq"]
def verify(x, later):
    """Count the calls of forward, on the way forth and on the way back."""
    pairs = [[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7]]
    right = bent(pairs, later, np.ones_like(later))
    d = right.deltas[-1]
    calls = [["forward", x], ["forward", later], ["backward_update_gradient", later, d], ["backward_delta", later, d]]
    run = check.ran(probes.in_series, Sequentiel, [0, 1, 2], pairs, calls)
    counts = [
        [sum(event == [number, "forward"] for event in call["events"]) for number in range(3)] for call in run["calls"]
    ]
    check.that(
        counts[0] == counts[1] == [1, 1, 1],
        "in one forward pass, forward of the modules is called {n} times; once each is enough",
        n=counts[0],
    )
    check.that(
        not any(counts[2]) and not any(counts[3]),
        "on the way back, forward of the modules is called {n} times: keep the inputs on the way forth",
        n=[one + other for one, other in zip(counts[2], counts[3])],
    )
    delta, stale, earlier = d, np.zeros((3, 2)), bent(pairs, x, np.ones_like(x)).z
    for k in (2, 1, 0):
        stale[k] = (delta * earlier[k] ** 2).sum(), (delta * earlier[k]).sum()
        delta = delta * (2 * pairs[k][0] * earlier[k] + pairs[k][1])
    got = np.array(run["calls"][2]["slopes"])
    check.that(got.any(), "no gradient reaches the modules: call backward_update_gradient of each")
    check.that(
        not np.allclose(got, stale),
        "the way back uses the inputs of an earlier forward pass: forward keeps those of the last",
    )


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), np.array([[0.3, -0.5], [1.0, 0.0], [-0.2, 0.7]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), np.random.randn(5, 3))
### END HIDDEN TESTS


# %% check="Sequentiel_gathers" points=1 ids=["T-seq", "G-accum"]
def verify(x, scale, eta):
    """Accumulate twice, move, reset."""
    pairs = np.array([[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7]])
    right = bent(pairs, x, np.ones_like(x))
    back = ["backward_update_gradient", x, right.deltas[-1]]
    calls = [["forward", x], back, [*back, scale], ["update_parameters", eta], ["zero_grad"], ["forward", x]]
    run = check.ran(probes.in_series, Sequentiel, [0, 1, 2], pairs.tolist(), calls)
    once, twice = (np.array(run["calls"][turn]["slopes"]) for turn in (1, 2))
    check.that(once.any(), "no gradient reaches the modules: call backward_update_gradient of each")
    check.close(
        twice,
        (1 + scale) * once,
        "module._gradient",
        unless={
            "scale is not passed on to the modules": 2 * once,
            "scale multiplies delta at each module anew: pass scale on, and delta as backward_delta gives it": once
            * (1 + scale ** np.array([[3], [2], [1]])),
            "scale multiplies delta, and is passed on as well: once is enough": (1 + scale**2) * once,
            "scale multiplies delta at each module, and is passed on as well: once is enough": once
            * (1 + scale ** np.array([[4], [3], [2]])),
            "gradients are reset on the way back: only zero_grad may do that": scale * once,
        },
    )
    moved = np.array(run["calls"][3]["values"])
    check.close(
        moved,
        pairs - eta * twice,
        "module._parameters",
        unless={
            "the modules do not move: call update_parameters of each": pairs,
            "gradient_step is not passed on to the modules": pairs - twice,
        },
    )
    check.close(
        np.array(run["calls"][4]["slopes"]),
        0 * twice,
        "module._gradient",
        unless={"zero_grad leaves the gradients of the modules as they were": twice},
    )
    check.that(
        not np.array_equal(run["calls"][0]["result"], run["calls"][5]["result"]),
        "the modules have moved, and forward returns what it did before: compute it anew at each call",
    )


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), 0.5, 0.1)
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), 0.3, 0.02)
### END HIDDEN TESTS


# %% check="Sequentiel_shared" points=1 ids=["T-seq"]
def verify(x, places, eta):
    """Put the first stand-in at two places."""
    pairs = np.array([[0.3, 0.8], [-0.2, 1.2]])
    right = bent(pairs[places], x, np.ones_like(x))
    slopes = np.array([right.slopes[np.array(places) == number].sum(0) for number in (0, 1)])
    delta, by_module = right.deltas[-1], [[0.0, 0.0], [0.0, 0.0]]
    for number in places[::-1]:  # with the input that each module had at its last place
        point = right.z[max(k for k, other in enumerate(places) if other == number)]
        by_module[number][0] += (delta * point**2).sum()
        by_module[number][1] += (delta * point).sum()
        delta = delta * (2 * pairs[number][0] * point + pairs[number][1])
    calls = [["forward", x], ["backward_update_gradient", x, right.deltas[-1]], ["update_parameters", eta]]
    run = check.ran(probes.in_series, Sequentiel, places, pairs.tolist(), calls)
    check.close(
        np.array(run["calls"][1]["slopes"]),
        slopes,
        "module._gradient",
        unless={
            "no gradient reaches the modules: call backward_update_gradient of each": 0 * slopes,
            "the inputs are kept by module, not by place: a module at two places has two inputs": np.array(by_module),
        },
    )
    check.close(
        np.array(run["calls"][2]["values"]),
        pairs - eta * slopes,
        "module._parameters",
        unless={
            "a module that stands at two places takes two steps: let it take one": pairs - eta * slopes * [[2], [1]],
            "the modules do not move: call update_parameters of each": pairs,
        },
    )


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), [0, 1, 0], 0.1)
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), [0, 0, 1], 0.05)
### END HIDDEN TESTS


# %% check="Sequentiel_refuses" points=1 ids=["T-seq"]
def verify(method):
    """Go back without having gone forth."""
    x = np.ones((3, 2))
    run = check.ran(probes.in_series, Sequentiel, [0, 1], [[0.3, 0.8], [-0.2, 1.2]], [[method, x, x]], refused=True)
    check.that(
        run["raised"],
        "{method} before any forward goes through without a word: raise RuntimeError",
        method=method,
    )
    check.that(
        "RuntimeError" in run["raised"],
        "before any forward, {method} raises {kind}; RuntimeError was asked for",
        method=method,
        kind=run["raised"][0],
    )


verify("backward_update_gradient")
verify("backward_delta")
### BEGIN HIDDEN TESTS
x = np.ones((3, 2))
ways = [["forward", x], ["backward_update_gradient", x, x], ["backward_delta", x, x]]
run = check.ran(probes.in_series, Sequentiel, [0, 1], [[0.3, 0.8], [-0.2, 1.2]], ways)
check.array(run["calls"][2]["result"], (3, 2), "Sequentiel(…).backward_delta(X, delta)")
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The circles of `02_manual` once more: not a line of the loop knows how the network is made. It learns them. Change the
# list of modules, and run again. (The colour bar speaks of probabilities; here the colour is the raw output for class
# 1.)

# %% [markdown] lang="fr"
# Les cercles de `02_manual`, encore une fois : pas une ligne de la boucle ne sait comment est fait le réseau. Il les
# apprend. Changez la liste des modules, et relancez. (La barre des couleurs parle de probabilités ; ici, la couleur
# montre la sortie brute pour la classe 1.)

# %% demo
circles = CirclesData()
X, Y = circles.Xtrain.double().numpy(), circles.Ytrain.double().numpy()
np.random.seed(0)
model = Sequentiel(Linear(2, 10), TanH(), Linear(10, 2))
for _ in range(150):
    for indices in minibatches(len(X), 10):
        step(model, MSELoss(), X[indices], Y[indices], 0.3)
circles.plot_data_with_grid(model.forward(circles.Xgrid.double().numpy()), title="07_modules")
rate = accuracy(circles.Ytest.numpy(), model.forward(circles.Xtest.double().numpy()))
print(say("right on {rate:.1%} of the test examples").format(rate=rate))

# %% claim="the network learns the circles"
assert rate > 0.9

# %% [markdown] lang="en"
# A `Sequentiel` is a module, so it may stand in another one. Nothing of the way forth is ever computed twice. But is
# that also true of the way back? Put one module and a `Sequentiel` in a `Sequentiel`, one module and that whole in
# another, and so on: four modules, one in each of four levels. Call `backward_update_gradient` of the whole.
#
# > **Before you run it.** How often is `backward_delta` of one of the four modules called, all together? (For four modules
# > side by side in a single `Sequentiel` it would be four times.)

# %% [markdown] lang="fr"
# Un `Sequentiel` est un module, il peut donc figurer dans un autre. À l'aller, rien n'est jamais calculé deux fois.
# Est-ce vrai aussi du retour ? Mettez un module et un `Sequentiel` dans un `Sequentiel`, un module et le tout dans un
# autre, et ainsi de suite : quatre modules, un à chacun des quatre niveaux. Appelez `backward_update_gradient` du tout.
#
# > **Avant d'exécuter.** Combien de fois le `backward_delta` de l'un des quatre modules est-il appelé, en tout ? (Pour
# > quatre modules côte à côte dans un seul `Sequentiel`, ce serait quatre fois.)

# %% predict="calls_back"
calls_back = None


# %% demo
class Counted(TanH):
    calls = 0

    def backward_delta(self, input, delta):
        Counted.calls += 1
        return super().backward_delta(input, delta)


X, nested, calls = np.ones((1, 2)), Sequentiel(), []
for _ in range(6):
    nested = Sequentiel(Counted(), nested)
    nested.forward(X)
    Counted.calls = 0
    nested.backward_update_gradient(X, X)
    calls.append(Counted.calls)
print(calls)
reveal(calls_back, calls[3])

# %% claim="the calls are 1, 3, 6, 10, 15, 21: with k levels k (k + 1) / 2"
assert calls == [k * (k + 1) // 2 for k in range(1, 7)]

# %% [markdown] lang="en"
# With $k$ levels it is $k (k + 1) / 2$ times: each `Sequentiel` asks the one inside it twice, first for its gradients,
# then for the $\delta$ of its input, and for both it goes back through all it holds. That is the price of two methods for
# one way back. The container of the next part goes back only once for all its deltas.

# %% [markdown] lang="fr"
# Avec $k$ niveaux, c'est $k (k + 1) / 2$ fois : chaque `Sequentiel` interroge deux fois celui qu'il contient, d'abord
# pour ses gradients, puis pour le $\delta$ de son entrée, et les deux fois celui-ci revient à travers tout ce qu'il
# contient. Tel est le prix de deux méthodes pour un seul retour. Le conteneur de la partie suivante ne revient qu'une
# fois pour tous ses deltas.

# %% [markdown] lang="en"
# ## 7 · Any graph · about 22 minutes
#
# ### Several inputs, or none
#
# A module may have several inputs. Then `forward` takes a **list** of arrays, and `backward_delta` returns a list as
# well, with **one delta per input**, of its shape. Three small ones, from which graphs can be built that are no chains:
#
# - `Dot`: $f(x, x') = \langle x, x' \rangle$, row by row: from two arrays $(n, n_x)$ to one $(n, 1)$;
# - `Sum`: $f(x, x', x'', \dots) = x + x' + x'' + \dots$, of any number of arrays $(n, n_x)$;
# - `Z`: a module with no input at all (the class, not the array $Z$ of part 1). It returns its parameter:
#   $f_\theta = \theta$, $(1, n_z)$. The list of its inputs is empty; so is that of its deltas. With it, what is *learnt*
#   becomes a node of the graph like any other. Half of `Z` is like `Linear`, and written already.

# %% [markdown] lang="fr"
# ## 7 · Un graphe quelconque · environ 22 minutes
#
# ### Plusieurs entrées, ou aucune
#
# Un module peut avoir plusieurs entrées. `forward` prend alors une **liste** de tableaux, et `backward_delta` renvoie
# aussi une liste, avec **un delta par entrée**, de la même taille qu'elle. En voici trois petits, avec lesquels on
# construit des graphes qui ne sont pas des chaînes :
#
# - `Dot` : $f(x, x') = \langle x, x' \rangle$, ligne par ligne : de deux tableaux $(n, n_x)$ à un tableau $(n, 1)$ ;
# - `Sum` : $f(x, x', x'', \dots) = x + x' + x'' + \dots$, d'un nombre quelconque de tableaux $(n, n_x)$ ;
# - `Z` : un module sans aucune entrée (la classe, et non le tableau $Z$ de la partie 1). Il renvoie son paramètre :
#   $f_\theta = \theta$, $(1, n_z)$. La liste de ses entrées est vide, celle de ses deltas aussi. Avec lui, ce que
#   l'on *apprend* devient un nœud du graphe comme un autre. La moitié de `Z` ressemble à `Linear`, et est déjà écrite.


# %% answer="Dot"
class Dot(Module):
    """The dot product of two arrays, row by row. It has no parameters."""

    def forward(self, X):
        """Return an array (n, 1), the dot products of the rows of two arrays.

        X: a list of two arrays (n, nx).
        """
        ### BEGIN SOLUTION
        return (X[0] * X[1]).sum(1, keepdims=True)
        ### END SOLUTION

    def backward_delta(self, input, delta):
        """Return a list of two arrays (n, nx), the gradients of the loss in each input.

        input: the list of two arrays. delta: the gradient of the loss in the dot products, (n, 1).
        """
        ### BEGIN SOLUTION
        return [delta * input[1], delta * input[0]]
        ### END SOLUTION


# %% [markdown] hint="Dot" lang="en"
# Multiply number by number, then add up each row; `keepdims=True` keeps the column. On the way back: in a product, the
# derivative in one factor is the other. `delta` $(n, 1)$ stretches over the columns by itself.

# %% [markdown] hint="Dot" lang="fr"
# Multipliez nombre par nombre, puis additionnez chaque ligne ; `keepdims=True` garde la colonne. Au retour : dans un
# produit, la dérivée par rapport à un facteur est l'autre facteur. `delta` $(n, 1)$ s'étend tout seul sur les colonnes.


# %% check="Dot_forward" points=1 ids=["G-dot"]
def verify(x, other):
    """Compare with einsum."""
    right = np.einsum("ij,ij->i", x, other)[:, None]
    check.close(
        check.ran(probes.use_module, Dot, [], None, [["forward", [x, other]]])["calls"][0]["result"],
        right,
        "Dot().forward([x1, x2])",
        unless={
            "the shape is (n,): keep one column, (n, 1)": right[:, 0],
            "these are the products: add them up, row by row": x * other,
            "the whole batch is added up: one number per row was asked for": np.array(right.sum()),
            "the products are added up over the examples: add them up row by row, sum(1)": (x * other).sum(0, keepdims=True),
            "these are the products of all pairs of rows: multiply number by number, then add up each row": x @ other.T,
        }
        if len(x) > 1
        else {"the shape is (n,): keep one column, (n, 1)": right[:, 0]},
    )


verify(np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]), np.array([[1.0, 1.0, 1.0], [5.0, 6.0, 7.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 4), np.random.randn(5, 4))
verify(np.random.randn(1, 4), np.random.randn(1, 4))
### END HIDDEN TESTS


# %% check="Dot_delta" points=1 ids=["G-dot", "G-delta"]
def verify(x, other, delta):
    """Compare with torch."""
    live = [torch.tensor(one).requires_grad_() for one in (x, other)]
    (live[0] * live[1]).sum(1, keepdim=True).backward(torch.tensor(delta))
    right = [one.grad.numpy() for one in live]
    got = check.ran(probes.use_module, Dot, [], None, [["backward_delta", [x, other], delta]])["calls"][0]["result"]
    check.that(
        isinstance(got, list | tuple) or np.shape(got) == (2, *x.shape),
        "one delta per input was asked for: return a list of two arrays",
    )
    check.same(len(got), 2, "len(Dot().backward_delta([x1, x2], delta))")
    with check.table(dict(enumerate(got)), dict(enumerate(right))):
        for k in (0, 1):
            check.that(
                np.shape(got[k]) != delta.shape or x.shape[1] == 1,
                "delta is passed on as it is: multiply it by the other input",
            )
            check.close(
                got[k],
                right[k],
                f"Dot().backward_delta([x1, x2], delta)[{k}]",
                unless={
                    "the two are swapped: the gradient in the first input is delta times the second": right[1 - k],
                    "delta is missing: multiply by it": (other, x)[k],
                    "the sum over the batch was not asked for: one row for each example": right[k].sum(0),
                },
            )


verify(np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]), np.array([[1.0, 1.0, 1.0], [5.0, 6.0, 7.0]]), np.array([[1.0], [10.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 4), np.random.randn(5, 4), np.random.randn(5, 1))
verify(np.random.randn(1, 4), np.random.randn(1, 4), np.random.randn(1, 1))
### END HIDDEN TESTS


# %% answer="Sum"
class Sum(Module):
    """The sum of any number of arrays. It has no parameters."""

    def forward(self, X):
        """Return the sum, an array (n, nx). X: a list of one or more arrays (n, nx)."""
        ### BEGIN SOLUTION
        return sum(X)
        ### END SOLUTION

    def backward_delta(self, input, delta):
        """Return a list with the gradient of the loss in each input, arrays (n, nx).

        input: the list of arrays. delta: the gradient of the loss in their sum, (n, nx).
        """
        ### BEGIN SOLUTION
        return [delta.copy() for _ in input]
        ### END SOLUTION


# %% [markdown] hint="Sum" lang="en"
# Python's own function adds up a list of arrays. On the way back: if one input grows by a little, the sum grows by as
# much. So each input receives all of `delta`, whatever the others do; the inputs serve only to be counted.

# %% [markdown] hint="Sum" lang="fr"
# La fonction de Python qui additionne une liste sait aussi additionner des tableaux. Au retour : si une entrée augmente
# un peu, la somme augmente d'autant. Chaque entrée reçoit donc `delta` tout entier, quoi que fassent les autres ; les
# entrées ne servent qu'à être comptées.


# %% check="Sum_forward" points=1 ids=["G-sum"]
def verify(*arrays):
    """Compare with one array more than can be added by name."""
    right = torch.stack([torch.tensor(one) for one in arrays]).sum(0).numpy()
    run = check.ran(probes.use_module, Sum, [], None, [["forward", list(arrays)]])
    got = run["calls"][0]
    check.close(
        got["result"],
        right,
        "Sum().forward(X)",
        unless={
            "only the first two arrays are added: there may be any number": sum(arrays[:2]) + 0 * right,
            "everything is added up: the sum has the shape of each array": np.array(right.sum()),
            "this is the mean of the arrays": right / len(arrays),
        }
        if len(arrays) > 2
        else None,
    )
    check.that(not got["changed"], "forward changes the array that it is given: compute a new one")


verify(*(np.full((3, 2), number) for number in (1.0, 10.0, 100.0)))
### BEGIN HIDDEN TESTS
verify(*np.random.randn(5, 4, 3))
verify(*np.random.randn(1, 4, 3))
verify(*np.random.randn(2, 1, 3))
### END HIDDEN TESTS


# %% check="Sum_delta" points=1 ids=["G-sum", "G-delta"]
def verify(count, delta):
    """Count the deltas, and compare each."""
    arrays = list(np.random.randn(count, *delta.shape))
    got = check.ran(probes.use_module, Sum, [], None, [["backward_delta", arrays, delta]])["calls"][0]["result"]
    call = "Sum().backward_delta(X, delta)"
    check.that(
        isinstance(got, list | tuple) or np.shape(got) == (count, *delta.shape),
        "one delta per input was asked for: return a list with as many arrays as there were inputs",
    )
    check.same(len(got), count, f"len({call})")
    for k in range(count):
        check.close(
            got[k],
            delta,
            f"{call}[{k}]",
            unless={
                "delta is shared out among the inputs: each of them receives all of it": delta / count,
                "delta is multiplied by the input: a sum passes it on as it is": delta * arrays[k],
                "each input receives 1: it receives delta": np.ones_like(delta),
            }
            if count > 1
            else None,
        )


verify(3, np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
### BEGIN HIDDEN TESTS
verify(4, np.random.randn(5, 3))
verify(1, np.random.randn(1, 4))
verify(2, np.random.randn(5, 3))
### END HIDDEN TESTS


# %% answer="Z"
class Z(Module):
    """A parameter as a module: without input, it returns what it has learnt so far.

    _parameters: dict of "theta" (1, nz), drawn at random. _gradient: dict of the same name and shape, zeros at first.
    """

    def __init__(self, nz):
        super().__init__()
        self._parameters = {"theta": np.random.randn(1, nz)}
        self._gradient = {"theta": np.zeros((1, nz))}

    def zero_grad(self):
        self._gradient["theta"][:] = 0

    def update_parameters(self, gradient_step):
        self._parameters["theta"] -= gradient_step * self._gradient["theta"]

    def forward(self, X=()):
        """Return theta (1, nz). X: an empty list."""
        ### BEGIN SOLUTION
        return self._parameters["theta"].copy()
        ### END SOLUTION

    def backward_update_gradient(self, input, delta, scale=1.0):
        """Add scale times the gradient of the loss in theta. delta: the gradient of the loss in the output (1, nz)."""
        ### BEGIN SOLUTION
        self._gradient["theta"] += scale * delta
        ### END SOLUTION

    def backward_delta(self, input, delta):
        """Return a list with one delta per input: an empty list."""
        ### BEGIN SOLUTION
        return []
        ### END SOLUTION


# %% [markdown] hint="Z" lang="en"
# ### The idea
#
# Nothing comes in, and the parameter itself goes out. Nobody stands before this module, so nobody waits for a $\delta$.
#
# ### The derivation
#
# The output *is* $\theta$: the gradient of the loss in the one is that in the other, and no product is needed. It is
# added, `scale` times, as in `Linear`.
#
# ### The code, with blanks
#
# ```python
# # forward
# return self._parameters[...].copy()
# # backward_update_gradient
# self._gradient["theta"] += ...
# ```

# %% [markdown] hint="Z" lang="fr"
# ### L'idée
#
# Rien n'entre, et c'est le paramètre lui-même qui sort. Personne ne précède ce module : personne n'attend donc de
# $\delta$.
#
# ### Le calcul
#
# La sortie *est* $\theta$ : le gradient du coût par rapport à l'une est aussi celui par rapport à l'autre, et aucun
# produit n'est nécessaire. On l'ajoute, `scale` fois, comme dans `Linear`.
#
# ### Le code, à trous
#
# ```python
# # forward
# return self._parameters[...].copy()
# # backward_update_gradient
# self._gradient["theta"] += ...
# ```


# %% check="Z_goes" points=1 ids=["G-z"]
def verify(theta):
    """Look at the parameter, and call forward and backward_delta."""
    nz = theta.shape[1]
    calls = [["forward", []], ["backward_delta", [], theta]]
    run = check.ran(probes.use_module, Z, [nz], {"theta": theta}, calls)
    start = run["start"]
    for kind in ("parameters", "gradient"):
        check.keys(start[kind], ["theta"], f"Z({nz})._{kind}")
        check.array(start[kind]["theta"], (1, nz), f'Z({nz})._{kind}["theta"]')
    check.that(start["parameters"]["theta"].any(), "theta is not drawn at random")
    forth, back = run["calls"]
    check.close(
        forth["result"],
        theta,
        f"Z({nz}).forward([])",
        unless={
            "forward does not use what is in _parameters": start["parameters"]["theta"],
            "the shape is (nz,): theta is a row, (1, nz)": theta[0],
        },
    )
    check.that(
        isinstance(back["result"], list | tuple) and len(back["result"]) == 0,
        "one delta per input was asked for: there is none, return an empty list",
    )


verify(np.array([[3.0, 1.0, 2.0]]))
### BEGIN HIDDEN TESTS
verify(np.random.randn(1, 5))
### END HIDDEN TESTS


# %% check="Z_learns" points=1 ids=["G-z", "G-accum"]
def verify(theta, scale, eta):
    """Accumulate two gradients, move, reset."""
    nz = theta.shape[1]
    one, other = np.random.randn(2, 1, nz)
    calls = [
        ["backward_update_gradient", [], one.copy()],
        ["backward_update_gradient", [], other.copy(), scale],
        ["update_parameters", eta],
        ["zero_grad"],
    ]
    run = check.ran(probes.use_module, Z, [nz], {"theta": theta}, calls)
    first, second, moved, reset = run["calls"]
    check.close(first["gradient"]["theta"], one, f'Z({nz})._gradient["theta"]', unless={
        "nothing was added to the gradient": 0 * one,
        "the gradient of theta is delta itself": one * theta,
    })  # fmt: skip
    total = one + scale * other
    check.close(
        second["gradient"]["theta"],
        total,
        f'Z({nz})._gradient["theta"]',
        unless={
            "the second gradient took the place of the first: add to it": scale * other,
            "the second gradient took the place of the first, and scale is not used: add scale times the gradient": other,
            "scale is not used: add scale times the gradient": one + other,
        },
    )
    check.that(
        np.array_equal(second["parameters"]["theta"], theta),
        "backward_update_gradient moves the parameters: only update_parameters may",
    )
    check.close(
        moved["parameters"]["theta"],
        theta - eta * total,
        f'Z({nz})._parameters["theta"]',
        unless={
            "update_parameters walks up the slope: the gradient is subtracted": theta + eta * total,
            "gradient_step is not used": theta - total,
            "the parameters do not move: update every array of _parameters": theta,
        },
    )
    check.that(
        isinstance(reset["gradient"], dict) and reset["gradient"].get("theta") is not None,
        "after zero_grad there is None where an array was promised: put zeros",
    )
    check.close(reset["gradient"]["theta"], 0 * theta, f'Z({nz})._gradient["theta"]')


verify(np.array([[3.0, 1.0, 2.0]]), 0.5, 0.1)
### BEGIN HIDDEN TESTS
verify(np.random.randn(1, 5), 0.3, 0.02)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### The graph
#
# Now a container for any graph. Its places have numbers. Place 0 is the input $X$ of the whole graph. Each
# `add(module, *sources)` makes the next place, and returns its number: the module stands there, and reads the places
# `sources`. These must be there already. So no place reads a later one: going through them in the order in which they
# were added, each finds its inputs ready. (Such an order is called *topological*. A graph with a loop has none.)
#
# $z^k$ is the output at place $k$, and $z^0 = X$. The output of the whole is that of the last place, $z^K$. What is new
# is that a place may have **several readers**. Each of them sends back a $\delta$. By the chain rule, the sum over all
# paths, these are **added**:
#
# $$\delta^k = \sum_{r \text{ reads } k} \left( \text{the part of } \delta^r \text{ that the module at } r \text{ sends to } k \right)$$
#
# Write two methods of `Graph`; the others are there. `forward` computes all outputs and keeps them, as the list
# `self.z`, with $X$ first. `deltas` is given the $\delta$ of the last place, and returns the list of the deltas of **all**
# places, $\delta^0$ first. It calls `backward_delta` of each module once, and adds to no gradient. The $\delta$ of a place
# that nobody reads is an array of zeros. `self.inputs(k)` gives what the module at place $k \geq 1$ reads: one array, or a
# list where there are several or none.

# %% [markdown] lang="fr"
# ### Le graphe
#
# Voici maintenant un conteneur pour un graphe quelconque. Ses places sont numérotées. La place 0 est l'entrée $X$ de tout
# le graphe. Chaque `add(module, *sources)` crée la place suivante, et renvoie son numéro : le module s'y trouve, et lit
# les places `sources`. Celles-ci doivent déjà exister. Aucune place n'en lit donc une autre plus tardive : parcourues dans
# l'ordre des ajouts, elles trouvent toutes leurs entrées prêtes. (Un tel ordre se nomme *topologique*. Un graphe qui
# contient une boucle n'en a pas.)
#
# $z^k$ est la sortie en place $k$, et $z^0 = X$. La sortie du tout est celle de la dernière place, $z^K$. La nouveauté,
# c'est qu'une place peut avoir **plusieurs lecteurs**. Chacun lui renvoie un $\delta$. La dérivation des fonctions
# composées, qui est une somme sur tous les chemins, dit de les **additionner** :
#
# $$\delta^k = \sum_{r \text{ lit } k} \left( \text{la part de } \delta^r \text{ que le module en } r \text{ renvoie à } k \right)$$
#
# Écrivez deux méthodes de `Graph` ; les autres sont données. `forward` calcule toutes les sorties et les garde dans la
# liste `self.z`, $X$ en tête. `deltas` reçoit le $\delta$ de la dernière place, et renvoie la liste des deltas de
# **toutes** les places, $\delta^0$ en tête. Elle appelle une fois le `backward_delta` de chaque module, et n'ajoute rien à
# aucun gradient. Le $\delta$ d'une place que personne ne lit est un tableau de zéros. `self.inputs(k)` donne ce que lit le
# module de la place $k \geq 1$ : un tableau, ou une liste s'il y en a plusieurs ou aucun.


# %% answer="Graph"
class Graph(Module):
    """Modules joined in any way, as one module. Place 0 is its input; its output is that of the last place.

    nodes: for each place from 1 on, its module and the places that it reads. z: the arrays at all places, since forward.
    """

    def __init__(self):
        super().__init__()
        self.nodes, self.z = [], None

    def add(self, module, *sources):
        """Put a module at the next place, and return the number of that place. sources: the places that it reads."""
        self.nodes.append((module, sources))
        return len(self.nodes)

    def inputs(self, k):
        """Return what the module at place k reads: one array, or a list where there are several or none."""
        arrays = [self.z[place] for place in self.nodes[k - 1][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        """Compute the arrays at all places, keep them in the list self.z, X first; return the last."""
        ### BEGIN SOLUTION
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes, start=1):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]
        ### END SOLUTION

    def deltas(self, delta):
        """Return a list: the gradient of the loss in the array at each place, place 0 first; no gradient changes.

        delta: that of the last place. Calls backward_delta of each module once.
        """
        ### BEGIN SOLUTION
        deltas = [np.zeros_like(z, dtype=float) for z in self.z]
        deltas[-1] = delta
        for k in range(len(self.nodes), 0, -1):
            module, sources = self.nodes[k - 1]
            parts = module.backward_delta(self.inputs(k), deltas[k])
            if len(sources) == 1:
                parts = [parts]
            for place, part in zip(sources, parts):
                deltas[place] = deltas[place] + part
        return deltas
        ### END SOLUTION

    def zero_grad(self):
        for module, _ in self.nodes:
            module.zero_grad()

    def update_parameters(self, gradient_step):
        for node, _ in self.nodes:
            node.update_parameters(gradient_step)

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, delta in enumerate(self.deltas(delta)):
            if k > 0:
                self.nodes[k - 1][0].backward_update_gradient(self.inputs(k), delta, scale)

    def backward_delta(self, input, delta):
        return self.deltas(delta)[0]


# %% [markdown] hint="Graph" lang="en"
# ### The idea
#
# Forth: from place 1 to the last, each module reads what is in `self.z` already. Back: from the last place to 1. When you
# come to a place, all its readers, which are later places, have been visited: its $\delta$ is complete, and can be sent
# on.
#
# ### The bookkeeping
#
# Begin with zeros of the shape of each array in `self.z`, and the given `delta` at the last place. A module that reads
# one place gives one array back; put it into a list, so that both cases go on alike. Then each part is added to the
# $\delta$ of its own place, to what that has received so far. The zeros are yours alone. If you began with a part instead,
# adding to it could change an array that another place reads, too. Let the zeros be floats: $X$ may hold integers.
#
# ### The code, with blanks
#
# ```python
# # forward
# self.z = ...
# for k, (module, _) in enumerate(self.nodes, start=1):
#     self.z.append(...)
# # deltas
# deltas = [... for z in self.z]
# deltas[-1] = ...
# for k in range(...):
#     module, sources = ...
#     parts = module.backward_delta(...)
#     if ...:
#         parts = ...
#     for place, part in zip(sources, parts):
#         deltas[place] = ...
# ```

# %% [markdown] hint="Graph" lang="fr"
# ### L'idée
#
# À l'aller : de la place 1 à la dernière, chaque module lit ce qui est déjà dans `self.z`. Au retour : de la dernière
# place à la place 1. Quand on arrive à une place, tous ses lecteurs, qui sont plus loin, ont été visités : son $\delta$
# est complet, et peut être renvoyé plus loin.
#
# ### La tenue des comptes
#
# Commencez par des zéros de la taille de chaque tableau de `self.z`, et le `delta` reçu en dernière place. Un module qui
# lit une seule place renvoie un seul tableau ; mettez-le dans une liste, pour que les deux cas continuent de la même
# façon. Chaque part s'ajoute ensuite au $\delta$ de sa propre place, à ce qu'il a déjà reçu. Les zéros ne sont qu'à vous.
# Si l'on commençait par une part, y ajouter pourrait modifier un tableau qu'une autre place lit aussi. Prenez des zéros
# flottants : $X$ peut contenir des entiers.
#
# ### Le code, à trous
#
# ```python
# # forward
# self.z = ...
# for k, (module, _) in enumerate(self.nodes, start=1):
#     self.z.append(...)
# # deltas
# deltas = [... for z in self.z]
# deltas[-1] = ...
# for k in range(...):
#     module, sources = ...
#     parts = module.backward_delta(...)
#     if ...:
#         parts = ...
#     for place, part in zip(sources, parts):
#         deltas[place] = ...
# ```


# %% check="Graph_forward" points=1 ids=["S-modk", "G-sum"]
def verify(x, nodes):
    """Send x through stand-ins, several of which read more than one place."""
    pairs = [[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7], [0.5, 0.6]]
    right = woven(nodes, pairs, x)
    run = check.ran(probes.in_graph, Graph, nodes, pairs, [["forward", x]])
    numbers = [number for number, *_ in nodes]
    turned = [[number, *places[::-1]] for number, *places in nodes]
    got = run["calls"][0]["result"]
    listed = [1] * (getattr(got, "ndim", 2) - 2)  # a dimension for each list on the way
    check.close(
        got,
        right.z[-1],
        "graph.forward(X)",
        unless={
            "forward returns what it was given": x,
            "each module is given the output of the one before: give it what stands at the places that it reads": woven(
                [[number, k] for k, number in enumerate(numbers)], pairs, x
            ).z[-1],
            "each module is given X: give it what stands at the places that it reads": woven(
                [[number, 0] for number in numbers], pairs, x
            ).z[-1],
            "the inputs of a module come in the order of its sources": woven(turned, pairs, x).z[-1],
            "a module reads the first of its sources only": woven([node[:2] for node in nodes], pairs, x).z[-1],
            "this is the output of the last place but one: return that of the last": right.z[-2],
            "a module that reads one place is given a list of one array: self.inputs(k) gives it the array itself": right.z[-1].reshape(*listed, len(right.z[-1]), -1),
        },
    )
    counts = [sum(event == [number, "forward"] for event in run["calls"][0]["events"]) for number in set(numbers)]
    check.that(max(counts) == 1, "in one forward pass, forward of the modules is called {n} times; once each is enough", n=counts)


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), [[0, 0], [1, 1], [2, 0], [3, 2, 3]])
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), [[0, 0], [1, 0, 1], [2, 1, 2], [3, 2, 0, 3]])
verify(np.random.randn(1, 3), [[0], [1, 0], [2, 2, 1]])
### END HIDDEN TESTS


# %% check="Graph_deltas" points=2 ids=["S-modk", "G-delta", "G-sum"]
def verify(x, nodes):
    """Go forth twice and back once, and compare the deltas of all places with autograd."""
    pairs = np.array([[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7], [0.5, 0.6]])
    delta = np.random.randn(len(x), 1)
    right = woven(nodes, pairs, x, delta)
    calls = [["forward", 0.5 - x], ["forward", x], ["deltas", delta]]
    run = check.ran(probes.in_graph, Graph, nodes, pairs.tolist(), calls)
    last = run["calls"][2]
    got = check.items(last["result"], "graph.deltas(delta)")
    check.that(
        len(got) == len(nodes) + 1,
        "deltas returns {n} arrays; there are {places} places, and X is one of them",
        n=len(got),
        places=len(nodes) + 1,
    )
    z = right.z

    def back(join=np.add, passed=True, end=0, first=False):
        deltas = [0 * one for one in z]
        deltas[-1] = delta
        for k in range(len(nodes), end, -1):
            number, *places = nodes[k - 1]
            a, c = pairs[number]
            for turn, place in enumerate(places, start=1):
                part = turn * (deltas[k] if passed else delta) * (2 * a * z[place] + c)
                deltas[place] = join(deltas[place], part[0] if first and len(places) == 1 else part)
        return deltas

    replaced, kept = back(lambda old, new: new), back(lambda old, new: old if old.any() else new)
    shared = back(lambda old, new: (old + new) / 2 if old.any() else new)
    before, unpassed, rows = woven(nodes, pairs, 0.5 - x, delta).deltas, back(passed=False), back(first=True)
    with check.table(dict(enumerate(got)), dict(enumerate(right.deltas))):
        for k in range(len(nodes), -1, -1):
            mistakes = {
                "the way back ends before place 1: the module that stands there sends a delta as well": back(end=1)[k],
                "a module that reads one place gives one array, not a list: here its first row was taken for it": rows[k],
                "a place that is read twice keeps the delta that came last: add them": replaced[k],
                "a place that is read twice keeps the delta that came first: add them": kept[k],
                "the deltas of several readers are averaged: add them": shared[k],
                "delta is passed on as it is: each module's backward_delta makes that of its input": delta + 0 * z[k],
                "all the modules are given the delta of the last place: each wants that of its own place": unpassed[k],
                "no delta arrives here: go from the last place to the first, and send each delta on": 0 * z[k],
                "these are the arrays at the places: the gradients of the loss in them were asked for": z[k],
                "the deltas are in the order in which they were computed; deltas[0] is that of the input X": right.deltas[-1 - k],
                "the way back uses the inputs of an earlier forward pass: forward keeps those of the last": before[k],
            }
            if not right.deltas[k].any():
                mistakes = {"nobody reads this place: its delta is an array of zeros": delta}
            if np.shape(got[k]) != z[k].shape:
                mistakes["the array at this place has another shape, and its delta is to have the same: begin with zeros of it"] = got[k]
            check.close(got[k], right.deltas[k], f"graph.deltas(delta)[{k}]", unless=mistakes)
    check.that(
        not np.any(last["slopes"]), "deltas adds to a gradient of a module: that is the work of backward_update_gradient"
    )
    counts = {
        name: [sum(event == [number, name] for event in last["events"]) for number, *_ in nodes]
        for name in ("forward", "backward_delta")
    }
    check.that(
        not any(counts["forward"]),
        "on the way back, forward of the modules is called {n} times: keep the inputs on the way forth",
        n=counts["forward"],
    )
    check.that(
        max(counts["backward_delta"]) <= 1,
        "backward_delta of the modules is called {n} times on one way back; once each is enough",
        n=counts["backward_delta"],
    )


x = np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]])
verify(x, [[0, 0], [1, 0, 1], [2, 1], [3, 2, 3]])
verify(x, [[0, 0], [1, 0], [2, 1, 1]])
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), [[0, 0], [1, 0, 1], [2, 1, 2], [3, 2, 0, 3]])
verify(np.random.randn(5, 4), [[0, 0], [1, 0], [2, 1, 1]])
verify(np.random.randn(1, 3), [[0], [1, 0], [2, 2, 1]])
### END HIDDEN TESTS


# %% check="Graph_module" points=1 ids=["T-module", "G-accum"]
def verify(x, nodes, scale, eta):
    """Use the graph as a module; what its other methods should give follows from its own deltas."""
    pairs, delta = np.array([[0.3, 0.8], [-0.2, 1.2], [0.4, -0.7], [0.5, 0.6]]), np.random.randn(len(x), 1)
    right = woven(nodes, pairs, x, delta)
    go = [["forward", x], ["deltas", delta]]
    own = check.items(check.ran(probes.in_graph, Graph, nodes, pairs.tolist(), go)["calls"][1]["result"], "graph.deltas(delta)")
    check.that(
        len(own) == len(nodes) + 1,
        "deltas returns {n} arrays; there are {places} places, and X is one of them",
        n=len(own),
        places=len(nodes) + 1,
    )
    add = ["backward_update_gradient", x, delta]
    calls = [["forward", x], add, [*add, scale], ["backward_delta", x, delta], ["update_parameters", eta], ["zero_grad"]]
    run = check.ran(probes.in_graph, Graph, nodes, pairs.tolist(), calls)["calls"]
    once, twice = np.array(run[1]["slopes"]), np.array(run[2]["slopes"])
    check.that(once.any(), "no gradient reaches the modules: call backward_update_gradient of each")
    is_right = all(np.shape(one) == z.shape and np.allclose(one, z) for one, z in zip(own, right.deltas))
    check.close(
        once,
        right.slopes if is_right else once,
        "module._gradient",
        unless={
            "the gradients are added twice": 2 * right.slopes,
        },
    )
    check.close(
        twice,
        (1 + scale) * once,
        "module._gradient",
        unless={
            "scale is not passed on to the modules": 2 * once,
            "the second gradient took the place of the first: add to it": scale * once,
        },
    )
    check.close(run[3]["result"], own[0], "graph.backward_delta(X, delta)")
    check.that(
        np.allclose(run[3]["slopes"], twice), "backward_delta changes _gradient: that is the work of backward_update_gradient"
    )
    check.close(
        np.array(run[4]["values"]),
        pairs - eta * twice,
        "module._parameters",
        unless={
            "the modules do not move: call update_parameters of each": pairs,
            "gradient_step is not passed on to the modules": pairs - twice,
        },
    )
    check.close(
        np.array(run[5]["slopes"]),
        0 * twice,
        "module._gradient",
        unless={"zero_grad leaves the gradients of the modules as they were": twice},
    )


verify(np.array([[1.0, 0.5], [0.5, -1.0], [0.2, 1.0]]), [[0, 0], [1, 1], [2, 0], [3, 2, 3]], 0.5, 0.1)
### BEGIN HIDDEN TESTS
verify(np.random.randn(5, 3), [[0, 0], [1, 0, 1], [2, 1, 2], [3, 2, 0, 3]], 0.3, 0.02)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The smallest graph in which a value has two readers: $\hat{y} = x + f(x)$, a *residual* module, of which the deepest
# networks are made. Here $f$ is a `Linear` from one number to one number, with $W = 0.5$ and $b = 0$. A $\delta$ of 2
# arrives at the output.
#
# > **Before you run it.** Which $\delta$ arrives at $x$? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# Le plus petit graphe où une valeur a deux lecteurs : $\hat{y} = x + f(x)$, un module *résiduel*, dont sont faits les
# réseaux les plus profonds. Ici $f$ est un `Linear` d'un nombre vers un nombre, avec $W = 0{,}5$ et $b = 0$. Un $\delta$
# de 2 arrive à la sortie.
#
# > **Avant d'exécuter.** Quel $\delta$ arrive en $x$ ? Écrivez votre nombre à la place de `None`.

# %% predict="delta_at_x"
delta_at_x = None


# %% demo
f, graph, x, delta = Linear(1, 1), Graph(), np.array([[3.0]]), np.array([[2.0]])
f._parameters["W"][:] = 0.5
there = graph.add(f, 0)
graph.add(Sum(), 0, there)
yhat = graph.forward(x)
deltas = graph.deltas(delta)
direct, to_f = Sum().backward_delta([x, f.forward(x)], delta)
through_f = f.backward_delta(x, to_f)
figures.graph(
    {"x": (0, 0), "f": (2, 0.9), "sum": (4, 0), "L": (5.6, 0)},
    [("x", "f"), ("x", "sum"), ("f", "sum"), ("sum", "L")],
    values={"x": x.item(), "f": f.forward(x).item(), "sum": yhat.item()},
    grads={("x", "f"): through_f.item(), ("x", "sum"): direct.item(), "f": to_f.item(), "sum": delta.item()},
    labels={"x": "$x$", "f": "$f$", "sum": "Sum", "L": "$L$"},
)
reveal(delta_at_x, deltas[0].item())

# %% claim="2 comes back directly, 1 through f; their sum arrives, whatever f does to its own part"
assert np.allclose([direct, to_f, through_f, deltas[0]], np.array([2, 2, 1, 3])[:, None, None])
assert np.allclose(deltas[0], direct + through_f) and np.isclose(yhat, 4.5).all()

# %% [markdown] lang="en"
# `Sum` hands a **copy** of its $\delta$ to each input: nothing is shared out. One copy comes to $x$ directly, the other
# through $f$, which multiplies it by $W$. At $x$, where the two paths part on the way forth, they are added. Even if $f$
# lets nothing through, the direct copy arrives whole. In a deep chain of residual modules, $\delta$ does not vanish.
#
# Now a neuron as a graph, with no `Linear` in it: $\hat{y} = \langle x, \theta \rangle + \theta_0$. Your `step` trains it
# as it is. One example at a time, $\theta$ walks to the weights with which the targets were made, $(2, -1)$, and
# $\theta_0$ to $0.5$.

# %% [markdown] lang="fr"
# `Sum` donne une **copie** de son $\delta$ à chaque entrée : rien n'est partagé. Une copie arrive directement en $x$,
# l'autre passe par $f$, qui la multiplie par $W$. En $x$, là où les deux chemins se séparent à l'aller, elles
# s'additionnent. Même si $f$ ne laisse rien passer, la copie directe arrive entière. Dans une longue chaîne de modules
# résiduels, $\delta$ ne s'évanouit pas.
#
# Voici maintenant un neurone sous forme de graphe, sans aucun `Linear` : $\hat{y} = \langle x, \theta \rangle + \theta_0$.
# Votre `step` l'entraîne sans rien y changer. Un exemple à la fois, $\theta$ s'approche des poids qui ont servi à
# fabriquer les cibles, $(2, -1)$, et $\theta_0$ de $0{,}5$.

# %% demo
figures.graph(
    {"x": (0, 1), "z": (0, 0), "dot": (1.7, 0.5), "z0": (1.7, -0.6), "sum": (3.4, 0.2), "L": (5, 0.2), "y": (5, 1.3)},
    [("x", "dot"), ("z", "dot"), ("dot", "sum"), ("z0", "sum"), ("sum", "L"), ("y", "L")],
    values={"x": "$x$", "z": r"$\theta$", "dot": r"$\langle x, \theta \rangle$", "z0": r"$\theta_0$", "sum": r"$\hat{y}$"},
    grads={"z": r"$\delta x$", "dot": r"$\delta$", "z0": r"$\delta$", "sum": r"$\delta$"},
    labels={"x": "$x$", "z": "Z", "dot": "Dot", "z0": "Z", "sum": "Sum", "L": "$L$", "y": "$y$"},
)
np.random.seed(0)
weights, bias, neuron, path = Z(2), Z(1), Graph(), []
score = neuron.add(Dot(), 0, neuron.add(weights))
neuron.add(Sum(), score, neuron.add(bias))
for _ in range(100):
    x = np.random.randn(1, 2)
    step(neuron, MSELoss(), x, x @ [[2.0], [-1.0]] + 0.5, 0.05)
    path.append([*weights.forward([])[0], *bias.forward([])[0]])
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
curves = zip(np.transpose(path), (2, -1, 0.5), "120", ("-", "--", "-."), ("#0072B2", "#D55E00", "#009E73"))
for curve, goal, index, style, colour in curves:
    ax.plot(curve, style, color=colour, label=rf"$\theta_{index}$")
    ax.axhline(goal, color=colour, linewidth=0.6)
ax.set(xlabel=say("step"))
ax.legend(loc=(0.55, 0.66), ncols=3)
figures.show(fig, say("Three parameters over 100 steps, and thin lines where they should end, at 2, −1 and 0.5."))

# %% claim="theta ends at the weights that made the targets"
assert np.abs(np.array(path[-1]) - [2, -1, 0.5]).max() < 0.05
assert np.abs(np.array(path[0]) - [2, -1, 0.5]).max() > 0.3

# %% [markdown] lang="en"
# ## 8 · Digits from envelopes · about 21 minutes
#
# Now something real: the USPS digits, scanned from envelopes, 16 × 16 pixels, 10 classes. (If they cannot be
# downloaded, digits of MNIST, shrunk to that size, take their place, and a line says so.) Targets are one-hot, the loss
# is the squared error. `in_numpy`, above, makes arrays of the tensors, and takes from each pixel its mean over the
# training images: around 0, the inputs make descent faster.
#
# Write `train`, with your `step`. In each epoch, every training example is used once, in the new order that `minibatches`
# draws. After the steps of an epoch, `train` measures the loss and the accuracy (a rate between 0 and 1) on **all** the
# training examples, and on all the test examples. It returns these numbers, four lists with one number an epoch, as a
# dict: `"loss_train"`, `"loss_test"`, `"acc_train"`, `"acc_test"`.

# %% [markdown] lang="fr"
# ## 8 · Des chiffres sur des enveloppes · environ 21 minutes
#
# Passons à du réel : les chiffres USPS, numérisés sur des enveloppes, 16 × 16 pixels, 10 classes. (S'ils ne peuvent
# être téléchargés, des chiffres de MNIST réduits à cette taille les remplacent, et une ligne le dit.) Les cibles sont
# codées *one-hot*, le coût est l'erreur quadratique. `in_numpy`, définie plus haut, fait des tableaux à partir des
# tenseurs, et retire à chaque pixel sa moyenne sur les images d'apprentissage : centrées en 0, les entrées rendent la
# descente plus rapide.
#
# Écrivez `train`, avec votre `step`. À chaque époque, tout exemple d'apprentissage sert une fois, dans l'ordre nouveau que
# tire `minibatches`. Après les pas d'une époque, `train` mesure le coût et le taux de réussite (entre 0 et 1) sur
# **tous** les exemples d'apprentissage, et sur tous ceux de test. Elle renvoie ces nombres, quatre listes avec un nombre
# par époque, dans un dictionnaire : `"loss_train"`, `"loss_test"`, `"acc_train"`, `"acc_test"`.


# %% answer="train"
def train(model, loss, data, epochs, batch, eta):
    """Train a module by mini-batch descent.

    model: a Module, trained in place. loss: a Loss. data: holds arrays Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    epochs: passes over the training examples, each in a new order. batch: size of a mini-batch (the last may be
    smaller). eta: learning rate. May use step, minibatches and accuracy.
    Returns history, a dict of four lists, "loss_train", "loss_test", "acc_train", "acc_test", with one number an
    epoch, measured after its steps on all the examples.
    """
    ### BEGIN SOLUTION
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            step(model, loss, data.Xtrain[indices], data.Ytrain[indices], eta)
        for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
            Yhat = model.forward(X)
            history[f"loss_{part}"].append(loss.forward(Y, Yhat))
            history[f"acc_{part}"].append(accuracy(Y, Yhat))
    return history
    ### END SOLUTION


# %% [markdown] hint="train" lang="en"
# ### The idea
#
# Two loops, one in the other: epochs, and in each the mini-batches. Behind the inner loop, still within the epoch, come
# four measurements.
#
# ### What is there already
#
# `minibatches(n, batch)` gives arrays of indices: `X[indices]` picks these rows, and the targets need the same ones.
# `step` does all that a mini-batch needs. Of a whole half of the data, `model.forward` gives the predictions, of which
# both numbers are made. Losses take the targets first.
#
# ### The code, with blanks
#
# ```python
# history = {...}
# for _ in range(...):
#     for indices in minibatches(...):
#         step(...)
#     for part, X, Y in (("train", ...), ("test", ...)):
#         Yhat = ...
#         history[f"loss_{part}"].append(...)
#         history[f"acc_{part}"].append(...)
# return history
# ```

# %% [markdown] hint="train" lang="fr"
# ### L'idée
#
# Deux boucles, l'une dans l'autre : les époques, et dans chacune les mini-lots. Après la boucle intérieure, mais encore
# dans l'époque, viennent quatre mesures.
#
# ### Ce qui existe déjà
#
# `minibatches(n, batch)` donne des tableaux d'indices : `X[indices]` prend ces lignes, et il faut les mêmes aux cibles.
# `step` fait tout ce que demande un mini-lot. Pour toute une moitié des données, `model.forward` donne les prédictions,
# dont on tire les deux nombres. Les coûts prennent les cibles en premier.
#
# ### Le code, à trous
#
# ```python
# history = {...}
# for _ in range(...):
#     for indices in minibatches(...):
#         step(...)
#     for part, X, Y in (("train", ...), ("test", ...)):
#         Yhat = ...
#         history[f"loss_{part}"].append(...)
#         history[f"acc_{part}"].append(...)
# return history
# ```


# %% check="train_steps" points=3 ids=["T-usps", "G-step"]
def verify(n, nx, epochs, size, eta):
    """Train a module a x² + c x, and look at each batch and at the end of the path."""
    sizes = {"Xtrain": n, "Ytrain": n, "Xtest": 6, "Ytest": 6}
    parts = {name: np.random.randn(rows, nx) for name, rows in sizes.items()}
    pair = np.array([0.2, 0.5])
    run = check.ran(probes.drive, train, [[*pair]], [[0.3, -0.4]], check.copies(parts)[0], epochs, size, eta)
    batches, each = run["batches"], -(-n // size)
    check.that(batches, "no step is taken: call step for each mini-batch")
    tested = {row.tobytes() for row in parts["Xtest"]}
    check.that(
        not any(row.tobytes() in tested for x, _ in batches for row in x),
        "train learns from test examples: use Xtrain and Ytrain for the steps",
    )
    check.same(
        len(batches),
        epochs * each,
        f"train(model, loss, data, {epochs}, {size}, {eta}): len(steps)",
        unless={
            "one step for each mini-batch was asked for, not one for each epoch": epochs,
            "train goes through the data once; it should do so once an epoch": each,
            "the last, shorter mini-batch of each epoch is not used": epochs * (n // size),
        },
    )
    place = {row.tobytes(): i for i, row in enumerate(parts["Xtrain"])}
    orders = []
    for x, y in batches:
        rows = [row.tobytes() for row in x]
        check.that(
            all(row in place for row in rows), "train learns from other examples than those of its argument data"
        )
        order = [place[row] for row in rows]
        check.that(
            np.array_equal(y, parts["Ytrain"][order]),
            "the rows of X and Y do not belong together: pick both with the same indices",
        )
        orders.append(order)
    epochs_seen = [sum(orders[k * each : (k + 1) * each], []) for k in range(epochs)]
    check.that(
        all(sorted(seen) == list(range(n)) for seen in epochs_seen),
        "each training example should be used once an epoch, in one mini-batch",
    )
    check.that(
        list(range(n)) not in epochs_seen and len({tuple(seen) for seen in epochs_seen}) == epochs,
        "the examples come in the same order in each epoch: draw a new order with minibatches",
    )

    def walk(sign=1.0, rate=eta, kept=0.0):
        values, total = pair.copy(), 0.0
        for x, y in batches:
            slope = bent([values], x, y).slopes[0]
            total = kept * total + slope
            values = values - sign * rate * total
        return values

    check.close(
        np.array(run["values"][0]),
        walk(),
        "model._parameters",
        unless={
            "the model does not move: does each mini-batch take its step?": pair,
            "the gradients add up from step to step: reset them before each": walk(kept=1.0),
            "you walked up the slope: the gradient is subtracted": walk(sign=-1.0),
            "the learning rate eta is not passed on": walk(rate=0.1),
            "the rate is divided by the size of the batch: the loss is a mean already": walk(rate=eta / size),
            "the rate is divided by the number of examples: the loss is a mean already": walk(rate=eta / n),
        },
    )


verify(10, 3, 2, 4, 0.05)
### BEGIN HIDDEN TESTS
verify(13, 4, 3, 5, 0.02)
### END HIDDEN TESTS


# %% check="train_history" points=2 ids=["T-usps"]
def verify(n, m, nx, epochs, size):
    """Train a module a x² + c x, and compare what train notes with what the module is after each epoch."""
    sizes = {"Xtrain": n, "Ytrain": n, "Xtest": m, "Ytest": m}
    parts = {name: np.random.randn(rows, nx) for name, rows in sizes.items()}
    run = check.ran(probes.drive, train, [[0.2, 0.5]], [[0.0, 0.0]], check.copies(parts)[0], epochs, size, 0.05)
    call, each = f"train(model, loss, data, {epochs}, {size}, 0.05)", -(-n // size)
    names = ["loss_train", "loss_test", "acc_train", "acc_test"]
    log = check.keys(run["result"], names, call)
    starts, ends, steps = run["path"][::each], [*run["path"][each::each], *run["values"]], run["batches"]
    if len(steps) != epochs * each or any(len(x) != len(y) for x, y in steps):  # train_steps tells
        starts, ends, steps = run["values"], run["values"], [[parts["Xtrain"], parts["Ytrain"]]]
    losses = [bent([values], x, y).L for values, (x, y) in zip(run["path"], steps)]
    met = np.array([np.mean(losses[k : k + each]) for k in range(0, len(losses), each)] or [np.inf])

    def measure(kind, part, points=ends):
        found, y = [], parts[f"Y{part}"]
        for values in points:
            end = bent([values], parts[f"X{part}"], y)
            yhat = end.z[-1]
            numbers = {"loss": end.L, "acc": (yhat.argmax(1) == y.argmax(1)).mean(), "swapped": (y**2 + 3 * y * yhat).mean()}
            found.append(numbers[kind])
        return torch.tensor(found)

    for name in names:
        kind, part = name.split("_")
        other, swapped = {"train": "test", "test": "train"}[part], {"loss": "acc", "acc": "loss"}[kind]
        noted = check.numbers(
            log[name],
            epochs,
            f'{call}["{name}"]',
            unless={
                "one number an epoch was asked for, not one for each mini-batch": epochs * each,
                "there is one number in all: measure after the steps of every epoch": 1,
                "all four numbers of an epoch stand here: make a list for each name, dict.fromkeys gives one to all": 4 * epochs,
            },
        )
        check.tensor(noted, (epochs,), f'{call}["{name}"]')
        check.close(
            noted[-len(ends) :],
            measure(kind, part),
            f'{call}["{name}"]',
            unless={
                "these are the numbers of the other half of the data: train and test are mixed up": measure(kind, other),
                "this is the mean of what step returned, each loss before its step: measure after the epoch's steps": met,
                "these are the numbers from before the epoch's steps: measure after them": measure(kind, part, starts),
                "each epoch has the number of the last: measure after each, not once at the end": measure(
                    kind, part, ends[-1:] * len(ends)
                ),
                "loss and accuracy are swapped": measure(swapped, part),
                "these are the numbers of the last mini-batch; measure on all the examples": [
                    bent([end], *batch).L for end, batch in zip(ends, steps[each - 1 :: each] or steps)
                ],
                "y and yhat are swapped in loss.forward": measure("swapped", part),
                "the accuracy is a rate between 0 and 1, not a percentage": 100 * measure("acc", part),
            },
        )


verify(12, 6, 3, 2, 4)
### BEGIN HIDDEN TESTS
verify(31, 23, 4, 3, 7)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# A trained network will be right on most digits. **Which** ones are misread? The *confusion matrix* counts, in row $i$ and
# column $j$, the examples of class $i$ that were taken for $j$. It is square, $(n_y, n_y)$: one row and one column for
# each class. And the mistakes themselves are best looked at, the most certain first: those where the score of the class
# that was predicted exceeds most that of the right one.
#
# Write `confusion` and `misread`. `misread` returns the indices of the examples that are predicted wrong, and of no
# others, the largest excess first.

# %% [markdown] lang="fr"
# Le réseau entraîné lira bien la plupart des chiffres. **Lesquels** seront mal lus ? La *matrice de confusion* compte, en
# ligne $i$ et colonne $j$, les exemples de la classe $i$ pris pour des $j$. Elle est carrée, $(n_y, n_y)$ : une ligne et
# une colonne par classe. Et les erreurs elles-mêmes, le mieux est de les regarder, en commençant par celles dont le
# réseau est le plus sûr : celles où le score de la classe prédite dépasse le plus celui de la bonne.
#
# Écrivez `confusion` et `misread`. `misread` renvoie les indices des exemples dont la prédiction est fausse, et d'eux
# seuls, en commençant par le plus grand dépassement.


# %% answer="confusion"
def confusion(Y, Yhat):
    """Count which class is taken for which.

    Y: one-hot targets (n, ny). Yhat: scores (n, ny).
    Returns an array (ny, ny): in row i and column j the number of examples of class i predicted as class j.
    """
    ### BEGIN SOLUTION
    counts = np.zeros((Y.shape[1], Y.shape[1]))
    np.add.at(counts, (Y.argmax(1), Yhat.argmax(1)), 1)
    return counts
    ### END SOLUTION


# %% [markdown] hint="confusion" lang="en"
# ### The idea
#
# Begin with a square of zeros. Each example adds 1 in one place: the row is its true class, the column the predicted one.
#
# ### Where the classes are
#
# A one-hot row has its 1 at the place of the class; a row of scores has its largest number at the place of the class
# that is predicted. `argmax(1)` gives that place for every row. In `a[i, j] += 1` with arrays of indices, a pair that
# comes twice counts once only: `np.add.at(a, (i, j), 1)` counts each, and so does a loop.
#
# ### The code, with blanks
#
# ```python
# counts = np.zeros(...)
# np.add.at(counts, (..., ...), 1)
# return counts
# ```

# %% [markdown] hint="confusion" lang="fr"
# ### L'idée
#
# Partez d'un carré de zéros. Chaque exemple ajoute 1 à un endroit : la ligne est sa vraie classe, la colonne la classe
# prédite.
#
# ### Où sont les classes
#
# Une ligne one-hot a son 1 à la place de la classe ; une ligne de scores a son plus grand nombre à la place de la classe
# prédite. `argmax(1)` donne cette place pour chaque ligne. Dans `a[i, j] += 1` avec des tableaux d'indices, une paire qui
# vient deux fois ne compte qu'une fois : `np.add.at(a, (i, j), 1)` compte chacune, et une boucle aussi.
#
# ### Le code, à trous
#
# ```python
# counts = np.zeros(...)
# np.add.at(counts, (..., ...), 1)
# return counts
# ```


# %% check="confusion_counts" points=1 ids=["T-usps"]
def verify(n, ny):
    """Compare with a product of one-hot arrays."""
    true, guess = np.random.randint(ny, size=n), np.random.randint(ny, size=n)
    y, yhat = np.eye(ny)[true], np.random.rand(n, ny) + 2 * np.eye(ny)[guess] - 3
    right = y.T @ np.eye(ny)[guess]
    got = check.ran(confusion, *check.copies(y, yhat))
    check.close(
        got,
        right.astype(int),
        "confusion(Y, Yhat)",
        unless={
            "rows and columns are swapped: the row is the true class": right.T,
            "the counts are divided by the number of examples": right / n,
            "the counts of each row are divided by its sum": right / np.maximum(right.sum(1, keepdims=True), 1),
            "each pair is counted once at most: counts[i, j] += 1 counts repeated indices once, use np.add.at or a loop": np.minimum(
                right, 1
            ),
            "the right predictions are left out": right * (1 - np.eye(ny)),
            "the scores are added up: count the examples, by the argmax of each row": y.T @ yhat,
            "the columns are those of the true classes, too: they are the predicted ones": y.T @ y,
            "the rows are those of the predicted classes, too: they are the true ones": np.diag(right.sum(0)),
        },
    )


verify(40, 3)
### BEGIN HIDDEN TESTS
verify(90, 5)
### END HIDDEN TESTS


# %% answer="misread"
def misread(Y, Yhat):
    """Find the examples that are predicted wrong.

    Y: one-hot targets (n, ny). Yhat: scores (n, ny).
    Returns their indices, an array or a list of whole numbers, sorted by how much the largest score exceeds that of
    the right class, the largest excess first.
    """
    ### BEGIN SOLUTION
    excess = Yhat.max(1) - (Y * Yhat).sum(1)
    order = np.argsort(-excess)
    return order[excess[order] > 0]
    ### END SOLUTION


# %% [markdown] hint="misread" lang="en"
# ### The idea
#
# First the excess of every example, then the order, then leave out those that are right.
#
# ### What the excess says
#
# For the score of the right class: of a product with a one-hot row, only one number of each row is left. If the largest score is that of the right class, the excess is 0; if not, it is positive. `np.argsort`
# sorts from small to large and returns indices: sort the numbers with the opposite sign.
#
# ### The code, with blanks
#
# ```python
# excess = ... - ...
# order = np.argsort(...)
# return order[...]
# ```

# %% [markdown] hint="misread" lang="fr"
# ### L'idée
#
# D'abord le dépassement de chaque exemple, puis l'ordre, puis on écarte ceux dont la prédiction est juste.
#
# ### Ce que dit le dépassement
#
# Pour le score de la bonne classe : d'un produit avec une ligne one-hot, il ne reste qu'un nombre par ligne. Si le plus
# grand score est celui de la bonne classe, le dépassement vaut 0 ; sinon, il est positif. `np.argsort` trie du plus petit
# au plus grand et renvoie des indices : triez les nombres avec le signe opposé.
#
# ### Le code, à trous
#
# ```python
# excess = ... - ...
# order = np.argsort(...)
# return order[...]
# ```


# %% check="misread_found" points=2 ids=["T-usps"]
def verify(n, ny):
    """Compare with a loop."""
    y = np.eye(ny)[np.random.randint(ny, size=n)]
    yhat = np.random.randn(n, ny) + y
    wrong = [i for i in range(n) if yhat[i].argmax() != y[i].argmax()]
    excess = [float(yhat[i].max() - yhat[i][y[i].argmax()]) for i in range(n)]
    right = sorted(wrong, key=lambda i: -excess[i])
    hits, masked = [i for i in range(n) if i not in wrong], [right[i] if i < len(right) else None for i in wrong]
    found, call = check.ran(misread, *check.copies(y, yhat)), "misread(Y, Yhat)"
    entries = check.items(found.reshape(-1) if isinstance(found, np.ndarray) else found, call)
    check.that(
        not any(isinstance(one, bool | np.bool_) for one in entries),
        "this says of each example whether it is wrong; the indices were asked for",
    )
    check.that(
        not any(isinstance(one, np.ndarray) and one.ndim for one in entries),
        "this is an array of indices in a tuple, as np.where gives it: take its part [0], and sort",
    )
    check.that(
        not any(isinstance(one, list | tuple) and len(one) == 2 for one in entries),
        "these are pairs; one index for each example was asked for",
    )
    places = check.numbers(entries, len(entries), call)
    check.that(
        (places.isfinite() & (places == places.round())).all(), "indices are whole numbers; these are others: scores, or excesses?"
    )
    got = [int(i) for i in places]
    check.that(sorted(got) != hits, "these are the examples that are predicted right")
    check.that(sorted(got) != list(range(n)), "these are all the examples; keep those that are predicted wrong")
    check.that(
        got == right or [i if i in wrong else None for i in got] != masked,
        "the indices are sorted, but the answers to which of them are wrong come in the order of the examples: bring both into one order",
    )
    check.same(
        got,
        right,
        "misread(Y, Yhat)",
        unless={
            "the largest excess comes first: reverse the order": right[::-1],
            "the mistakes are not sorted by their excess": sorted(wrong),
            "the indices count within the mistakes, not within all the examples": [sorted(wrong).index(i) for i in right],
            "the excess is that over the score of the right class, not over the second largest": sorted(
                wrong, key=lambda i: np.sort(yhat[i])[-2] - yhat[i].max()
            ),
            "the mistakes are sorted by their largest score, not by its excess over that of the right class": sorted(
                wrong, key=lambda i: -yhat[i].max()
            ),
        },
    )


verify(20, 4)
### BEGIN HIDDEN TESTS
verify(40, 5)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now all at once: 20 epochs, which take a while; the curves; the matrix; the mistakes.
#
# > **Before you run it.** Which class will most often be taken for which? Put a pair in the place of `None`, the true
# > class first: `(1, 7)`.

# %% [markdown] lang="fr"
# Tout en une fois : 20 époques, qui prennent un moment ; les courbes ; la matrice ; les erreurs.
#
# > **Avant d'exécuter.** Quelle classe sera le plus souvent prise pour une autre, et pour laquelle ? Écrivez une paire à
# > la place de `None`, la vraie classe d'abord : `(1, 7)`.

# %% predict="most_confused"
most_confused = None


# %% demo
usps = USPSData()
print(usps)
data = in_numpy(usps)
np.random.seed(0)
model = Sequentiel(Linear(256, 100), TanH(), Linear(100, 10))
history = train(model, MSELoss(), data, epochs=20, batch=20, eta=0.5)
figures.curves(history)
Yhat = model.forward(data.Xtest)
rate = accuracy(data.Ytest, Yhat)
print(say("right on {rate:.1%} of the test examples").format(rate=rate))
counts = np.asarray(confusion(data.Ytest, Yhat))
fig, ax = plt.subplots(figsize=(5, 4.4), layout="constrained")
ax.imshow(counts * (1 - np.eye(10)), cmap="Blues")
for i, j in np.ndindex(10, 10):
    if counts[i, j]:
        dark = i != j and counts[i, j] > 0.6 * (counts * (1 - np.eye(10))).max()
        ax.text(j, i, int(counts[i, j]), ha="center", va="center", color="white" if dark else "#222222", fontsize=8)
ax.set(xlabel=say("predicted"), ylabel=say("true class"), xticks=range(10), yticks=range(10))
figures.show(
    fig,
    say("A table of true classes by predicted ones: {right} of {n} examples lie on the diagonal.").format(right=int(counts.trace()), n=int(counts.sum())),
)
mistakes = counts * (1 - np.eye(10))
reveal(most_confused, tuple(int(place) for place in np.unravel_index(mistakes.argmax(), mistakes.shape)))
wrong = [int(i) for i in misread(data.Ytest, Yhat)]
fig, axes = plt.subplots(3, 8, figsize=(9, 3.9), layout="constrained")
for ax in axes.flat:
    ax.axis("off")
for ax, i in zip(axes.flat, wrong):
    ax.imshow(usps.Xtest[i].reshape(16, 16), cmap="gray_r")
    ax.set_title(f"{data.Ytest[i].argmax()} → {Yhat[i].argmax()}", fontsize=10)
figures.show(
    fig,
    say("Digits that were misread, what they are and what they were taken for: {pairs}.").format(pairs=", ".join(filter(None, (ax.get_title() for ax in axes.flat)))),
)

# %% claim="more than nine digits in ten are read right; the training digits are read better; some outputs overshoot 1"
assert 0.9 < rate < history["acc_train"][-1]
assert counts.sum() == len(Yhat) and len(wrong) == mistakes.sum() >= 24
assert ((Yhat * data.Ytest).sum(1) > 1.2).any()

# %% [markdown] lang="en"
# More than nine digits in ten, with nothing but arrays and the chain rule. In the matrix, colours leave out the
# diagonal. Under it, the most certain mistakes, each with its true class and what
# the network saw in it.
#
# Look at both, and answer in six lines or so. Which classes are confused most, and what do they have in common? Among
# the 24 images, which kinds of mistakes do you see: would you have read the digit right, and is the label right? The
# squared error asks for outputs of exactly 0 and 1: how does it treat an output of 1.8 for the right class? And with
# targets −1 and 1, for which margins would `HingeLoss` leave that output alone?

# %% [markdown] lang="fr"
# Plus de neuf chiffres sur dix, avec rien d'autre que des tableaux et la dérivation des fonctions composées. Dans la
# matrice, les couleurs ignorent la diagonale. Au-dessous, les erreurs dont le réseau est le plus sûr, chacune
# avec sa vraie classe et ce que le réseau y a vu.
#
# Regardez la matrice et les images, et répondez en six lignes environ. Quelles classes sont le plus confondues, et
# qu'ont-elles en commun ? Parmi les 24 images, quelles sortes d'erreurs voyez-vous : auriez-vous bien lu le chiffre, et
# l'étiquette est-elle juste ? L'erreur quadratique demande des sorties valant exactement 0 et 1 : comment traite-t-elle
# une sortie de 1,8 pour la bonne classe ? Et avec des cibles −1 et 1, pour quelles marges `HingeLoss` laisserait-elle
# cette sortie tranquille ?

# %% [markdown] open="usps_mistakes" points=3 ids=["T-usps"]
# **English.** The classes confused most share strokes: 4 and 9 (a closed or an open loop), 3, 5 and 8 (the same curves,
# open on one side or the other), 7 and 9, 2 and 8. Three kinds of mistakes: digits that anybody reads, written in a
# style that is rare in the training set (slanted, thick, off centre); digits that are ambiguous even to us, at 16 × 16
# pixels or badly cut out; a few whose label one may doubt. No network can be right on the last two kinds. A right
# output of 1.8 costs $0.8^2$, as much as 0.2 would, and descent pulls it down although the class is right with a wide
# margin: the squared error wastes effort on what is classified well. With targets −1 and 1,
# `HingeLoss` leaves it alone for every margin up to 1.8: for the usual margin of 1, and for 0, where it is the loss of the
# perceptron.
#
# **Français.** Les classes les plus confondues partagent des traits : 4 et 9 (une boucle fermée ou ouverte), 3, 5 et 8
# (les mêmes courbes, ouvertes d'un côté ou de l'autre), 7 et 9, 2 et 8. Trois sortes d'erreurs : des chiffres que tout
# le monde lit, d'une écriture rare dans les exemples d'apprentissage (penchée, épaisse, décentrée) ; des chiffres
# ambigus même pour nous, en 16 × 16 pixels ou mal découpés ; quelques-uns dont l'étiquette est douteuse. Aucun réseau
# ne peut réussir sur les deux dernières. Une bonne sortie de 1,8 coûte $0{,}8^2$, autant que 0,2, et la descente la
# tire vers le bas alors que la classe est bonne, et de loin : l'erreur quadratique gaspille ses efforts sur ce qui est
# bien classé. Avec des cibles −1 et 1, `HingeLoss` la laisse tranquille pour toute marge jusqu'à 1,8 : pour la marge
# usuelle de 1, et pour 0, où c'est le coût du perceptron.

# %% [markdown] marking="usps_mistakes"
# - 1 point: pairs of classes that the student's own matrix shows, with what their shapes share.
# - 1 point: at least two kinds of mistakes, told from the pictures: rare styles, ambiguous images, doubtful labels.
# - 1 point: the squared error punishes 1.8 as much as 0.2, though the class is right; the hinge loss costs nothing there
#   for margins up to 1.8 (naming one such margin, with the reason, earns all of it).
# - The data may be USPS or resampled MNIST, and the initial weights differ: judge by the student's own pictures.
# - see `USPSData()`

# %% [markdown] lang="en"
# Last, the same network in torch, with the same weights and in `float64`, as numpy computes. Its gradients come from
# autograd, yours from your modules. The two must agree, up to rounding: about $10^{-16}$ of the largest numbers.

# %% [markdown] lang="fr"
# Pour finir, le même réseau en torch, avec les mêmes poids et en `float64`, comme calcule numpy. Ses gradients viennent
# d'autograd, les vôtres de vos modules. Les deux doivent donner la même chose, aux arrondis près : environ $10^{-16}$ des
# plus grands nombres.

# %% demo
np.random.seed(0)
first, second = Linear(256, 100), Linear(100, 10)
model, loss = Sequentiel(first, TanH(), second), MSELoss()
X, Y = np.random.randn(50, 256), np.eye(10)[np.random.randint(10, size=50)]
other = torch.nn.Sequential(torch.nn.Linear(256, 100), torch.nn.Tanh(), torch.nn.Linear(100, 10)).double()
with torch.no_grad():
    for p, value in zip(other.parameters(), [layer._parameters[name] for layer in (first, second) for name in "Wb"]):
        p.copy_(torch.from_numpy(value))

Yhat = model.forward(X)
model.zero_grad()
model.backward_update_gradient(X, loss.backward(Y, Yhat))
Yhat_torch = other(torch.from_numpy(X))
L = torch.nn.functional.mse_loss(Yhat_torch, torch.from_numpy(Y))
L.backward()

pairs = {"forward": (Yhat, Yhat_torch.detach().numpy()), "loss": (loss.forward(Y, Yhat), L.item())}
names = [(layer, name) for layer in (first, second) for name in ("W", "b")]
for place, ((layer, name), p) in enumerate(zip(names, other.parameters())):
    pairs[f"Linear {1 + place // 2}: gradient {name}"] = layer._gradient[name], p.grad.numpy()
gaps = {name: np.abs(mine - torchs).max() for name, (mine, torchs) in pairs.items()}
for name, gap in gaps.items():
    print(f"{name:22} {number(gap, '8.1e')}  {'✓' if gap < 1e-12 else '✗'}")

# %% claim="outputs, loss and gradients agree with torch up to rounding"
assert max(gaps.values()) < 1e-12

# %% [markdown] lang="en"
# ## What you have built
#
# A small torch: linear layers, activations, losses, a container for chains and one for any graph. Each module knows its
# own derivative and nothing of the others, and the chain rule does the rest. The largest differences from torch, above,
# are rounding. What autograd adds: it *records* the graph while `forward` runs. You no longer call `add`.
#
# You also saw what the squared error does to digits that are read right. Other losses, and what it takes to train
# deeper networks well, are next.
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓`, or
# `◦` where the answer is a choice. `✓` means that the check holds for the inputs that you see; `◦` promises only that
# the form is right, so read those questions once more. Have you written your derivation, in part 1, and what you saw
# in the mistakes, in part 8? Save, and hand in this file without renaming it.

# %% [markdown] lang="fr"
# ## Ce que vous avez construit
#
# Un petit torch : des couches linéaires, des activations, des coûts, un conteneur pour les chaînes et un autre pour tous
# les graphes. Chaque module connaît sa propre dérivée et ne sait rien des autres ; la dérivation des fonctions composées
# fait le reste. Les plus grands écarts avec torch, ci-dessus, ne sont que des arrondis. Ce qu'autograd ajoute : il
# *enregistre* le graphe pendant que `forward` s'exécute. Vous n'avez plus à appeler `add`.
#
# Vous avez vu aussi ce que fait l'erreur quadratique des chiffres bien lus. D'autres coûts, et ce qu'il faut pour bien
# entraîner des réseaux plus profonds, viennent ensuite.
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓`, ou `◦` si la réponse est un choix. `✓` signifie que la vérification tient pour les entrées que
# vous voyez ; `◦` ne promet que la forme : relisez donc ces questions-là. Avez-vous rédigé votre calcul, dans la
# partie 1, et ce que vous avez vu dans les erreurs, dans la partie 8 ? Enregistrez, puis rendez ce fichier sans le
# renommer.
