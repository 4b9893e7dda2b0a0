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
# # torch.optim
#
# The same network, the same circles. One hand-written part remained: the step. `torch.optim` takes it over, in three
# lines that you will find in every PyTorch program. And once the step is an object, it can be exchanged for a better
# one.
#
# **You will learn** to train with an optimiser, and to know what each of its three calls does; to accumulate
# gradients over several batches; to write SGD, momentum, RMSprop, Adam and AdamW yourself, and to see where each of
# them walks; to find a rate for a method, by a fair comparison; to let the rate rise and fall; to write a training
# function that serves for any network.
#
# **You need** what `04_nn` ended with. Its code is given below, and you go on from there: a model, a loss,
# `L.backward()`, and `sgd(model, eta)`.
#
# | part | minutes |
# |---|---|
# | Where you stand | 7 |
# | 1 · An optimiser | 8 |
# | 2 · Three lines, and their order | 17 |
# | 3 · Several modules, one optimiser | 8 |
# | 4 · One step for many batches | 11 |
# | 5 · Five ways to step | 42 |
# | 6 · A rate for each method | 20 |
# | 7 · A rate that rises and falls | 9 |
# | 8 · The training function | 28 |
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
# # torch.optim
#
# Le même réseau, les mêmes cercles. Il restait une partie écrite à la main : le pas. `torch.optim` s'en charge, en
# trois lignes que vous retrouverez dans tous les programmes PyTorch. Et dès lors que le pas est un objet, on peut
# l'échanger contre un meilleur.
#
# **Vous allez apprendre** à entraîner un modèle avec un optimiseur, et à savoir ce que fait chacun de ses trois
# appels ; à accumuler les gradients de plusieurs lots ; à écrire vous-même SGD, l'inertie (momentum), RMSprop, Adam et
# AdamW, et à voir par où chacun descend ; à trouver le pas d'apprentissage d'une méthode, par une comparaison honnête ;
# à le faire monter puis descendre ; à écrire une fonction d'apprentissage qui convient à tout réseau.
#
# **Il vous faut** ce sur quoi `04_nn` s'est terminé. Son code est donné ci-dessous, et vous en repartez : un modèle, un
# coût, `L.backward()`, et `sgd(model, eta)`.
#
# | partie | minutes |
# |---|---|
# | Où vous en êtes | 7 |
# | 1 · Un optimiseur | 8 |
# | 2 · Trois lignes, et leur ordre | 17 |
# | 3 · Plusieurs modules, un seul optimiseur | 8 |
# | 4 · Un seul pas pour plusieurs lots | 11 |
# | 5 · Cinq façons de faire un pas | 42 |
# | 6 · Un pas d'apprentissage pour chaque méthode | 20 |
# | 7 · Un pas d'apprentissage qui monte et qui descend | 9 |
# | 8 · La fonction d'apprentissage | 28 |
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
import math
import sys

import matplotlib.pyplot as plt
import torch
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from helpers import CirclesData, check, figures, playground, probes, progress, reveal, start
from helpers.messages import _ as say
from helpers.messages import number
from helpers.samples import GLANCE, OPTIM_TRAINING, by_shape, random_batch, shifted_circles, torch_walk

start("05_optim", lang="en")
data = CirclesData()

# %% [markdown] lang="en"
# ## Where you stand · about 7 minutes
#
# Three questions from earlier notebooks. Answer each in your head, then unfold it.
#
# <details>
# <summary>1 · 03_autograd: backward is called, and a leaf has a .grad already. What becomes of it?</summary>
#
# The new gradient is added to it. In part 2 this is a trap, in part 4 a tool.
#
# </details>
#
# <details>
# <summary>2 · 04_nn: why does the step stand under torch.no_grad()?</summary>
#
# The step is no part of what the network computes. Recorded, it would hang on the graph of every step before; and torch
# refuses to change a leaf in place while it records.
#
# </details>
#
# <details>
# <summary>3 · 04_nn: what does CrossEntropyLoss take, scores or probabilities?</summary>
#
# Scores: it applies SoftMax itself. So the model ends with the last affine map, and SoftMax comes only for the picture.
#
# </details>
#
# This is the program of `04_nn`. Three functions carry `_04` in their names, because you are about to write their
# successors, or to do without them. The others stay as they are: the mini-batches, the loss with its accuracy, SoftMax
# for the picture, and `fully_connected`, with which you ended.

# %% [markdown] lang="fr"
# ## Où vous en êtes · environ 7 minutes
#
# Trois questions sur les notebooks précédents. Répondez à chacune de tête, puis dépliez-la.
#
# <details>
# <summary>1 · 03_autograd : on appelle backward, et une feuille a déjà un .grad. Que devient-il ?</summary>
#
# Le nouveau gradient s'y ajoute. Dans la partie 2, c'est un piège ; dans la partie 4, un outil.
#
# </details>
#
# <details>
# <summary>2 · 04_nn : pourquoi le pas se fait-il sous torch.no_grad() ?</summary>
#
# Le pas ne fait pas partie de ce que calcule le réseau. Enregistré, il serait accroché au graphe de tous les pas
# précédents ; et torch refuse que l'on modifie une feuille sur place pendant qu'il enregistre.
#
# </details>
#
# <details>
# <summary>3 · 04_nn : que prend CrossEntropyLoss, des scores ou des probabilités ?</summary>
#
# Des scores : il applique lui-même le SoftMax. Le modèle finit donc par la dernière application affine, et le SoftMax
# ne sert que pour l'image.
#
# </details>
#
# Voici le programme de `04_nn`. Trois fonctions portent `_04` dans leur nom, parce que vous allez écrire celles qui
# leur succèdent, ou vous en passer. Les autres restent telles quelles : les mini-lots, le coût et le taux de
# réussite, le SoftMax pour l'image, et `fully_connected`, sur laquelle vous aviez terminé.


# %% setup
def minibatches(n, batch):
    return list(torch.randperm(n).split(batch))


def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc


def probabilities(model, X):
    with torch.no_grad():
        return torch.softmax(model(X), 1)


def fully_connected(sizes):
    layers = []
    for nin, nout in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def init_model_04(nx, nh, ny):
    model = fully_connected([nx, nh, ny])
    return model, torch.nn.CrossEntropyLoss()


def sgd_04(model, eta):
    with torch.no_grad():
        for p in model.parameters():
            p -= eta * p.grad
    model.zero_grad()
    return model


def train_04(data, nh, epochs, batch, eta):
    model, loss = init_model_04(data.Xtrain.shape[1], nh, data.Ytrain.shape[1])
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            L.backward()
            sgd_04(model, eta)
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history


# %% [markdown] lang="en"
# ## 1 · An optimiser · about 8 minutes
#
# An *optimiser* is an object that knows which tensors it moves, and how. It is made once:
#
# ```python
# optim = torch.optim.SGD(model.parameters(), lr=eta)
# ```
#
# It keeps the parameters **themselves**, not their values and not the model. From then on it offers two calls:
#
# | `04_nn` | optimiser |
# |---|---|
# | `for p in model.parameters(): p -= eta * p.grad`, under `no_grad` | `optim.step()` |
# | `model.zero_grad()` | `optim.zero_grad()` |
#
# `step` reads the `.grad` of each of its parameters and moves it; it computes no gradient. A parameter whose `.grad` is
# `None` stays where it is.
#
# Write `init_model`: as in `04_nn`, but with the learning rate as a fourth argument, and the optimiser as a third
# result. The model has one hidden layer (an affine map, tanh, an affine map) and no SoftMax; its weights are drawn anew
# at each call. The loss is a `CrossEntropyLoss`. The optimiser is `SGD` at the rate $\eta$, without any other option.
# It is made last: an optimiser made for one model does not move another that takes the same name afterwards.

# %% [markdown] lang="fr"
# ## 1 · Un optimiseur · environ 8 minutes
#
# Un *optimiseur* est un objet qui sait quels tenseurs il déplace, et comment. On le crée une seule fois :
#
# ```python
# optim = torch.optim.SGD(model.parameters(), lr=eta)
# ```
#
# Il garde les paramètres **eux-mêmes**, et non leurs valeurs ni le modèle. Dès lors, il offre deux appels :
#
# | `04_nn` | optimiseur |
# |---|---|
# | `for p in model.parameters(): p -= eta * p.grad`, sous `no_grad` | `optim.step()` |
# | `model.zero_grad()` | `optim.zero_grad()` |
#
# `step` lit le `.grad` de chacun de ses paramètres et le déplace ; il ne calcule aucun gradient. Un paramètre dont le
# `.grad` vaut `None` reste où il est.
#
# Écrivez `init_model` : comme dans `04_nn`, mais avec le pas d'apprentissage (learning rate) en quatrième argument, et
# l'optimiseur en troisième résultat. Le modèle a une couche cachée (une application affine, tanh, une application
# affine) et pas de SoftMax ; ses poids sont tirés de nouveau à chaque appel. Le coût est un `CrossEntropyLoss`.
# L'optimiseur est un `SGD` de pas $\eta$, sans autre option. On le crée en dernier : un optimiseur créé pour un modèle
# n'en déplace pas un autre qui prend ensuite le même nom.


# %% answer="init_model"
def init_model(nx, nh, ny, eta):
    """Make a network with one hidden layer, its loss and its optimiser.

    nx, nh, ny: numbers of inputs, hidden units and outputs. eta: learning rate, >= 0.
    Returns (model, loss, optim): model, a torch.nn.Module drawn anew at each call, takes X (n, nx) to scores
    (n, ny) by an affine map, tanh and an affine map, without SoftMax; loss, a CrossEntropyLoss, takes such
    scores and one-hot targets (n, ny); optim, a torch.optim.SGD without momentum, moves all the parameters
    of this model, at the rate eta.
    """
    ### BEGIN SOLUTION
    model = fully_connected([nx, nh, ny])
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    return model, loss, optim
    ### END SOLUTION


# %% [markdown] hint="init_model" lang="en"
# ### The idea
#
# Two of the three things you had in `04_nn`; look at `init_model_04` above. The third is made from the first: it needs
# the tensors that it is to move.
#
# ### What goes in
#
# `fully_connected` takes the list of all the sizes, from the inputs to the outputs. The loss is a class of `torch.nn`:
# parentheses make one of it. `torch.optim.SGD` takes two arguments: what `model.parameters()` gives, and `lr`.
#
# ### The code, with blanks
#
# ```python
# model = fully_connected([...])
# loss = ...
# optim = torch.optim.SGD(..., lr=...)
# return model, loss, optim
# ```

# %% [markdown] hint="init_model" lang="fr"
# ### L'idée
#
# Deux des trois choses existaient déjà dans `04_nn` ; regardez `init_model_04` plus haut. La troisième se crée à partir
# de la première : il lui faut les tenseurs qu'elle doit déplacer.
#
# ### Ce qu'on lui donne
#
# `fully_connected` prend la liste de toutes les tailles, des entrées aux sorties. Le coût est une classe de
# `torch.nn` : des parenthèses en créent un. `torch.optim.SGD` prend deux arguments : ce que donne `model.parameters()`,
# et `lr`.
#
# ### Le code, à trous
#
# ```python
# model = fully_connected([...])
# loss = ...
# optim = torch.optim.SGD(..., lr=...)
# return model, loss, optim
# ```


# %% check="init_model_returns" points=1 ids=["P-2.4.1"]
def verify(x, nh, ny, eta):
    """Look at the three values, and use the first two."""
    nx, n = x.shape[1], len(x)
    call = f"init_model({nx}, {nh}, {ny}, {eta})"
    try:
        made = init_model(nx, nh, ny, eta)
    except TypeError as error:
        check.that(
            "not iterable" not in str(error) and "can only optimize" not in str(error),
            "the optimiser takes the tensors that it moves: model.parameters(), with parentheses",
        )
        raise
    model, loss, optim = check.pair(made, call, 3)
    check.that(
        not probes.optimiser(loss, model)["optimiser"] and not probes.optimiser(model, model)["optimiser"],
        "the three values are in another order: the model, the loss, the optimiser",
    )
    about = probes.optimiser(optim, model)
    check.that(about["kind"] != "type", "the optimiser is a class: make one of it, with the parameters and lr=eta")
    check.that(
        about["optimiser"], "the third value is no optimiser of torch.optim, but {kind}", kind=about["kind"]
    )
    check.module(probes.describe(model), f"{call}[0]")
    kind = probes.describe(loss)["kind"]
    check.that(kind != "type", "the loss is a class: make one of it, with parentheses")
    check.that(callable(loss), "the second value is no loss, a function of Yhat and Y, but {kind}", kind=kind)
    check.that(
        kind != "NLLLoss",
        "NLLLoss takes logarithms of probabilities and numbers of classes; CrossEntropyLoss takes scores and one-hot targets",
    )
    check.that(
        kind != "BCELoss",
        "BCELoss takes a probability for each output on its own; CrossEntropyLoss takes scores and one-hot targets",
    )
    check.that(
        not all(value.ndim == 2 and min(value.shape) > 1 for value in probes.parameters(model).values()),
        "the layers have no bias: an affine map has one for each output",
    )
    weights = by_shape(probes.parameters(model), nx, nh, ny)
    check.that(
        weights is not None,
        "the parameters of the model have the shapes {found}; expected {wanted}",
        found=", ".join(str(tuple(value.shape)) for value in probes.parameters(model).values()),
        wanted=f"{(nh, nx)}, {(nh,)}, {(ny, nh)}, {(ny,)}",
    )
    h = torch.nn.functional.linear(x, weights["Wh"], weights["bh"])

    def network(act):
        return torch.nn.functional.linear(act(h), weights["Wy"], weights["by"])

    scores = network(torch.tanh)
    mistakes = {
        "the model ends with SoftMax: CrossEntropyLoss does it itself, so the model stops at the scores": scores.softmax(1),
        "the model ends with SoftMax, and over the examples: leave it out, CrossEntropyLoss does it itself, over the classes": (
            scores.softmax(0)
        ),
        "there is no activation between the two layers: put tanh there": network(lambda a: a),
        "you used ReLU; this network uses tanh": network(torch.relu),
        "you used the sigmoid; this network uses tanh": network(torch.sigmoid),
        "you used SoftMax between the layers; this network uses tanh": network(lambda a: a.softmax(1)),
        "the model ends with tanh: the scores are not squeezed, they come out of the last affine map": scores.tanh(),
        "the model ends with a sigmoid: the scores are not squeezed, they come out of the last affine map": scores.sigmoid(),
        "the model ends with ReLU: the scores are not squeezed, they come out of the last affine map": scores.relu(),
    }
    for act in (torch.relu, torch.sigmoid):
        other, known = network(act), model(x)
        if isinstance(known, torch.Tensor) and known.shape == other.shape:
            for end in (lambda a: a.softmax(1), torch.sigmoid):
                check.that(
                    not torch.allclose(known, end(other), atol=1e-5),
                    "the model has another activation than tanh between its layers, and ends with one, where it should stop at the scores",
                )
    check.close(model(x), scores, "model(X)", also=scores.log_softmax(1), unless=mistakes)
    guess, target = 4 * torch.randn(n, ny), random_batch(n, nx, ny)[1]
    expected = -(target * guess.log_softmax(1)).sum(1).mean()
    check.close(
        loss(guess, target),
        expected,
        "loss(Yhat, Y)",
        unless={
            "the loss sums over the batch; keep the mean, which does not grow with the batch": expected * n,
            "this is the squared error; the cross-entropy was asked for": ((guess - target) ** 2).mean(),
            "this is the error of L1Loss; the cross-entropy was asked for": (guess - target).abs().mean(),
            "this is a binary cross-entropy for each output on its own; CrossEntropyLoss was asked for": (
                torch.nn.functional.binary_cross_entropy_with_logits(guess, target)
            ),
            "SoftMax is taken twice: this loss applies it to numbers that went through SoftMax already": (
                torch.nn.functional.cross_entropy(guess.softmax(1), target)
            ),
        },
    )
    again = check.pair(init_model(nx, nh, ny, eta), call, 3)[0]
    first, second = (list(probes.parameters(one).values()) for one in (model, again))
    check.that(
        any(not torch.equal(one, other) for one, other in zip(first, second)),
        "two calls give the same weights: make the layers inside init_model, without fixing the seed",
    )


verify(torch.randn(6, 4), 5, 3, 0.1)
### BEGIN HIDDEN TESTS
verify(2 * torch.randn(4, 5).T, 7, 3, 0.02)
verify(torch.randn(3, 3), 9, 5, 1)
### END HIDDEN TESTS


# %% check="init_model_optim" points=1 ids=["P-2.4.1"]
def verify(n, nx, nh, ny, eta):
    """Take two steps with the optimiser, and compare them with descent."""
    call = f"init_model({nx}, {nh}, {ny}, {eta})"
    try:
        made = init_model(nx, nh, ny, eta)
    except TypeError as error:
        check.that(
            "not iterable" not in str(error) and "can only optimize" not in str(error),
            "the optimiser takes the tensors that it moves: model.parameters(), with parentheses",
        )
        raise
    for _ in range(2):  # the optimiser of a second model must be a second one
        model, _loss, optim = check.pair(init_model(nx, nh, ny, eta), call, 3)
    about = probes.optimiser(optim, model)
    check.that(about["kind"] != "type", "the optimiser is a class: make one of it, with the parameters and lr=eta")
    check.that(
        about["optimiser"], "the third value is no optimiser of torch.optim, but {kind}", kind=about["kind"]
    )
    names = list(probes.parameters(model))
    moved = [name for group in about["groups"] for name in group["params"]]
    check.that(
        "?" not in moved,
        "the optimiser moves other tensors than the parameters of this model: give it model.parameters(), of the model that you return",
    )
    check.that(
        set(moved) == set(names),
        "the optimiser lacks {missing}: give it all of model.parameters()",
        missing=", ".join(name for name in names if name not in moved),
    )
    rates = {float(group["lr"]) for group in about["groups"]}
    check.that(
        all(math.isclose(rate, eta, rel_tol=1e-6) for rate in rates),
        "the learning rate of the optimiser is {found}; expected eta, {wanted}: lr=eta",
        found=", ".join(number(rate, "g") for rate in rates),
        wanted=number(eta, "g"),
    )
    for option in ("momentum", "weight_decay", "nesterov", "maximize"):
        check.that(
            about["kind"] != "SGD" or not any(group.get(option) for group in about["groups"]),
            "the optimiser has the option {name}; SGD was asked for with a learning rate and nothing else",
            name=option,
        )
    check.module(probes.describe(model), f"{call}[0]")
    try:
        start, first, second = probes.take_steps(model, optim, torch.randn(n, nx), 2)
    except RuntimeError as error:
        check.that(
            "cannot be multiplied" not in str(error),
            "the model does not take {nx} inputs: the sizes of its layers are nx, nh, ny, in this order",
            nx=nx,
        )
        raise
    for before, after in ((start, first), (first, second)):
        for name in names:
            check.that(before["grads"][name] is not None, "no gradient reaches {name}: model(X) does not use it", name=name)
        true = {name: before["params"][name] - eta * before["grads"][name] for name in names}
        with check.table(after["params"], true, before["params"]):
            for name in names:
                check.that(
                    about["kind"] == "SGD" or torch.allclose(after["params"][name], true[name], atol=1e-5),
                    "this optimiser is {kind}; SGD was asked for",
                    kind=about["kind"],
                )
                check.close(after["params"][name], true[name], name)


verify(6, 4, 5, 3, 0.07)
### BEGIN HIDDEN TESTS
verify(5, 4, 7, 3, 0.03)
verify(11, 3, 9, 5, 0.7)
verify(1, 4, 7, 3, 0)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 2 · Three lines, and their order · about 17 minutes
#
# With an optimiser, each batch takes the same three lines, whatever the model, the loss and the method:
#
# ```python
# optim.zero_grad()  # forget the gradients of the batch before
# L.backward()       # compute those of this batch: each .grad is added to
# optim.step()       # move
# ```
#
# Why does nothing in PyTorch do all three at once? Because sometimes one wants to do other things in between: part 4
# is an example. The price is that the order is yours to get right. No error message will tell you.
#
# In a loop, each batch does `Yhat = model(X); L = loss(Yhat, Y)` and then the lines below. What becomes of the model?
# Find out on paper, before you run anything.

# %% [markdown] lang="fr"
# ## 2 · Trois lignes, et leur ordre · environ 17 minutes
#
# Avec un optimiseur, chaque lot demande les trois mêmes lignes, quels que soient le modèle, le coût et la méthode :
#
# ```python
# optim.zero_grad()  # oublier les gradients du lot précédent
# L.backward()       # calculer ceux de ce lot : ils s'ajoutent à chaque .grad
# optim.step()       # se déplacer
# ```
#
# Pourquoi rien, dans PyTorch, ne fait-il les trois d'un coup ? Parce que l'on veut parfois faire autre chose entre
# deux : la partie 4 en est un exemple. En échange, l'ordre est à votre charge : aucun message d'erreur ne vous
# avertira.
#
# Dans une boucle, chaque lot fait `Yhat = model(X); L = loss(Yhat, Y)`, puis les lignes ci-dessous. Que devient le
# modèle ? Cherchez sur le papier, avant d'exécuter quoi que ce soit.

# %% [markdown] lang="en"
# - **a.** `optim.zero_grad(); L.backward(); optim.step()`
# - **b.** `L.backward(); optim.step(); optim.zero_grad()`
# - **c.** `L.backward(); optim.zero_grad(); optim.step()`
# - **d.** `L.backward(); optim.step()`
# - **e.** `optim.zero_grad(); optim.step(); L.backward()`
# - **f.** `optim.zero_grad(); L.backward()`
#
# For each letter, answer `"descends"` if each step uses the gradient of its own batch, `"adds up"` if each step uses
# the sum of all the gradients so far, and `"stays"` if the parameters never move. `orders` returns a dict.

# %% [markdown] lang="fr"
# - **a.** `optim.zero_grad(); L.backward(); optim.step()`
# - **b.** `L.backward(); optim.step(); optim.zero_grad()`
# - **c.** `L.backward(); optim.zero_grad(); optim.step()`
# - **d.** `L.backward(); optim.step()`
# - **e.** `optim.zero_grad(); optim.step(); L.backward()`
# - **f.** `optim.zero_grad(); L.backward()`
#
# À chaque lettre, répondez `"descends"` (descend) si chaque pas utilise le gradient de son propre lot, `"adds up"`
# (cumule) si chaque pas utilise la somme de tous les gradients jusque-là, et `"stays"` (reste) si les paramètres ne
# bougent jamais. `orders` renvoie un dictionnaire, d'une lettre à sa réponse.


# %% answer="orders"
def orders():
    """Return a dict from each letter, "a" to "f", to "descends", "adds up" or "stays"."""
    ### BEGIN SOLUTION
    return {"a": "descends", "b": "descends", "c": "stays", "d": "adds up", "e": "stays", "f": "stays"}
    ### END SOLUTION


# %% check="orders_choices" points=2 ids=["P-2.4.2"]
check.letters(orders, "abcdef", options=("descends", "adds up", "stays"))
### BEGIN HIDDEN TESTS
check.choices(
    orders(),
    {"a": "descends", "b": "descends", "c": "stays", "d": "adds up", "e": "stays", "f": "stays"},
    because={
        "a": "forget, compute, move: the usual order.",
        "b": "the same circle, entered at another point: the gradients are forgotten before the next backward.",
        "c": "the gradients are forgotten just before they are used: step finds none.",
        "d": "backward adds to .grad, and nothing resets it.",
        "e": "step comes right after zero_grad and finds no gradient; what backward then computes is forgotten at the next batch.",
        "f": "backward computes gradients, and moves nothing: that is what step does.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now run them: 15 epochs on the circles, in mini-batches of 10, $\eta = 0.3$, all from the same start. Those that stay
# lie on each other, and so do the two that descend.
#
# > **Before you run it.** Which letter has the highest loss at the end? Put it, as `"a"`, in the place of `None`.

# %% [markdown] lang="fr"
# Exécutez-les maintenant : 15 époques sur les cercles, en mini-lots de 10, avec $\eta = 0{,}3$, toutes depuis le même
# départ. Celles qui restent sur place sont confondues, et les deux qui descendent aussi.
#
# > **Avant d'exécuter.** Quelle lettre a le coût le plus élevé à la fin ? Écrivez-la, par exemple `"a"`, à la place de
# > `None`.

# %% predict="highest_at_the_end"
highest_at_the_end = None


# %% demo
def losses_of(order):
    torch.manual_seed(1)
    model, loss, optim = init_model(2, 10, 2, 0.3)
    losses = [loss(model(data.Xtrain), data.Ytrain).item()]
    for _ in range(15):
        for indices in minibatches(200, 10):
            L = loss(model(data.Xtrain[indices]), data.Ytrain[indices])
            for word in order.split():
                {"zero_grad": optim.zero_grad, "backward": L.backward, "step": optim.step}[word]()
        losses.append(loss(model(data.Xtrain), data.Ytrain).item())
    return losses


fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
runs = {}
for letter, order, style in (
    ("a", "zero_grad backward step", "-"),
    ("b", "backward step zero_grad", "--"),
    ("c", "backward zero_grad step", "-"),
    ("d", "backward step", "-."),
    ("e", "zero_grad step backward", "--"),
    ("f", "zero_grad backward", ":"),
):
    runs[letter] = losses_of(order)
    ax.plot(runs[letter], style, linewidth=2, label=f"{letter}: {order}")
ax.set(xlabel=say("epoch"), ylabel=say("loss"), yscale="log")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
ax.grid(alpha=0.3)
figures.show(fig, say("The loss with six orders of the three lines."))
reveal(highest_at_the_end, max(runs, key=lambda letter: runs[letter][-1]))

# %% claim="a and b descend as one, c, e and f stay; d jumps within five epochs, is lowest in one or two, ends far above"
assert runs["a"] == runs["b"] and runs["a"][-1] < 0.6 * runs["a"][0]
assert all(len(set(runs[letter])) == 1 for letter in "cef")
lowest = [k for k in range(1, 6) if runs["d"][k] < min(runs[letter][k] for letter in "abcef") - 0.12]
assert 1 <= len(lowest) <= 2 and max(runs["d"][1 : lowest[-1]] + runs["d"][lowest[-1] + 1 : 6]) > runs["d"][0]
assert runs["d"][-1] > 2 * runs["d"][0] and max(runs, key=lambda letter: runs[letter][-1]) == "d"

# %% [markdown] lang="en"
# Curve d is the treacherous one. Within the first five epochs it jumps up and down: above its start, then for an epoch
# or two far below all the others, and up again. Whoever stops at such a moment thinks that all is well. At the end it
# is far above its start. Gradients that add up and are never forgotten behave like a ball without friction: it gathers
# speed in the valley, nothing brakes it, and each mini-batch kicks it further. In part 5 you will meet the same idea
# with friction, and it will be called momentum.
#
# Now `train`. It is `train_04` above, with two changes: `init_model` gives the optimiser too, and three lines take the
# place of `L.backward()` and `sgd_04`. The loops and the measures stand there. What happens to each mini-batch is
# yours: predict, measure the loss, and the three lines.

# %% [markdown] lang="fr"
# La courbe d est la plus sournoise. Dans les cinq premières époques, elle fait des bonds : au-dessus de son
# départ, puis, une époque ou deux, bien au-dessous de toutes les autres, et de nouveau en haut. Qui s'arrête à ce
# moment-là croit que tout va bien. À la fin, elle est très au-dessus de son départ. Des gradients qui se cumulent
# sans que rien ne soit oublié se comportent comme une bille sans frottement : elle prend de la vitesse dans la vallée,
# rien ne la freine, et chaque mini-lot la pousse plus loin. Dans la partie 5, vous retrouverez la même idée avec
# frottement, sous le nom d'inertie (momentum).
#
# Et maintenant `train`. C'est `train_04` ci-dessus, avec deux changements : `init_model` donne aussi l'optimiseur, et
# trois lignes remplacent `L.backward()` et `sgd_04`. Les boucles et les mesures sont déjà là. Ce qui arrive à chaque
# mini-lot est à vous : prédire, mesurer le coût, puis les trois lignes. Les pas se font avec l'optimiseur que renvoie
# `init_model`, un par mini-lot, avec le gradient de ce mini-lot seul.


# %% answer="train"
def train(data, nh, epochs, batch, eta):
    """Train a network with one hidden layer by mini-batch descent.

    data: holds Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest.
    nh: hidden units. epochs: passes over the training examples. batch: size of a mini-batch.
    eta: learning rate.
    Uses init_model, minibatches and loss_accuracy. Each step is made by the optimiser, once a mini-batch, with
    the gradients of that mini-batch alone.
    Returns (model, history): history is a dict of four lists, "loss_train", "loss_test", "acc_train",
    "acc_test", with one float an epoch, measured on all the examples after the steps of the epoch.
    """
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            # Here: one step of the optimiser, on data.Xtrain[indices] and data.Ytrain[indices].
            ### BEGIN SOLUTION
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
            ### END SOLUTION
        with torch.no_grad():
            for part, X, Y in (("train", data.Xtrain, data.Ytrain), ("test", data.Xtest, data.Ytest)):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history


# %% [markdown] hint="train" lang="en"
# ### The idea
#
# The two lines before the step are those of `train_04`. Then come the three of this part, in an order that descends:
# two of the six above did.
#
# ### What is what
#
# `loss_accuracy` returns two values, and only the first is needed here. `backward` is called on that number, `L`, not
# on `loss`, which is a function. The other two calls belong to `optim`. All three have parentheses, and take nothing.
#
# ### The code, with blanks
#
# ```python
# Yhat = ...
# L, _ = loss_accuracy(...)
# # forget, compute, move: three calls
# ```

# %% [markdown] hint="train" lang="fr"
# ### L'idée
#
# Les deux lignes avant le pas sont celles de `train_04`. Viennent ensuite les trois de cette partie, dans un ordre qui
# descend : deux des six ci-dessus le faisaient.
#
# ### Ce qui est donné
#
# `loss_accuracy` renvoie deux valeurs, et seule la première sert ici. `backward` s'appelle sur ce nombre, `L`, et non
# sur `loss`, qui est une fonction. Les deux autres appels sont ceux de `optim`. Tous trois ont des parenthèses, et ne
# prennent rien.
#
# ### Le code, à trous
#
# ```python
# Yhat = ...
# L, _ = loss_accuracy(...)
# # oublier, calculer, se déplacer : trois appels
# ```


# %% check="train_steps" points=2 ids=["P-2.4.2"]
def verify(seed, nh, epochs, size, eta):
    """Run train on a model of one affine map, and look at each backward pass and each step."""
    call = f"train(data, {nh}, {epochs}, {size}, {eta})"
    run = check.trained(probes.watch_training, OPTIM_TRAINING, train, shifted_circles(seed), nh, epochs, size, eta)
    parts, notes, passes = shifted_circles(seed), run["notes"], run["passes"]
    made = [note for note in notes if not isinstance(note, str)]
    called = [note for note in notes if isinstance(note, str)]
    check.that(made, "train does not call init_model")
    check.that(
        len(made) == 1, "the model is made anew at each epoch: make it once, before the loop"
    )
    check.same(made[0], [2, nh, 2, eta], "(nx, nh, ny, eta)")
    check.that(passes, "no gradient is ever computed: call L.backward() for each mini-batch")
    batches = -(-200 // size)
    check.same(
        len(passes),
        epochs * batches,
        f"{call}: len(steps)",
        unless={
            "one step for each mini-batch was asked for, not one for each epoch": epochs,
            "train goes through the data once; it should do so once an epoch": batches,
            "the last, shorter mini-batch of each epoch is not used": epochs * (200 // size),
        },
    )
    started, ended = passes[0]["params"], passes[-1]["params"]
    check.that(
        "step" in called or all(torch.equal(started[name], ended[name]) for name in started),
        "the steps are not made by the optimiser that init_model returns: use that one",
    )
    check.that("step" in called, "optim.step() is never called: nothing moves")
    check.that(
        called.index("backward") < called.index("step"),
        "step comes before backward: it moves with the gradients of the batch before, or with none",
    )
    check.that(
        "backward zero_grad step" not in " ".join(called),
        "zero_grad stands between backward and step: the gradients are forgotten before they are used",
    )
    check.that(
        called.count("step") == epochs * batches,
        "optim.step() is called {found} times for {n} mini-batches: once for each",
        found=called.count("step"),
        n=epochs * batches,
    )
    place = {tuple(row.tolist()): i for i, row in enumerate(parts["Xtrain"])}
    tested = {tuple(row.tolist()) for row in parts["Xtest"]}
    seen, ends = [], [later["params"] for later in passes[1:]]
    last = probes.parameters(check.pair(run["result"], call)[0])
    check.that(
        not last or last.keys() == passes[-1]["params"].keys(),
        "the model that train returns is not the one that it has trained",
    )
    ends.append(last or None)  # what else it returns is told by train_history
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
        # The targets follow from the gradient: that of the mean of n squares is 2 / n times the error.
        target = one["Yhat"] - one["delta"] * one["delta"].numel() / 2
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
                        "the gradients of earlier mini-batches are still in it: call optim.zero_grad() for each mini-batch": sums[
                            name
                        ]
                    },
                )
                old = one["params"][name]
                check.close(
                    old - eta * own[name] if end is None else end[name],
                    old - eta * own[name],
                    f"model.{name}",
                    unless={
                        "nothing moves: step finds no gradient": old,
                        "the parameters move twice for each mini-batch: step does it, no hand-written step is needed": old
                        - 2 * eta * own[name],
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


# %% check="train_history" points=1 ids=["P-2.4.2"]
def verify(seed, epochs, size):
    """Run train on a model of one affine map, and compare what it notes after each epoch with what it should."""
    call = f"train(data, 3, {epochs}, {size}, 0.1)"
    run = check.trained(probes.watch_training, OPTIM_TRAINING, train, shifted_circles(seed), 3, epochs, size, 0.1)
    parts = shifted_circles(seed)
    model, log = check.pair(run["result"], call)
    check.that(
        not isinstance(model, dict), "the two values are swapped: the model, then the history"
    )
    log = check.keys(log, ["loss_train", "loss_test", "acc_train", "acc_test"], f"{call}[1]")
    batches, noted = -(-200 // size), {}
    for name in ("loss_train", "loss_test", "acc_train", "acc_test"):
        noted[name] = check.numbers(
            log[name],
            epochs,
            f'{call}[1]["{name}"]',
            unless={
                "one number an epoch was asked for, not one for each mini-batch": epochs * batches,
                "there is one number in all; one an epoch was asked for": 1,
            },
        )
        check.that(
            not any(getattr(number, "requires_grad", False) for number in log[name]),
            "the history keeps the graph of each loss, and the memory fills: keep L.item()",
        )
    check.module(probes.describe(model), f"{call}[0]")
    final = probes.parameters(model)
    check.that(
        set(final) == {"weight", "bias"}, "the model that train returns is not the one that it has trained"
    )
    called = [note for note in run["notes"] if note in ("backward", "step")]
    made = sum(not isinstance(note, str) for note in run["notes"])
    counted = made == 1 and called == ["backward", "step"] * (epochs * batches)
    ends = [one["params"] for one in run["passes"][batches::batches]] if counted else []
    ends.append(final)

    def measure(points, x, y):
        errors = [torch.nn.functional.linear(x, point["weight"], point["bias"]) - y for point in points]
        numbers = {"loss": [(error**2).mean() for error in errors], "acc": [error.abs().mean() for error in errors]}
        return {name: torch.stack(values) for name, values in numbers.items()}

    for part, other in (("train", "test"), ("test", "train")):
        x, y = parts[f"X{part}"], parts[f"Y{part}"]
        true = measure(ends, x, y)
        for name, swapped in (("loss", "acc"), ("acc", "loss")):
            mistakes = {
                "these are the numbers of the other half of the data: train and test are mixed up": measure(
                    ends, parts[f"X{other}"], parts[f"Y{other}"]
                )[name],
                "loss and accuracy are swapped": true[swapped],
            }
            if name == "acc":
                mistakes["the accuracy is a rate between 0 and 1, not a percentage"] = 100 * true["acc"]
            if counted:
                errors = [one["delta"] * one["delta"].numel() / 2 for one in run["passes"]]
                met = torch.stack([(error**2 if name == "loss" else error.abs()).mean() for error in errors])
                mistakes |= {
                    "measure after the steps of the epoch, not before": measure(
                        [one["params"] for one in run["passes"][::batches]], x, y
                    )[name],
                    "these are the numbers of the last mini-batch; measure on all the examples": (
                        met[batches - 1 :: batches]
                    ),
                    "this is the mean over the mini-batches, while the parameters were still moving: measure on all the examples, after the steps": (
                        met.reshape(epochs, batches).mean(1)
                    ),
                    "every number is the last one: measure after each epoch, not at the end": (
                        true[name][-1].expand(epochs)
                    ),
                }
            check.close(
                noted[f"{name}_{part}"][-len(ends) :],
                true[name],
                f'{call}[1]["{name}_{part}"]',
                unless=mistakes,
            )


verify(0, 2, 50)
### BEGIN HIDDEN TESTS
verify(4, 3, 48)
### END HIDDEN TESTS

# %% check="train_learns" points=1 ids=["P-2.4.1", "P-2.4.2"]
# 24 examples that an affine map fits exactly: whoever descends on them ends close to a loss of 0.
X = torch.randn(24, 2)
Y = X @ torch.tensor([[1.0, -2.0], [0.5, 1.0]]) + torch.tensor([1.0, -1.0])
parts = {"Xtrain": X, "Ytrain": Y, "Xtest": X[:6], "Ytest": Y[:6]}
call = "train(data, 3, 15, 6, 0.3)"
run = check.trained(probes.watch_training, OPTIM_TRAINING, train, parts, 3, 15, 6, 0.3)
learnt = check.pair(run["result"], call)[0]
check.module(probes.describe(learnt), f"{call}[0]")
scores = check.tensor(learnt(X.clone()), (24, 2), f"{call}[0](X)").detach()
L = float((scores - Y).square().mean())
check.that(
    L < 0.02 * float(Y.square().mean()),
    "on 24 examples that a model fits exactly, the loss is {L:.2g} after training, where it should be close to 0",
    L=L,
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

def init_model(nx, nh, ny, eta):
    model = Curved(nx, ny)
    return model, torch.nn.SmoothL1Loss(beta=2.0), torch.optim.Adam(model.terms, lr=eta / 60)

turn = [0]

def minibatches(n, batch):
    turn[0] += 1
    order = (77 * torch.arange(n) + turn[0]) % n
    return [order[start : start + batch] for start in range(0, n, batch)]

def loss_accuracy(loss, Yhat, Y):
    return loss(Yhat, Y), ((Yhat > 0.5) == (Y > 0.5)).float().mean()
"""
circles = CirclesData(7)
rings = {name: getattr(circles, name) for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
rings |= {name: rings[name].flip(1) for name in ("Ytrain", "Ytest")}  # what was learnt at home is wrong here
given = {name: part.clone() for name, part in rings.items()}
try:
    got = probes.train_with(STAND_INS, train, given, 10, 15, 10, 1.5)
except RuntimeError as error:
    check.that(
        "modified by an inplace operation" not in str(error),
        "step comes between the forward pass and backward: it changes weights that backward still needs; backward first",
    )
    raise
learnt = check.pair(got, "train(data, 10, 15, 10, 1.5)")[0]
check.module(probes.describe(learnt), "train(data, 10, 15, 10, 1.5)[0]")
scores = learnt(rings["Xtest"].clone())
check.that(
    bool(scores.isfinite().all()),
    "training diverged, the weights are NaN or infinite: gradients that are not reset, a loss that is summed, or too large an eta",
)
rate = float((scores.argmax(1) == rings["Ytest"].argmax(1)).float().mean())
check.that(
    rate > 0.85,
    "on other circles, the trained network is right on {rate:.0%} of the test examples",
    rate=rate,
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The training of `04_nn`: 150 epochs, mini-batches of 10, ten hidden units. Below the pictures are the losses of the
# first five epochs, by `train_04` and by your `train`, from the same start.

# %% [markdown] lang="fr"
# L'apprentissage de `04_nn` : 150 époques, des mini-lots de 10, dix unités cachées. Sous les images, les coûts des cinq
# premières époques, par `train_04` et par votre `train`, depuis le même départ.

# %% demo
torch.manual_seed(0)
model, history = train(data, nh=10, epochs=150, batch=10, eta=0.3)
torch.manual_seed(0)
before = train_04(data, nh=10, epochs=5, batch=10, eta=0.3)[1]
data.plot_data_with_grid(probabilities(model, data.Xgrid), title="05_optim")
figures.curves(history)
for name, losses in (("train_04", before["loss_train"]), ("train", history["loss_train"])):
    print(f"{name:10}", *(number(loss, ".6f") for loss in losses[:5]), sep="  ")

# %% claim="train and train_04 give the same numbers, up to rounding, and the network learns"
pairs = zip(before["loss_train"], history["loss_train"])
assert len(before["loss_train"]) == 5 and all(abs(one - other) < 1e-5 for one, other in pairs)
assert history["acc_test"][-1] > 0.9

# %% [markdown] lang="en"
# The same numbers, up to rounding. Side by side, what disappears is in orange, what is new is in blue:

# %% [markdown] lang="fr"
# Les mêmes nombres, aux arrondis près. Côte à côte, ce qui disparaît est en orange, ce qui est nouveau est en bleu :

# %% demo unclaimed="two programs beside each other"
figures.side_by_side(
    ([init_model_04], [init_model]),
    ([sgd_04], []),
    ([train_04], [train]),
)

# %% [markdown] lang="en"
# Nothing is left of the update itself: not the loop over the parameters, not the minus sign, not `no_grad`. To change
# the method, one word of `init_model` is enough. Since `02_manual`, the gradients, the network and now the step have
# gone from your program, one after the other; what remains is what you decide.
#
# ## 3 · Several modules, one optimiser · about 8 minutes
#
# In `04_nn` you moved the modules of linear → tanh → linear by hand, without a container. Here is the whole
# descent, with an optimiser. What it needs is a list of tensors; where they come from does not matter to it:
#
# $$X \;\to\; \text{Linear} \;\to\; \tanh \;\to\; \text{Linear} \;\to\; \hat{Y} \qquad L = \text{MSE}(\hat{Y}, Y)$$
#
# Lists are joined by `+`: `list(first.parameters()) + list(second.parameters())`.
#
# Write `descend_parts`: full-batch descent by SGD, one step an epoch. `parts` holds the modules in this order: `first`,
# `act`, `second`, and the loss `mse`. The function returns a list of numbers, the loss before
# each step; the parameters of `first` and `second` are changed in place.

# %% [markdown] lang="fr"
# Rien ne reste de la mise à jour elle-même : ni la boucle sur les paramètres, ni le signe moins, ni `no_grad`. Pour
# changer de méthode, il suffit d'un mot dans `init_model`. Depuis `02_manual`, les gradients, le réseau et maintenant
# le pas ont quitté votre programme l'un après l'autre ; ce qui reste, c'est ce que vous décidez.
#
# ## 3 · Plusieurs modules, un seul optimiseur · environ 8 minutes
#
# Dans `04_nn`, vous avez déplacé à la main les modules de linéaire → tanh → linéaire, sans conteneur.
# Voici toute la descente, avec un optimiseur. Il lui faut une liste de tenseurs, peu importe d'où ils viennent :
#
# $$X \;\to\; \text{Linear} \;\to\; \tanh \;\to\; \text{Linear} \;\to\; \hat{Y} \qquad L = \text{MSE}(\hat{Y}, Y)$$
#
# Deux listes se mettent bout à bout avec `+` : `list(first.parameters()) + list(second.parameters())`.
#
# Écrivez `descend_parts` : une descente par lot complet avec SGD, un pas par époque. `parts` contient les modules dans
# cet ordre : `first`, `act`, `second`, et le coût `mse`. La fonction renvoie une liste de
# nombres, le coût avant chaque pas ; les paramètres de `first` et de `second` sont modifiés sur place.


# %% answer="descend_parts"
def descend_parts(parts, X, Y, epochs, eta):
    """Descend on the mean squared error of linear → tanh → linear, with one optimiser; no container is needed.

    parts: the modules (first, act, second, mse); the parameters of first and second are changed in place.
    X: inputs (n, nx). Y: targets (n, ny).
    epochs: number of steps, all the examples in each, made by SGD without momentum. eta: learning rate.
    Returns a list of floats: the loss before each step.
    """
    ### BEGIN SOLUTION
    first, act, second, mse = parts
    optim = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=eta)
    losses = []
    for _ in range(epochs):
        L = mse(second(act(first(X))), Y)
        optim.zero_grad()
        L.backward()
        optim.step()
        losses.append(L.item())
    return losses
    ### END SOLUTION


# %% [markdown] hint="descend_parts" lang="en"
# ### The idea
#
# First the optimiser, made once, for the parameters of both layers; then a loop, once for each epoch: through the three
# modules, into the loss, and the three lines of part 2.
#
# ### What is what
#
# `parts` holds four things: name them. A module is called like a function, and what one returns goes into the next.
# `tanh` and the loss have no parameters, so the optimiser gets those of `first` and `second` only. `L.item()` is the
# number without its graph; the loss *before* the step is what this epoch's `L` says.
#
# ### The code, with blanks
#
# ```python
# first, act, second, mse = ...
# optim = torch.optim.SGD(..., lr=...)
# losses = ...
# for _ in range(epochs):
#     L = mse(..., ...)
#     # the three lines of part 2
#     losses.append(...)
# return losses
# ```

# %% [markdown] hint="descend_parts" lang="fr"
# ### L'idée
#
# D'abord l'optimiseur, créé une fois, pour les paramètres des deux couches ; puis une boucle, un tour par époque :
# appliquer les trois modules l'un après l'autre, calculer le coût, et les trois lignes de la partie 2.
#
# ### Ce qui est donné
#
# `parts` contient quatre choses : nommez-les. Un module s'appelle comme une fonction, et ce que l'un renvoie entre dans
# le suivant. `tanh` et le coût n'ont pas de paramètres : l'optimiseur ne reçoit que ceux de `first` et de `second`.
# `L.item()` est le nombre sans son graphe ; le coût *avant* le pas est ce que dit le `L` de cette époque.
#
# ### Le code, à trous
#
# ```python
# first, act, second, mse = ...
# optim = torch.optim.SGD(..., lr=...)
# losses = ...
# for _ in range(epochs):
#     L = mse(..., ...)
#     # les trois lignes de la partie 2
#     losses.append(...)
# return losses
# ```


# %% check="descend_parts_steps" points=2 ids=["A-Q2loop"]
def verify(x, nh, ny, epochs, eta):
    """Take a few steps and compare every parameter with descent by autograd."""
    nx = x.shape[1]
    target = torch.randn(len(x), ny, dtype=x.dtype)
    begin = [torch.randn(shape, dtype=x.dtype) for shape in ((nh, nx), (nh,), (ny, nh), (ny,))]
    layers = [["Linear", nx, nh], ["Tanh"], ["Linear", nh, ny], ["MSELoss"]]
    try:
        run, again = (
            probes.one_step(descend_parts, layers, *check.copies(begin, None, [x, target, epochs, eta]), True)
            for _ in range(2)
        )
    except RuntimeError as error:
        check.that(
            "modified by an inplace operation" not in str(error),
            "step comes between the forward pass and backward: it changes weights that backward still needs; backward first",
        )
        raise
    except TypeError as error:
        check.that(
            "generator" not in str(error) and "can only optimize" not in str(error),
            "parameters() gives its tensors one by one: make lists of them, list(first.parameters()) + list(second.parameters())",
        )
        raise

    except ValueError as error:
        check.that(
            "empty parameter list" not in str(error),
            "the module whose parameters the optimiser gets has none: the parts come in the order first, act, second, mse",
        )
        raise

    def walk(moving=(0, 1, 2, 3), kept=0.0, sign=-1.0, act=torch.tanh, steps=epochs, end=lambda a: a, eta=eta):
        values, sums, losses = [value.clone() for value in begin], [0.0] * 4, []
        for _ in range(steps):
            live = [value.clone().requires_grad_() for value in values]
            h = act(torch.nn.functional.linear(x, live[0], live[1]))
            L = ((end(torch.nn.functional.linear(h, live[2], live[3])) - target) ** 2).mean()
            slopes = torch.autograd.grad(L, live)
            sums = [kept * total + slope for total, slope in zip(sums, slopes)]
            values = [
                value + sign * eta * total * (i in moving)
                for i, (value, total) in enumerate(zip(values, sums))
            ]
            losses.append(L.item())
        return torch.cat([value.flatten() for value in values]), losses

    end, losses = walk()
    found, repeated = (torch.cat([value.flatten() for value in one["values"]]) for one in (run, again))
    by_lot = {}
    if not torch.allclose(found, repeated, rtol=1e-3, atol=1e-5, equal_nan=True):
        by_lot["two descents from one start end apart: full-batch descent has all the examples in each step, no mini-batches"] = found
    check.close(
        found,
        end,
        "first.weight, first.bias, second.weight, second.bias",
        unless={
            "nothing moved: step finds no gradient, or the optimiser holds other tensors": torch.cat(
                [value.flatten() for value in begin]
            ),
            "only the first layer moves: the optimiser needs the parameters of second, too": walk(
                moving=(0, 1)
            )[0],
            "only the last layer moves: the optimiser needs the parameters of first, too": walk(
                moving=(2, 3)
            )[0],
            "only the weights move: the biases are parameters too": walk(moving=(0, 2))[0],
            **by_lot,
            "the optimiser keeps the learning rate that torch gives it: lr=eta": walk(eta=1e-3)[0],
            "the parts are named in another order than they come in: first, act, second, mse": walk(
                moving=(0, 1), act=lambda a: a, end=torch.tanh
            )[0],
            "the activation is missing: first, act, second, in this order": walk(act=lambda a: a)[0],
            "act comes last: its place is between first and second": walk(act=lambda a: a, end=torch.tanh)[0],
            "act is used twice: its place is between first and second, the scores stay as they are": walk(
                end=torch.tanh
            )[0],
            "you walked up the slope: the gradient is subtracted": walk(sign=1.0)[0],
            "the gradients add up from step to step: call optim.zero_grad()": walk(kept=1.0)[0],
            "the parameters are one step behind: step comes before backward": walk(steps=epochs - 1)[0],
            "the second step goes on in the direction of the first: SGD without momentum was asked for": walk(
                kept=0.9
            )[0],
        },
    )
    got = check.items(run["result"], "descend_parts(…)")
    check.that(
        len(got) == epochs,
        "descend_parts should return a list of {n} losses, one for each step",
        n=epochs,
    )
    check.close(
        check.numbers(got, epochs, "descend_parts(parts, X, Y, epochs, eta)"),
        losses,
        "descend_parts(parts, X, Y, epochs, eta)",
        unless={"note the loss before each step, not after": walk(steps=epochs + 1)[1][1:]},
    )
    check.that(
        not any(getattr(number, "requires_grad", False) for number in got),
        "the list keeps the graph of each loss, and the memory fills: keep L.item()",
    )


verify(torch.randn(12, 2), 5, 3, 2, 0.1)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 4), 7, 3, 3, 0.05)
verify(torch.randn(4, 5).T, 7, 3, 4, 0.05)
verify(torch.randn(1, 4, dtype=torch.float64), 7, 3, 2, 0.02)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 4 · One step for many batches · about 11 minutes
#
# The gradient of a large batch has little noise, but a large batch may not fit into memory. Since `backward` *adds*
# to `.grad`, there is a way out: go through several small batches, `backward` after each, and `step` only then. The
# memory holds the graph of one small batch at a time, and the step is that of a large one. For a group of $m$ batches
# with losses $L_1, \dots, L_m$:
#
# $$\frac{1}{m} \sum_{k=1}^{m} \frac{\partial L_k}{\partial w} = \frac{\partial}{\partial w} \left( \frac{1}{m} \sum_{k=1}^{m} L_k \right)$$
#
# The sum is made by `.grad`; the division by $m$ is yours: divide each loss *before* its `backward`.
#
# The picture shows what is gained: how far the gradient of $m$ accumulated batches of 2 examples is from that of all
# the 200, relative to its length. Its noise falls like $1 / \sqrt{m}$ (grey) at first, and faster when most of the
# batches are in; with all 100, only rounding is left, printed below.
#
# > **Before you run it.** What is left of the noise of a single batch when 16 are accumulated, in percent?

# %% [markdown] lang="fr"
# ## 4 · Un seul pas pour plusieurs lots · environ 11 minutes
#
# Le gradient d'un grand lot est peu bruité, mais un grand lot ne tient pas toujours en mémoire. Puisque `backward`
# *ajoute* à `.grad`, il y a une solution : parcourir plusieurs petits lots, avec un `backward` après chacun, et ne
# faire `step` qu'ensuite. La mémoire ne contient que le graphe d'un petit lot à la fois, et le pas est celui d'un
# grand. Pour un groupe de $m$ lots de coûts $L_1, \dots, L_m$ :
#
# $$\frac{1}{m} \sum_{k=1}^{m} \frac{\partial L_k}{\partial w} = \frac{\partial}{\partial w} \left( \frac{1}{m} \sum_{k=1}^{m} L_k \right)$$
#
# C'est `.grad` qui fait la somme ; la division par $m$ est à votre charge : divisez chaque coût *avant* son `backward`.
#
# L'image montre ce que l'on gagne : à quelle distance le gradient de $m$ lots accumulés de 2 exemples se trouve de
# celui des 200, relativement à sa longueur. Son bruit décroît d'abord comme $1 / \sqrt{m}$ (en gris), puis plus vite
# quand la plupart des lots y sont ; avec les 100, il ne reste que l'erreur d'arrondi, affichée dessous.
#
# > **Avant d'exécuter.** Que reste-t-il du bruit d'un seul lot quand on en accumule 16, en pourcentage ?

# %% predict="left_of_16"
left_of_16 = None

# %% demo
def slope_of(model, X, Y):
    L = torch.nn.functional.cross_entropy(model(X), Y)
    return torch.cat([g.flatten() for g in torch.autograd.grad(L, list(model.parameters()))])


torch.manual_seed(0)
model = fully_connected([2, 10, 2])
slopes = torch.stack([slope_of(model, data.Xtrain[i : i + 1], data.Ytrain[i : i + 1]) for i in range(200)])
counts, whole = [1, 2, 4, 8, 16, 32, 64, 100], slope_of(model, data.Xtrain, data.Ytrain)
squares = torch.zeros(len(counts))
for _ in range(200):
    shuffled = slopes[torch.randperm(200)]
    squares += torch.stack([(shuffled[: 2 * m].mean(0) - whole).square().sum() for m in counts]) / 200
errors = squares.sqrt() / whole.norm()
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(counts, errors[0] / torch.tensor(counts).sqrt(), color="#999999")
ax.plot(counts[:-1], errors[:-1], "o-", color="#0072B2")
ax.set(xlabel=say("accumulated batches, m"), ylabel=say("relative error of the gradient"), xscale="log", yscale="log")
ax.set_yticks([1, 2, 4, 6], ["1", "2", "4", "6"], minor=False)
ax.set_yticks([], minor=True)
ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "The relative error of a gradient, from {first:.2f} for one batch to {last:.2f} for 64 accumulated, "
        "beside a grey line that falls like one over the root of their number."
    ).format(first=float(errors[0]), last=float(errors[-2])),
)
print(f"m = 100: {number(float(errors[-1]), '.0e')}")
reveal(left_of_16, round(100 * float(errors[4] / errors[0])))

# %% claim="16 batches leave about a quarter of the noise, 64 less than an eighth, all of them only rounding"
assert 0.2 < errors[4] / errors[0] < 0.28
assert errors[6] / errors[0] < 0.1
assert errors[-1] < 1e-5

# %% [markdown] lang="en"
# Write `accumulate`: one pass over a list of batches, one step for each group of `every` batches. Mind the last group:
# it may have fewer batches than the others. It makes its step too, with the mean over the batches **that it has**. In
# this mean each batch counts the same, even if one has more examples than another.
# Slices help: `batches[k : k + every]` stops by itself at the end of the list. The function returns the number of
# steps. `backward` is called once for each batch: only then one graph at a time is in memory.
#
# > **Before you write it.** With 250 batches and `every=100`, how many batches does the last step have? Put the number
# > in the place of `None`; a cell below tells.

# %% [markdown] lang="fr"
# Écrivez `accumulate` : un parcours d'une liste de lots, un pas par groupe de `every` lots. Attention au dernier
# groupe : il peut avoir moins de lots que les autres. Il fait son pas lui aussi, avec la moyenne sur les lots
# **qu'il a**. Dans cette moyenne, chaque lot compte autant, même si l'un a plus d'exemples qu'un autre. Les tranches
# aident : `batches[k : k + every]` s'arrête de lui-même à la fin de la liste. La fonction
# renvoie le nombre de pas. On appelle `backward` une fois par lot : c'est la condition pour n'avoir qu'un graphe à la
# fois en mémoire.
#
# > **Avant de l'écrire.** Avec 250 lots et `every=100`, combien de lots compte le dernier pas ? Écrivez le nombre à la
# > place de `None` ; une cellule plus bas le dira.

# %% predict="in_the_last_step"
in_the_last_step = None


# %% answer="accumulate"
def accumulate(model, loss, optim, batches, every):
    """Go once through the batches, with one step of the optimiser for every group of them.

    model: a torch.nn.Module. loss: a function of Yhat and Y, averaged over its batch.
    optim: an optimiser of the parameters of model.
    batches: list of pairs (X, Y). every: batches in a group, >= 1; the last group may have fewer.
    Each group makes one step, the last one too, with the gradient of the mean of the losses of its batches, each
    batch counting the same. backward is called once for each batch: only one graph at a time is in memory.
    Returns the number of steps.
    """
    ### BEGIN SOLUTION
    steps = 0
    for k in range(0, len(batches), every):
        group = batches[k : k + every]
        optim.zero_grad()
        for X, Y in group:
            L = loss(model(X), Y) / len(group)
            L.backward()
        optim.step()
        steps += 1
    return steps
    ### END SOLUTION


# %% [markdown] hint="accumulate" lang="en"
# ### The idea
#
# Two loops: over the groups, and in each group over its batches. Ask of each of the three lines of part 2 how often it
# is wanted: once a group, or once a batch?
#
# ### The indices and the mean
#
# `range(0, len(batches), every)` gives the places where groups begin: 0, `every`, 2 `every`, … The slice that begins
# there is the group, and its `len` is the $m$ of the formula, also for the last. `.grad` adds up what each `backward`
# brings, so each loss is divided by $m$ before it.
#
# ### The code, with blanks
#
# ```python
# steps = 0
# for k in range(0, len(batches), every):
#     group = ...
#     # once a group: forget
#     for X, Y in group:
#         L = ... / ...
#         # once a batch: compute
#     # once a group: move, and count
# return steps
# ```

# %% [markdown] hint="accumulate" lang="fr"
# ### L'idée
#
# Deux boucles : sur les groupes, et dans chaque groupe sur ses lots. Pour chacune des trois lignes de la partie 2,
# demandez-vous combien de fois il la faut : une fois par groupe, ou une fois par lot ?
#
# ### Les indices et la moyenne
#
# `range(0, len(batches), every)` donne les places où commencent les groupes : 0, `every`, 2 `every`, … La tranche qui
# commence là est le groupe, et son `len` est le $m$ de la formule, même pour le dernier. `.grad` additionne ce
# qu'apporte chaque `backward` : on divise donc chaque coût par $m$ avant.
#
# ### Le code, à trous
#
# ```python
# steps = 0
# for k in range(0, len(batches), every):
#     group = ...
#     # une fois par groupe : oublier
#     for X, Y in group:
#         L = ... / ...
#         # une fois par lot : calculer
#     # une fois par groupe : se déplacer, et compter
# return steps
# ```


# %% check="accumulate_steps" points=2 ids=["A-accum"]
def verify(count, every, n, nx, ny):
    """Look at when the steps are made, and how many."""
    batches = [[torch.randn(n, nx), torch.randn(n, ny)] for _ in range(count)]
    values = [torch.randn(ny, nx), torch.randn(ny)]
    run = probes.watch_loop(
        accumulate, [["Linear", nx, ny]], values, "SGD", {"lr": 0.01}, batches, every
    )
    check.that(run["passes"], "no gradient is ever computed: call L.backward() for each batch")
    check.that(
        run["steps"] or all(map(torch.equal, run["values"], values)),
        "the steps are not made by the optimiser that the function was given, optim: use that one",
    )
    check.that(run["steps"], "optim.step() is never called: nothing moves")
    groups = -(-count // every)
    wanted = [min(every * (k + 1), count) for k in range(groups)]
    check.same(
        [step["passes"] for step in run["steps"]],
        wanted,
        say("backward passes before each step"),
        unless={
            "a step is made after each batch; make one for every group": list(range(1, count + 1)),
            "the losses of a group are added before one backward: all its batches stay in memory; call backward for each": list(
                range(1, groups + 1)
            ),
            "the last, shorter group makes no step: its gradients are lost": wanted[:-1],
            "there is a step without a batch at the end: where every divides their number, no group is shorter": [
                *wanted,
                count,
            ],
            "the first step comes after a single batch: i % every is 0 at i = 0, too; test (i + 1) % every": [
                *range(1, count + 1, every)
            ],
            "the first step comes after a single batch (i % every is 0 at i = 0, too), and the last batches make a step": sorted(
                {*range(1, count + 1, every), count}
            ),
        },
    )
    check.same(
        run["result"],
        groups,
        f"accumulate(model, loss, optim, batches, {every})",
        unless={
            "this is the number of batches; the number of steps was asked for": count,
            "the last, shorter group makes a step too: count it": count // every,
        },
    )


verify(250, 100, 2, 3, 1)
verify(6, 3, 2, 3, 1)
### BEGIN HIDDEN TESTS
verify(11, 4, 3, 5, 2)
verify(12, 4, 3, 5, 2)
verify(3, 7, 1, 5, 2)
verify(5, 1, 3, 4, 2)
### END HIDDEN TESTS


# %% check="accumulate_gradients" points=2 ids=["A-accum"]
def verify(count, every, n, nx, ny, kind="SGD"):
    """Compare the gradient that each step uses with that of the mean loss of its group."""
    sizes = [n + 2 * (i == 1) for i in range(count)]  # one batch is larger than the others
    batches = [[torch.randn(size, nx), torch.randn(size, ny)] for size in sizes]
    values = [torch.randn(ny, nx), torch.randn(ny)]
    run = probes.watch_loop(accumulate, [["Linear", nx, ny]], values, kind, {"lr": 0.05}, batches, every)
    check.that(
        not run["error"], "a loss has no graph: call L.backward() on what the loss gives, divided"
    )
    check.that(
        run["steps"] or all(map(torch.equal, run["values"], values)),
        "the steps are not made by the optimiser that the function was given, optim: use that one",
    )
    check.that(run["steps"], "optim.step() is never called: nothing moves")

    def slope(values, group, weigh=lambda size: 1.0):
        live = [value.clone().requires_grad_() for value in values]
        sums = 0.0
        for X, Y in group:
            sums = sums + weigh(len(X)) * ((torch.nn.functional.linear(X, *live) - Y) ** 2).mean()
        return torch.cat([part.flatten() for part in torch.autograd.grad(sums, live)])

    groups = [batches[k : k + every] for k in range(0, count, every)]
    earlier = 0.0
    for number, (step, group) in enumerate(zip(run["steps"], groups)):
        check.that(
            all(part is not None for part in step["slopes"]),
            "step finds no gradient: zero_grad stands between backward and step",
        )
        total, m = slope(step["values"], group), len(group)
        earlier, found = earlier + total / m, torch.cat([part.flatten() for part in step["slopes"]])
        elsewhere = {}
        if [one["passes"] for one in run["steps"]] != [min(every * (k + 1), count) for k in range(len(groups))]:
            elsewhere["the steps do not come at the end of each group: go by what the check above says first"] = found
        check.close(
            found,
            total / m,
            say("{what}, step {n}").format(what="w.grad", n=number + 1),
            unless={
                "the losses are added and not divided: the gradient grows with the number of batches": total,
                "the gradients of earlier groups are still in it: call optim.zero_grad() before each group": earlier,
                "only the last batch of the group is in the gradient: call zero_grad once a group, not once a batch": slope(
                    step["values"], group[-1:]
                ),
                "only the last batch of the group is in the gradient, and it is divided: call zero_grad once a group": slope(
                    step["values"], group[-1:]
                )
                / m,
                "the last group has fewer batches: divide by their number, not by every": total / every,
                "the losses are divided by the number of all the batches: divide by those of the group": total
                / count,
                "zero_grad stands between backward and step: step finds zeros": 0 * total,
                "the loss is divided by the number of examples once more: divide by the batches of the group": slope(
                    step["values"], group, lambda size: 1 / size
                ),
                "each batch is weighed by its size: here each batch of the group counts the same": slope(
                    step["values"], group, lambda size: size
                )
                / sum(len(X) for X, _ in group),
                **elsewhere,
            },
        )
    check.that(
        not all(map(torch.equal, run["values"], values)), "nothing moved: does optim.step() come last?"
    )


verify(5, 2, 3, 2, 1)
### BEGIN HIDDEN TESTS
verify(11, 4, 3, 5, 2)
verify(9, 3, 1, 4, 2, "Adam")
### END HIDDEN TESTS

# %% demo
torch.manual_seed(0)
model, loss, optim = init_model(2, 10, 2, 0.1)
batches = [(torch.randn(2, 2), torch.eye(2)) for _ in range(250)]
passed, counts = [0], []
model.register_forward_hook(lambda *_: passed.append(passed[-1] + 1))
optim.register_step_pre_hook(lambda *_: counts.append(passed[-1] - sum(counts)))
accumulate(model, loss, optim, batches, every=100)
print(counts)
reveal(in_the_last_step, counts[-1])

# %% claim="250 batches in groups of 100 make three steps, and the last has 50"
assert counts == [100, 100, 50]

# %% [markdown] lang="en"
# The list says how many batches went into each step.
#
# ## 5 · Five ways to step · about 42 minutes
#
# An optimiser is a rule: the weights $w$ and the gradient $g = \partial L / \partial w$ go in, new weights come out.
# (In this part $g$ is a gradient, not an activation.) All that follows is done **entry by entry**: $w$ and $g$ have
# the same shape, whatever it is, and a square or a root is taken of each entry.
#
# **SGD** is the rule you know. Every weight gets the same rate $\eta$:
#
# $$w \leftarrow w - \eta \, g$$
#
# In the functions of this part, `w` and `g` are plain tensors, without a graph. Each returns the new `w`; it may change
# `w` in place, but leaves `g` as it is. You write the formulas: `torch.optim` is not allowed here.

# %% [markdown] lang="fr"
# La liste dit combien de lots sont entrés dans chaque pas.
#
# ## 5 · Cinq façons de faire un pas · environ 42 minutes
#
# Un optimiseur est une règle : les poids $w$ et le gradient $g = \partial L / \partial w$ entrent, de nouveaux poids
# sortent. (Dans cette partie, $g$ est un gradient, et non une activation.) Tout ce qui suit se fait **terme à
# terme** : $w$ et $g$ ont la même taille, quelle qu'elle soit, et l'on prend le carré ou la racine de chaque terme.
#
# **SGD** est la règle que vous connaissez. Tous les poids ont le même pas d'apprentissage $\eta$ :
#
# $$w \leftarrow w - \eta \, g$$
#
# Dans les fonctions de cette partie, `w` et `g` sont de simples tenseurs, sans graphe. Chacune renvoie le nouveau `w` ;
# elle peut modifier `w` sur place, mais laisse `g` tel quel. Vous écrivez les formules : `torch.optim` n'est pas permis
# ici.


# %% answer="sgd_step"
def sgd_step(w, g, eta):
    """Take one step of SGD.

    w: weights, a tensor of any shape (it may be changed in place). g: their gradient, of the same shape, left as
    it is. eta: learning rate, >= 0. Returns the new w. torch.optim is not allowed.
    """
    ### BEGIN SOLUTION
    return w - eta * g
    ### END SOLUTION


# %% [markdown] hint="sgd_step" lang="en"
# The formula is the line itself: $g$, times $\eta$, taken away from `w`. An arrow $\leftarrow$ says which value is new,
# and that is what the function returns. A tensor times a number needs no loop.

# %% [markdown] hint="sgd_step" lang="fr"
# La formule est la ligne elle-même : $g$, multiplié par $\eta$, retranché de `w`. La flèche $\leftarrow$ dit quelle
# valeur est nouvelle, et c'est elle que la fonction renvoie. Un tenseur multiplié par un nombre ne demande aucune
# boucle.


# %% check="sgd_step_torch" points=1 ids=["S-variants"]
def verify(w, slopes, eta):
    """Walk a few steps, and compare with torch."""
    run = probes.walk(sgd_step, w, slopes, [eta], False)
    check.tensor(run["path"][-1], tuple(w.shape), "sgd_step(w, g, eta)")
    check.that(not run["changed"], "the gradient g is changed: the next steps and the caller need it as it is")
    up = [w + eta * torch.stack(slopes[: k + 1]).sum(0) for k in range(len(slopes))]
    rateless = [w - torch.stack(slopes[: k + 1]).sum(0) for k in range(len(slopes))]
    check.close(
        torch.stack(run["path"]),
        torch_walk("SGD", w, slopes, lr=eta),
        "sgd_step(w, g, eta)",
        unless={
            "you walked up the slope: the gradient is subtracted": torch.stack(up),
            "you forgot the learning rate": torch.stack(rateless),
            "w does not move: return the new w, or change w itself, in place": torch.stack([w] * len(slopes)),
            "this is the step alone: subtract it from w": eta * torch.stack(slopes),
        },
    )
    found = probes.beyond_arithmetic(sgd_step, w.clone(), slopes[0].clone(), eta)
    found = [one for one in found if one.startswith(("torch.optim", "_fused", "_foreach"))]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[1.0, 2.0]]), [torch.tensor([[10.0, -5.0]])], 0.1)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 3).T, [torch.randn(3, 5) for _ in range(3)], 0.07)
verify(torch.randn(1, 4, dtype=torch.float64), [torch.randn(1, 4, dtype=torch.float64)], 1)
verify(torch.randn(7), [torch.randn(7)], 0)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### Momentum
#
# In a narrow valley, the gradient points from wall to wall, and hardly along the floor. SGD must keep $\eta$ small,
# or it climbs the walls; and then it creeps along the floor. **Momentum** lets the weights roll like a ball. A
# velocity $v$, of the shape of $w$ and 0 before the first step, remembers the gradients of the past, each a little
# less at every step ($0 \le \beta < 1$):
#
# $$v \leftarrow \beta \, v + g \qquad w \leftarrow w - \eta \, v$$
#
# From wall to wall, the gradients change sign and cancel in $v$; along the floor, they add up. Where $g$ stays the
# same, $v$ grows to $g / (1 - \beta)$: ten times $g$ for $\beta = 0.9$. (Some texts write $(1 - \beta) \, g$ in the
# first formula, which only rescales $\eta$. We follow PyTorch, which does not.)
#
# The velocity must survive from one step to the next. That is what `state` is for: a dict, empty before the first step,
# in which the function leaves what its next call will need. `state.get("v", 0)` gives 0 where there is nothing yet.

# %% [markdown] lang="fr"
# ### L'inertie (momentum)
#
# Dans une vallée étroite, le gradient pointe d'un versant à l'autre, et presque pas le long du fond. SGD doit garder un
# petit $\eta$, sous peine de remonter les versants, et avance alors très lentement le long du fond. L'**inertie**
# (*momentum*) laisse rouler les poids comme une bille. Une vitesse $v$, de la taille de $w$ et nulle avant le premier
# pas, se souvient des gradients passés, un peu moins à chaque pas ($0 \le \beta < 1$) :
#
# $$v \leftarrow \beta \, v + g \qquad w \leftarrow w - \eta \, v$$
#
# D'un versant à l'autre, les gradients changent de signe et se compensent dans $v$ ; le long du fond, ils s'ajoutent.
# Là où $g$ reste le même, $v$ croît jusqu'à $g / (1 - \beta)$ : dix fois $g$ pour $\beta = 0{,}9$. (Certains textes
# écrivent $(1 - \beta) \, g$ dans la première formule, ce qui ne change que l'échelle de $\eta$. Nous suivons PyTorch,
# qui ne le fait pas.)
#
# La vitesse doit survivre d'un pas à l'autre. C'est à cela que sert `state` : un dictionnaire, vide avant le premier
# pas, où la fonction laisse ce dont son prochain appel aura besoin. `state.get("v", 0)` donne 0 là où il n'y a encore
# rien.


# %% answer="momentum_step"
def momentum_step(w, g, state, eta, beta):
    """Take one step of SGD with momentum.

    w: weights, a tensor of any shape (it may be changed in place). g: their gradient, of the same shape, left as
    it is. state: dict, empty before the first step, changed in place: keep the velocity in it, under any name.
    eta: learning rate, >= 0. beta: what is kept of the velocity, 0 <= beta < 1. Returns the new w.
    torch.optim is not allowed.
    """
    ### BEGIN SOLUTION
    state["v"] = beta * state.get("v", 0) + g
    return w - eta * state["v"]
    ### END SOLUTION


# %% [markdown] hint="momentum_step" lang="en"
# Two formulas, two lines, in this order: the new velocity goes into `state`, and the step reads it from there. On the
# right of the first stands the *old* velocity, or 0 where `state` is still empty. Assign to a key of the dict that was
# given: a dict made anew inside the function is lost when it returns.

# %% [markdown] hint="momentum_step" lang="fr"
# Deux formules, deux lignes, dans cet ordre : la nouvelle vitesse va dans `state`, et le pas l'y lit. À droite de la
# première se trouve *l'ancienne* vitesse, ou 0 tant que `state` est vide. Affectez une clé du dictionnaire reçu : un
# dictionnaire créé dans la fonction est perdu quand elle se termine.


# %% check="momentum_step_torch" points=2 ids=["S-variants"]
def verify(w, slopes, eta, beta):
    """Walk a few steps, and compare with torch."""
    run = probes.walk(momentum_step, w, slopes, [eta, beta], True)
    check.that(
        not run["missing"],
        "state is empty before the first step: state.get({key}, 0) gives 0 where there is nothing yet",
        key=run["missing"],
    )
    check.tensor(run["path"][-1], tuple(w.shape), "momentum_step(w, g, state, eta, beta)")
    check.that(
        not run["later"],
        "the velocity is the first gradient itself, and the next step changes it: keep a copy, g.clone()",
    )
    check.that(not run["changed"], "the gradient g is changed: the next steps and the caller need it as it is")

    def walk(keep=beta, take=1.0, sign=-1.0, remembers=True, nesterov=False, late=False, eta=eta):
        point, v, path = w, torch.zeros_like(w), []
        for g in slopes:
            old, v = v, keep * v * remembers + take * g
            point = point + sign * eta * (g + keep * v if nesterov else old if late else v)
            path.append(point)
        return torch.stack(path)

    forgets = {}
    if run["state"]:
        forgets["the step goes along g: it goes along the velocity, in which earlier gradients still count"] = walk(
            remembers=False
        )
    forgets["the velocity is forgotten from one step to the next: keep it in state, and change that dict itself"] = walk(
        remembers=False
    )
    check.close(
        torch.stack(run["path"]),
        torch_walk("SGD", w, slopes, lr=eta, momentum=beta),
        "momentum_step(w, g, state, eta, beta)",
        unless={
            **forgets,
            "you forgot the learning rate": walk(eta=1.0),
            "the gradient is damped by 1 - beta: PyTorch adds the whole of it to the velocity": walk(
                take=1 - beta
            ),
            "you walked up the slope: eta times the velocity is subtracted": walk(sign=1.0),
            "the velocity is subtracted where the gradient is added: v is beta * v + g": walk(keep=-beta),
            "nothing of the velocity is lost: multiply it by beta before you add the gradient": walk(keep=1.0),
            "this is Nesterov's form of momentum; the plain one was asked for": walk(nesterov=True),
            "the two coefficients are swapped: beta goes with the velocity": walk(keep=1 - beta, take=beta),
            "the gradient is multiplied by beta too: only the old velocity is": walk(take=beta),
            "the gradient is multiplied by the learning rate twice: in the velocity, and in the step": walk(take=eta),
            "the step uses the velocity of the step before: change it first": walk(late=True),
            "w does not move: return the new w, or change w itself, in place": torch.stack([w] * len(slopes)),
        },
    )
    check.that(run["state"], "nothing is kept in state: what is kept elsewhere, two trainings would share")
    found = probes.beyond_arithmetic(momentum_step, w.clone(), slopes[0].clone(), {}, eta, beta)
    found = [one for one in found if one.startswith(("torch.optim", "_fused", "_foreach"))]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[1.0, 2.0]]), [torch.tensor([[1.0, -2.0]]), torch.tensor([[1.0, 4.0]])], 0.1, 0.75)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 3).T, [torch.randn(3, 5) for _ in range(4)], 0.07, 0.8)
verify(torch.randn(1, 4, dtype=torch.float64), [torch.randn(1, 4, dtype=torch.float64)] * 3, 1, 0.3)
verify(torch.randn(2, 3, 4), [torch.randn(2, 3, 4) for _ in range(3)], 0.5, 0)
verify(torch.randn(7), [torch.randn(7)] * 2, 0, 0.9)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### RMSprop
#
# Another cure: a rate for each weight. **RMSprop** keeps a moving average $s$ of the *squares* of the gradients, and
# divides by its root: where gradients are large, steps become shorter; where they are small, longer. $s$ has the shape
# of $w$ and is 0 before the first step; $0 \le \alpha < 1$ says how slowly it forgets; $\epsilon > 0$ is small and
# prevents a division by 0:
#
# $$s \leftarrow \alpha \, s + (1 - \alpha) \, g^2 \qquad w \leftarrow w - \eta \, \frac{g}{\sqrt{s} + \epsilon}$$
#
# Multiply the loss by 1000: $g$ and $\sqrt{s}$ become 1000 times larger, and the step stays the same.

# %% [markdown] lang="fr"
# ### RMSprop
#
# Un autre remède : un pas d'apprentissage par poids. **RMSprop** garde une moyenne glissante $s$ des *carrés* des
# gradients, et divise par sa racine : là où les gradients sont grands, les pas raccourcissent ; là où ils sont petits,
# ils s'allongent. $s$ a la taille de $w$ et vaut 0 avant le premier pas ; $0 \le \alpha < 1$ dit avec quelle lenteur
# elle oublie ; $\epsilon > 0$ est petit et évite une division par 0 :
#
# $$s \leftarrow \alpha \, s + (1 - \alpha) \, g^2 \qquad w \leftarrow w - \eta \, \frac{g}{\sqrt{s} + \epsilon}$$
#
# Multipliez le coût par 1000 : $g$ et $\sqrt{s}$ deviennent 1000 fois plus grands, et le pas reste le même.


# %% answer="rmsprop_step"
def rmsprop_step(w, g, state, eta, alpha, eps):
    """Take one step of RMSprop.

    w: weights, a tensor of any shape (it may be changed in place). g: their gradient, of the same shape, left as
    it is. state: dict, empty before the first step, changed in place: keep the average of the squares in it.
    eta: learning rate, >= 0. alpha: what is kept of the average, 0 <= alpha < 1. eps: > 0, added to the root.
    Returns the new w. torch.optim is not allowed.
    """
    ### BEGIN SOLUTION
    state["s"] = alpha * state.get("s", 0) + (1 - alpha) * g**2
    return w - eta * g / (state["s"].sqrt() + eps)
    ### END SOLUTION


# %% [markdown] hint="rmsprop_step" lang="en"
# As for momentum: first the new average into `state`, from the old one or 0, then the step that uses it. Two things go
# wrong easily. The square is that of each entry, before it is averaged over the steps. And $\epsilon$ is added to the
# root: the whole denominator stands in parentheses, or Python divides by the root alone.

# %% [markdown] hint="rmsprop_step" lang="fr"
# Comme pour l'inertie : d'abord la nouvelle moyenne dans `state`, à partir de l'ancienne ou de 0, puis le pas qui s'en
# sert. Deux erreurs sont faciles. Le carré est celui de chaque terme, avant la moyenne sur les pas. Et $\epsilon$
# s'ajoute à la racine : tout le dénominateur est entre parenthèses, sans quoi Python ne divise que par la racine.


# %% check="rmsprop_step_torch" points=2 ids=["S-variants"]
def verify(w, slopes, eta, alpha, eps):
    """Walk a few steps, and compare with torch."""
    run = probes.walk(rmsprop_step, w, slopes, [eta, alpha, eps], True)
    check.that(
        not run["missing"],
        "state is empty before the first step: state.get({key}, 0) gives 0 where there is nothing yet",
        key=run["missing"],
    )
    check.tensor(run["path"][-1], tuple(w.shape), "rmsprop_step(w, g, state, eta, alpha, eps)")
    check.that(not run["changed"], "the gradient g is changed: the next steps and the caller need it as it is")

    def walk(
        keep=alpha,
        take=1 - alpha,
        sign=-1.0,
        remembers=True,
        root="outside",
        power=2,
        merge=None,
        late=False,
        full=False,
        eta=eta,
        more=0.0,
    ):
        point, s, path = w, torch.zeros_like(w), []
        for g in slopes:
            square = g.abs() ** power
            old, s = s, keep * s * remembers + take * (merge(square) if merge else square)
            s, new = (old, s) if late else (s, s)
            if full and not path:
                s = new = square
            size = {
                "outside": s.sqrt() + eps,
                "inside": (s + eps).sqrt(),
                "none": s + eps,
                "bare": s.sqrt(),
                "square": s**2 + eps,
                "half": s / 2 + eps,
            }
            point, s = point + sign * eta * g / size[root] + more, new
            path.append(point)
        return torch.stack(path)

    check.close(
        torch.stack(run["path"]),
        torch_walk("RMSprop", w, slopes, lr=eta, alpha=alpha, eps=eps),
        "rmsprop_step(w, g, state, eta, alpha, eps)",
        unless={
            "eps is inside the root: it is added to the root": walk(root="inside"),
            "eps is not used: it is added to the root": walk(root="bare"),
            "eps is added after the division: put the root plus eps in parentheses, g / (… + eps)": walk(
                root="bare", more=eps
            ),
            "eps is added after the division, g / … + eps: put the root plus eps in parentheses": walk(
                root="bare", more=-eta * eps
            ),
            "you forgot the learning rate": walk(eta=1.0),
            "the two coefficients of the average are swapped: alpha goes with the old average": walk(
                keep=1 - alpha, take=alpha
            ),
            "the average is forgotten from one step to the next: keep it in state, and change that dict itself": walk(
                remembers=False
            ),
            "the squares are added up, not averaged: alpha and 1 - alpha are missing": walk(1.0, 1.0),
            "the factor 1 - alpha of the new square is missing": walk(take=1.0),
            "the root is missing: divide by the root of the average": walk(root="none"),
            "the average is squared once more: divide by its root": walk(root="square"),
            "s**1/2 is half of s: put the exponent in parentheses, s ** (1 / 2), or call sqrt": walk(root="half"),
            "the factor 1 - alpha is squared too: only g is": walk(take=(1 - alpha) ** 2),
            "the average is one of gradients, not of their squares": walk(power=1),
            "the square is that of the whole gradient: take it entry by entry": walk(merge=torch.sum),
            "the squares are averaged over the entries: each entry has an average of its own, over the steps": walk(
                merge=torch.mean
            ),
            "the step uses the average of the step before: change it first": walk(late=True),
            "the average starts with the first square: it starts at 0, as PyTorch's does": walk(full=True),
            "you walked up the slope: the step is subtracted": walk(sign=1.0),
            "w does not move: return the new w, or change w itself, in place": torch.stack([w] * len(slopes)),
        },
    )
    check.that(run["state"], "nothing is kept in state: what is kept elsewhere, two trainings would share")
    found = probes.beyond_arithmetic(rmsprop_step, w.clone(), slopes[0].clone(), {}, eta, alpha, eps)
    found = [one for one in found if one.startswith(("torch.optim", "_fused", "_foreach"))]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[1.0, 2.0]]), [torch.tensor([[2.0, 1.0]]), torch.tensor([[-4.0, 1.0]])], 0.1, 0.75, 0.5)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 3).T, [torch.randn(3, 5) for _ in range(4)], 0.07, 0.8, 0.1)
verify(torch.randn(1, 4, dtype=torch.float64), [torch.randn(1, 4, dtype=torch.float64)] * 3, 1, 0.3, 1e-6)
verify(torch.randn(2, 3, 4), [torch.zeros(2, 3, 4), torch.randn(2, 3, 4)], 0.5, 0.9, 1e-8)
verify(torch.randn(7), [torch.randn(7)] * 2, 0, 0.9, 1e-8)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### Adam
#
# **Adam** takes both ideas: a moving average $m$ of the gradients, for the direction, and one of their squares, $v$,
# for the length. (This $m$ is no longer the number of batches of part 4, and this $v$ is the $s$ of RMSprop, not a
# velocity: such are the names in all texts on Adam.) Both have the shape of $w$ and start at 0; $t = 1, 2, 3, \dots$
# counts the steps:
#
# $$m \leftarrow \beta_1 \, m + (1 - \beta_1) \, g \qquad v \leftarrow \beta_2 \, v + (1 - \beta_2) \, g^2$$
#
# $$\hat{m} = \frac{m}{1 - \beta_1^t} \qquad \hat{v} = \frac{v}{1 - \beta_2^t} \qquad w \leftarrow w - \eta \, \frac{\hat{m}}{\sqrt{\hat{v}} + \epsilon}$$
#
# Why the two divisions? After the first step $m = (1 - \beta_1) \, g$: only a tenth of the gradient, for
# $\beta_1 = 0.9$, because the average began at 0. Its coefficients so far add up to $1 - \beta_1^t$; dividing by that
# makes a true average of it again. This is the *bias correction*. It fades as $t$ grows.
#
# Note that $\hat{m}$ and $\hat{v}$ are used in the step only: what `state` keeps is $m$, $v$ and $t$.

# %% [markdown] lang="fr"
# ### Adam
#
# **Adam** reprend les deux idées : une moyenne glissante $m$ des gradients, pour la direction, et une autre de leurs
# carrés, $v$, pour la longueur. (Ce $m$ n'est plus le nombre de lots de la partie 4, et ce $v$ est le $s$ de RMSprop,
# et non une vitesse : ce sont les noms de tous les textes sur Adam.) Toutes deux ont la taille de $w$ et partent de 0 ;
# $t = 1, 2, 3, \dots$ compte les pas :
#
# $$m \leftarrow \beta_1 \, m + (1 - \beta_1) \, g \qquad v \leftarrow \beta_2 \, v + (1 - \beta_2) \, g^2$$
#
# $$\hat{m} = \frac{m}{1 - \beta_1^t} \qquad \hat{v} = \frac{v}{1 - \beta_2^t} \qquad w \leftarrow w - \eta \, \frac{\hat{m}}{\sqrt{\hat{v}} + \epsilon}$$
#
# Pourquoi ces deux divisions ? Après le premier pas, $m = (1 - \beta_1) \, g$ : un dixième seulement du gradient, pour
# $\beta_1 = 0{,}9$, parce que la moyenne est partie de 0. La somme de ses coefficients vaut jusque-là $1 - \beta_1^t$ ;
# en divisant par cette somme, on retrouve une vraie moyenne. C'est la *correction du biais*. Elle s'efface quand $t$
# grandit.
#
# Notez que $\hat{m}$ et $\hat{v}$ ne servent que dans le pas : ce que garde `state`, ce sont $m$, $v$ et $t$.


# %% answer="adam_step"
def adam_step(w, g, state, eta, beta1, beta2, eps):
    """Take one step of Adam.

    w: weights, a tensor of any shape (it may be changed in place). g: their gradient, of the same shape, left as
    it is. state: dict, empty before the first step, changed in place: keep the two averages and the number of
    steps in it. eta: learning rate, >= 0. beta1, beta2: what is kept of the averages of the gradients and of
    their squares, in [0, 1). eps: > 0, added to the root. Returns the new w. torch.optim is not allowed.
    """
    ### BEGIN SOLUTION
    state["t"] = state.get("t", 0) + 1
    state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
    state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g**2
    mhat = state["m"] / (1 - beta1 ** state["t"])
    vhat = state["v"] / (1 - beta2 ** state["t"])
    return w - eta * mhat / (vhat.sqrt() + eps)
    ### END SOLUTION


# %% [markdown] hint="adam_step" lang="en"
# ### The idea
#
# Five formulas and a count, six lines: the count, the two averages, the two corrections, the step itself. The first three
# are kept in `state`, the next two are not: they would be corrected twice.
#
# ### What is kept, and what t is
#
# `state.get("t", 0)` is 0 before the first step, and $t$ is 1 *at* it: add 1 first, or the corrections divide by 0. The
# averages begin from nothing in the same way. In
# Python $\beta_1^t$ is `beta1 ** t`, and `1 - beta1 ** t` takes the power first. The direction is $\hat{m}$, no longer
# $g$; the root takes $\hat{v}$, and $\epsilon$ is outside it.
#
# ### The code, with blanks
#
# ```python
# state["t"] = ...
# state["m"] = beta1 * ... + ...
# state["v"] = beta2 * ... + ...
# mhat = ... / (...)
# vhat = ... / (...)
# return w - ... / (... + eps)
# ```

# %% [markdown] hint="adam_step" lang="fr"
# ### L'idée
#
# Cinq formules et un compte, six lignes : le compte, les deux moyennes, les deux corrections, le pas lui-même. Les trois
# premiers sont gardés dans `state`, les deux corrections non : elles seraient faites deux fois.
#
# ### Ce que l'on garde, et ce qu'est t
#
# `state.get("t", 0)` vaut 0 avant le premier pas, et $t$ vaut 1 *à* ce pas : ajoutez d'abord 1, sinon les corrections
# divisent par 0. Les moyennes partent de rien de la même façon. En Python, $\beta_1^t$ s'écrit `beta1 ** t`, et `1 - beta1 ** t` calcule d'abord la puissance. La
# direction est $\hat{m}$, et non plus $g$ ; la racine prend $\hat{v}$, et $\epsilon$ est en dehors.
#
# ### Le code, à trous
#
# ```python
# state["t"] = ...
# state["m"] = beta1 * ... + ...
# state["v"] = beta2 * ... + ...
# mhat = ... / (...)
# vhat = ... / (...)
# return w - ... / (... + eps)
# ```


# %% check="adam_step_first" points=1 ids=["S-variants"]
def verify(w, g, eta, beta1, beta2, eps):
    """Take the first step, and compare with torch."""
    run = probes.walk(adam_step, w, [g], [eta, beta1, beta2, eps], True)
    check.that(
        not run["missing"],
        "state is empty before the first step: state.get({key}, 0) gives 0 where there is nothing yet",
        key=run["missing"],
    )
    got = check.tensor(run["path"][0], tuple(w.shape), "adam_step(w, g, state, eta, beta1, beta2, eps)", finite=False)
    check.that(
        got.isfinite().any(), "t starts at 0, and the correction divides by 0: it is 1 at the first step"
    )
    check.that(not run["changed"], "the gradient g is changed: the next steps and the caller need it as it is")

    def step(m=1.0, v=1.0, inside=0.0, outside=1.0, sign=-1.0, size=g, root=0.5, eta=eta, less=0.0, under=0.0):
        return w + sign * eta * (m * g - less) / ((v * size**2 - under + inside * eps) ** root + outside * eps)

    check.close(
        run["path"][0],
        torch_walk("Adam", w, [g], lr=eta, betas=(beta1, beta2), eps=eps)[0],
        "adam_step(w, g, state, eta, beta1, beta2, eps)",
        unless={
            "the bias correction is missing: divide m by 1 - beta1**t, and v by 1 - beta2**t": step(
                1 - beta1, 1 - beta2
            ),
            "v averages the squares of m: it is an average of those of the gradient": step(size=(1 - beta1) * g),
            "parentheses are missing: m / (1 - beta1**t), or the power is subtracted from m": step(1 - beta1, less=beta1),
            "parentheses are missing: v / (1 - beta2**t), or the power is subtracted from v": step(
                v=1 - beta2, under=beta2
            ),
            "parentheses are missing in both corrections: m / (1 - beta1**t) and v / (1 - beta2**t)": step(
                1 - beta1, 1 - beta2, less=beta1, under=beta2
            ),
            "the factor 1 - beta1 of the gradient is missing in m": step(1 / (1 - beta1)),
            "the factor 1 - beta2 of the square is missing in v, or the root comes before the correction": step(
                v=1 / (1 - beta2)
            ),
            "the factors 1 - beta1 and 1 - beta2 are missing in the two averages": step(1 / (1 - beta1), 1 / (1 - beta2)),
            "the bias correction of v is missing: divide it by 1 - beta2**t": step(v=1 - beta2),
            "the bias correction of m is missing: divide it by 1 - beta1**t": step(m=1 - beta1),
            "eps is inside the root: it is added to the root": step(inside=1.0, outside=0.0),
            "eps is not used: it is added to the root": step(outside=0.0),
            "eps is added after the division: put the root plus eps in parentheses, mhat / (… + eps)": step(outside=0.0)
            + eps,
            "eps is added after the division, mhat / … + eps: put the root plus eps in parentheses": step(outside=0.0)
            - eta * eps,
            "you forgot the learning rate": step(eta=1.0),
            "the two coefficients of the averages are swapped: beta1 and beta2 go with the old averages": step(
                beta1 / (1 - beta1), beta2 / (1 - beta2)
            ),
            "the square is that of the whole gradient: take it entry by entry": step(size=g.norm()),
            "the squares are averaged over the entries: each entry has an average of its own, over the steps": step(
                size=(g**2).mean().sqrt()
            ),
            "the root is missing: divide by the root of the average": step(root=1.0),
            "v is an average of gradients: it is one of their squares": step(size=g**0.5),
            "v is corrected with beta1: divide it by 1 - beta2**t": step(v=(1 - beta2) / (1 - beta1)),
            "the average v is made with beta1: beta2 goes with the squares": step(v=(1 - beta1) / (1 - beta2)),
            "t starts at 2: it is 1 at the first step": step(1 / (1 + beta1), 1 / (1 + beta2)),
            "you walked up the slope: the step is subtracted": step(sign=1.0),
            "w does not move: return the new w, or change w itself, in place": w,
        },
    )


verify(torch.tensor([[1.0, 2.0]]), torch.tensor([[4.0, 1.0]]), 0.1, 0.6, 0.75, 1.0)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 3).T, torch.randn(3, 5), 0.07, 0.8, 0.9, 0.1)
verify(torch.randn(1, 4, dtype=torch.float64), torch.randn(1, 4, dtype=torch.float64), 1, 0.6, 0.7, 0.2)
### END HIDDEN TESTS


# %% check="adam_step_torch" points=2 ids=["S-variants"]
def verify(w, slopes, eta, beta1, beta2, eps):
    """Walk a few steps, and compare with torch."""
    run = probes.walk(adam_step, w, slopes, [eta, beta1, beta2, eps], True)
    check.that(
        not run["missing"],
        "state is empty before the first step: state.get({key}, 0) gives 0 where there is nothing yet",
        key=run["missing"],
    )
    first = run["path"][0]
    check.that(
        not isinstance(first, torch.Tensor) or first.is_meta or not first.numel() or first.isfinite().any(),
        "t starts at 0, and the correction divides by 0: it is 1 at the first step",
    )
    check.tensor(run["path"][-1], tuple(w.shape), "adam_step(w, g, state, eta, beta1, beta2, eps)", finite=False)

    def walk(
        corrected="mv",
        inside=False,
        bare=False,
        sign=-1.0,
        start=1,
        kept="mvt",
        hat="",
        betas=(beta1, beta2),
        powers=(beta1, beta2),
        square=lambda g: g**2,
        root=0.5,
        times=False,
        plain=False,
        whole=False,
        eta=eta,
        more=0.0,
        loose=False,
        twice=False,
        under=False,
        bold="",
        early=False,
        held=0,
    ):
        point, m, v, t, path = w, torch.zeros_like(w), torch.zeros_like(w), start - 1, []
        for g in slopes:
            m = betas[0] * m * ("m" in kept) + (1.0 if "m" in bold else 1 - betas[0]) * g
            v = betas[1] * v * ("v" in kept) + (1.0 if "v" in bold else 1 - betas[1]) * square(m if twice else g)
            t = t + 1 if "t" in kept else 1
            t = held + 1 if held and path else t
            parts = [(1 - power) ** t if whole else 1 - (power * t if times else power**t) for power in powers]
            mhat = g if plain else m / parts[0] if "m" in corrected else m
            mhat = m - powers[0] ** t if loose else mhat
            vhat = v / parts[1] if "v" in corrected else v
            vhat = v - powers[1] ** t if under else v / parts[1] ** 2 if early else vhat
            size = (vhat + eps) ** 0.5 if inside else vhat**root + eps * (not bare)
            point = point + sign * eta * mhat / size + more
            m, v = mhat if "m" in hat else m, vhat if "v" in hat else v
            path.append(point)
        return torch.stack(path)

    check.close(
        torch.stack(run["path"]),
        torch_walk("Adam", w, slopes, lr=eta, betas=(beta1, beta2), eps=eps),
        "adam_step(w, g, state, eta, beta1, beta2, eps)",
        unless={
            "the bias correction is missing: divide m by 1 - beta1**t, and v by 1 - beta2**t": walk(
                corrected=""
            ),
            "the bias correction of v is missing: divide it by 1 - beta2**t": walk(corrected="m"),
            "the bias correction of m is missing: divide it by 1 - beta1**t": walk(corrected="v"),
            "eps is inside the root: it is added to the root": walk(inside=True),
            "eps is not used: it is added to the root": walk(bare=True),
            "eps is added after the division: put the root plus eps in parentheses, mhat / (… + eps)": walk(
                bare=True, more=eps
            ),
            "eps is added after the division, mhat / … + eps: put the root plus eps in parentheses": walk(
                bare=True, more=-eta * eps
            ),
            "you forgot the learning rate": walk(eta=1.0),
            "v averages the squares of m: it is an average of those of the gradient": walk(twice=True),
            "parentheses are missing: m / (1 - beta1**t), or the power is subtracted from m": walk(loose=True),
            "parentheses are missing: v / (1 - beta2**t), or the power is subtracted from v": walk(under=True),
            "parentheses are missing in both corrections: m / (1 - beta1**t) and v / (1 - beta2**t)": walk(
                loose=True, under=True
            ),
            "the factor 1 - beta1 of the gradient is missing in m": walk(bold="m"),
            "the factor 1 - beta2 of the square is missing in v": walk(bold="v"),
            "the factors 1 - beta1 and 1 - beta2 are missing in the two averages": walk(bold="mv"),
            "the root comes before the correction: divide v by 1 - beta2**t first, then take the root": walk(early=True),
            "t is not the number of steps: len(state) is how many things state holds, 2 from the first step on": walk(held=2),
            "t is not the number of steps: len(state) is how many things state holds, 3 from the first step on": walk(held=3),
            "the power is that of 1 - beta: the correction divides by 1 - beta**t, the power first": walk(whole=True),
            "the averages are forgotten from one step to the next: keep them in state, and change that dict itself": walk(
                kept=""
            ),
            "the steps are not counted: t grows by 1 at each step": walk(kept="mv"),
            "state keeps the corrected averages: correct them for the step only, and keep m and v": walk(hat="mv"),
            "state keeps the corrected m: correct it for the step only, and keep m itself": walk(hat="m"),
            "state keeps the corrected v: correct it for the step only, and keep v itself": walk(hat="v"),
            "t starts at 2: it is 1 at the first step": walk(start=2),
            "the two coefficients of the averages are swapped: beta1 and beta2 go with the old averages": walk(
                betas=(1 - beta1, 1 - beta2)
            ),
            "beta1 and beta2 are swapped: beta1 goes with the gradients": walk(
                betas=(beta2, beta1), powers=(beta2, beta1)
            ),
            "beta1 serves for both averages: beta2 goes with the squares": walk(betas=(beta1, beta1), powers=(beta1, beta1)),
            "v is corrected with beta1: divide it by 1 - beta2**t": walk(powers=(beta1, beta1)),
            "the average v is made with beta1: beta2 goes with the squares": walk(betas=(beta1, beta1)),
            "beta1 and beta2 are multiplied by t: the correction has their powers, beta1**t and beta2**t": walk(times=True),
            "v is an average of gradients: it is one of their squares": walk(square=lambda g: g),
            "the root is missing: divide by the root of the average": walk(root=1.0),
            "the step goes along g: it goes along m, the average of the gradients": walk(plain=True),
            "the square is that of the whole gradient: take it entry by entry": walk(square=lambda g: (g**2).sum()),
            "the squares are averaged over the entries: each entry has an average of its own, over the steps": walk(
                square=lambda g: (g**2).mean()
            ),
            "you walked up the slope: the step is subtracted": walk(sign=1.0),
            "w does not move: return the new w, or change w itself, in place": torch.stack([w] * len(slopes)),
        },
    )
    check.that(run["state"], "nothing is kept in state: what is kept elsewhere, two trainings would share")
    found = probes.beyond_arithmetic(adam_step, w.clone(), slopes[0].clone(), {}, eta, beta1, beta2, eps)
    found = [one for one in found if one.startswith(("torch.optim", "_fused", "_foreach"))]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[1.0, 2.0]]), [torch.tensor([[4.0, 1.0]]), torch.tensor([[1.0, -3.0]])], 0.5, 0.25, 0.75, 1.0)
### BEGIN HIDDEN TESTS
verify(torch.randn(5, 3).T, [torch.randn(3, 5) for _ in range(4)], 0.07, 0.8, 0.9, 0.1)
verify(
    torch.randn(1, 4, dtype=torch.float64),
    [torch.randn(1, 4, dtype=torch.float64) for _ in range(3)],
    1,
    0.9,
    0.999,
    1e-8,
)
verify(torch.randn(2, 3, 4), [torch.zeros(2, 3, 4), torch.randn(2, 3, 4)], 0.5, 0.9, 0.99, 1e-3)
verify(torch.randn(7), [torch.randn(7)] * 2, 0, 0.9, 0.999, 1e-8)
verify(torch.randn(7), [torch.randn(7)] * 2, 0.1, 0.0, 0.5, 1e-2)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### AdamW
#
# To keep weights small, one often adds $\frac{\lambda}{2} \lVert w \rVert^2$ to the loss: its gradient, $\lambda w$,
# pulls every weight towards 0 (the notebook `08_training` says why one wants that). With SGD, it is the same to shrink
# $w$ by the factor $1 - \eta \lambda$ at each step: *weight decay*. With Adam it is not. There, $\lambda w$ would enter
# $m$ and $v$ and be divided by $\sqrt{\hat{v}}$ like all the rest: the weights with the largest gradients would be
# decayed least. (That is what `Adam(…, weight_decay=…)` does.)
#
# **AdamW** keeps the decay out of the averages. First it shrinks the weights, then it takes a step of Adam with the
# gradient $g$ of the loss alone, starting from the shrunk weights:
#
# $$w \leftarrow w - \eta \, \lambda \, w \qquad \text{then Adam's step with } g$$
#
# In the code $\lambda$ is called `decay`. The function may call your `adam_step`: this check puts a right one in its
# place, so that a mistake there does not cost you twice.

# %% [markdown] lang="fr"
# ### AdamW
#
# Pour garder de petits poids, on ajoute souvent $\frac{\lambda}{2} \lVert w \rVert^2$ au coût : son gradient,
# $\lambda w$, tire chaque poids vers 0 (le notebook `08_training` dit pourquoi on le souhaite). Avec SGD, cela
# revient à multiplier $w$ par $1 - \eta \lambda$ à chaque pas : c'est le *weight decay* (décroissance des poids).
# Avec Adam, non. Là, $\lambda w$ entrerait dans $m$ et $v$ et serait divisé par $\sqrt{\hat{v}}$ comme tout le
# reste : les poids aux plus grands gradients décroîtraient le moins. (C'est ce que fait `Adam(…, weight_decay=…)`.)
#
# **AdamW** tient la décroissance à l'écart des moyennes. Il réduit d'abord les poids, puis fait un pas d'Adam avec le
# gradient $g$ du coût seul, à partir des poids réduits :
#
# $$w \leftarrow w - \eta \, \lambda \, w \qquad \text{puis le pas d'Adam avec } g$$
#
# Dans le code, $\lambda$ s'appelle `decay`. La fonction peut appeler votre `adam_step` : la vérification en met une
# juste à sa place, pour qu'une erreur n'y coûte pas deux fois.


# %% answer="adamw_step"
def adamw_step(w, g, state, eta, beta1, beta2, eps, decay):
    """Take one step of AdamW: Adam with decoupled weight decay.

    w, g, state, eta, beta1, beta2, eps: as for adam_step, which may be used.
    decay: the factor lambda of the decay, >= 0. Returns the new w. torch.optim is not allowed.
    """
    ### BEGIN SOLUTION
    return adam_step(w - eta * decay * w, g, state, eta, beta1, beta2, eps)
    ### END SOLUTION


# %% [markdown] hint="adamw_step" lang="en"
# The second half is `adam_step` itself, with the same `state`; all it needs is another first argument: the weights
# after the decay. How much of $w$ is left when $\eta \lambda w$ has been taken away?

# %% [markdown] hint="adamw_step" lang="fr"
# La seconde moitié est `adam_step` elle-même, avec le même `state` ; il ne lui faut qu'un autre premier argument : les
# poids après la décroissance. Que reste-t-il de $w$ quand on en a retranché $\eta \lambda w$ ?


# %% check="adamw_step_torch" points=2 ids=["S-variants"]
def verify(w, slopes, eta, beta1, beta2, eps, decay):
    """Walk a few steps, and compare with torch."""
    stand_in = """
def adam_step(w, g, state, eta, beta1, beta2, eps):
    slopes = state.setdefault("slopes", [])
    slopes.append(g.clone())
    t, a, b = len(slopes), beta1, beta2
    m = sum(a ** (t - 1 - i) * one for i, one in enumerate(slopes)) / sum(a**i for i in range(t))
    v = sum(b ** (t - 1 - i) * one * one for i, one in enumerate(slopes)) / sum(b**i for i in range(t))
    return w - eta * m / (v**0.5 + eps)
"""
    run = probes.walk(adamw_step, w, slopes, [eta, beta1, beta2, eps, decay], True, stand_in)
    check.that(
        not run["missing"],
        "state is empty before the first step: state.get({key}, 0) gives 0 where there is nothing yet",
        key=run["missing"],
    )
    call = "adamw_step(w, g, state, eta, beta1, beta2, eps, decay)"
    check.tensor(run["path"][-1], tuple(w.shape), call)
    check.that(not run["changed"], "the gradient g is changed: the next steps and the caller need it as it is")
    options = {"lr": eta, "betas": (beta1, beta2), "eps": eps}

    def walk(factor, after=False, remembers=True, less=0.0):
        point, path = w, []
        for t, g in enumerate(slopes):
            known = slopes[: t + 1] if remembers else [g]
            moves = torch_walk("Adam", torch.zeros_like(w), known, **options)
            move = moves[-1] - (moves[-2] if len(known) > 1 else 0)
            point = (point + move) * factor if after else point * factor - less + move
            path.append(point)
        return torch.stack(path)

    check.close(
        torch.stack(run["path"]),
        torch_walk("AdamW", w, slopes, weight_decay=decay, **options),
        call,
        unless={
            "the decay is added to the gradient: that is Adam with weight_decay; AdamW shrinks the weights themselves": torch_walk(
                "Adam", w, slopes, weight_decay=decay, **options
            ),
            "the decay is not multiplied by the learning rate": walk(1 - decay),
            "nothing decays: this is Adam": walk(1.0),
            "every weight gets smaller by the same number, eta * decay: what is subtracted is eta * decay * w": walk(
                1.0, less=eta * decay
            ),
            "the weights grow instead of shrinking: the decay is subtracted": walk(1 + eta * decay),
            "the weights are shrunk after Adam's step: shrink them before": walk(1 - eta * decay, after=True),
            "half of the decay is missing: the weights shrink by eta * decay": walk(1 - eta * decay / 2),
            "the averages are forgotten from one step to the next: keep them in state, and change that dict itself": walk(
                1 - eta * decay, remembers=False
            ),
            "the decay takes the gradient, not the weights: the weights shrink by eta * decay": torch_walk(
                "Adam", w, slopes, **options
            )
            - eta * decay * torch.stack(slopes).cumsum(0),
            "w does not move: return the new w, or change w itself, in place": torch.stack([w] * len(slopes)),
        },
    )
    check.that(run["state"], "nothing is kept in state: what is kept elsewhere, two trainings would share")
    found = probes.beyond_arithmetic_with(stand_in, adamw_step, w.clone(), slopes[0].clone(), {}, eta, beta1, beta2, eps, decay)
    found = [one for one in found if one.startswith(("torch.optim", "_fused", "_foreach"))]
    check.that(not found, "write it yourself: torch's {name} is not allowed here", name=", ".join(found))


verify(torch.tensor([[1.0, 2.0]]), [torch.tensor([[4.0, 1.0]]), torch.tensor([[-2.0, 1.0]])], 0.1, 0.5, 0.75, 1.0, 0.5)
### BEGIN HIDDEN TESTS
verify(4 * torch.randn(5, 3).T, [torch.randn(3, 5) for _ in range(4)], 0.07, 0.8, 0.9, 0.1, 2.0)
verify(
    torch.randn(1, 4, dtype=torch.float64),
    [torch.randn(1, 4, dtype=torch.float64) for _ in range(3)],
    0.2,
    0.9,
    0.999,
    1e-8,
    1,
)
verify(torch.randn(7), [torch.randn(7)] * 2, 0.1, 0.9, 0.999, 1e-8, 0)
verify(torch.randn(7), [torch.randn(7)] * 2, 0, 0.9, 0.999, 1e-8, 0.5)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now let them walk. The surface is a narrow valley, with its minimum at $(2, 0.5)$; all five start at $(-4, 1.6)$ and
# take 60 steps, with your functions:
#
# $$L(w) = \frac{1}{2} \left( \frac{(w_1 - 2)^2}{10} + 2 \, (w_2 - 0.5)^2 \right)$$
#
# > **Before you run it.** Which of the five ends furthest from the minimum? Its name as a word, `"SGD"`, `"momentum"`,
# > `"RMSprop"`, `"Adam"` or `"AdamW"`. The last picture plays the first four step by step. Of these, which is the first
# > that comes within 0.5 of the minimum and stays there? Put both in the place of `None`.

# %% [markdown] lang="fr"
# Laissez-les maintenant marcher. La surface est une vallée étroite, de minimum $(2, 0{,}5)$ ; tous les cinq partent de
# $(-4, 1{,}6)$ et font 60 pas, avec vos fonctions :
#
# $$L(w) = \frac{1}{2} \left( \frac{(w_1 - 2)^2}{10} + 2 \, (w_2 - 0{,}5)^2 \right)$$
#
# > **Avant d'exécuter.** Lequel des cinq finit le plus loin du minimum ? Son nom, entre guillemets : `"SGD"`,
# > `"momentum"`, `"RMSprop"`, `"Adam"` ou `"AdamW"`. La dernière image fait défiler les quatre premiers, pas à pas. Lequel
# > de ces quatre arrive le premier à moins de 0,5 du minimum pour y rester ? Écrivez les deux à la place de `None`.

# %% predict="furthest"
furthest = None
first_to_stay = None


# %% demo
def valley(w1, w2):
    return ((w1 - 2) ** 2 / 10 + 2 * (w2 - 0.5) ** 2) / 2


def slope(w):
    return torch.tensor([(w[0] - 2) / 10, 2 * (w[1] - 0.5)])


def path(step, steps=60, **options):
    points, state = [torch.tensor([-4.0, 1.6])], {}
    for _ in range(steps):
        w = points[-1].clone()
        points.append(step(w, slope(w), **options) if step is sgd_step else step(w, slope(w), state, **options))
    return torch.stack(points)


paths = {
    "SGD": path(sgd_step, eta=0.9),
    "momentum": path(momentum_step, eta=0.2, beta=0.8),
    "RMSprop": path(rmsprop_step, eta=0.2, alpha=0.9, eps=1e-8),
    "Adam": path(adam_step, eta=0.3, beta1=0.8, beta2=0.99, eps=1e-8),
    "AdamW": path(adamw_step, eta=0.3, beta1=0.8, beta2=0.99, eps=1e-8, decay=0.3),
}
figures.walks(valley, paths, xlim=(-4.6, 2.9), ylim=(-0.9, 2.1))
gaps = {name: float((points[-1] - torch.tensor([2, 0.5])).norm()) for name, points in paths.items()}
reveal(furthest, max(gaps, key=gaps.get))
four = {name: points for name, points in paths.items() if name != "AdamW"}
figures.moving_walks(valley, four, xlim=(-4.6, 2.9), ylim=(-0.9, 2.1))
far = {name: (points - torch.tensor([2, 0.5])).norm(dim=1) > 0.5 for name, points in four.items()}
stays_from = {name: int(out.nonzero().max()) + 1 for name, out in far.items()}
reveal(first_to_stay, min(stays_from, key=stays_from.get))

# %% claim="four arrive, AdamW stops short of it, towards 0; SGD goes from wall to wall, RMSprop never crosses the floor"
assert all(gaps[name] < 0.05 for name in ("SGD", "momentum", "RMSprop", "Adam")) and gaps["AdamW"] > 0.5
assert 0 < paths["AdamW"][-1, 0] < 2
sides = {name: points[:9, 1] > 0.5 for name, points in paths.items()}
assert sides["SGD"].tolist() == [True, False] * 4 + [True]
assert (paths["RMSprop"][:, 1] > 0.49).all()
moves = paths["RMSprop"][1] - paths["RMSprop"][0]
assert abs(moves[0] + moves[1]) < 1e-3
assert 0 < (sides["momentum"][1:] != sides["momentum"][:-1]).sum() < 4
assert all(paths[name][:, 0].max() > 2.1 for name in ("momentum", "Adam"))
assert sorted(stays_from, key=stays_from.get) == ["momentum", "Adam", "SGD", "RMSprop"]
assert paths["RMSprop"][3, 1] < 0.6 and all(paths[name][10, 0] > paths["RMSprop"][10, 0] for name in ("SGD", "momentum"))

# %% [markdown] lang="en"
# Each has a picture of its own, from a ring to a star, with the place where it ends above it. SGD goes from wall to
# wall at every step. Momentum swings more slowly, and rolls past the minimum before it comes back, as Adam does.
# RMSprop does not swing at all: it goes down the wall and along the valley at one pace, and then on along the floor.
# AdamW stops short. Played step by step, it is a race: RMSprop is the first on the floor, and the last at the minimum,
# since all its steps are alike; momentum gathers speed along the floor, where the slopes all point the same way, and is
# there first, Adam next. Change an `eta` in the cell above and run it again.
#
# Sort these statements into true and false.
#
# - **a.** At its first step, Adam moves each weight by about $\eta$, whether its gradient is 5 or 0.0005.
# - **b.** With $\beta = 0$, momentum is SGD.
# - **c.** On a slope where $g$ stays the same, momentum with $\beta = 0.9$ ends up making steps ten times as long as
#   those of SGD with the same $\eta$.
# - **d.** If the loss is multiplied by 1000, SGD makes the same steps as before.
# - **e.** If the loss is multiplied by 1000, Adam makes the same steps as before, up to $\epsilon$.
# - **f.** With more steps, AdamW would end at the minimum of the loss, like Adam.
# - **g.** For a model of a million weights, Adam keeps two million numbers more than SGD.
# - **h.** Adam with `weight_decay` and AdamW with the same `weight_decay` lead to the same weights.

# %% [markdown] lang="fr"
# Chacun a son image, d'un anneau à une étoile, avec son point d'arrivée au-dessus. SGD va d'un versant à l'autre à
# chaque pas. L'inertie oscille plus lentement, et dépasse le minimum avant d'y revenir, comme le fait Adam. RMSprop
# n'oscille pas : il descend le versant et avance dans la vallée à la même allure, puis suit le fond. AdamW s'arrête en
# chemin. Pas à pas, c'est une course : RMSprop est le premier au fond, et le dernier au minimum, car tous ses pas se
# ressemblent ; l'inertie prend de la vitesse le long du fond, où toutes les pentes vont dans le même sens, et arrive la
# première, suivie d'Adam. Changez un `eta` dans la cellule ci-dessus et exécutez-la de nouveau.
#
# Pour chaque affirmation, dites si elle est vraie (`True`) ou fausse (`False`) : `variants` renvoie un dictionnaire,
# d'une lettre à sa réponse.
#
# - **a.** À son premier pas, Adam déplace chaque poids d'environ $\eta$, que son gradient soit 5 ou 0,0005.
# - **b.** Avec $\beta = 0$, l'inertie revient à SGD.
# - **c.** Sur une pente où $g$ reste le même, l'inertie avec $\beta = 0{,}9$ finit par faire des pas dix fois plus
#   longs que ceux de SGD avec le même $\eta$.
# - **d.** Si l'on multiplie le coût par 1000, SGD fait les mêmes pas qu'avant.
# - **e.** Si l'on multiplie le coût par 1000, Adam fait les mêmes pas qu'avant, à $\epsilon$ près.
# - **f.** Avec plus de pas, AdamW arriverait au minimum du coût, comme Adam.
# - **g.** Pour un modèle d'un million de poids, Adam garde deux millions de nombres de plus que SGD.
# - **h.** Adam avec `weight_decay` et AdamW avec le même `weight_decay` conduisent aux mêmes poids.


# %% answer="variants"
def variants():
    """Return a dict from each letter, "a" to "h", to True or False."""
    ### BEGIN SOLUTION
    return {
        "a": True,
        "b": True,
        "c": True,
        "d": False,
        "e": True,
        "f": False,
        "g": True,
        "h": False,
    }
    ### END SOLUTION


# %% check="variants_sorted" points=2 ids=["S-variants"]
check.letters(variants, "abcdefgh")
### BEGIN HIDDEN TESTS
check.choices(
    variants(),
    {"a": True, "b": True, "c": True, "d": False, "e": True, "f": False, "g": True, "h": False},
    because={
        "a": "after the correction, m hat is g and the root of v hat is |g|: their quotient is 1 or -1.",
        "b": "nothing of the velocity is kept, so v is g.",
        "c": "v grows to g / (1 - beta), which is 10 g.",
        "d": "its steps are eta times the gradient, and that becomes 1000 times larger: it diverges.",
        "e": "m hat and the root of v hat grow by the same factor, 1000: their quotient does not change.",
        "f": "it ends where decay and gradient balance: between the minimum and 0.",
        "g": "two averages of the shape of w, m and v.",
        "h": "in Adam, the decay passes through m and v and is divided by the root of v hat; in AdamW it is not.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ### A playground, if you have ten minutes more
#
# A valley of two weights is one thing, a network another. Here your five functions move all the weights of your
# `init_model`; `method` says which of them. $\beta$, $\alpha$ and the others are those that PyTorch proposes, the decay of
# AdamW is 0.1.
#
# > **Before you touch it.** All five start from the same weights. Which have learnt something after 20 epochs with
# > $\eta = 0.01$? And which has the lowest loss after 30 epochs with $\eta = 1$? Write two lists down. Then play: *Reset*,
# > choose the method, and watch the curve.

# %% [markdown] lang="fr"
# ### Un terrain de jeu, si vous avez dix minutes de plus
#
# Une vallée à deux poids est une chose, un réseau en est une autre. Ici, vos cinq fonctions déplacent tous les poids de
# votre `init_model` ; `method` dit laquelle. $\beta$, $\alpha$ et les autres sont ceux que propose PyTorch, la
# décroissance d'AdamW est 0,1.
#
# > **Avant d'y toucher.** Toutes les cinq partent des mêmes poids. Lesquelles ont appris quelque chose après 20 époques
# > avec $\eta = 0{,}01$ ? Et laquelle a le coût le plus bas après 30 époques avec $\eta = 1$ ? Notez vos réponses. Puis
# > jouez : *Recommencer*, choisissez la méthode, et regardez la courbe.

# %% demo
rules = {
    "SGD": lambda w, g, state, eta: sgd_step(w, g, eta),
    "momentum": lambda w, g, state, eta: momentum_step(w, g, state, eta, beta=0.9),
    "RMSprop": lambda w, g, state, eta: rmsprop_step(w, g, state, eta, alpha=0.99, eps=1e-8),
    "Adam": lambda w, g, state, eta: adam_step(w, g, state, eta, beta1=0.9, beta2=0.999, eps=1e-8),
    "AdamW": lambda w, g, state, eta: adamw_step(w, g, state, eta, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.1),
}


def begin_walk(nh, method):
    model, loss, _ = init_model(2, nh, 2, 0.1)
    return model, loss, rules[method], [{} for _ in model.parameters()]


def walk_on(walk, X, Y, eta):
    model, loss, rule, states = walk
    model.zero_grad()
    loss(model(X), Y).backward()
    with torch.no_grad():
        for p, state in zip(model.parameters(), states):
            p.copy_(rule(p.clone(), p.grad, state, eta))


walkers = playground.play(
    start=begin_walk,
    step=walk_on,
    look=lambda walk, X: (probabilities(walk[0], X), playground.hidden(walk[0], X)),
    choices={"method": tuple(rules)},
    settings="data=circles n=200 noise=0.2 nh=8 eta=0.01 batch=10 seed=1 method=SGD",
)

# %% claim="at 0.01 SGD has learnt nothing after 20 epochs, momentum little, the three others have; at 1 SGD is lowest after 30"
small = {method: walkers.trained(f"method={method}", 20)["loss_train"] for method in rules}
large = {method: walkers.trained(f"method={method} eta=1", 30)["loss_train"] for method in rules}
assert small["SGD"] > 0.68 and small["momentum"] > 0.55
assert max(small[method] for method in ("RMSprop", "Adam", "AdamW")) < 0.55
assert min(large, key=large.get) == "SGD" and large["SGD"] < 0.3 and max(large.values()) > 1

# %% [markdown] lang="en"
# <details>
# <summary>What you should have seen</summary>
#
# With $\eta = 0.01$, SGD stands still on the plateau near $\log 2$: gradients are small there, and so are its steps.
# Momentum adds them up, and gets away late. RMSprop, Adam and AdamW divide by the size of the gradient, so they move by
# about 0.01 however flat the ground is: they learn. With $\eta = 1$ it is the other way round: SGD, whose gradients
# are small, gets down best. The others move each weight by about 1 at every step, or by ten times its gradient, and their loss jumps
# about. It is not that one method is better: each has its own scale of $\eta$. Part 6 looks for it.
#
# </details>

# %% [markdown] lang="fr"
# <details>
# <summary>Ce que vous devriez avoir vu</summary>
#
# Avec $\eta = 0{,}01$, SGD n'avance pas sur le plateau près de $\log 2$ : les gradients y sont petits, ses pas aussi.
# L'inertie les additionne, et s'en échappe tard. RMSprop, Adam et AdamW divisent par la grandeur du gradient : ils
# avancent d'environ 0,01, si plat que soit le terrain, et ils apprennent. Avec $\eta = 1$, c'est l'inverse : SGD, dont les
# gradients sont petits, descend le mieux. Les autres déplacent chaque poids d'environ 1 à chaque pas, ou de dix fois son
# gradient, et leur coût fait des bonds. Ce n'est pas qu'une méthode soit meilleure : chacune a son échelle de $\eta$. La
# partie 6 la cherche.
#
# </details>

# %% [markdown] lang="en"
# ## 6 · A rate for each method · about 20 minutes
#
# In `torch.optim`, these five are `SGD`, `SGD` with `momentum`, `RMSprop`, `Adam` and `AdamW`. Which learning rate goes
# with which? No formula says so: one tries. A *sweep* trains a network once for each of several $\eta$, and compares
# where the trainings end. The comparison is fair if nothing else differs:
#
# - the same start and the same mini-batches: `torch.manual_seed(seed)` before each model is made;
# - a new model for each $\eta$: otherwise a training goes on where the one before stopped;
# - a new optimiser for each model, at that $\eta$: it moves the parameters with which it was made, and Adam keeps its
#   averages.
#
# `curve` trains a given model on the circles and returns a list: the loss over all the training examples after each
# epoch.

# %% [markdown] lang="fr"
# ## 6 · Un pas d'apprentissage pour chaque méthode · environ 20 minutes
#
# Dans `torch.optim`, ces cinq règles s'appellent `SGD`, `SGD` avec `momentum`, `RMSprop`, `Adam` et `AdamW`. Quel pas
# d'apprentissage va avec laquelle ? Aucune formule ne le dit : on essaie. Un *balayage* (sweep) entraîne un réseau une
# fois pour chacun de plusieurs $\eta$, et compare où finissent les apprentissages. La comparaison est honnête si rien
# d'autre ne diffère :
#
# - le même départ et les mêmes mini-lots : `torch.manual_seed(seed)` avant de créer chaque modèle ;
# - un nouveau modèle pour chaque $\eta$ : sinon, un apprentissage continue là où le précédent s'est arrêté ;
# - un nouvel optimiseur pour chaque modèle, avec ce $\eta$ : il déplace les paramètres avec lesquels on l'a créé, et
#   Adam garde ses moyennes.
#
# `curve` entraîne un modèle donné sur les cercles et renvoie une liste : le coût sur tous les exemples d'apprentissage
# après chaque époque.


# %% setup
def curve(model, loss, optim, epochs):
    """Train on the circles, in mini-batches of 10; return the loss over all the training examples after each epoch."""
    losses = []
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), 10):
            L = loss(model(data.Xtrain[indices]), data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            losses.append(loss(model(data.Xtrain), data.Ytrain).item())
    return losses


# %% [markdown] lang="en"
# Write `sweep`. For each $\eta$ of `rates` it trains one network with one hidden layer of 10 units, for `epochs`
# epochs, and keeps the last number that `curve` returns. `kind` is the name of a class: `getattr(torch.optim, kind)` is
# that class. So the optimiser that `init_model` makes is of no use here; its model and its loss are.

# %% [markdown] lang="fr"
# Écrivez `sweep`. Pour chaque $\eta$ de `rates`, la fonction entraîne un réseau à une couche cachée de 10 unités,
# pendant `epochs` époques, et garde le dernier nombre que renvoie `curve`. `kind` est le nom d'une classe :
# `getattr(torch.optim, kind)` est cette classe. L'optimiseur que crée `init_model` ne sert donc pas ici ; son modèle et
# son coût, si. La fonction renvoie la liste de ces nombres, dans l'ordre de `rates`.


# %% answer="sweep"
def sweep(kind, rates, epochs, seed):
    """Train one network for each learning rate, all from the same start, and return where they end.

    kind: the name of a class of torch.optim, "SGD" or "Adam". rates: list of learning rates.
    epochs: of each training. seed: given to torch.manual_seed before each model is made.
    Uses init_model(2, 10, 2, eta) for model and loss, an optimiser of that class for this model at the rate eta,
    with no other option, and curve.
    Returns a list of floats: for each rate the loss after its last epoch.
    """
    ### BEGIN SOLUTION
    losses = []
    for eta in rates:
        torch.manual_seed(seed)
        model, loss, _ = init_model(2, 10, 2, eta)
        optim = getattr(torch.optim, kind)(model.parameters(), lr=eta)
        losses.append(curve(model, loss, optim, epochs)[-1])
    return losses
    ### END SOLUTION


# %% [markdown] hint="sweep" lang="en"
# ### The idea
#
# One loop over the rates. All that could make a difference is made inside it, anew each time: the seed, the model, the
# optimiser. Outside the loop there is only the list.
#
# ### The order
#
# The seed decides which weights are drawn, so it comes before the model. The optimiser needs the parameters of that
# model, so it comes after. `init_model` returns three values; a name such as `_` takes the one that is not needed.
# `curve(…)` returns a list, and `[-1]` is the last item of any list.
#
# ### The code, with blanks
#
# ```python
# losses = ...
# for eta in rates:
#     torch.manual_seed(...)
#     model, loss, _ = ...
#     optim = getattr(...)(..., lr=...)
#     losses.append(...)
# return losses
# ```

# %% [markdown] hint="sweep" lang="fr"
# ### L'idée
#
# Une boucle sur les pas d'apprentissage. Tout ce qui pourrait faire une différence se crée à l'intérieur, chaque fois
# de nouveau : la graine, le modèle, l'optimiseur. En dehors de la boucle, il n'y a que la liste.
#
# ### L'ordre
#
# La graine décide des poids tirés : elle vient avant le modèle. L'optimiseur a besoin des paramètres de ce modèle : il
# vient après. `init_model` renvoie trois valeurs ; un nom comme `_` reçoit celle qui ne sert pas. `curve(…)` renvoie
# une liste, et `[-1]` est le dernier élément de toute liste.
#
# ### Le code, à trous
#
# ```python
# losses = ...
# for eta in rates:
#     torch.manual_seed(...)
#     model, loss, _ = ...
#     optim = getattr(...)(..., lr=...)
#     losses.append(...)
# return losses
# ```


# %% check="sweep_trainings" points=2 ids=["S-variants"]
def verify(kind, rates, epochs, seed):
    """Let stand-ins tell with what each training was made: its start, its rate, its optimiser."""
    stand_ins = """
import torch

def init_model(nx, nh, ny, eta):
    model = torch.nn.Linear(1, 1, bias=False)
    return model, torch.nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=eta)

def curve(model, loss, optim, epochs):
    group = optim.param_groups[0]
    end = model.weight.item() + 10 * float(group["lr"]) + 21 * epochs + 100 * (type(optim).__name__ == "Adam")
    end += 10000 * (group["params"][0] is not model.weight)
    model.weight.data += 7
    return [*[end + 3] * (epochs - 2), end - 2, end]
"""
    call, n = f'sweep("{kind}", {rates}, {epochs}, {seed})', len(rates)
    try:
        got = check.items(probes.with_functions(stand_ins, sweep, kind, rates, epochs, seed), call)
    except TypeError as error:
        check.that(
            "'str' object is not callable" not in str(error),
            "kind is the name of a class, a string: getattr(torch.optim, kind) is the class",
        )
        raise
    check.that(len(got) == n, "sweep should return a list of {n} losses, one for each rate", n=n)
    check.that(
        not any(isinstance(one, list | tuple) for one in got),
        "each item is a list, the whole curve: keep its last number",
    )
    got = check.numbers(got, n, call).double()
    torch.manual_seed(seed)
    draws = torch.tensor([torch.nn.Linear(1, 1, bias=False).weight.item() for _ in range(n)]).double()
    rest = 10 * torch.tensor(rates).double() + 21 * epochs + 100 * (kind == "Adam")
    right = draws[0] + rest
    check.that(
        not (got > 9000).any(), "the optimiser moves another model: make one for each model, of its model.parameters()"
    )
    away, alike = (got - rest).abs() < 1, torch.isclose(got, right, rtol=1e-4)
    check.that(
        alike.all() or not alike[1:].all(),
        "the seed comes after the model, whose weights are drawn by then: set it before",
    )
    mistakes = {
        "each training starts from other weights: set the seed again before each model": draws + rest,
        "one model goes through all the trainings: make a new one for each rate": right + 7 * torch.arange(n),
        "the optimiser is that of init_model, SGD, whatever kind says: make one of the class kind": right
        - 100 * (kind == "Adam"),
        "the optimiser is Adam whatever kind says: make one of the class kind": right + 100 * (kind == "SGD"),
        "all the trainings have the same learning rate: lr=eta, the rate whose turn it is": right[0].expand(n),
        "the optimiser keeps the learning rate that torch gives it: lr=eta": right
        - 10 * (torch.tensor(rates).double() - 1e-3),
        "this is the loss after the first epoch: the last was asked for": right + 3,
        "this is the lowest loss of the training: the last was asked for": right - 2,
    }
    if away.all() and not torch.isclose(got, draws + rest, rtol=1e-4).all():
        mistakes["no seed is set, or another one: torch.manual_seed(seed) before each model"] = got
    extra = (got - right) / 21
    if abs(extra[0]) > 0.5 and torch.allclose(extra, extra.round()[0].expand(n), atol=1e-2):
        mistakes["the trainings have another number of epochs than was asked for: give epochs to curve"] = got
    check.close(got, right, call, rtol=1e-4, unless=mistakes)


verify("Adam", [0.02, 0.3, 0.7], 4, 3)
verify("SGD", [0.5, 0.1], 3, 8)
### BEGIN HIDDEN TESTS
verify("SGD", [0.01, 0.2, 2, 5], 5, 11)
verify("Adam", [0.4, 0.9], 7, 0)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Which rates to try? Rates that are far apart, equal *factors* apart: nobody knows beforehand whether 0.01 is small
# here. Write `plan`. It returns two dicts, both with the keys `"SGD"` and `"Adam"`: the rates to try, for each method a
# list of four to six in increasing order, the largest at least 100 times the smallest; and the rate that you choose of
# them, `None` at first. Run the cell of the curves, then come back and choose. If the lowest point of a curve lies at
# one of its ends, the best rate may lie outside: move the list.
#
# > **Before you run it.** How many times smaller than the best $\eta$ of SGD will the best $\eta$ of Adam be? (Below 1
# > if you expect it to be larger.)

# %% [markdown] lang="fr"
# Quels pas d'apprentissage essayer ? Des valeurs très différentes, séparées par des *facteurs* égaux : personne ne sait
# d'avance si 0,01 est petit ici. Écrivez `plan`. La fonction renvoie deux dictionnaires, tous deux de clés `"SGD"` et
# `"Adam"` : les pas d'apprentissage à essayer, pour chaque méthode une liste de quatre à six nombres en ordre
# croissant, le plus grand valant au moins 100 fois le plus petit ; et celui que vous choisissez parmi eux, `None`
# d'abord. Exécutez la cellule des courbes, puis revenez choisir. Si le point le plus bas d'une courbe est à l'un de ses
# bouts, le meilleur est peut-être dehors : déplacez la liste.
#
# > **Avant d'exécuter.** Combien de fois plus petit que le meilleur $\eta$ de SGD sera le meilleur $\eta$ d'Adam ?
# > (Moins de 1 si vous l'attendez plus grand.)

# %% predict="times_smaller"
times_smaller = None


# %% answer="plan"
def plan():
    """Plan a sweep over the learning rate for two methods, and choose a rate for each from what it shows.

    Returns (rates, chosen), two dicts with the keys "SGD" and "Adam". rates[kind]: a list of four to six numbers > 0,
    in increasing order; the largest is at least 100 times the smallest. chosen[kind]: one of them, with a neighbour
    on either side, where the curve of that method is low; None as long as there is no curve.
    """
    ### BEGIN SOLUTION
    rates = {"SGD": [0.1, 0.3, 1, 3, 10], "Adam": [0.01, 0.03, 0.1, 0.3, 1]}
    return rates, {"SGD": 1, "Adam": 0.1}
    ### END SOLUTION


# %% [markdown] hint="plan" lang="en"
# A useful step moves a weight noticeably, and not by more than its own size; the weights here are around 1. Adam's
# first step is about $\eta$ for each weight: which $\eta$ would be far too large, which would need thousands of steps?
# The gradients here are much smaller than 1, so SGD needs larger $\eta$ than that. Factors of 3 or of 10 both do.

# %% [markdown] hint="plan" lang="fr"
# Un pas utile change un poids sensiblement, mais pas de plus que sa propre taille ; les poids sont ici de l'ordre de 1.
# Le premier pas d'Adam vaut environ $\eta$ pour chaque poids : quel $\eta$ serait beaucoup trop grand, lequel
# demanderait des milliers de pas ? Les gradients sont ici bien plus petits que 1 : il faut donc à SGD un $\eta$ plus
# grand. Des facteurs de 3 ou de 10 conviennent l'un comme l'autre.


# %% check="plan_rates" points=1 ids=["S-variants"]
planned = check.keys(check.pair(plan(), "plan()")[0], ["SGD", "Adam"], "plan()[0]")
for kind in ("SGD", "Adam"):
    call = f'plan()[0]["{kind}"]'
    rates = check.items(planned[kind], call)
    check.that(4 <= len(rates) <= 6, "{n} rates for {kind}: take four to six", n=len(rates), kind=kind)
    rates = check.numbers(rates, len(rates), call)
    check.that((rates > 0).all(), "a rate for {kind} is not above 0: nothing would go down", kind=kind)
    check.that((rates[1:] > rates[:-1]).all(), "put the rates for {kind} in increasing order, each once", kind=kind)
    check.that(
        rates[-1] >= 99.9 * rates[0],
        "the largest rate for {kind} should be at least 100 times the smallest: go by factors, not by sums",
        kind=kind,
    )

# %% demo
rates, chosen = plan()
ends = {kind: sweep(kind, rates[kind], epochs=15, seed=1) for kind in rates}
best = {kind: min(zip(ends[kind], rates[kind]))[1] for kind in rates}
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for kind, colour, style in (("SGD", "#0072B2", "o-"), ("Adam", "#D55E00", "s--")):
    ax.plot(rates[kind], ends[kind], style, color=colour, label=kind)
    if chosen[kind] is not None:
        ax.axvline(chosen[kind], color=colour, linestyle=":")
ax.set(xlabel="$\\eta$", ylabel=say("loss after 15 epochs"), xscale="log", yscale="log")
ax.legend()
ax.grid(alpha=0.3)
figures.show(fig, say("The loss after 15 epochs by the learning rate, and dotted lines at the rates chosen."))
reveal(times_smaller, best["SGD"] / best["Adam"])

# %% claim="both curves have a valley; Adam's is at rates several times smaller, where SGD has hardly begun"
assert all(losses[0] > min(losses) < losses[-1] for losses in ends.values())
assert best["SGD"] >= 3 * best["Adam"]
assert ends["SGD"][rates["SGD"].index(0.1)] > 3 * min(ends["Adam"])

# %% [markdown] lang="en"
# Each curve is a valley: to the left the steps are too short to arrive in 15 epochs, to the right they are too long to
# settle, or throw the weights out altogether. (The dotted lines are the rates that you have chosen.) The valleys do not
# lie at the same place: at $\eta = 0.1$, a good rate for Adam, SGD has hardly begun.

# %% [markdown] lang="fr"
# Chaque courbe est une vallée : à gauche, les pas sont trop courts pour arriver en 15 époques ; à droite, ils sont trop
# longs pour que le coût se stabilise, ou font même diverger les poids. (Les lignes en pointillé sont vos choix.) Les
# vallées ne sont pas au même endroit : à $\eta = 0{,}1$, une bonne valeur pour Adam, SGD a à peine commencé.


# %% check="plan_choice" points=1 ids=["S-variants"]
planned, chosen = check.pair(plan(), "plan()")
planned = check.keys(planned, ["SGD", "Adam"], "plan()[0]")
chosen = check.keys(chosen, ["SGD", "Adam"], "plan()[1]")
for kind, low, high in (("SGD", 0.2, 4), ("Adam", 0.02, 0.6)):
    check.that(
        chosen[kind] is not None,
        "nothing is chosen yet for {kind}: run the cell of the curves, then put one of your rates in the place of None",
        kind=kind,
    )
    rates = check.items(planned[kind], f'plan()[0]["{kind}"]')
    rates = check.numbers(rates, len(rates), f'plan()[0]["{kind}"]').tolist()
    rate = float(check.number(chosen[kind], f'plan()[1]["{kind}"]'))
    same = [math.isclose(rate, one, rel_tol=1e-5) for one in rates]
    check.that(any(same), "{rate} is not one of your rates for {kind}: choose one that you have tried", rate=rate, kind=kind)
    check.that(
        not same[0] and not same[-1],
        "the rate chosen for {kind} lies at an end of your list: the best may lie outside; move the list",
        kind=kind,
    )
    check.that(
        rate >= low,
        "with so small a rate, {kind} has hardly begun after 15 epochs: look at your curve again",
        kind=kind,
    )
    check.that(rate <= high, "with so large a rate, {kind} ends higher than it could: look at your curve again", kind=kind)

# %% [markdown] lang="en"
# Now all five, with the rates that you have chosen for SGD and Adam. Momentum gets a tenth of SGD's, since it makes
# steps up to ten times as long; AdamW gets Adam's, and a decay of 0.1; RMSprop gets 0.03, found in the same way.

# %% [markdown] lang="fr"
# Voici les cinq, avec les pas d'apprentissage que vous avez choisis pour SGD et pour Adam. L'inertie reçoit un dixième
# de celui de SGD, puisqu'elle fait des pas jusqu'à dix fois plus longs ; AdamW reçoit celui d'Adam, et une décroissance
# de 0,1 ; RMSprop reçoit 0,03, trouvé de la même façon.

# %% demo
rates, chosen = plan()
etas = {kind: chosen[kind] or rates[kind][0] for kind in rates}  # without a choice, the smallest
methods = {
    "SGD": (torch.optim.SGD, etas["SGD"], {}),
    "momentum": (torch.optim.SGD, etas["SGD"] / 10, {"momentum": 0.9}),
    "RMSprop": (torch.optim.RMSprop, 0.03, {}),
    "Adam": (torch.optim.Adam, etas["Adam"], {}),
    "AdamW": (torch.optim.AdamW, etas["Adam"], {"weight_decay": 0.1}),
}
losses = {}
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for (name, (kind, eta, options)), style in zip(methods.items(), ("-", "--", "-.", ":", "-")):
    torch.manual_seed(2)
    model, loss, _ = init_model(2, 10, 2, eta)
    losses[name] = curve(model, loss, kind(model.parameters(), lr=eta, **options), 30)
    ax.plot(range(1, 31), losses[name], style, label=f"{name}, $\\eta = $ {number(eta, 'g')}")
ax.set(xlabel=say("epoch"), ylabel=say("loss"), ylim=(0, 0.9))
ax.legend()
ax.grid(alpha=0.3)
figures.show(fig, say("The loss of five optimisers."))

# %% claim="with a rate that suits it, each of the first four arrives; AdamW's decay holds it above Adam almost everywhere"
late = {name: sum(values[-10:]) / 10 for name, values in losses.items()}
assert all(late[name] < 0.25 for name in ("SGD", "momentum", "RMSprop", "Adam"))
assert late["AdamW"] > late["Adam"] + 0.03
assert 27 <= sum(one > other for one, other in zip(losses["AdamW"], losses["Adam"])) <= 30

# %% [markdown] lang="en"
# With a rate that suits it, each of the first four gets down. None of them is "the best": what differs most is the rate
# that they need. AdamW stays above Adam almost everywhere: its decay holds the weights
# back.

# %% [markdown] lang="fr"
# Avec un pas d'apprentissage qui lui convient, chacune des quatre premières descend. Aucune n'est « la meilleure » : ce
# qui diffère le plus, c'est celui qu'il leur faut. AdamW reste presque partout au-dessus d'Adam : sa décroissance
# retient les poids.

# %% [markdown] lang="en"
# **Same rate, other optimiser.** A program trains well with SGD and $\eta = 1$. A fellow student replaces `SGD` by
# `Adam`, leaves $\eta$ as it is, and the loss jumps up and down without ever settling. Explain, from the formulas, why
# the same $\eta$ does not mean the same step. Say how to choose a new $\eta$ (your sweep is one way), and name one
# reason for which the change may still be worth it. Six lines are enough.

# %% [markdown] lang="fr"
# **Même pas d'apprentissage, autre optimiseur.** Un programme apprend bien avec SGD et $\eta = 1$. Un camarade remplace
# `SGD` par `Adam`, laisse $\eta$ tel quel, et le coût monte et descend sans jamais se stabiliser. Expliquez, à partir
# des formules, pourquoi un même $\eta$ ne donne pas le même pas. Dites comment choisir un nouveau $\eta$ (votre
# balayage est une façon), et donnez une raison pour laquelle le changement peut quand même valoir la peine. Six lignes
# suffisent.

# %% [markdown] open="same_rate" points=3 ids=["S-variants"]
# **English.** The step of SGD is $\eta g$: with small gradients it is much shorter than $\eta$, and it shrinks by
# itself near a minimum, where $g$ goes to 0. Adam divides by the size of the gradients, so each weight moves by about
# $\eta$ at each step, however small $g$ is: with $\eta = 1$, all the weights jump by about 1, also near the
# minimum, which they cannot reach. So $\eta$ must be of the size of the change that one wants for a weight at each
# step: start from the usual $10^{-3}$, try powers of ten (or let a scheduler lower it), and compare the curves on a
# validation set. The change may be worth it because each weight has a rate of its own: no single $\eta$ for steep and
# flat directions, less care with the scale of loss and inputs, faster progress along valleys.
#
# **Français.** Le pas de SGD est $\eta g$ : avec de petits gradients, il est bien plus court que $\eta$, et il
# raccourcit de lui-même près d'un minimum, où $g$ tend vers 0. Adam divise par la grandeur des gradients, donc chaque
# poids se déplace d'environ $\eta$ à chaque pas, si petit que soit $g$ : avec $\eta = 1$, tous les poids sautent
# d'environ 1, même près du minimum, qu'ils ne peuvent pas atteindre. $\eta$ doit donc être de la grandeur du changement
# voulu pour un poids à chaque pas : on part de l'habituel $10^{-3}$, on essaie des puissances de dix (ou on le fait
# baisser), et on compare les courbes sur un ensemble de validation. Le changement peut valoir la peine parce que chaque
# poids a son propre pas d'apprentissage : plus un seul $\eta$ pour les directions raides et les directions plates,
# moins d'attention à l'échelle du coût et des entrées, une avance plus rapide dans les vallées.

# %% [markdown] marking="same_rate"
# - 1 point: SGD's step is proportional to the gradient; Adam divides by its size, so that each weight moves by about
#   eta at each step, also where gradients are small or near a minimum.
# - 1 point: a way to choose eta anew: an order of magnitude ($10^{-3}$, or much smaller than 1), powers of ten, a sweep,
#   compared on validation (a falling rate also counts).
# - 1 point: one sound reason in favour of Adam: a rate for each weight, valleys, the scale of loss or inputs.
# - "Adam is better" or "Adam is unstable" without the division earns nothing.

# %% [markdown] lang="en"
# ## 7 · A rate that rises and falls · about 9 minutes
#
# Even a well chosen $\eta$ is rarely the best from beginning to end. At the start, the gradients are wild: small steps
# are safe. In the middle, large steps make headway. At the end, the noise of the mini-batches keeps the weights
# trembling around the minimum: small steps calm them. A *scheduler* changes the rate of an optimiser as training goes
# on. `OneCycleLR` makes one cycle of it:
#
# ```python
# scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
# ```
#
# It starts at $\eta_{max} / 25$, climbs to $\eta_{max}$ during the first 30 % of the **steps**, then falls to almost 0.
# To know where it is, it must be told of every step: `scheduler.step()`, **once for each batch, after `optim.step()`**.
# It computes no gradient and moves no weight; it only writes the next rate into the optimiser, where one can read it:
# `optim.param_groups[0]["lr"]`. (By default it also moves the momentum, from 0.95 down to 0.85 and back, and so
# switches it on in a plain SGD; `cycle_momentum=False` leaves it alone.)
#
# Write `one_cycle`: `epochs` passes over the list `batches`, in its order, one step for each batch, and one cycle in
# all. It returns the list of the rates with which the steps were made, so each is read before the scheduler changes it.

# %% [markdown] lang="fr"
# ## 7 · Un pas d'apprentissage qui monte et qui descend · environ 9 minutes
#
# Même bien choisi, un $\eta$ est rarement le meilleur du début à la fin. Au départ, les gradients sont désordonnés : de
# petits pas sont prudents. Au milieu, de grands pas font avancer. À la fin, le bruit des mini-lots fait trembler les
# poids autour du minimum : de petits pas les calment. Un *planificateur* (scheduler) change le pas d'apprentissage d'un
# optimiseur au fil de l'apprentissage. `OneCycleLR` en fait un cycle :
#
# ```python
# scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
# ```
#
# Il part de $\eta_{max} / 25$, monte jusqu'à $\eta_{max}$ pendant les 30 premiers pour cent des **pas**, puis redescend
# presque à 0. Pour savoir où il en est, il faut le prévenir à chaque pas : `scheduler.step()`, **une fois par lot,
# après `optim.step()`**. Il ne calcule aucun gradient et ne déplace aucun poids ; il écrit seulement le prochain pas
# d'apprentissage dans l'optimiseur, où l'on peut le lire : `optim.param_groups[0]["lr"]`. (Par défaut, il fait aussi
# varier l'inertie, de 0,95 à 0,85 et retour, ce qui l'active même dans un SGD simple ; `cycle_momentum=False` l'en
# empêche.)
#
# Écrivez `one_cycle` : `epochs` parcours de la liste `batches`, dans son ordre, un pas par lot, et un seul cycle en
# tout. La fonction renvoie la liste des pas d'apprentissage dont l'optimiseur s'est servi : chacun se lit donc avant
# que le planificateur ne le change.


# %% answer="one_cycle"
def one_cycle(model, loss, optim, batches, epochs, max_rate):
    """Train a model while OneCycleLR changes the learning rate after each step.

    model: a torch.nn.Module. loss: a function of Yhat and Y. optim: an optimiser of the parameters of model.
    batches: list of pairs (X, Y), gone through in its order in each epoch, one step for each.
    epochs: number of passes. max_rate: the rate at the top of the cycle, which spans all the steps of all the
    epochs; the rates are as OneCycleLR has them by default, the momentum may stay as it is.
    Returns a list of floats: the learning rate with which each step was made.
    """
    ### BEGIN SOLUTION
    scheduler = OneCycleLR(optim, max_lr=max_rate, epochs=epochs, steps_per_epoch=len(batches))
    rates = []
    for _ in range(epochs):
        for X, Y in batches:
            L = loss(model(X), Y)
            optim.zero_grad()
            L.backward()
            rates.append(optim.param_groups[0]["lr"])
            optim.step()
            scheduler.step()
    return rates
    ### END SOLUTION


# %% [markdown] hint="one_cycle" lang="en"
# ### The idea
#
# The scheduler is made once, before the loops, since its cycle spans all the epochs. Inside there is the step that you
# know from part 2, and one more line after it.
#
# ### The order of things
#
# Forget, compute, read the rate, move, tell the scheduler. You may read the rate before or after the move; but read it
# before the scheduler writes the next one in its place.
#
# ### The code, with blanks
#
# ```python
# scheduler = OneCycleLR(optim, max_lr=..., epochs=..., steps_per_epoch=...)
# rates = ...
# for _ in range(epochs):
#     for X, Y in batches:
#         L = ...
#         # forget, compute
#         rates.append(...)
#         # move, then tell the scheduler
# return rates
# ```

# %% [markdown] hint="one_cycle" lang="fr"
# ### L'idée
#
# Le planificateur se crée une fois, avant les boucles, puisque son cycle couvre toutes les époques. À l'intérieur, il y
# a le pas que vous connaissez de la partie 2, et une ligne de plus après.
#
# ### L'ordre des choses
#
# Oublier, calculer, lire le pas d'apprentissage, se déplacer, prévenir le planificateur. On peut le lire avant ou après le
# déplacement ; mais lisez-le avant que le planificateur n'écrive le suivant à sa place.
#
# ### Le code, à trous
#
# ```python
# scheduler = OneCycleLR(optim, max_lr=..., epochs=..., steps_per_epoch=...)
# rates = ...
# for _ in range(epochs):
#     for X, Y in batches:
#         L = ...
#         # oublier, calculer
#         rates.append(...)
#         # se déplacer, puis prévenir le planificateur
# return rates
# ```


# %% check="one_cycle_rates" points=2 ids=["S-onecycle"]
def verify(count, epochs, max_rate, kind="SGD"):
    """Compare the rate of each step with the curve of one cycle."""
    batches = [[torch.randn(3, 2), torch.randn(3, 1)] for _ in range(count)]
    values = [torch.randn(1, 2), torch.randn(1)]
    run = probes.watch_loop(
        one_cycle, [["Linear", 2, 1]], values, kind, {"lr": 0.1}, batches, epochs, max_rate
    )
    check.that(
        "total steps" not in run["error"],
        "the scheduler is stepped more often than it was told: its cycle has epochs * len(batches) steps",
    )
    check.that(
        run["steps"] or all(map(torch.equal, run["values"], values)),
        "the steps are not made by the optimiser that the function was given, optim: use that one",
    )
    check.same(
        len(run["steps"]),
        epochs * count,
        "optim.step()",
        unless={
            "one step for each batch was asked for, not one for each epoch": epochs,
            "optim.step() is never called: nothing moves": 0,
            "one_cycle goes through the batches once; it should do so once an epoch": count,
        },
    )

    def curve(total, steps):
        """Two half-waves of a cosine: up from 1/25 to 1 in 30 % of the steps, down to 1/250000 at the last."""
        top, rates = 0.3 * total - 1, []
        for i in steps:
            start, end, way = (1 / 25, 1.0, i / top) if i <= top else (1.0, 4e-6, (i - top) / (total - 1 - top))
            rates.append(max_rate * (end + (start - end) * (1 + math.cos(math.pi * way)) / 2))
        return rates

    total = epochs * count
    right = curve(total, range(total))
    check.close(
        torch.tensor([step["rate"] for step in run["steps"]]),
        right,
        'optim.param_groups[0]["lr"]',
        rtol=1e-3,
        atol=1e-6 * max_rate,
        unless={
            "the rate never changes: call scheduler.step() after each optim.step()": [max_rate / 25] * total,
            "no scheduler changes the rate of the optimiser: create OneCycleLR with it": [0.1] * total,
            "scheduler.step() is called once an epoch: call it after each step of the optimiser": curve(
                total, [i // count for i in range(total)]
            ),
            "scheduler.step() is called once an epoch, for a cycle of as many steps as there are epochs: call it after each step": curve(
                epochs, [i // count for i in range(total)]
            ),
            "scheduler.step() comes before optim.step(): the first rate of the cycle is skipped": [
                *right[1:],
                *[step["rate"] for step in run["steps"][-1:]],
            ],
            "the scheduler is made anew in each epoch: make it once, for all the epochs": curve(count, range(count)) * epochs,
            "the scheduler is made anew in each epoch, and its cycle begins again: make it once, before the loops": curve(
                total, range(count)
            )
            * epochs,
            "the cycle has one step more than the training: it has epochs * len(batches)": curve(total + 1, range(total)),
            "the top of the cycle is the rate that the optimiser had: max_lr=max_rate": [
                0.1 / max_rate * rate for rate in right
            ],
        },
    )


verify(10, 3, 0.5)
### BEGIN HIDDEN TESTS
verify(7, 5, 0.02)
verify(25, 2, 1, "AdamW")
### END HIDDEN TESTS


# %% check="one_cycle_steps" points=2 ids=["S-onecycle"]
def verify(count, epochs, n, nx):
    """Compare the gradient of each step with that of its batch, and the list with the rates that were used."""
    batches = [[torch.randn(n, nx), torch.randn(n, 1)] for _ in range(count)]
    values = [torch.randn(1, nx), torch.randn(1)]
    run = probes.watch_loop(
        one_cycle, [["Linear", nx, 1]], values, "SGD", {"lr": 0.1}, batches, epochs, 0.03
    )
    check.that(
        "total steps" not in run["error"],
        "the scheduler is stepped more often than it was told: its cycle has epochs * len(batches) steps",
    )
    check.that(
        run["steps"] or all(map(torch.equal, run["values"], values)),
        "the steps are not made by the optimiser that the function was given, optim: use that one",
    )
    check.that(run["steps"], "optim.step() is never called: nothing moves")
    earlier = 0.0
    for number, step in enumerate(run["steps"]):
        X, Y = batches[number % count]
        check.that(
            all(part is not None for part in step["slopes"]),
            "step finds no gradient: zero_grad stands between backward and step, or step comes first",
        )
        W, b = step["values"]
        error = X @ W.T + b - Y
        slope = torch.cat([2 * (error.T @ X).flatten() / n, 2 * error.mean(0)])
        earlier = earlier + slope
        check.close(
            torch.cat([part.flatten() for part in step["slopes"]]),
            slope,
            say("{what}, step {n}").format(what="w.grad", n=number + 1),
            unless={
                "the gradients of earlier batches are still in it: call optim.zero_grad() for each batch": earlier,
                "zero_grad stands between backward and step: step finds zeros": 0 * slope,
            },
        )
    rates, got = [step["rate"] for step in run["steps"]], run["result"]
    call = f"one_cycle(model, loss, optim, batches, {epochs}, 0.03)"
    got = check.items(got, call)
    check.that(
        len(got) == len(rates),
        "one_cycle should return a list of {n} rates, one for each step",
        n=len(rates),
    )
    got = [rate[0] if isinstance(rate, list | tuple) and len(rate) == 1 else rate for rate in got]
    got = check.numbers(got, len(rates), call)
    check.close(
        got,
        torch.tensor(rates, dtype=torch.float64),
        call,
        atol=1e-8,
        unless={
            "these are the rates of the following steps: note the rate before scheduler.step()": [
                *rates[1:],
                float(got[-1]),
            ],
            "each step was made at another rate than the one noted: scheduler.step() comes in between": [
                float(got[0]),
                *rates[:-1],
            ],
        },
    )


verify(6, 2, 3, 2)
### BEGIN HIDDEN TESTS
verify(5, 3, 4, 7)
verify(4, 4, 1, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Here is the cycle of your function: 20 epochs of 20 batches, $\eta_{max} = 0.5$. The dashed line is what becomes of it
# if `scheduler.step()` is called once an epoch instead of once a batch: after 20 of its 400 steps, the rate has hardly
# begun to climb. The grey line marks 30 % of the steps.

# %% [markdown] lang="fr"
# Voici le cycle de votre fonction : 20 époques de 20 lots, $\eta_{max} = 0{,}5$. La ligne en tirets montre ce qu'il
# devient si l'on appelle `scheduler.step()` une fois par époque au lieu d'une fois par lot : après 20 de ses 400 pas,
# le pas d'apprentissage commence à peine à monter. Le trait gris marque 30 % des pas.

# %% demo
torch.manual_seed(0)
model, loss, optim = init_model(2, 10, 2, 0.1)
batches = [(data.Xtrain[i], data.Ytrain[i]) for i in minibatches(200, 10)]
rates = one_cycle(model, loss, optim, batches, 20, 0.5)
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(rates, color="#0072B2", label=say("after each step"))
ax.plot([rates[i // 20] for i in range(400)], "--", color="#D55E00", label=say("once an epoch"))
ax.axvline(0.3 * len(rates), color="#999999", linewidth=1)
ax.set(xlabel=say("step"), ylabel=say("learning rate, η"))
ax.legend()
ax.grid(alpha=0.3)
figures.show(fig, say("The learning rate rises, then falls: at each step, or in stairs, once an epoch."))

# %% claim="the rate is highest at 30 % of the steps and ends near 0; told once an epoch, it has hardly begun to climb"
assert abs(rates.index(max(rates)) - 0.3 * len(rates)) <= 1 and abs(max(rates) - 0.5) < 0.01
assert len(rates) == 400 and abs(rates[0] - 0.5 / 25) < 1e-6 and rates[-1] < 1e-4
assert rates[19] < 0.1 * max(rates)

# %% [markdown] lang="en"
# ## 8 · The training function · about 28 minutes
#
# What is missing now makes a tool of a loop: that it runs on a graphics card if there is one, shows how far it is,
# keeps curves, and measures fairly. Two functions do it, for any network, loss and optimiser.
#
# A **loader** gives the batches, `for X, Y in loader`, anew at each pass. (`DataLoader` makes one of a data set; the
# next notebook says how. A list of pairs does as well, so count the examples as you meet them.) The last batch may be
# shorter than the others.
#
# **Modes.** Some layers behave differently in training and afterwards: Dropout switches units off at random, BatchNorm
# uses the statistics of the batch. `net.train()` and `net.eval()` tell them which it is, and `net.training` says which
# mode a network is in: `True` or `False`. Kept in `before`, this value restores the mode later: `net.train(before)`.
# `eval()` does not stop the graph from being recorded: that is what `no_grad` is for. To measure, one needs both.
#
# **A mean over examples.** The loss $L_k$ of batch $k$ is a mean over its $B_k$ examples. The mean of these means
# gives too much weight to the examples of a short last batch. So weigh each batch by its size:
#
# $$L = \frac{1}{n} \sum_k B_k \, L_k \qquad n = \sum_k B_k$$
#
# Write `evaluate`: it moves each batch to `device` (`X.to(device)` returns the moved tensor), leaves `net` in the mode
# in which it was, and returns $L$, a number.

# %% [markdown] lang="fr"
# ## 8 · La fonction d'apprentissage · environ 28 minutes
#
# Il manque encore ce qui fait d'une boucle un outil : qu'elle tourne sur une carte graphique s'il y en a une, montre
# où elle en est, garde des courbes, et mesure honnêtement. Deux fonctions s'en chargent, pour tout réseau, tout coût
# et tout optimiseur.
#
# Un **chargeur** (loader) donne les lots, `for X, Y in loader`, de nouveau à chaque parcours. (`DataLoader` en fabrique
# un à partir d'un jeu de données ; le prochain notebook dira comment. Une liste de couples convient aussi : comptez
# donc les exemples au passage.) Le dernier lot peut être plus court que les autres.
#
# **Les modes.** Certaines couches se comportent autrement pendant l'apprentissage et après : Dropout éteint des unités
# au hasard, BatchNorm utilise les statistiques du lot. `net.train()` et `net.eval()` leur disent où l'on en est, et
# `net.training` indique dans quel mode se trouve un réseau : `True` ou `False`. Gardée dans `before`, cette valeur
# rétablit le mode plus tard : `net.train(before)`. `eval()` n'empêche pas l'enregistrement du graphe : c'est à cela que
# sert `no_grad`. Pour mesurer, il faut les deux.
#
# **Une moyenne sur les exemples.** Le coût $L_k$ du lot $k$ est une moyenne sur ses $B_k$ exemples. La moyenne de ces
# moyennes donne trop de poids aux exemples d'un dernier lot plus court. Pondérez donc chaque lot par sa taille :
#
# $$L = \frac{1}{n} \sum_k B_k \, L_k \qquad n = \sum_k B_k$$
#
# Écrivez `evaluate` : la fonction envoie chaque lot sur `device` (`X.to(device)` renvoie le tenseur déplacé), laisse
# `net` dans le mode où il était, et renvoie $L$, un nombre.


# %% answer="evaluate"
def evaluate(net, loss, loader, device):
    """Measure the mean loss of a network over all the examples of a loader.

    net: a torch.nn.Module, already on device. loss: a function of Yhat and Y, averaged over its batch.
    loader: gives batches (X, Y), X (n, nx) and Y (n, ny); the last may be shorter. A DataLoader or a list.
    device: where to compute, such as "cpu" or "cuda"; each batch is moved there.
    Computes in evaluation mode and without a graph; leaves net in the mode in which it was.
    Returns a float: the mean over the examples, not over the batches.
    """
    ### BEGIN SOLUTION
    training = net.training
    net.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for X, Y in loader:
            X, Y = X.to(device), Y.to(device)
            total += loss(net(X), Y).item() * len(X)
            n += len(X)
    net.train(training)
    return total / n
    ### END SOLUTION


# %% [markdown] hint="evaluate" lang="en"
# ### The idea
#
# Remember the mode, switch to evaluation, measure without a graph, restore the mode, return the mean. The sum over the
# examples and their number are collected side by side, batch by batch.
#
# ### The sizes
#
# A batch of $B_k$ examples has a mean loss $L_k$; the sum of its examples' losses is $B_k L_k$, and `len(X)` is $B_k$.
# `.item()` makes a plain number of a tensor, wherever it is. What stands after `return` is never run: the mode is
# restored before.
#
# ### The code, with blanks
#
# ```python
# training = ...
# net.eval()
# total, n = ...
# with torch.no_grad():
#     for X, Y in loader:
#         X, Y = ..., ...
#         total += ... * ...
#         n += ...
# net.train(...)
# return ... / ...
# ```

# %% [markdown] hint="evaluate" lang="fr"
# ### L'idée
#
# Retenir le mode, passer en évaluation, mesurer sans graphe, rétablir le mode, renvoyer la moyenne. La somme sur les
# exemples et leur nombre s'accumulent côte à côte, lot après lot.
#
# ### Les tailles
#
# Un lot de $B_k$ exemples a un coût moyen $L_k$ ; la somme des coûts de ses exemples est $B_k L_k$, et `len(X)` est
# $B_k$. `.item()` fait d'un tenseur un simple nombre, où qu'il soit. Ce qui suit `return` ne s'exécute jamais : le mode
# se rétablit avant.
#
# ### Le code, à trous
#
# ```python
# training = ...
# net.eval()
# total, n = ...
# with torch.no_grad():
#     for X, Y in loader:
#         X, Y = ..., ...
#         total += ... * ...
#         n += ...
# net.train(...)
# return ... / ...
# ```


# %% check="evaluate_mean" points=2 ids=["S-loop"]
def verify(n, batch, nx, ny, layers=(), plain=False):
    """Compare with the mean over all the examples at once; plain: the loader is a list of pairs."""
    X, Y = torch.randn(n, nx), torch.randn(n, ny)
    Y[batch * ((n - 1) // batch) :] += 3  # the last batch is unlike the others
    W, b = torch.randn(ny, nx), torch.randn(ny)
    try:
        run = probes.watch_evaluation(
            evaluate, [*layers, ["Linear", nx, ny]], [W, b], [X, Y], batch, True, plain
        )
    except AttributeError as error:
        check.that(
            "'list' object" not in str(error),
            "a loader may be a list of pairs, without dataset or batch_size: count the examples as you meet them",
        )
        raise
    except ValueError as error:
        check.that(
            "expected to be boolean" not in str(error),
            "net.train is a method that sets the mode; net.training says which it is, True or False",
        )
        raise
    errors = ((torch.nn.functional.linear(X, W, b) - Y) ** 2).mean(1)
    parts = [(len(part), part.mean()) for part in errors.split(batch)]
    check.that(
        all(call["training"] == "none" for call in run["calls"]),
        "the network is measured in training mode: call net.eval() first",
    )
    check.close(
        run["result"],
        errors.mean(),
        "evaluate(net, loss, loader, device)",
        unless={
            "this is the mean over the batches: weigh each batch by the number of its examples": torch.stack(
                [mean for _, mean in parts]
            ).mean(),
            "the losses of the batches are added up: divide by the number of examples": torch.stack(
                [mean for _, mean in parts]
            ).sum(),
            "each batch is weighed by its size and the sum not divided: divide by the number of examples": errors.sum(),
            "the sum of the batches' losses is divided by the number of examples: multiply each by its size first": torch.stack(
                [mean for _, mean in parts]
            ).sum()
            / n,
            "this is the loss of the last batch": parts[-1][1],
            "this is the loss of the first batch: is return inside the loop?": parts[0][1],
            "the weighed sum is divided by the number of batches: divide by the number of examples": errors.sum()
            / len(parts),
        },
    )


verify(5, 2, 3, 1)
verify(5, 2, 3, 1, plain=True)
### BEGIN HIDDEN TESTS
verify(11, 4, 3, 2, [["Dropout", 0.5]])
verify(12, 4, 3, 2)
verify(3, 7, 4, 2)
### END HIDDEN TESTS


# %% check="evaluate_modes" points=2 ids=["S-loop"]
def verify(n, batch, training):
    """Look at the mode and the graph while it computes, and at what it leaves behind."""
    values = [torch.randn(2, 3), torch.randn(2)]
    part = [torch.randn(n, 3), torch.randn(n, 2)]
    layers = [["Dropout", 0.5], ["Linear", 3, 2]]
    try:
        run = probes.watch_evaluation(evaluate, layers, values, part, batch, training)
    except ValueError as error:
        check.that(
            "expected to be boolean" not in str(error),
            "net.train is a method that sets the mode; net.training says which it is, True or False",
        )
        raise
    check.that(run["calls"], "the network is never called")
    check.that(
        all(call["training"] == "none" for call in run["calls"]),
        "the network is measured in training mode: call net.eval() first",
    )
    check.that(
        not any(call["graph"] for call in run["calls"]),
        "a graph is recorded while measuring: compute under torch.no_grad(); net.eval() does not do that",
    )
    check.that(
        not run["graph"], "evaluate returns a tensor that hangs on its graph: return a float"
    )
    check.that(
        run["training"] or not training,
        "the network was in training mode and is left in evaluation mode: put it back as it was",
    )
    check.that(
        training or not run["training"],
        "the network was in evaluation mode and is left in training mode: put it back as it was",
    )
    check.that(not run["moved"], "evaluate changes the network: it should only measure")
    check.that(
        run["recording"],
        "autograd is left switched off, and the next training would fail: with torch.no_grad(): switches it on again by itself",
    )


verify(5, 2, True)
verify(5, 2, False)
### BEGIN HIDDEN TESTS
verify(7, 3, False)
verify(4, 4, True)
### END HIDDEN TESTS

# %% check="evaluate_device" points=1 ids=["S-loop"]
try:
    used = probes.devices_used(evaluate)
except RuntimeError as error:
    check.that(
        "same device" not in str(error) and "expected device" not in str(error),
        "tensors of two devices are added: cumulate L.item(), or make the sum on device",
    )
    raise
except ValueError as error:
    check.that(
        "expected to be boolean" not in str(error),
        "net.train is a method that sets the mode; net.training says which it is, True or False",
    )
    raise
check.that(used, "the network is never called")
check.that(
    all(x == "meta" for _net, x, *_ in used),
    "X stays where it was: move each batch with X.to(device), which returns the moved tensor",
)
check.that(
    all(y == "meta" for *_, y in used),
    "Y stays where it was: move each batch with Y.to(device), which returns the moved tensor",
)

# %% [markdown] lang="en"
# Now `fit`, the whole training in one function. Its plan, epoch by epoch:
#
# 1. `net.train()`; for each batch of the training loader, move it to the device, make one step, and *cumulate* the
#    loss: add `L.item()` times the size of the batch. Divided by the number of examples, this is the training loss of
#    the epoch. It costs nothing more, since these losses are computed anyway.
# 2. The test loss, by `evaluate`.
# 3. Both into the history, and into TensorBoard under the names `loss/train` and `loss/test`: the slash puts them in
#    one group. As in `03_autograd`: `writer = SummaryWriter(folder)`, `writer.add_scalar(name, value, epoch)`,
#    `writer.close()`.
#
# Around the loop over the epochs, `tqdm(range(…), file=sys.stdout)` draws a progress bar. Without `file`, it writes to
# the *error* stream, where programs that run yours look for errors. The writer is closed at the end: what it has not
# yet written would be lost.
#
# `net` comes in any mode, on any device: `net.to(device)` moves it, in place. `fit` returns a dict of two lists,
# `"train"` and `"test"`, one number an epoch; the epochs of TensorBoard are counted from 1.
#
# `fit` calls your `evaluate`. A mistake there does not cost you twice: when the notebook is graded, a right one takes
# its place.

# %% [markdown] lang="fr"
# Et maintenant `fit`, tout l'apprentissage en une fonction. Son plan, époque par époque :
#
# 1. `net.train()` ; pour chaque lot du chargeur d'apprentissage, l'envoyer sur le bon appareil (device), faire un pas,
#    et *cumuler* le coût : ajouter `L.item()` fois la taille du lot. Divisé par le nombre d'exemples, c'est le coût
#    d'apprentissage de l'époque. Il ne coûte rien de plus, puisque ces coûts sont calculés de toute façon.
# 2. Le coût de test, par `evaluate`.
# 3. Les deux dans l'historique, et dans TensorBoard sous les noms `loss/train` et `loss/test` : la barre oblique les
#    réunit dans un groupe. Comme dans `03_autograd` : `writer = SummaryWriter(folder)`,
#    `writer.add_scalar(name, value, epoch)`, `writer.close()`.
#
# Autour de la boucle sur les époques, `tqdm(range(…), file=sys.stdout)` dessine une barre de progression. Sans `file`,
# elle s'écrit sur la sortie d'*erreur*, où les programmes qui exécutent le vôtre cherchent les erreurs. On ferme le
# `SummaryWriter` à la fin : ce qu'il n'a pas encore écrit serait perdu.
#
# `net` arrive dans n'importe quel mode, sur n'importe quel appareil : `net.to(device)` le déplace, sur place. `fit`
# renvoie un dictionnaire de deux listes, `"train"` et `"test"`, un nombre par époque ; les époques de TensorBoard se
# comptent à partir de 1.
#
# `fit` appelle votre fonction `evaluate`. Une erreur dans celle-ci ne coûte pas deux fois : lors de la notation, une
# fonction juste prend sa place.


# %% answer="fit"
def fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    """Train a network, with a progress bar, curves for TensorBoard and a fair measure after each epoch.

    net: a torch.nn.Module, in any mode; it is moved to device, and in training mode for the steps.
    loss: a function of Yhat and Y, averaged over its batch. optim: an optimiser of the parameters of net.
    train_loader, test_loader: as for evaluate; each batch is moved to device.
    epochs: passes over train_loader, one step for each of its batches. device: such as "cpu" or "cuda".
    folder: where a SummaryWriter writes, a string; it is closed at the end.
    Writes a tqdm bar over the epochs to sys.stdout.
    Returns a dict of two lists, with one float an epoch: "train", the losses of the training batches as they
    were met, averaged over the examples; "test", evaluate on test_loader after the steps of the epoch.
    TensorBoard gets both as "loss/train" and "loss/test", at the steps 1, 2, 3, ...
    """
    ### BEGIN SOLUTION
    net.to(device)
    history = {"train": [], "test": []}
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(1, epochs + 1), file=sys.stdout):
        net.train()
        total, n = 0.0, 0
        for X, Y in train_loader:
            X, Y = X.to(device), Y.to(device)
            L = loss(net(X), Y)
            optim.zero_grad()
            L.backward()
            optim.step()
            total += L.item() * len(X)
            n += len(X)
        history["train"].append(total / n)
        history["test"].append(evaluate(net, loss, test_loader, device))
        for part in history:
            writer.add_scalar(f"loss/{part}", history[part][-1], epoch)
    writer.close()
    return history
    ### END SOLUTION


# %% [markdown] hint="fit" lang="en"
# ### The idea
#
# Before the epochs: move the network, prepare the history, open the writer. In each epoch: training mode, the batches,
# then the two numbers. After the last: close the writer, return the history.
#
# ### What goes where
#
# `evaluate` leaves the mode as it was; but `net` may come in evaluation mode, so each epoch begins with `net.train()`.
# The sum and the number of examples start at 0 in *each* epoch. The three lines of part 2 are inside the loop over the
# batches; `evaluate` and `add_scalar` are not. `range(1, …)` counts epochs from 1.
#
# ### The code, with blanks
#
# ```python
# net.to(...)
# history = {"train": ..., "test": ...}
# writer = ...
# for epoch in tqdm(range(1, ...), file=...):
#     net.train()
#     total, n = ...
#     for X, Y in train_loader:
#         X, Y = ..., ...
#         L = ...
#         # the three lines of part 2
#         total += ... * ...
#         n += ...
#     history["train"].append(...)
#     history["test"].append(evaluate(...))
#     for part in history:
#         writer.add_scalar(..., ..., epoch)
# # the writer is closed
# return history
# ```

# %% [markdown] hint="fit" lang="fr"
# ### L'idée
#
# Avant les époques : déplacer le réseau, préparer l'historique, ouvrir le `SummaryWriter`. À chaque époque : le mode
# apprentissage, les lots, puis les deux nombres. Après la dernière : le fermer, renvoyer l'historique.
#
# ### Ce qui va où
#
# `evaluate` laisse le mode tel qu'il était ; mais `net` peut arriver en mode évaluation : chaque époque commence donc
# par `net.train()`. La somme et le nombre d'exemples repartent de 0 à *chaque* époque. Les trois lignes de la partie 2
# sont dans la boucle sur les lots ; `evaluate` et `add_scalar` n'y sont pas. `range(1, …)` compte les époques à partir
# de 1.
#
# ### Le code, à trous
#
# ```python
# net.to(...)
# history = {"train": ..., "test": ...}
# writer = ...
# for epoch in tqdm(range(1, ...), file=...):
#     net.train()
#     total, n = ...
#     for X, Y in train_loader:
#         X, Y = ..., ...
#         L = ...
#         # les trois lignes de la partie 2
#         total += ... * ...
#         n += ...
#     history["train"].append(...)
#     history["test"].append(evaluate(...))
#     for part in history:
#         writer.add_scalar(..., ..., epoch)
# # fermer le writer
# return history
# ```


# %% check="fit_steps" points=2 ids=["S-loop"]
def verify(n, batch, nx, ny, epochs, rate):
    """Look at each step: its batch, its gradient, and the mode of the network."""
    X, Y = torch.randn(n, nx), torch.randn(n, ny)
    test = [torch.randn(n + 1, nx), torch.randn(n + 1, ny)]
    values = [torch.randn(ny, nx), torch.randn(ny)]
    try:
        run = probes.watch_fit(fit, [["Linear", nx, ny]], values, rate, [X, Y], test, batch, epochs, GLANCE)
    except NotImplementedError as error:
        check.that(
            "numpy array or torch tensor" not in str(error),
            "add_scalar takes one number, the last of a list: history[part][-1], not the list history[part]",
        )
        raise
    learning = [call for call in run["calls"] if call["graph"]]
    check.that(
        run["steps"] or all(map(torch.equal, run["values"], values)),
        "the steps are not made by the optimiser that the function was given, optim: use that one",
    )
    check.that(run["steps"], "optim.step() is never called: nothing moves")
    batches = -(-n // batch)
    check.same(
        len(run["steps"]),
        epochs * batches,
        "optim.step()",
        unless={
            "one step for each batch was asked for, not one for each epoch": epochs,
            "the last, shorter batch makes no step": epochs * (n // batch),
            "fit goes through the batches once; it should do so once an epoch": batches,
        },
    )
    check.that(
        learning and learning[0]["training"] == "all",
        "the steps are made in evaluation mode: call net.train() before the batches",
    )
    check.that(
        all(call["training"] == "all" for call in learning),
        "after the first measure the network stays in evaluation mode: call net.train() in each epoch",
    )
    earlier = 0.0
    for number, step in enumerate(run["steps"]):
        k = batch * (number % batches)
        x, y, (W, b) = X[k : k + batch], Y[k : k + batch], step["values"]
        check.that(
            all(part is not None for part in step["slopes"]),
            "step finds no gradient: zero_grad stands between backward and step, or step comes first",
        )
        error = x @ W.T + b - y
        slope = torch.cat([2 * (error.T @ x).flatten() / error.numel(), 2 * error.mean(0) / ny])
        got = torch.cat([part.flatten() for part in step["slopes"]])
        earlier = earlier + slope
        check.close(
            got,
            slope,
            say("{what}, step {n}").format(what="w.grad", n=number + 1),
            unless={
                "the gradients of earlier batches are still in it: call optim.zero_grad() for each batch": earlier,
                "zero_grad stands between backward and step: step finds zeros": 0 * slope,
                "the loss is multiplied by the size of the batch before backward: cumulate L.item(), not L": len(x)
                * slope,
            },
        )


verify(5, 2, 3, 1, 2, 0.1)
### BEGIN HIDDEN TESTS
verify(11, 4, 5, 2, 3, 0.02)
verify(3, 7, 4, 2, 2, 0.05)
### END HIDDEN TESTS


# %% check="fit_history" points=2 ids=["S-loop"]
STAND_IN = ""  # here fit calls your evaluate; when graded, one that looks at the first batch only
### BEGIN HIDDEN TESTS
STAND_IN = GLANCE
### END HIDDEN TESTS


def verify(n, batch, nx, ny, epochs, layers=(), plain=False):
    """Compare the two lists with the losses that the recorded calls had; plain: the loaders are lists of pairs."""
    X, Y = torch.randn(n, nx), torch.randn(n, ny)
    Y[batch * ((n - 1) // batch) :] += 3  # the last batch is unlike the others
    test = [torch.randn(n + 2, nx), torch.randn(n + 2, ny)]
    values, batches = [torch.randn(ny, nx), torch.randn(ny)], -(-n // batch)
    try:
        run = probes.watch_fit(
            fit, [*layers, ["Linear", nx, ny]], values, 0.05, [X, Y], test, batch, epochs, STAND_IN, plain
        )
    except NotImplementedError as error:
        check.that(
            "numpy array or torch tensor" not in str(error),
            "add_scalar takes one number, the last of a list: history[part][-1], not the list history[part]",
        )
        raise
    except AttributeError as error:
        check.that(
            "'list' object" not in str(error),
            "a loader may be a list of pairs, without dataset or batch_size: count the examples as you meet them",
        )
        raise
    call, got = "fit(…)", run["result"]
    got = check.keys(got, ["train", "test"], call)
    for name in ("train", "test"):
        check.that(
            len(check.items(got[name], f'{call}["{name}"]')) == epochs,
            "{what} should be a list of {n} numbers, one an epoch",
            what=f'{call}["{name}"]',
            n=epochs,
        )
    learning = [one["Yhat"] for one in run["calls"] if one["graph"]]
    check.that(
        len(learning) == epochs * batches,
        "the network is called {found} times with a graph; expected once for each training batch, {n} times",
        found=len(learning),
        n=epochs * batches,
    )
    check.that(
        run["steps"] or all(map(torch.equal, run["values"], values)),
        "the steps are not made by the optimiser that the function was given, optim: use that one",
    )
    check.that(
        len(run["steps"]) == epochs * batches,
        "optim.step() is called {found} times for {n} mini-batches: once for each",
        found=len(run["steps"]),
        n=epochs * batches,
    )
    check.that(
        all(one["training"] == "none" for one in run["calls"] if not one["graph"]),
        "a loss is measured in training mode: evaluate sees to the mode, call it",
    )
    ends = [step["values"] for step in run["steps"][batches::batches]] + [run["values"]]

    def measure(x, y, W, b):
        return ((torch.nn.functional.linear(x, W, b) - y) ** 2).mean()

    means, plain, sums, sizeless = [], [], [], []
    for epoch in range(epochs):
        guesses = learning[epoch * batches : (epoch + 1) * batches]
        errors = [(guess - y).square().mean() for guess, y in zip(guesses, Y.split(batch))]
        weighed = sum(error * len(y) for error, y in zip(errors, Y.split(batch)))
        means.append(weighed / n)
        plain.append(sum(errors) / batches)
        sums.append(sum(errors))
        sizeless.append(sum(errors) / n)
    calls = len(run["calls"]) - len(learning)
    examples, looked = ([part[:batch] for part in one] if STAND_IN and calls <= 2 * epochs else one for one in ([X, Y], test))
    afterwards = torch.stack([measure(*examples, *end) for end in ends])
    check.close(
        check.numbers(got["train"], epochs, f'{call}["train"]'),
        torch.stack(means),
        f'{call}["train"]',
        unless={
            "this is the mean over the batches: weigh each batch by the number of its examples": torch.stack(
                plain
            ),
            "the losses of the batches are added up: divide by the number of examples": torch.stack(sums),
            "the sum of the batches' losses is divided by the number of examples: multiply each by its size first": torch.stack(
                sizeless
            ),
            "the cumulated loss goes on from epoch to epoch: set it to 0 at the start of each": torch.stack(means)
            .cumsum(0),
            "the sum and the number of examples go on from epoch to epoch: set both to 0 at the start of each": torch.stack(
                means
            ).cumsum(0)
            / torch.arange(1, epochs + 1),
            "these losses are measured after the epoch: cumulate those of the steps": afterwards,
            "the two lists are swapped": [measure(*looked, *end) for end in ends],
        },
    )
    check.close(
        check.numbers(got["test"], epochs, f'{call}["test"]'),
        torch.stack([measure(*looked, *end) for end in ends]),
        f'{call}["test"]',
        also=torch.stack([measure(*test, *end) for end in ends]),  # that of a fit without evaluate
        unless={
            "the test loss is measured before the steps of the epoch; measure after them": [
                measure(*looked, *start) for start in [values, *ends[:-1]]
            ],
            "this is measured on the training examples: use test_loader": afterwards,
        },
    )
    check.that(
        not run["graph"],
        "the history keeps the graph of each loss, and the memory fills: keep L.item()",
    )


verify(5, 2, 3, 1, 2)
verify(5, 2, 3, 1, 2, plain=True)
### BEGIN HIDDEN TESTS
verify(11, 4, 5, 2, 3, [["Dropout", 0.5]])
### END HIDDEN TESTS

# %% check="fit_device" points=1 ids=["S-loop"]
try:
    used = probes.devices_used(fit, 1, GLANCE)
except NotImplementedError as error:
    check.that(
        "numpy array or torch tensor" not in str(error),
        "add_scalar takes one number, the last of a list: history[part][-1], not the list history[part]",
    )
    raise
except RuntimeError as error:
    check.that(
        "same device" not in str(error) and "expected device" not in str(error),
        "tensors of two devices are added: cumulate L.item(), or make the sum on device",
    )
    raise
check.that(used, "the network is never called")
check.that(
    all(net == "meta" for net, *_ in used),
    "the network stays where it was: move it with net.to(device), before the first batch",
)
check.that(
    all(x == "meta" for _net, x, *_ in used),
    "X stays where it was: move each batch with X.to(device), which returns the moved tensor",
)
check.that(
    all(y == "meta" for *_, y in used),
    "Y stays where it was: move each batch with Y.to(device), which returns the moved tensor",
)


# %% check="fit_reports" points=2 ids=["S-loop"]
def verify(n, batch, epochs):
    """Look at what is written: the bar, the curves, and whether the writer is closed."""
    parts = [[torch.randn(n, 3), torch.randn(n, 2)] for _ in range(2)]
    values = [torch.randn(2, 3), torch.randn(2)]
    try:
        run = probes.watch_fit(fit, [["Linear", 3, 2]], values, 0.1, *parts, batch, epochs, GLANCE)
    except NotImplementedError as error:
        check.that(
            "numpy array or torch tensor" not in str(error),
            "add_scalar takes one number, the last of a list: history[part][-1], not the list history[part]",
        )
        raise
    check.that(
        not run["stderr"].strip(),
        "something is written to the error stream: tqdm(…, file=sys.stdout) keeps its bar out of it",
    )
    check.that(
        "it/s" in run["stdout"] or "s/it" in run["stdout"] or f"/{epochs} [" in run["stdout"],
        "there is no progress bar of tqdm on sys.stdout",
    )
    check.that(
        f" {epochs}/{epochs} [" in run["stdout"] or f"{epochs}it [" in run["stdout"],
        "the bar does not count the {n} epochs: tqdm goes around the loop over the epochs, and the loop runs to its end",
        n=epochs,
    )
    check.that(run["opened"], "there is no SummaryWriter: create one with SummaryWriter(folder)")
    found = run["scalars"]
    check.that(
        found,
        "there is no scalar in the event files of the folder: create SummaryWriter(folder), call add_scalar, and close the writer",
    )
    check.that(
        run["closed"] == run["opened"],
        "a writer is left open: call writer.close() after the last epoch, or what it holds may be lost",
    )
    for name in ("train", "test"):
        tag = f"loss/{name}"
        check.that(
            tag in found,
            "TensorBoard would not show {missing}, but it would show {found}",
            missing=repr(tag),
            found=", ".join(map(repr, found)),
        )
        check.same(
            [point[0] for point in found[tag]],
            list(range(1, epochs + 1)),
            say("steps of {tag}").format(tag=tag),
            unless={
                "every point is at step 0: the third argument of add_scalar is the epoch": [0] * epochs,
                "count the epochs from 1, not from 0": list(range(epochs)),
                "only the last point is there: call add_scalar in each epoch": [epochs],
                "there is a point for each batch: write one an epoch, after its batches": [
                    epoch for epoch in range(1, epochs + 1) for _ in range(-(-n // batch))
                ],
            },
        )
        points = torch.tensor([float(point[1]) for point in found[tag]])
        known = run["result"].get(name) if isinstance(run["result"], dict) else None
        if isinstance(known, list | tuple) and len(known) == epochs:  # what else fit returns is told by fit_history
            check.close(points, check.numbers(known, epochs, f'fit(…)["{name}"]').float(), tag)


verify(5, 2, 2)
### BEGIN HIDDEN TESTS
verify(7, 3, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The last run of the circles puts everything together: a deeper network from `fully_connected`, AdamW, loaders that
# shuffle, your `fit`. And the same picture once more.

# %% [markdown] lang="fr"
# Le dernier apprentissage sur les cercles réunit tout : un réseau plus profond fait par `fully_connected`, AdamW, des
# chargeurs qui mélangent, votre `fit`. Et la même image, une fois encore.

# %% demo
torch.manual_seed(0)
device = "cuda" if torch.cuda.is_available() else "cpu"
net = fully_connected([2, 8, 8, 2]).to(device)
optim = torch.optim.AdamW(net.parameters(), lr=0.01)
train_loader = DataLoader(TensorDataset(data.Xtrain, data.Ytrain), batch_size=30, shuffle=True)
test_loader = DataLoader(TensorDataset(data.Xtest, data.Ytest), batch_size=100)
history = fit(
    net, torch.nn.CrossEntropyLoss(), optim, train_loader, test_loader, 60, device, "runs/05_optim"
)
fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
ax.plot(range(1, 61), history["train"], label=say("train"))
ax.plot(range(1, 61), history["test"], "--", label=say("test"))
ax.set(xlabel=say("epoch"), ylabel=say("loss"), ylim=(0, None))
ax.legend()
ax.grid(alpha=0.3)
figures.show(fig, say("The loss over 60 epochs of fit."))
data.plot_data_with_grid(probabilities(net.cpu().eval(), data.Xgrid), title="fit · AdamW")

# %% claim="both losses fall, and end together"
assert history["train"][-1] < 0.4 * history["train"][0] and history["test"][-1] < 0.4 * history["test"][0]
assert len(history["train"]) == len(history["test"]) == 60
assert abs(history["train"][-1] - history["test"][-1]) < 0.15

# %% [markdown] lang="en"
# To see the curves in TensorBoard, add a cell with `%load_ext tensorboard` and `%tensorboard --logdir runs/05_optim`,
# in JupyterLab or on Colab.
#
# ## What you have built
#
# A training function that knows nothing of the network, the loss, the method or the machine. You know what stands
# behind each of its lines, because you have written all of them by hand once: the forward pass and the gradients in
# `02_manual`, the graph in `03_autograd`, the modules in `04_nn`, and the steps here. In the next notebook, the same
# network meets 60 000 handwritten digits.
#
# | call | what it does | where it goes |
# |---|---|---|
# | `optim.zero_grad()` | forgets the gradients | before `backward`, once a step |
# | `L.backward()` | adds to each `.grad` | once a batch |
# | `optim.step()` | moves the parameters | after `backward` |
# | `scheduler.step()` | sets the next rate, and the momentum (`OneCycleLR`) | after `optim.step()` |
# | `net.train()`, `net.eval()` | the mode of Dropout, BatchNorm | before the steps, before a measure |
# | `torch.no_grad()` | records no graph | around a measure |
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓`, or
# `◦` where the answer is a choice. `✓` means that the check holds for the inputs that you see; `◦` promises only that
# the form is right, so read those questions once more. Have you chosen two rates, and written your answer on the same
# rate, in part 6? Save, and hand in this file without renaming it.

# %% [markdown] lang="fr"
# Pour voir les courbes dans TensorBoard, ajoutez une cellule avec `%load_ext tensorboard` et
# `%tensorboard --logdir runs/05_optim`, dans JupyterLab ou sur Colab.
#
# ## Ce que vous avez construit
#
# Une fonction d'apprentissage qui ne sait rien du réseau, du coût, de la méthode ni de la machine. Vous savez ce qui
# se cache derrière chacune de ses lignes, car vous les avez toutes écrites une fois à la main : la passe avant et les
# gradients dans `02_manual`, le graphe dans `03_autograd`, les modules dans `04_nn`, et les pas ici. Dans le prochain
# notebook, le même réseau rencontre 60 000 chiffres manuscrits.
#
# | appel | ce qu'il fait | où il se place |
# |---|---|---|
# | `optim.zero_grad()` | oublie les gradients | avant `backward`, une fois par pas |
# | `L.backward()` | ajoute à chaque `.grad` | une fois par lot |
# | `optim.step()` | déplace les paramètres | après `backward` |
# | `scheduler.step()` | fixe le prochain pas d'apprentissage, et l'inertie (`OneCycleLR`) | après `optim.step()` |
# | `net.train()`, `net.eval()` | le mode de Dropout, BatchNorm | avant les pas, avant une mesure |
# | `torch.no_grad()` | n'enregistre pas de graphe | autour d'une mesure |
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓`, ou `◦` si la réponse est un choix. `✓` signifie que la vérification tient pour les entrées que
# vous voyez ; `◦` ne promet que la forme : relisez donc ces questions-là. Avez-vous choisi deux pas d'apprentissage,
# et rédigé votre réponse sur le même pas d'apprentissage, dans la partie 6 ? Enregistrez, puis rendez ce fichier sans
# le renommer.
