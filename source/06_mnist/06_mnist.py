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
# # MNIST
#
# So far two circles, 200 points. Now 60 000 images of handwritten digits, with the same network and the same program.
# Nothing changes but the sizes. What is new is what every real training needs around it: data that come in batches, a
# training that can stop and go on, curves and pictures to watch, and an honest way to choose and to report.
#
# **You will learn** to train a network on all of MNIST in a few seconds; to serve data through a `Dataset` and a
# `DataLoader`; to save a training and to go on from there to the very same weights; to send curves and images to
# TensorBoard; to choose hyper-parameters on a validation set, and to report one number, once, on the test set; to
# measure how much of "the best of many" is luck; to see your error beside those of well-known classifiers.
#
# **You need** what `05_optim` ended with: a model, a loss and an optimiser; `zero_grad`, `backward`, `step`. Its code is
# given below, and you go on from there.
#
# | part | minutes |
# |---|---|
# | Where you stand | 8 |
# | 1 · Only the sizes | 15 |
# | 2 · A data set and its loader | 23 |
# | 3 · Stop, and go on | 27 |
# | 4 · What it has learnt, and what not | 12 |
# | 5 · TensorBoard | 10 |
# | 6 · Choose without cheating | 17 |
# | 7 · The luckiest of many | 24 |
# | 8 · Beside the others | 9 |
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
# # MNIST
#
# Jusqu'ici : deux cercles, 200 points. Voici maintenant 60 000 images de chiffres manuscrits, avec le même réseau et le
# même programme. Rien ne change, sauf les tailles. Ce qui est nouveau, c'est tout ce dont un véritable apprentissage a
# besoin autour de lui : des données qui arrivent par lots, un entraînement que l'on peut arrêter puis reprendre, des
# courbes et des images à surveiller, et une façon honnête de choisir et d'annoncer un résultat.
#
# **Vous allez apprendre** à entraîner un réseau sur tout MNIST en quelques secondes ; à fournir des données par un
# `Dataset` et un `DataLoader` ; à sauvegarder un entraînement et à le reprendre pour arriver exactement aux mêmes poids ;
# à envoyer courbes et images à TensorBoard ; à choisir des hyperparamètres sur un ensemble de validation, et à annoncer
# un seul nombre, une seule fois, sur l'ensemble de test ; à mesurer la part de chance dans « le meilleur de tous » ; à
# situer votre erreur parmi celles de classifieurs connus.
#
# **Il vous faut** ce sur quoi `05_optim` s'est terminé : un modèle, un coût et un optimiseur ; `zero_grad`, `backward`,
# `step`. Son code est donné ci-dessous, et vous en repartez.
#
# | partie | minutes |
# |---|---|
# | Où vous en êtes | 8 |
# | 1 · Seules les tailles changent | 15 |
# | 2 · Un jeu de données et son chargeur | 23 |
# | 3 · S'arrêter, puis reprendre | 27 |
# | 4 · Ce qu'il a appris, et ce qu'il n'a pas appris | 12 |
# | 5 · TensorBoard | 10 |
# | 6 · Choisir sans tricher | 17 |
# | 7 · Le plus chanceux de tous | 24 |
# | 8 · À côté des autres | 9 |
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
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import torch
from torch.utils.data import DataLoader, Dataset
from torch.utils.tensorboard import SummaryWriter

from helpers import CirclesData, MNISTData, check, figures, plots, probes, progress, reveal, start
from helpers.messages import _ as say
from helpers.messages import number

start("06_mnist", lang="en")
data = MNISTData()

# %% [markdown] lang="en"
# ## Where you stand · about 8 minutes
#
# Three questions from earlier notebooks. Answer each in your head, then unfold it.
#
# <details>
# <summary>1 · 05_optim: zero_grad, backward, step. What happens to a training without the first?</summary>
#
# Each `backward` *adds* its gradients to those that are there. Without `zero_grad`, every step goes along the sum of
# all the gradients so far, old ones included.
#
# </details>
#
# <details>
# <summary>2 · 04_nn: what does CrossEntropyLoss want from the model, scores or probabilities?</summary>
#
# Scores $\tilde{y}$. It takes the SoftMax itself, and its mean over the batch. A second SoftMax in the model would not
# be refused; it would only learn badly.
#
# </details>
#
# <details>
# <summary>3 · 02_manual: the data lie sorted by class. Why are the mini-batches drawn at random?</summary>
#
# A batch of one class alone says: always answer this class. Steps in data order pull first one way, then the other. A
# random batch is a small picture of all the data.
#
# </details>
#
# This is the program of `05_optim`; in the code, `Yhat` are the scores $\tilde{y}$. It knows nothing of circles: the
# numbers of inputs and outputs are read off the data. Its `evaluate` and `fit` are left out: you will write two functions
# of the same names, one that gives an accuracy, one that can stop and go on.

# %% [markdown] lang="fr"
# ## Où vous en êtes · environ 8 minutes
#
# Trois questions sur les notebooks précédents. Répondez à chacune de tête, puis dépliez-la.
#
# <details>
# <summary>1 · 05_optim : zero_grad, backward, step. Que devient un apprentissage sans le premier ?</summary>
#
# Chaque `backward` *ajoute* ses gradients à ceux qui sont déjà là. Sans `zero_grad`, chaque pas suit la somme de tous
# les gradients calculés jusque-là, les anciens compris.
#
# </details>
#
# <details>
# <summary>2 · 04_nn : qu'attend CrossEntropyLoss du modèle, des scores ou des probabilités ?</summary>
#
# Des scores $\tilde{y}$. Elle prend elle-même le SoftMax, puis la moyenne sur le lot. Un second SoftMax dans le modèle
# ne serait pas refusé ; on apprendrait seulement mal.
#
# </details>
#
# <details>
# <summary>3 · 02_manual : les données sont triées par classe. Pourquoi tirer les mini-lots au hasard ?</summary>
#
# Un lot d'une seule classe dit : répondez toujours cette classe. Des pas dans l'ordre des données tirent d'abord d'un
# côté, puis de l'autre. Un lot tiré au hasard est une petite image de toutes les données.
#
# </details>
#
# Voici le programme de `05_optim` ; dans le code, `Yhat` désigne les scores $\tilde{y}$. Il ne sait rien des cercles : le
# nombre d'entrées et le nombre de sorties se lisent sur les données. Ses fonctions `evaluate` et `fit` n'y sont pas :
# vous en écrirez deux autres sous les mêmes noms, l'une qui donne un taux de réussite, l'autre qui sait s'arrêter et
# reprendre.


# %% setup
def fully_connected(sizes):
    layers = []
    for nin, nout in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(nin, nout), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def init_model(nx, nh, ny, eta):
    model = fully_connected([nx, nh, ny])
    loss = torch.nn.CrossEntropyLoss()
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    return model, loss, optim


def minibatches(n, batch):
    return list(torch.randperm(n).split(batch))


def loss_accuracy(loss, Yhat, Y):
    L = loss(Yhat, Y)
    acc = (Yhat.argmax(1) == Y.argmax(1)).float().mean()
    return L, acc


def train(data, nh, epochs, batch, eta):
    model, loss, optim = init_model(data.Xtrain.shape[1], nh, data.Ytrain.shape[1], eta)
    history = {"loss_train": [], "loss_test": [], "acc_train": [], "acc_test": []}
    for _ in range(epochs):
        for indices in minibatches(len(data.Xtrain), batch):
            Yhat = model(data.Xtrain[indices])
            L, _ = loss_accuracy(loss, Yhat, data.Ytrain[indices])
            optim.zero_grad()
            L.backward()
            optim.step()
        with torch.no_grad():
            for part, X, Y in (
                ("train", data.Xtrain, data.Ytrain),
                ("test", data.Xtest, data.Ytest),
            ):
                L, acc = loss_accuracy(loss, model(X), Y)
                history[f"loss_{part}"].append(float(L))
                history[f"acc_{part}"].append(float(acc))
    return model, history


# %% demo unclaimed="only a look at the data"
print(data)
figures.digits(data.Xtest[:30], titles=[str(c) for c in data.Ytest[:30].argmax(1).tolist()])

# %% [markdown] lang="en"
# An image has $28 \times 28$ pixels, from 0 (paper) to 1 (ink). The network does not see a picture: each image is one row
# of 784 numbers, and its target is a one-hot row of 10. The pixels are between 0 and 1 already: there is nothing to scale.
#
# ## 1 · Only the sizes · about 15 minutes
#
# How large is the problem, before anything runs? For a network with one hidden layer:
#
# - `nx` and `ny` are read off the data: columns of $X$ and of $Y$;
# - the parameters are $W_h$ $(n_h, n_x)$, $b_h$ $(n_h,)$, $W_y$ $(n_y, n_h)$ and $b_y$ $(n_y,)$;
# - an epoch takes one update for each mini-batch, the last of which may be shorter.
#
# Write `budget`. Work it out on paper for MNIST first, with $n_h = 100$ and batches of 100.
#
# > **Before you run it.** How many parameters has this network? Put the number from your paper in the place of `None`;
# > the cell after your function shows it beside the right one.

# %% [markdown] lang="fr"
# Une image a $28 \times 28$ pixels, de 0 (le papier) à 1 (l'encre). Le réseau ne voit pas un dessin : chaque image est une
# ligne de 784 nombres, et sa cible est une ligne one-hot de 10. Les pixels sont déjà entre 0 et 1 : rien à remettre à
# l'échelle.
#
# ## 1 · Seules les tailles changent · environ 15 minutes
#
# Quelle est la taille du problème, avant même d'exécuter quoi que ce soit ? Pour un réseau à une couche cachée :
#
# - `nx` et `ny` se lisent sur les données : colonnes de $X$ et de $Y$ ;
# - les paramètres sont $W_h$ $(n_h, n_x)$, $b_h$ $(n_h,)$, $W_y$ $(n_y, n_h)$ et $b_y$ $(n_y,)$ ;
# - une époque demande une mise à jour par mini-lot, et le dernier peut être plus court.
#
# Écrivez `budget` : un dictionnaire de nombres entiers, sous les clés `"nx"`, `"ny"`, `"parameters"` (les poids et les
# biais des deux couches) et `"updates"` (les mises à jour d'une époque). Faites d'abord le calcul sur papier pour MNIST,
# avec $n_h = 100$ et des lots de 100.
#
# > **Avant d'exécuter.** Combien de paramètres ce réseau a-t-il ? Écrivez le nombre de votre papier à la place de
# > `None` ; la cellule qui suit votre fonction l'affiche à côté du bon.

# %% predict="parameters_of_mnist"
parameters_of_mnist = None


# %% answer="budget"
def budget(X, Y, nh, batch):
    """Work out the sizes of a training, without training.

    X: inputs (n, nx). Y: one-hot targets (n, ny). nh: hidden units. batch: size of a mini-batch.
    Returns a dict of whole numbers: "nx", "ny", "parameters" (weights and biases of both layers), "updates"
    (steps in one epoch; the last mini-batch, which may be shorter, counts as one).
    """
    ### BEGIN SOLUTION
    nx, ny = X.shape[1], Y.shape[1]
    return {
        "nx": nx,
        "ny": ny,
        "parameters": nh * nx + nh + ny * nh + ny,
        "updates": -(-len(X) // batch),
    }
    ### END SOLUTION


# %% [markdown] hint="budget" lang="en"
# ### The idea
#
# Each unit has one weight for each of its inputs, and one bias. Count layer by layer. For the updates, think of 25
# examples in batches of 10: how many batches are there?
#
# ### The shapes
#
# $X$ is $(n, n_x)$ and $Y$ is $(n, n_y)$: their second dimensions are what the network needs to know. In Python, `a // b`
# rounds down. One rounds up by rounding down what is negative.
#
# ### The code, with blanks
#
# ```python
# nx, ny = ..., ...
# return {
#     "nx": ...,
#     "ny": ...,
#     "parameters": ...,
#     "updates": ...,
# }
# ```

# %% [markdown] hint="budget" lang="fr"
# ### L'idée
#
# Chaque unité a un poids par entrée, et un biais. Comptez couche par couche. Pour les mises à jour, pensez à 25 exemples
# en lots de 10 : combien y a-t-il de lots ?
#
# ### Les tailles
#
# $X$ est de taille $(n, n_x)$ et $Y$ de taille $(n, n_y)$ : leur seconde dimension est ce que le réseau a besoin de savoir.
# En Python, `a // b` arrondit vers le bas. On arrondit vers le haut en arrondissant vers le bas ce qui est négatif.
#
# ### Le code, à trous
#
# ```python
# nx, ny = ..., ...
# return {
#     "nx": ...,
#     "ny": ...,
#     "parameters": ...,
#     "updates": ...,
# }
# ```



# %% check="budget_values" points=2 ids=["P-2.5"]
def verify(x, y, nh, size):
    """Compare with a real model and with real mini-batches."""
    nx, ny = x.shape[1], y.shape[1]
    parts = [torch.nn.Linear(nx, nh), torch.nn.Linear(nh, ny)]
    right = {"nx": nx, "ny": ny, "parameters": sum(p.numel() for part in parts for p in part.parameters())}
    right["updates"] = len(torch.arange(len(x)).split(size))
    got = budget(*check.copies(x, y), nh, size)
    got = check.keys(got, list(right), "budget(X, Y, nh, batch)")
    mistakes = {
        "nx": {"this is the number of examples; nx is the number of columns of X": len(x)},
        "ny": {"this is the number of examples; ny is the number of columns of Y": len(y)},
        "parameters": {
            "the biases are missing: they are parameters too": nh * nx + ny * nh,
            "the output layer is missing": nh * nx + nh,
            "the hidden layer is missing": nx * ny + ny,
            "the biases of one layer are missing": nh * nx + ny * nh + nh,
        },
        "updates": {
            "the last, shorter mini-batch is a step too: round up": len(x) // size,
            "this is no whole number: the last, shorter mini-batch is a step too, round up": len(x) / size,
            "where batch divides n there is no shorter mini-batch: round n / batch up, rather than add 1": len(x) // size + 1,
            "one step for each mini-batch was asked for, not one for each example": len(x),
        },
    }
    for name in right:
        check.same(got[name], right[name], f'budget(X, Y, nh, batch)["{name}"]', unless=mistakes[name])


verify(torch.zeros(25, 4), torch.eye(3)[torch.arange(25) % 3], 5, 10)
verify(torch.zeros(20, 4), torch.eye(3)[torch.arange(20) % 3], 5, 10)
### BEGIN HIDDEN TESTS
verify(torch.randn(7, 53).T, torch.eye(4)[torch.randint(4, (53,))], 6, 8)
verify(torch.randn(60, 9, dtype=torch.float64), torch.eye(5)[torch.randint(5, (60,))], 11, 12)
verify(torch.randn(1, 3), torch.eye(2)[[1]], 4, 10)
### END HIDDEN TESTS

# %% demo
circles = CirclesData()
for name, sizes in (
    ("CirclesData", budget(circles.Xtrain, circles.Ytrain, nh=10, batch=10)),
    ("MNISTData", budget(data.Xtrain, data.Ytrain, nh=100, batch=100)),
):
    print(f"{name:12}", sizes)
reveal(parameters_of_mnist, sizes["parameters"])

# %% claim="fifteen hundred times as many parameters, thirty times as many updates"
small = budget(circles.Xtrain, circles.Ytrain, nh=10, batch=10)
assert 1500 < sizes["parameters"] / small["parameters"] < 1560
assert sizes["updates"] == 30 * small["updates"]

# %% [markdown] lang="en"
# Fifteen hundred times as many parameters, thirty times as many updates in each epoch, and the same program. Write
# `train_digits`: one call of `train`, with 100 hidden units and mini-batches of 100. Return what `train` returns. The
# epochs and $\eta$ are for you to choose: at least 96 % of the test images must be read right, and at most 10 epochs will
# do it (each takes about a second).
#
# The check does not train for so long. It gives your function 6000 images, a tenth of them, and looks at the loss on
# these: with settings that reach 96 % on the whole, it falls below $0.235$.
#
# > **Before you run it.** With ten classes and no idea, $L = \log 10 \approx 2.3$. If the loss *ends* above that, training
# > has diverged: steps that are too long. Too short steps look different: $L$ goes down, but hardly.

# %% [markdown] lang="fr"
# Mille cinq cents fois plus de paramètres, trente fois plus de mises à jour par époque, et le même programme. Écrivez
# `train_digits` : un seul appel de `train`, avec 100 unités cachées et des mini-lots de 100. Renvoyez ce que renvoie
# `train`. À vous de choisir le nombre d'époques et $\eta$ : il faut lire correctement au moins 96 % des images de test, et
# 10 époques au plus y suffisent (chacune prend environ une seconde).
#
# La vérification n'entraîne pas si longtemps. Elle donne à votre fonction 6000 images, un dixième du tout, et regarde le
# coût sur celles-ci : avec des réglages qui atteignent 96 % sur le tout, il descend au-dessous de $0{,}235$.
#
# > **Avant d'exécuter.** Avec dix classes et aucune idée, $L = \log 10 \approx 2{,}3$. Si le coût *finit* au-dessus,
# > l'apprentissage a divergé : les pas sont trop longs. Des pas trop courts se voient autrement : $L$ descend, mais à peine.


# %% answer="train_digits"
def train_digits(data):
    """Train the network on digits: 100 hidden units, mini-batches of 100, at most 10 epochs.

    data: holds Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest; it goes to train as it is.
    Calls train once. Returns what train returns, (model, history).
    """
    ### BEGIN SOLUTION
    return train(data, nh=100, epochs=4, batch=100, eta=0.5)
    ### END SOLUTION


# %% [markdown] hint="train_digits" lang="en"
# The four numbers go to `train` beside the data; what it returns, you return. How far the descent comes depends on how
# many steps there are, and on how long each is: twice as many steps of half the length come about as far. In earlier
# notebooks $\eta$ between 0.1 and 1 did well. If the loss jumps about, the steps are too long.

# %% [markdown] hint="train_digits" lang="fr"
# Les quatre nombres vont à `train`, à côté des données ; ce qu'elle renvoie, renvoyez-le. Le chemin que fait la descente
# dépend du nombre de pas et de leur longueur : deux fois plus de pas, deux fois plus courts, mènent à peu près aussi loin.
# Dans les notebooks précédents, un $\eta$ entre 0,1 et 1 convenait bien. Si le coût saute en tous sens, les pas sont trop
# longs.



# %% check="train_digits_call" points=2 ids=["P-2.5"]
def verify(given):
    """Have a train that learns nothing take the call, and look at its arguments."""
    past = {name: [0.5] for name in ("loss_train", "loss_test", "acc_train", "acc_test")}
    run = probes.trainings_of(train_digits, given, [past])
    check.that(run["calls"], "train_digits does not call train")
    check.that(
        len(run["calls"]) == 1,
        "train is called {n} times: call it once, with the epochs and the eta that you have chosen",
        n=len(run["calls"]),
    )
    (call,) = run["calls"]
    for half, other in (("train", "test"), ("test", "train")):
        got = call["halves"][f"X{half}"]
        check.that(
            not isinstance(got, torch.Tensor) or got.dtype != torch.uint8 and float(got.max()) <= 1.001,
            "the pixels go to train as they are, between 0 and 1, not up to 255",
        )
        check.same(
            got,
            given[f"X{half}"],
            f"data.X{half}",
            unless={
                "the pixels are scaled twice: they are between 0 and 1 already": given[f"X{half}"] / 255,
                "test images are used for training, or training images for the test": given[f"X{other}"],
                "test images are used for training: the data go to train as they are": torch.cat(
                    [given["Xtrain"], given["Xtest"]]
                ),
            },
        )
        check.same(call["halves"][f"Y{half}"], given[f"Y{half}"], f"data.Y{half}")
    check.same(call["nh"], 100, "nh", unless={"this is the number of pixels; 100 hidden units were asked for": 784})
    check.same(call["batch"], 100, "batch", unless={"that was the size for the circles; take 100": 10})
    check.that(
        1 <= call["epochs"] <= 10,
        "epochs = {epochs}: at most 10 epochs were asked for",
        epochs=call["epochs"],
    )
    check.that(float(call["eta"]) > 0, "eta must be positive")
    check.that(run["trained"], "train_digits does not return what train returned: the model, then the history")


x, y = torch.rand(12, 784), torch.eye(10)[torch.arange(12) % 10]
x[0, 0] = 1.0
verify({"Xtrain": x[:8], "Ytrain": y[:8], "Xtest": x[8:], "Ytest": y[8:]})
### BEGIN HIDDEN TESTS
x, y = torch.rand(23, 784), torch.eye(10)[torch.randint(10, (23,))]
verify({"Xtrain": x[:14], "Ytrain": y[:14], "Xtest": x[14:], "Ytest": y[14:]})
### END HIDDEN TESTS

# %% check="train_digits_learns" points=3 ids=["P-2.5"]
def verify(x, y, bound):
    """Train as asked on a tenth of the images, of which the check above has shown that the call is right."""
    given = {"Xtrain": x, "Ytrain": y, "Xtest": x[:10], "Ytest": y[:10]}
    past = {name: [0.5] for name in ("loss_train", "loss_test", "acc_train", "acc_test")}
    run = probes.trainings_of(train_digits, {name: part[:6] for name, part in given.items()}, [past])
    (call,) = run["calls"] if len(run["calls"]) == 1 else [None]
    right = call is not None and run["trained"] and (call["nh"], call["batch"]) == (100, 100)
    check.that(
        right
        and check.is_number(call["epochs"])
        and 1 <= call["epochs"] <= 10
        and all(isinstance(call["halves"][name], torch.Tensor) and torch.equal(call["halves"][name], given[name][:6]) for name in given),
        "what the check above refuses stops this one too: go by that first",
    )
    learnt = check.pair(probes.train_with("", train_digits, given), "train_digits(data)")[0]
    check.module(probes.describe(learnt), "train_digits(data)[0]")
    loss = float(torch.nn.functional.cross_entropy(learnt(x.clone()).detach(), y))
    check.that(
        loss < 2.31,
        "training diverged: the loss is {loss:.3g}, worse than the 2.3 of an even guess. The usual cause is too large an eta",
        loss=loss,
    )
    check.that(
        loss < bound,
        "trained like this on {n} images, the loss on them is {loss:.3f}; with settings that reach 96 % on all of MNIST it is below {bound}. Take other epochs or another eta",
        n=len(x),
        loss=loss,
        bound=bound,
    )


verify(data.Xtest[4000:], data.Ytest[4000:], 0.235)  # quickly read; nothing is reported of them

# %% setup
@lru_cache(1)
def trained(how):
    """Train once for all the figures, and once more where train_digits is written anew."""
    torch.manual_seed(0)
    return how(data)


# %% demo
model, history = trained(train_digits)
fig = plots.curves(history)
fig.axes[1].set_ylim(min(0.9, *history["acc_test"]), 1)
fig.axes[1].axhline(0.96, color="#444444", linewidth=1, linestyle=":")
fig.axes[1].text(0.1, 0.961, "96 %")
figures.show(fig, say("The losses and accuracies of the training, and a dotted line at 0.96."))
print(say("right on the test images: {rate:.2%}").format(rate=history["acc_test"][-1]))

# %% claim="these settings reach 96 %"
assert history["acc_test"][-1] >= 0.96
assert history["loss_train"][-1] < history["loss_train"][0] < 2.3


# %% [markdown] lang="en"
# And here is what it took to go from circles to digits. Orange has disappeared, blue is new.

# %% [markdown] lang="fr"
# Et voici ce qu'il a fallu pour passer des cercles aux chiffres. L'orange a disparu, le bleu est nouveau.


# %% demo unclaimed="only the two listings side by side"
def train_circles(data):
    return train(data, nh=10, epochs=150, batch=10, eta=0.3)


figures.side_by_side(([train_circles], [train_digits]), ([init_model, train], [init_model, train]))

# %% [markdown] lang="en"
# ## 2 · A data set and its loader · about 23 minutes
#
# `data.Xtrain` is one tensor of 188 MB. A million photographs would not fit into memory. PyTorch therefore separates two
# questions:
#
# | who | what it answers | what you write |
# |---|---|---|
# | `Dataset` | how many examples are there, and what is example $i$? | `__len__`, `__getitem__` |
# | `DataLoader` | in which order, and how many at a time? | nothing: you choose `batch_size`, `shuffle` |
#
# Where example $i$ comes from, a tensor, a file, the web, only the data set knows. Python calls these two methods for
# you: `len(dataset)` and `dataset[i]`.
#
# A data set gives **one** example, without a batch dimension, and for its target usually the *number* of the class rather
# than a one-hot row. `CrossEntropyLoss` takes both. For the class $c$ the loss is the same, with fewer multiplications by
# zero:
#
# $$\ell(c, \tilde{y}) = -\tilde{y}_c + \log \sum_{i=0}^{n_y-1} e^{\tilde{y}_i}$$
#
# where $\tilde{y}$ $(n_y,)$ are the scores of the example; classes are counted from 0.
#
# Write `Digits`. Its images may come as numbers of another type, such as the bytes of a file (0 to 255), or as `float64`.
# Convert them to `float32` **without changing their values** (a byte 255 becomes 255.0): layers refuse all else.
# `__getitem__` returns the image, of shape $(n_x,)$, then its class, a whole number from 0 to $n_y - 1$.

# %% [markdown] lang="fr"
# ## 2 · Un jeu de données et son chargeur · environ 23 minutes
#
# `data.Xtrain` est un seul tenseur de 188 Mo. Un million de photographies ne tiendraient pas en mémoire. PyTorch sépare donc deux
# questions :
#
# | qui | à quoi il répond | ce que vous écrivez |
# |---|---|---|
# | `Dataset` | combien d'exemples, et quel est l'exemple $i$ ? | `__len__`, `__getitem__` |
# | `DataLoader` | dans quel ordre, et combien à la fois ? | rien : vous choisissez `batch_size`, `shuffle` |
#
# D'où vient l'exemple $i$, d'un tenseur, d'un fichier, d'Internet, seul le jeu de données le sait. Python appelle ces
# deux méthodes pour vous : `len(dataset)` et `dataset[i]`.
#
# Un jeu de données donne **un** exemple, sans dimension de lot, et comme cible, en général, le *numéro* de la classe
# plutôt qu'une ligne one-hot. `CrossEntropyLoss` accepte les deux. Pour la classe $c$, le coût est le même, avec moins de
# multiplications par zéro :
#
# $$\ell(c, \tilde{y}) = -\tilde{y}_c + \log \sum_{i=0}^{n_y-1} e^{\tilde{y}_i}$$
#
# où $\tilde{y}$ $(n_y,)$ sont les scores de l'exemple ; les classes se comptent à partir de 0.
#
# Écrivez `Digits`. Ses images peuvent arriver dans un autre type de nombres, comme les octets d'un fichier (de 0 à 255), ou
# en `float64`. Convertissez-les en `float32` **sans changer leurs valeurs** (un octet 255 devient 255.0) : les couches
# refusent tout le reste. `__getitem__` renvoie l'image, de taille $(n_x,)$, puis sa classe, un nombre entier de 0 à
# $n_y - 1$.


# %% answer="Digits"
class Digits(Dataset):
    """Images of digits, one by one, each with its class."""

    def __init__(self, X, Y):
        """Keep the images X (n, nx), numbers of any type, and what is needed of the one-hot targets Y (n, ny)."""
        ### BEGIN SOLUTION
        self.X = X
        self.classes = Y.argmax(1)
        ### END SOLUTION

    def __len__(self):
        """Return the number of examples, n."""
        ### BEGIN SOLUTION
        return len(self.X)
        ### END SOLUTION

    def __getitem__(self, i):
        """Return example i, from 0 to n - 1: (x, c), the image x (nx,) with the same values as float32, its class c.

        c: a whole number from 0 to ny - 1, as an int or a tensor without dimensions.
        """
        ### BEGIN SOLUTION
        return self.X[i].float(), int(self.classes[i])
        ### END SOLUTION


# %% [markdown] hint="Digits" lang="en"
# ### The idea
#
# Three short methods. The first keeps what the two others need. Python calls the second for `len(dataset)`, the third for
# `dataset[i]`. Nothing is batched here: an example is one row.
#
# ### The shapes
#
# A row of $X$ has the shape $(n_x,)$. A class is the place of the 1 in a row of $Y$: `argmax` over the classes, dimension
# 1, gives $(n,)$ of them at once. `.float()` converts numbers of any type to `float32` without changing their values.
#
# ### The code, with blanks
#
# ```python
# self.X = ...
# self.classes = ...
# return len(...)
# return self.X[...]..., int(...)
# ```

# %% [markdown] hint="Digits" lang="fr"
# ### L'idée
#
# Trois courtes méthodes. La première garde ce dont les deux autres ont besoin. Python appelle la deuxième pour
# `len(dataset)`, la troisième pour `dataset[i]`. Il n'y a pas de lot ici : un exemple est une ligne.
#
# ### Les tailles
#
# Une ligne de $X$ est de taille $(n_x,)$. Une classe est la place du 1 dans une ligne de $Y$ : `argmax` sur les classes, la
# dimension 1, les donne toutes à la fois, $(n,)$. `.float()` convertit en `float32` des nombres de tout type, sans changer
# leurs valeurs.
#
# ### Le code, à trous
#
# ```python
# self.X = ...
# self.classes = ...
# return len(...)
# return self.X[...]..., int(...)
# ```



# %% check="Digits_length" points=1 ids=["S-loader"]
def verify(n, nx, ny):
    """Ask for the number of examples."""
    about = probes.items_of(Digits, torch.rand(n, nx), torch.eye(ny)[torch.randint(ny, (n,))], [])
    check.that(about["dataset"], "Digits is not a Dataset: keep class Digits(Dataset)")
    check.same(
        about["length"],
        n,
        "len(Digits(X, Y))",
        unless={
            "this is the number of pixels; the number of examples was asked for": nx,
            "this is the number of classes; the number of examples was asked for": ny,
            "this is the number of all the pixels; the number of examples was asked for": n * nx,
            "this is the shape of X; the number of examples is its first number": [n, nx],
        },
    )


verify(6, 4, 3)
### BEGIN HIDDEN TESTS
verify(11, 9, 5)
verify(1, 4, 3)
### END HIDDEN TESTS


# %% check="Digits_item" points=2 ids=["S-loader"]
def verify(x, y, indices):
    """Take examples, and compare them with rows of X and with classes."""
    for i, item in zip(indices, probes.items_of(Digits, *check.copies(x, y), indices)["items"]):
        code = f"Digits(X, Y)[{i}]"
        image, c = check.pair(item, code)
        check.that(
            not isinstance(image, int) and not (isinstance(image, torch.Tensor) and image.ndim == 0),
            "the two values are swapped: the image first, then its class",
        )
        check.that(
            not isinstance(image, torch.Tensor) or image.ndim < 2 or image.shape[1] != x.shape[1],
            "a data set gives one example at a time, x of shape (nx,): the loader makes the batches",
        )
        right = int(y[i].argmax())
        check.close(
            image,
            x[i],
            f"{code}[0]",
            unless={
                "the pixels are scaled twice: they are between 0 and 1 already": x[i] / 255,
                "this is another example than the one that was asked for": x[(i + 1) % len(x)],
            },
        )
        check.that(
            not hasattr(c, "shape") or tuple(c.shape) not in ((y.shape[1],), (1, y.shape[1])),
            "c is a one-hot row; the number of the class was asked for: argmax",
        )
        check.that(
            not hasattr(c, "shape") or c.shape != (1,),
            "c has a dimension too many: batches of such classes have the shape (batch, 1), which the loss refuses",
        )
        check.that(
            not isinstance(c, float) and not (isinstance(c, torch.Tensor) and c.is_floating_point()),
            "c is a floating point number; the loss wants classes as whole numbers",
        )
        check.same(
            c,
            right,
            f"{code}[1]",
            unless={"classes are counted from 0: the digit 0 is class 0": right + 1},
        )


verify(torch.rand(6, 4), torch.eye(3)[[2, 0, 1, 1, 2, 0]], [0, 5, 2])
### BEGIN HIDDEN TESTS
verify(torch.rand(11, 9), torch.eye(5)[[4, 0, 3, 1, 2, 4, 2, 0, 3, 1, 1]], list(range(11)))
verify(torch.rand(1, 4), torch.eye(3)[[2]], [0])
### END HIDDEN TESTS


# %% check="Digits_types" points=1 ids=["S-loader"]
def verify(x, y):
    """Give the images as numbers of another type."""
    rows = x.float().clone()
    for i, item in enumerate(probes.items_of(Digits, *check.copies(x, y), list(range(len(x))))["items"]):
        image = check.pair(item, f"Digits(X, Y)[{i}]")[0]
        check.that(
            not isinstance(image, torch.Tensor) or image.dtype == torch.float32,
            "of images in {given}, the data set gives x in {dtype}: layers want torch.float32, .float() converts",
            given=x.dtype,
            dtype=getattr(image, "dtype", None),
        )
        check.close(
            image,
            rows[i],
            f"Digits(X, Y)[{i}][0]",
            unless={"the values change: a data set of bytes gives the same numbers, as float32": rows[i] / 255},
        )


verify(torch.rand(4, 3, dtype=torch.float64), torch.eye(4))
verify(torch.tensor([[0, 17, 255], [128, 3, 64]], dtype=torch.uint8), torch.eye(2))
### BEGIN HIDDEN TESTS
verify(torch.randint(256, (7, 5), dtype=torch.uint8), torch.eye(4)[torch.randint(4, (7,))].double())
verify(torch.randint(256, (6, 5)), torch.eye(4, dtype=torch.int64)[torch.randint(4, (6,))])
verify(torch.rand(5, 8).T, torch.eye(8)[torch.randperm(8)].T)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now the loader: a `DataLoader` takes a data set, a `batch_size` and `shuffle`. With `shuffle=True` it draws a new order
# at each pass, `for x, c in loader`. It takes the examples one by one and stacks them: `x` becomes $(B, n_x)$, `c`
# becomes $(B,)$, in `int64`, where $B$ is the number of examples in the batch. The last batch, shorter if `batch` does
# not divide $n$, is kept. (With `num_workers` > 0, other processes would prepare the batches. For data that are in memory
# already this costs more than it gains.)

# %% [markdown] lang="fr"
# Maintenant, le chargeur : un `DataLoader` prend un jeu de données, un `batch_size` et `shuffle`. Si `shuffle=True`, il
# tire un nouvel ordre à chaque parcours, `for x, c in loader`. Il prend les exemples un par un et les empile : `x` devient
# $(B, n_x)$, `c` devient $(B,)$, en `int64`, où $B$ est le nombre d'exemples du lot. Le dernier lot, plus court si `batch`
# ne divise pas $n$, est conservé. (Avec `num_workers` > 0, d'autres processus prépareraient les lots. Pour des données
# déjà en mémoire, cela coûte plus que cela ne rapporte.)


# %% setup
def make_loader(dataset, batch, shuffle):
    """Make a loader of the batches of a data set: in a new random order at each pass, or in that of the data set."""
    return DataLoader(dataset, batch_size=batch, shuffle=shuffle)


# %% [markdown] lang="en"
# Three passes over eleven examples, in batches of 4. Frames of one colour are one batch.

# %% [markdown] lang="fr"
# Trois parcours de onze exemples, par lots de 4. Les images encadrées d'une même couleur forment un lot.

# %% demo
torch.manual_seed(0)
loader = make_loader(Digits(data.Xtest[:11], data.Ytest[:11]), 4, True)
passes = [list(loader) for _ in range(3)]
fig, axes = plt.subplots(3, 11, figsize=(8.4, 3), layout="constrained")
for count, (row, batches) in enumerate(zip(axes, passes), start=1):
    places = iter(row)
    for (images, classes), colour in zip(batches, ("#0072B2", "#D55E00", "#009E73")):
        for image, c in zip(images, classes):
            ax = next(places)
            ax.imshow(image.reshape(28, 28), cmap="gray_r")
            ax.set(xticks=[], yticks=[], title=f"{int(c)}")
            ax.set_facecolor("white")
            for spine in ax.spines.values():
                spine.set(color=colour, linewidth=2.5)
    row[0].set_ylabel(say("pass {n}").format(n=count))
figures.show(
    fig,
    say("Three passes over eleven digits in batches of 4, 4 and 3: {passes}.").format(passes="; ".join(" ".join(ax.get_title() for ax in row) for row in axes)),
)

# %% claim="each pass has batches of 4, 4 and 3; all hold the same examples, in another order"
orders = [torch.cat([x for x, _ in batches]) for batches in passes]
assert all([len(c) for _, c in batches] == [4, 4, 3] for batches in passes)
assert all(sorted(order.sum(1).tolist()) == sorted(orders[0].sum(1).tolist()) for order in orders)
assert not torch.equal(orders[0], orders[1]) and not torch.equal(orders[1], orders[2])

# %% [markdown] lang="en"
# With a loader, an epoch is a loop over it. Write `train_epoch`: one step of the optimiser for each batch. It returns the
# mean loss of the epoch, a number. Three things to mind, as in `05_optim`:
#
# - **The mode.** Somebody may have left the model in evaluation mode.
# - **The gradients.** They add up until they are reset.
# - **The mean.** Each batch has a mean loss $L_k$ over its $B_k$ examples, before its step; the mean over the epoch
#   weighs each by its size:
#
# $$L = \frac{1}{n} \sum_k B_k \, L_k \qquad n = \sum_k B_k$$

# %% [markdown] lang="fr"
# Avec un chargeur, une époque est une boucle sur celui-ci. Écrivez `train_epoch` : un pas de l'optimiseur par lot. La
# fonction renvoie le coût moyen de l'époque, un nombre. Prenez garde à trois choses, comme dans `05_optim` :
#
# - **Le mode.** Quelqu'un a pu laisser le modèle en mode évaluation.
# - **Les gradients.** Ils s'accumulent tant qu'on ne les remet pas à zéro.
# - **La moyenne.** Chaque lot a un coût moyen $L_k$ sur ses $B_k$ exemples, avant son pas ; la moyenne sur l'époque
#   pondère chacun par la taille de son lot :
#
# $$L = \frac{1}{n} \sum_k B_k \, L_k \qquad n = \sum_k B_k$$


# %% answer="train_epoch"
def train_epoch(model, loss, optim, loader):
    """Train a model for one epoch: one step of the optimiser for each batch, in training mode.

    loss: takes scores (B, ny) and classes (B,) to their mean loss. optim: an optimiser of the model's parameters.
    loader: gives batches x (B, nx), c (B,); the last one may be shorter.
    Returns the mean loss over the n examples, each measured before the step of its batch; a float.
    """
    ### BEGIN SOLUTION
    model.train()
    total, n = 0.0, 0
    for x, c in loader:
        L = loss(model(x), c)
        optim.zero_grad()
        L.backward()
        optim.step()
        total += L.item() * len(x)
        n += len(x)
    return total / n
    ### END SOLUTION


# %% [markdown] hint="train_epoch" lang="en"
# ### The idea
#
# It is the inner loop of `train` above: scores, loss, three calls. What is new is the bookkeeping around it: the mode
# before the loop, two sums within it, one division after it.
#
# ### The shapes
#
# `x` is $(B, n_x)$, `model(x)` is $(B, n_y)$, `c` is $(B,)$, and the loss is a single number with a graph. `.item()` takes
# the number out of it. The loss of a batch is a mean over $B$ examples: times $B$ it is their sum, and sums can be added.
#
# ### The code, with blanks
#
# ```python
# model...
# total, n = ..., ...
# for x, c in loader:
#     L = loss(..., ...)
#     optim...
#     L...
#     optim...
#     total += ... * len(x)
#     n += ...
# return ...
# ```

# %% [markdown] hint="train_epoch" lang="fr"
# ### L'idée
#
# C'est la boucle intérieure de `train`, plus haut : les scores, le coût, trois appels. Ce qui est nouveau, ce sont les
# comptes autour : le mode avant la boucle, deux sommes dedans, une division après.
#
# ### Les tailles
#
# `x` est de taille $(B, n_x)$, `model(x)` de taille $(B, n_y)$, `c` de taille $(B,)$, et le coût est un seul nombre, avec un
# graphe. `.item()` en extrait le nombre. Le coût d'un lot est une moyenne sur $B$ exemples : multiplié par $B$, c'est leur
# somme, et des sommes s'additionnent.
#
# ### Le code, à trous
#
# ```python
# model...
# total, n = ..., ...
# for x, c in loader:
#     L = loss(..., ...)
#     optim...
#     L...
#     optim...
#     total += ... * len(x)
#     n += ...
# return ...
# ```



# %% check="train_epoch_steps" points=2 ids=["S-loader"]
def verify(n, nx, ny, size, eta):
    """Run one epoch of an affine map, and compare with steps along its own gradients."""
    x, c = torch.randn(n, nx), torch.randint(ny, (n,))
    start_values = [torch.randn(ny, nx), torch.randn(ny)]
    run = probes.epoch_of(train_epoch, [["Linear", nx, ny]], *check.copies(start_values, eta, x, c, size))

    def descend(batches, sums=False, late=False):
        W, b = (value.clone() for value in start_values)
        total = [torch.zeros_like(W), torch.zeros_like(b)]
        for rows in batches:
            W.requires_grad_(), b.requires_grad_()
            L = torch.nn.functional.cross_entropy(torch.nn.functional.linear(x[rows], W, b), c[rows])
            slopes, before = torch.autograd.grad(L, (W, b)), total
            total = [old + new if sums else new for old, new in zip(total, slopes)]
            taken = before if late else total
            W, b = W.detach() - eta * taken[0], b.detach() - eta * taken[1]
        return torch.cat([W.flatten(), b])

    parts = list(torch.arange(n).split(size))
    check.close(
        torch.cat([value.flatten() for value in run["values"]]),
        descend(parts),
        "torch.nn.utils.parameters_to_vector(model.parameters())",
        unless={
            "nothing moves: backward, then optim.step(), for each batch": descend([]),
            "the gradients of earlier batches are still in it: optim.zero_grad() for each batch": descend(
                parts, sums=True
            ),
            "step comes before backward: it moves with the gradients of the batch before, or with none": descend(
                parts, late=True
            ),
            "there is one step only: return stands in the loop": descend(parts[:1]),
            "there is one step only, after the last batch: optim.step() belongs in the loop": descend(parts[-1:]),
            "the last, shorter batch is not used": descend(parts[: n // size]),
            "this is more than one epoch: go once through the loader": descend(parts + parts),
        },
    )


verify(10, 3, 4, 4, 0.5)
### BEGIN HIDDEN TESTS
verify(17, 4, 3, 5, 0.3)
verify(1, 4, 3, 5, 0.3)
### END HIDDEN TESTS


# %% check="train_epoch_loss" points=2 ids=["S-loader"]
def verify(n, nx, ny, size, eta=0.0):
    """Run an epoch in which nothing moves, or one with a single batch, and compare the mean loss."""
    x, c = 2 * torch.randn(n, nx), torch.randint(ny, (n,))
    W, b = torch.randn(ny, nx), torch.randn(ny)
    run = probes.epoch_of(train_epoch, [["Linear", nx, ny]], *check.copies([W, b], eta, x, c, size))
    result, after = run["result"], torch.nn.functional.linear(x, *run["values"])
    each = torch.nn.functional.cross_entropy(torch.nn.functional.linear(x, W, b), c, reduction="none")
    means = torch.stack([part.mean() for part in each.split(size)])
    check.close(
        result,
        each.mean(),
        "train_epoch(model, loss, optim, loader)",
        unless={
            "this is the mean over the batches: the last one is shorter, weight each by its number of examples": means.mean(),
            "this is the sum over the batches; a mean over the examples was asked for": means.sum(),
            "this is the sum over the examples; divide by their number": each.sum(),
            "this is the loss of the last batch; a mean over all the examples was asked for": means[-1],
            "this is the loss of the first batch: return stands in the loop": means[0],
            "the sum of the means of the batches is divided by the number of examples: multiply each by its own number first": means.sum()
            / n,
            "SoftMax is taken twice: the loss does it already, give it Yhat as it is": torch.nn.functional.cross_entropy(
                torch.nn.functional.linear(x, W, b).softmax(1), c
            ),
            "this is the loss after the step; measure each batch before its step": torch.nn.functional.cross_entropy(after, c),
            "divide by the number of examples: the last batch is shorter than batch": each.sum() / (size * len(means)),
        },
    )
    check.that(
        not getattr(result, "requires_grad", False),
        "the loss still hangs on its graph, and the memory fills: add up L.item()",
    )


verify(10, 3, 4, 4)
verify(6, 3, 4, 8, eta=0.5)
### BEGIN HIDDEN TESTS
verify(17, 4, 3, 5)
verify(1, 4, 3, 5)
verify(7, 4, 3, 9, eta=0.5)
### END HIDDEN TESTS

# %% check="train_epoch_mode" points=1 ids=["S-loader"]
layers, values = [["Dropout", 0.5], ["Linear", 3, 4]], [torch.randn(4, 3), torch.randn(4)]
run = probes.epoch_of(train_epoch, layers, values, 0.1, torch.randn(7, 3), torch.arange(7) % 4, 3)
check.that(run["modes"], "train_epoch does not call the model")
check.that(
    all(run["modes"]),
    "the model was left in evaluation mode, and it learns in it: begin with model.train()",
)

# %% [markdown] lang="en"
# To *measure* a model, one goes through a loader as well. Now it must be the other way round: evaluation mode, and no
# graph, since nothing will be differentiated.
#
# Write `evaluate`. It gives the accuracy: count the right predictions, and divide by the number of examples at the end.

# %% [markdown] lang="fr"
# Pour *mesurer* un modèle, on parcourt aussi un chargeur. Cette fois, c'est l'inverse : mode évaluation, et pas de graphe,
# puisque rien ne sera dérivé.
#
# Écrivez `evaluate`. Elle donne le taux de réussite : comptez les bonnes prédictions, et divisez à la fin par le nombre
# d'exemples. Le résultat est un nombre entre 0 et 1.


# %% answer="evaluate"
def evaluate(model, loader):
    """Measure the accuracy of a model, in evaluation mode and without a graph.

    model: gives scores (B, ny). loader: gives batches x (B, nx), c (B,); the last one may be shorter.
    Returns the share of all the examples whose class is predicted right, between 0 and 1; a float.
    """
    ### BEGIN SOLUTION
    model.eval()
    right, n = 0, 0
    with torch.no_grad():
        for x, c in loader:
            right += (model(x).argmax(1) == c).sum().item()
            n += len(c)
    return right / n
    ### END SOLUTION


# %% [markdown] hint="evaluate" lang="en"
# ### The idea
#
# Count, do not average: right predictions in one number, examples in another. A mean of means would give the short last
# batch too much weight. No optimiser, no loss.
#
# ### The shapes
#
# `model(x)` is $(B, n_y)$. The class predicted for an example is the place of its largest score: `argmax` over the classes,
# dimension 1, gives $(B,)$, which compares with `c`. The sum of a comparison counts what is True.
#
# ### The code, with blanks
#
# ```python
# model...
# right, n = ..., ...
# with torch...:
#     for x, c in loader:
#         right += (... == c)...
#         n += ...
# return ...
# ```

# %% [markdown] hint="evaluate" lang="fr"
# ### L'idée
#
# Comptez, ne faites pas de moyenne : les bonnes prédictions dans un nombre, les exemples dans un autre. Une moyenne de
# moyennes donnerait trop de poids au dernier lot, plus court. Ni optimiseur, ni coût.
#
# ### Les tailles
#
# `model(x)` est de taille $(B, n_y)$. La classe prédite pour un exemple est la place de son plus grand score : `argmax` sur
# les classes, la dimension 1, donne $(B,)$, qui se compare à `c`. La somme d'une comparaison compte ce qui est vrai.
#
# ### Le code, à trous
#
# ```python
# model...
# right, n = ..., ...
# with torch...:
#     for x, c in loader:
#         right += (... == c)...
#         n += ...
# return ...
# ```



# %% check="evaluate_rate" points=2 ids=["S-loader"]
def verify(n, nx, ny, size):
    """Measure an affine map, and compare with the predictions that it makes."""
    x = torch.randn(n, nx)
    W, b = torch.randn(ny, nx), torch.randn(ny)
    guess = torch.nn.functional.linear(x, W, b).max(1).indices
    hit = torch.rand(n) < 0.6
    hit[0], hit[(n - 1) // size * size :] = False, True  # the last batch is right: its weight matters
    c = torch.where(hit, guess, (guess + 1) % ny)
    right = (guess == c).double()
    rates = torch.stack([part.mean() for part in right.split(size)])
    scores = torch.nn.functional.linear(x, W, b)
    flat = sum(int((one.argmax() == part).sum()) for one, part in zip(scores.split(size), c.split(size)))
    check.close(
        probes.rate_of(evaluate, [["Linear", nx, ny]], *check.copies([W, b], x, c, size))["result"],
        right.mean(),
        "evaluate(model, loader)",
        unless={
            "this is the mean of the accuracies of the batches: the last one is shorter, count over all the examples": rates.mean(),
            "the accuracy is a rate between 0 and 1, not a percentage": 100 * right.mean(),
            "this counts the right predictions; divide by their number": right.sum(),
            "this is the rate of errors, not of right predictions": 1 - right.mean(),
            "this is the accuracy of the last batch; go through all of them": rates[-1],
            "this is the accuracy of the first batch: return stands in the loop": rates[0],
            "divide by the number of examples, not by the number of batches": right.sum() / len(rates),
            "divide by the number of examples: the last batch is shorter than batch": right.sum() / (size * len(rates)),
        }
        | (
            {"argmax() looks at the whole table: the class of an example is the largest value of its row, argmax(1)": flat / n}
            if flat
            else {}
        ),
    )


verify(10, 3, 4, 4)
### BEGIN HIDDEN TESTS
verify(23, 4, 3, 5)
verify(31, 5, 4, 7)
verify(1, 4, 3, 5)
### END HIDDEN TESTS

# %% check="evaluate_mode" points=1 ids=["S-loader"]
layers, values = [["Dropout", 0.5], ["Linear", 3, 4]], [torch.randn(4, 3), torch.randn(4)]
run = probes.rate_of(evaluate, layers, values, torch.randn(7, 3), torch.arange(7) % 4, 3)
check.that(run["modes"], "evaluate does not call the model")
check.that(
    not any(run["modes"]),
    "the model is measured in training mode, where layers such as dropout draw at random: begin with model.eval()",
)
check.that(
    not any(run["graphs"]),
    "a graph is recorded, and nobody will need it: measure under torch.no_grad()",
)

# %% [markdown] lang="en"
# All of it together: the same network, trained from a loader on 6000 images. After three epochs it reads more than 8 of
# 10 test images right. It is slower than `train`, which picks a whole batch from the tensor at once, where the loader
# fetches the examples one by one. This is the price of being able to read them from anywhere.

# %% [markdown] lang="fr"
# Le tout ensemble : le même réseau, entraîné à partir d'un chargeur sur 6000 images. Après trois époques, il lit
# correctement plus de 8 images de test sur 10. C'est plus lent que `train`, qui prend un lot entier dans le tenseur, alors
# que le chargeur va chercher les exemples un par un. C'est le prix à payer pour pouvoir les lire n'importe où.

# %% demo
torch.manual_seed(0)
few = make_loader(Digits(data.Xtrain[:6000], data.Ytrain[:6000]), 100, True)
tests = make_loader(Digits(data.Xtest, data.Ytest), 1000, False)
model, loss, optim = init_model(784, 100, 10, eta=0.5)
rates, mean_losses = [evaluate(model, tests)], []
print(say("{rate:.1%} before training").format(rate=rates[0]))
for epoch in range(1, 4):
    mean_losses.append(train_epoch(model, loss, optim, few))
    rates.append(evaluate(model, tests))
    line = say("{rate:.1%} after epoch {epoch}, loss {loss:.3f}")
    print(line.format(rate=rates[-1], epoch=epoch, loss=mean_losses[-1]))

# %% claim="untrained it guesses; after three epochs more than 8 of 10 are right, and the loss falls"
assert rates[0] < 0.3
assert rates[-1] > 0.8
assert mean_losses[0] > mean_losses[1] > mean_losses[2]

# %% [markdown] lang="en"
# ## 3 · Stop, and go on · about 27 minutes
#
# A training of three days does not survive a power cut, unless it leaves a *checkpoint* behind: a file from which it can go
# on **as if it had never stopped**. What must be in it? Everything that the rest of the training depends on:
#
# | key | what | how to get it | how to put it back |
# |---|---|---|---|
# | `"model"` | parameters (and buffers: numbers that a layer keeps without learning them) | `model.state_dict()` | `model.load_state_dict(…)` |
# | `"optim"` | rates, momentum, averages | `optim.state_dict()` | `optim.load_state_dict(…)` |
# | `"epoch"` | how many epochs are done | the argument | return it |
# | `"random"` | where the random numbers stand: they shuffle | `torch.get_rng_state()` | `torch.set_rng_state(…)` |
#
# `torch.save(content, path)` writes such a dict, `torch.load(path)` reads it. Save the `state_dict`, which is tensors and
# numbers, not the object `model`: a file with objects can run any code when it is opened, and `torch.load` refuses it.
#
# Write `save_checkpoint`.

# %% [markdown] lang="fr"
# ## 3 · S'arrêter, puis reprendre · environ 27 minutes
#
# Un entraînement de trois jours ne survit pas à une coupure de courant, sauf s'il laisse derrière lui un *point de
# reprise* (checkpoint) : un fichier à partir duquel il peut continuer **comme s'il ne s'était jamais arrêté**. Que faut-il
# y mettre ? Tout ce dont dépend la suite de l'entraînement :
#
# | clé | quoi | comment l'obtenir | comment le remettre |
# |---|---|---|---|
# | `"model"` | paramètres (et tampons : les nombres qu'une couche garde sans les apprendre) | `model.state_dict()` | `model.load_state_dict(…)` |
# | `"optim"` | pas d'apprentissage, inertie, moyennes | `optim.state_dict()` | `optim.load_state_dict(…)` |
# | `"epoch"` | combien d'époques sont faites | l'argument | le renvoyer |
# | `"random"` | où en sont les nombres aléatoires : ils mélangent | `torch.get_rng_state()` | `torch.set_rng_state(…)` |
#
# `torch.save(content, path)` écrit un tel dictionnaire, `torch.load(path)` le relit. Enregistrez le `state_dict`, fait de
# tenseurs et de nombres, et non l'objet `model` : un fichier qui contient des objets peut exécuter n'importe quel code
# quand on l'ouvre, et `torch.load` le refuse.
#
# Écrivez `save_checkpoint`. Les clés sont celles du tableau ; la fonction ne renvoie rien.


# %% answer="save_checkpoint"
def save_checkpoint(path, model, optim, epoch):
    """Save all that a training needs to go on, into one file.

    path: name of the file, a string. model, optim: a module and its optimiser. epoch: number of epochs done.
    The file holds a dict with the keys "model", "optim" (their state_dicts), "epoch" and "random" (the state of
    torch's random numbers at this moment), and torch.load can read it. Returns nothing.
    """
    ### BEGIN SOLUTION
    content = {
        "model": model.state_dict(),
        "optim": optim.state_dict(),
        "epoch": epoch,
        "random": torch.get_rng_state(),
    }
    torch.save(content, path)
    ### END SOLUTION


# %% [markdown] hint="save_checkpoint" lang="en"
# ### The idea
#
# Two things, one after the other: a dict with the four keys of the table, then the file. The third column of the table
# says how each entry is come by.
#
# ### What to watch
#
# `model` is an object; `model.state_dict()` is its content, tensors by name. Without the parentheses one saves a method.
# `torch.save` takes first what is to be saved, then the name of the file.
#
# ### The code, with blanks
#
# ```python
# content = {
#     "model": ...,
#     "optim": ...,
#     "epoch": ...,
#     "random": ...,
# }
# torch.save(...)
# ```

# %% [markdown] hint="save_checkpoint" lang="fr"
# ### L'idée
#
# Deux choses, l'une après l'autre : un dictionnaire avec les quatre clés du tableau, puis le fichier. La troisième colonne
# du tableau dit comment obtenir chaque élément.
#
# ### Ce à quoi il faut veiller
#
# `model` est un objet ; `model.state_dict()` est son contenu, des tenseurs par nom. Sans les parenthèses, on enregistre une
# méthode. `torch.save` prend d'abord ce qu'il faut enregistrer, puis le nom du fichier.
#
# ### Le code, à trous
#
# ```python
# content = {
#     "model": ...,
#     "optim": ...,
#     "epoch": ...,
#     "random": ...,
# }
# torch.save(...)
# ```



# %% check="save_checkpoint_file" points=1 ids=["S-ckpt"]
values = {"0.weight": torch.randn(3, 2), "0.bias": torch.randn(3)}
state = {"model": values, "momentum": [torch.randn(3, 2), torch.randn(3)], "eta": 0.1, "epoch": 4}
state["random"] = torch.get_rng_state()
try:
    run = probes.saved(save_checkpoint, [["Linear", 2, 3]], state)
except (AttributeError, TypeError) as error:
    swapped = "expected 'f' to be string" in str(error)
    check.that(not swapped, "torch.save takes first what is to be saved, then the name of the file")
    raise
check.that(
    run["exists"],
    "there is no file of the name path; the folder holds: {files}",
    files=", ".join(run["files"]) or "-",
)
check.that(
    not run["refused"],
    "torch.load refuses the file: save the state_dict() of model and optimiser, not the objects themselves",
)
check.keys(run["content"], ["model", "optim", "epoch", "random"], "torch.load(path)")


# %% check="save_checkpoint_contents" points=2 ids=["S-ckpt"]
def verify(layers, values, momentum, eta, epoch):
    """Save, and compare what is in the file with what should be."""
    state = {"model": values, "momentum": momentum, "eta": eta, "epoch": epoch, "random": torch.get_rng_state()}
    try:
        run = probes.saved(save_checkpoint, layers, check.copies(state)[0])
    except (AttributeError, TypeError) as error:
        swapped = "expected 'f' to be string" in str(error)
        check.that(not swapped, "torch.save takes first what is to be saved, then the name of the file")
        raise
    check.that(
        run["exists"],
        "there is no file of the name path; the folder holds: {files}",
        files=", ".join(run["files"]) or "-",
    )
    check.that(
        not run["refused"],
        "torch.load refuses the file: save the state_dict() of model and optimiser, not the objects themselves",
    )
    content = run["content"]
    content = check.keys(content, ["model", "optim", "epoch", "random"], "torch.load(path)")
    check.keys(content["model"], list(values), 'torch.load(path)["model"]')
    for name in values:
        check.same(content["model"][name], values[name], f'torch.load(path)["model"]["{name}"]')
    optim = content["optim"]
    check.that(
        isinstance(optim, dict)
        and isinstance(optim.get("state"), dict)
        and all(isinstance(one, dict) for one in optim["state"].values())
        and isinstance(optim.get("param_groups"), list)
        and all(isinstance(one, dict) and "lr" in one for one in optim["param_groups"])
        and optim["param_groups"],
        "the state of the optimiser is missing: optim.state_dict()",
    )
    for k, wanted in enumerate(momentum):
        got = optim["state"].get(k, {}).get("momentum_buffer")
        check.that(
            isinstance(got, torch.Tensor) and torch.equal(got, wanted),
            "the state of the optimiser is missing: its momentum would start from nothing",
        )
    check.same(optim["param_groups"][0]["lr"], eta, 'torch.load(path)["optim"]: lr')
    check.same(
        content["epoch"],
        epoch,
        'torch.load(path)["epoch"]',
        unless={
            "epoch is the number of epochs done, as it was given: take nothing off": epoch - 1,
            "epoch is the number of epochs done, as it was given: add nothing": epoch + 1,
            "epoch is always 0: save the argument": 0,
        },
    )
    random = content["random"]
    check.that(
        isinstance(random, torch.Tensor) and random.dtype == torch.uint8 and random.shape == state["random"].shape,
        "random is not the state of torch's random numbers: torch.get_rng_state()",
    )
    check.that(
        torch.equal(random, state["random"]),
        "random is another state than that at the moment of the call: draw nothing and set no seed in between",
    )


verify(
    [["Linear", 2, 3], ["BatchNorm1d", 3, 1e-5, 0.1, False]],  # which has buffers, and here no parameters
    {"0.weight": torch.randn(3, 2), "0.bias": torch.randn(3)}
    | {"1.running_mean": torch.randn(3), "1.running_var": torch.rand(3), "1.num_batches_tracked": torch.tensor(8)},
    [torch.randn(3, 2), torch.randn(3)],
    0.1,
    4,
)
### BEGIN HIDDEN TESTS
normed = {"1.weight": torch.rand(5), "1.bias": torch.randn(5), "1.running_mean": torch.randn(5)}
normed |= {"1.running_var": torch.rand(5), "1.num_batches_tracked": torch.tensor(17)}
torch.manual_seed(int(torch.randint(10**6, ())))
verify(
    [["Linear", 4, 5], ["BatchNorm1d", 5], ["Tanh"], ["Linear", 5, 2]],
    {"0.weight": torch.randn(5, 4), "0.bias": torch.randn(5)}
    | normed
    | {"3.weight": torch.randn(2, 5), "3.bias": torch.randn(2)},
    [torch.randn(shape) for shape in ((5, 4), (5,), (5,), (5,), (2, 5), (2,))],
    0.03,
    7,
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The way back. The program has been started anew: there is a new model, with other weights, and a new optimiser. Write
# `load_checkpoint`, which changes **these two**, in place. Put everything back in the same call, the random numbers last:
# any draw between here and the next epoch would move them on. It returns the number of epochs done.

# %% [markdown] lang="fr"
# Le chemin inverse. Le programme vient d'être relancé : il y a un nouveau modèle, avec d'autres poids, et un nouvel
# optimiseur. Écrivez `load_checkpoint`, qui modifie **ces deux-là**, sur place. Remettez tout dans le même appel, les
# nombres aléatoires en dernier : tout tirage entre ici et l'époque suivante les ferait avancer. La fonction renvoie le
# nombre d'époques faites.


# %% answer="load_checkpoint"
def load_checkpoint(path, model, optim):
    """Put a training back where it was when save_checkpoint wrote the file.

    path: name of the file. model, optim: of the same kind as those that were saved; they are changed in place,
    and the state of torch's random numbers is put back.
    Returns the number of epochs done.
    """
    ### BEGIN SOLUTION
    content = torch.load(path)
    model.load_state_dict(content["model"])
    optim.load_state_dict(content["optim"])
    torch.set_rng_state(content["random"])
    return content["epoch"]
    ### END SOLUTION


# %% [markdown] hint="load_checkpoint" lang="en"
# ### The idea
#
# Read the dict, then put back each of its entries: the last column of the table says how. Nothing is made anew: `model` and
# `optim` are there, and are filled.
#
# ### The order
#
# The random numbers come last, because whatever draws one after them would change what follows. The epoch is not put back
# anywhere: who called must know it.
#
# ### The code, with blanks
#
# ```python
# content = torch.load(...)
# model...(content[...])
# optim...(content[...])
# torch...(content[...])
# return ...
# ```

# %% [markdown] hint="load_checkpoint" lang="fr"
# ### L'idée
#
# Lisez le dictionnaire, puis remettez chacun de ses éléments : la dernière colonne du tableau dit comment. Rien n'est créé
# à nouveau : `model` et `optim` existent, on les remplit.
#
# ### L'ordre
#
# Les nombres aléatoires viennent en dernier, parce que tout tirage fait après eux changerait la suite. L'époque n'est
# remise nulle part : c'est à celui qui a appelé de la connaître.
#
# ### Le code, à trous
#
# ```python
# content = torch.load(...)
# model...(content[...])
# optim...(content[...])
# torch...(content[...])
# return ...
# ```



# %% check="load_checkpoint_restores" points=2 ids=["S-ckpt"]
def verify(layers, values, momentum, eta, epoch):
    """Load a checkpoint into a model and an optimiser made anew."""
    state = {"model": values, "momentum": momentum, "eta": eta, "epoch": epoch, "random": torch.get_rng_state()}
    run = probes.loaded(load_checkpoint, layers, check.copies(state)[0])
    for name in values:
        check.that(
            torch.equal(run["model"][name], values[name]),
            "the model that was given does not hold the saved {name}: model.load_state_dict, on this very model",
            name=name,
        )
    check.that(
        run["eta"] == eta and all(one is not None for one in run["momentum"]),
        "the optimiser that was given does not hold its saved state: optim.load_state_dict, on this very optimiser",
    )
    for k, wanted in enumerate(momentum):
        check.same(run["momentum"][k], wanted, f"optim: momentum_buffer[{k}]")
    check.that(
        not isinstance(run["result"], dict),
        "the whole content of the file is returned; return the number of epochs done",
    )
    check.same(
        run["result"],
        epoch,
        "load_checkpoint(path, model, optim)",
        unless={
            "return the number of epochs done, as it is in the file: add nothing": epoch + 1,
            "return the number of epochs done, as it is in the file: take nothing off": epoch - 1,
            "the training would begin again at epoch 0: return the number of epochs done": 0,
        },
    )


verify(
    [["Linear", 2, 3], ["BatchNorm1d", 3, 1e-5, 0.1, False]],  # which has buffers, and here no parameters
    {"0.weight": torch.randn(3, 2), "0.bias": torch.randn(3)}
    | {"1.running_mean": torch.randn(3), "1.running_var": torch.rand(3), "1.num_batches_tracked": torch.tensor(8)},
    [torch.randn(3, 2), torch.randn(3)],
    0.1,
    4,
)
### BEGIN HIDDEN TESTS
normed = {"1.weight": torch.rand(5), "1.bias": torch.randn(5), "1.running_mean": torch.randn(5)}
normed |= {"1.running_var": torch.rand(5), "1.num_batches_tracked": torch.tensor(17)}
verify(
    [["Linear", 4, 5], ["BatchNorm1d", 5], ["Tanh"], ["Linear", 5, 2]],
    {"0.weight": torch.randn(5, 4), "0.bias": torch.randn(5)}
    | normed
    | {"3.weight": torch.randn(2, 5), "3.bias": torch.randn(2)},
    [torch.randn(shape) for shape in ((5, 4), (5,), (5,), (5,), (2, 5), (2,))],
    0.03,
    7,
)
### END HIDDEN TESTS

# %% check="load_checkpoint_random" points=1 ids=["S-ckpt"]
values = {"0.weight": torch.randn(3, 2), "0.bias": torch.randn(3)}
state = {"model": values, "momentum": [torch.randn(3, 2), torch.randn(3)], "eta": 0.1, "epoch": 4}
state["random"] = torch.get_rng_state()
torch.randn(10)  # time goes on
run = probes.loaded(load_checkpoint, [["Linear", 2, 3]], check.copies(state)[0])
check.that(
    torch.equal(run["random"], state["random"]),
    "after loading, the random numbers do not go on where they stood, so the batches are shuffled in another way: torch.set_rng_state, last",
)

# %% [markdown] lang="en"
# Now the training that nothing can stop. Write `fit`. The first time, there is no file at `path`
# (`Path(path).exists()` is false), and it starts at epoch 0. After **each** epoch it saves a checkpoint. Started again with
# the same path, it goes on from there, and does only the epochs that are missing: `epochs` counts them all, those before
# the stop too. It returns the list of the losses of this call's epochs.

# %% [markdown] lang="fr"
# Voici l'entraînement que rien n'arrête. Écrivez `fit`. La première fois, il n'y a pas de fichier à `path`
# (`Path(path).exists()` est faux), et on part de l'époque 0. Après **chaque** époque, un point de reprise est enregistré.
# Relancée avec le même chemin, la fonction repart de là et ne fait que les époques qui manquent : `epochs` les compte
# toutes, y compris celles d'avant l'arrêt. Elle renvoie la liste des coûts des époques de cet appel.


# %% answer="fit"
def fit(model, loss, optim, loader, epochs, path):
    """Train until `epochs` epochs are done in all, going on from the checkpoint at path if there is one.

    model, loss, optim, loader: as for train_epoch. epochs: those done before a stop count too.
    path: name of the file, a string; the checkpoint is saved there after each epoch.
    Uses train_epoch, save_checkpoint, load_checkpoint. Goes through the loader once for each epoch.
    Returns the list of the losses that train_epoch returned in this call.
    """
    ### BEGIN SOLUTION
    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = []
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses
    ### END SOLUTION


# %% [markdown] hint="fit" lang="en"
# ### The idea
#
# Before the loop: how many epochs are done? None, or what `load_checkpoint` says. It must be called even when nothing is
# left to do: it also fills the model. In the loop: an epoch, then a checkpoint.
#
# ### The counting
#
# With 2 of 5 epochs done, the missing ones are those that `range(2, 5)` counts: 2, 3, 4. After the one counted 2, three
# epochs are done: this is the number to save.
#
# ### The code, with blanks
#
# ```python
# done = load_checkpoint(...) if ... else ...
# losses = []
# for epoch in range(...):
#     losses.append(...)
#     save_checkpoint(path, model, optim, ...)
# return losses
# ```

# %% [markdown] hint="fit" lang="fr"
# ### L'idée
#
# Avant la boucle : combien d'époques sont faites ? Aucune, ou bien ce que dit `load_checkpoint`. Il faut l'appeler même
# quand il ne reste rien à faire : elle remplit aussi le modèle. Dans la boucle : une époque, puis un point de reprise.
#
# ### Le compte
#
# Si 2 époques sur 5 sont faites, celles qui manquent sont celles que compte `range(2, 5)` : 2, 3, 4. Après celle qui est
# comptée 2, trois époques sont faites : c'est ce nombre qu'il faut enregistrer.
#
# ### Le code, à trous
#
# ```python
# done = load_checkpoint(...) if ... else ...
# losses = []
# for epoch in range(...):
#     losses.append(...)
#     save_checkpoint(path, model, optim, ...)
# return losses
# ```



# %% check="fit_trains" points=2 ids=["S-ckpt"]
def verify(epochs, stop):
    """Run from nothing; then run from nothing, and stop it in the middle of an epoch."""
    x, c = torch.randn(13, 4), torch.arange(13) % 3
    try:
        untrained, whole = (probes.runs_of(fit, x, c, 4, [[n, 1, 0]])[0] for n in (0, epochs))
    except FileNotFoundError:
        check.that(False, "before the first epoch there is no checkpoint at path: load it only where Path(path).exists()")
    check.that(whole["passes"], "fit trains nothing: for each epoch, call train_epoch")
    check.that(
        any(not torch.equal(whole["model"][name], untrained["model"][name]) for name in whole["model"]),
        "fit goes through the loader, and the model learns nothing: for each epoch, call train_epoch",
    )
    check.that(
        whole["passes"] == epochs,
        "fit goes through the loader {n} times where {epochs} epochs were asked for",
        n=whole["passes"],
        epochs=epochs,
    )
    losses = whole["result"]
    check.that(
        isinstance(losses, list | tuple) and len(losses) == epochs,
        "fit(model, loss, optim, loader, {epochs}, path) should return a list of {epochs} losses, those of its epochs",
        epochs=epochs,
    )
    found = check.numbers(losses, epochs, f"fit(model, loss, optim, loader, {epochs}, path)")
    check.that(
        not whole["losses"] or torch.allclose(found.float(), torch.tensor(whole["losses"])),
        "the list that fit returns does not hold the losses that train_epoch returned, in their order",
    )
    check.that(whole["saved"] is not None, "there is no checkpoint at path: call save_checkpoint after each epoch")
    check.same(
        whole["saved"],
        epochs,
        'torch.load(path)["epoch"]',
        unless={
            "the checkpoint says one epoch less than are done: range counts from 0, save epoch + 1": epochs - 1,
            "the checkpoint is saved only after the first epoch": 1,
        },
    )
    (cut,) = probes.runs_of(fit, x, c, 4, [[epochs, 1, stop]])
    check.that(
        cut["saved"] is not None, "a training that is stopped leaves nothing behind: save after each epoch, in the loop"
    )
    check.same(
        cut["saved"],
        stop - 1,
        'torch.load(path)["epoch"]',
        unless={"after each epoch the checkpoint says that all of them are done: save how many are": epochs},
    )


verify(3, 3)
### BEGIN HIDDEN TESTS
verify(5, 4)
verify(2, 2)
### END HIDDEN TESTS


# %% check="fit_resumes" points=3 ids=["S-ckpt"]
def verify(n, nx, ny, epochs, stop):
    """Stop a training and go on with a model made anew; compare with the one that was never stopped, bit by bit."""
    x, c = torch.randn(n, nx), torch.arange(n) % ny
    try:
        (whole,) = probes.runs_of(fit, x, c, 4, [[epochs, 1, 0]])
    except FileNotFoundError:
        check.that(False, "before the first epoch there is no checkpoint at path: load it only where Path(path).exists()")
    check.that(whole["passes"], "fit trains nothing: for each epoch, call train_epoch")
    check.that(whole["saved"] is not None, "there is no checkpoint at path: call save_checkpoint after each epoch")
    for first in ([stop, 1, 0], [epochs, 1, stop + 1]):  # asked for fewer epochs; stopped in the middle of one
        before, after = probes.runs_of(fit, x, c, 4, [first, [epochs, 2, 0]])
        check.that(
            after["passes"] != epochs,
            "after a stop the training begins again at epoch 0: go on from the epoch that load_checkpoint returns, and check the epoch that was saved",
        )
        check.that(
            after["passes"] == epochs - stop,
            "{done} of {epochs} epochs are done, and fit does {n} more",
            done=stop,
            epochs=epochs,
            n=after["passes"],
        )
        check.that(
            all(torch.equal(after["model"][name], whole["model"][name]) for name in whole["model"]),
            "after a stop, the weights end elsewhere than those of a training that was never stopped: load the checkpoint once, before the first epoch, and draw nothing after it",
        )
        check.that(
            isinstance(after["result"], list | tuple) and len(after["result"]) == epochs - stop,
            "fit returns the losses of the epochs of this call only",
        )
    done, again = probes.runs_of(fit, x, c, 4, [[stop, 1, 0], [stop, 2, 0]])
    check.that(
        again["passes"] == 0,
        "all the epochs are done, and fit does {n} more",
        n=again["passes"],
    )
    check.that(
        all(torch.equal(again["model"][name], done["model"][name]) for name in done["model"]),
        "when all the epochs are done, fit must still load the checkpoint: the model that it was given is new",
    )


verify(13, 4, 3, 3, 1)
### BEGIN HIDDEN TESTS
verify(17, 5, 4, 5, 2)
verify(11, 3, 2, 4, 3)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Three trainings of eight epochs on 3000 images, with momentum. The first is never stopped. The second is stopped after
# four epochs, and taken up from its file by a new model. The third goes on from the same file, but with its weights
# alone: without optimiser and random numbers, as many programs do. The right picture compares the weights, epoch by
# epoch, with those of the first training: the largest difference between two weights.
#
# > **Before you run it.** How large is this difference at the end for the second training, which `fit` took up: about
# > 1, 0.1, 0.001, 0? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# Trois entraînements de huit époques sur 3000 images, avec de l'inertie. Le premier n'est jamais arrêté. Le deuxième est
# arrêté après quatre époques, et un nouveau modèle le reprend à partir de son fichier. Le troisième repart du même
# fichier, mais avec ses seuls poids : sans optimiseur ni nombres aléatoires, comme le font bien des programmes. La figure
# de droite compare les poids, époque par époque, à ceux du premier entraînement : le plus grand écart entre deux poids.
#
# > **Avant d'exécuter.** Combien vaut cet écart à la fin pour le deuxième entraînement, celui que `fit` a repris :
# > environ 1, 0,1, 0,001, 0 ? Écrivez votre nombre à la place de `None`.

# %% predict="largest_difference"
largest_difference = None


# %% demo
def anew(seed):
    torch.manual_seed(seed)
    model, loss, _ = init_model(784, 100, 10, eta=0.1)
    optim = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.95)
    return model, loss, optim, make_loader(Digits(data.Xtrain[:3000], data.Ytrain[:3000]), 100, True)


def follow(run, epochs, epoch_of_run):
    """Do these epochs one by one; return for each the loss, and the weights after it."""
    losses, weights = [], []
    for epoch in epochs:
        losses.append(epoch_of_run(*run, epoch))
        weights.append(torch.nn.utils.parameters_to_vector(run[0].parameters()).detach().clone())
    return losses, weights


def plain_epoch(model, loss, optim, loader, epoch):
    return train_epoch(model, loss, optim, loader)


losses, weights = {}, {}
with tempfile.TemporaryDirectory() as folder:
    path = f"{folder}/stopped.pt"
    never, stopped, resumed, careless = anew(0), anew(0), anew(1), anew(2)
    torch.manual_seed(0)
    losses["never"], weights["never"] = follow(never, range(1, 9), plain_epoch)
    torch.manual_seed(0)
    fit(*stopped, 4, path)
    careless[0].load_state_dict(torch.load(path)["model"])
    torch.manual_seed(2)
    losses["careless"], weights["careless"] = follow(careless, range(5, 9), plain_epoch)
    losses["resumed"], weights["resumed"] = follow(resumed, range(5, 9), lambda *run: fit(*run, path)[-1])
differences = {
    name: [float((one - other).abs().max()) for one, other in zip(weights[name], weights["never"][4:])]
    for name in ("resumed", "careless")
}
fig, (left, right) = plt.subplots(ncols=2, figsize=(8.4, 3.2), layout="constrained")
lines = {
    "never": (say("never stopped"), "-", "#222222"),
    "resumed": (say("stopped, and gone on"), "o", "#0072B2"),
    "careless": (say("gone on with the weights alone"), "--", "#D55E00"),
}
for name, (label, style, colour) in lines.items():
    left.semilogy(range(9 - len(losses[name]), 9), losses[name], style, color=colour, label=label)
for name, values in differences.items():
    right.plot(range(5, 9), values, "o-", color=lines[name][2])
left.axvline(4.5, color="#999999", linewidth=1)
left.set(xlabel=say("epoch"), ylabel=say("loss"))
right.set(xlabel=say("epoch"), ylabel=say("largest difference"), xticks=range(5, 9))
left.legend(fontsize=8)
for ax in (left, right):
    ax.grid(alpha=0.3)
figures.show(
    fig,
    say(
        "Left, the losses of three trainings. Right, by how much the weights differ from those of the training "
        "that never stopped: at the end {resumed:.1g} if all is taken up again, {careless:.1g} with the weights"
        " alone."
    ).format(**{name: values[-1] for name, values in differences.items()}),
)
reveal(largest_difference, differences["resumed"][-1])

# %% claim="fit goes on to the very same weights; with the weights alone it learns too, and ends elsewhere"
assert differences["resumed"] == [0, 0, 0, 0]
assert losses["resumed"] == losses["never"][4:]
assert min(differences["careless"]) > 0.03
assert losses["careless"][-1] < 0.5 * losses["never"][3]

# %% [markdown] lang="en"
# Not nearly the same weights: *the same*, to the last bit. The third training also learns, and its loss need not be
# higher. But it is another training. Its weights are not those of the first, and nobody can say any more what would have
# come out without the stop.

# %% [markdown] lang="fr"
# Ce ne sont pas à peu près les mêmes poids : ce sont *les mêmes*, au dernier bit près. Le troisième entraînement apprend
# aussi, et son coût n'est pas forcément plus haut. Mais c'est un autre entraînement. Ses poids ne sont pas ceux du premier,
# et personne ne peut plus dire ce qui en serait sorti sans l'arrêt.

# %% [markdown] lang="en"
# What is missing in the checkpoint? Choose `"model"`, `"optim"`, `"epoch"` or `"random"`. All the rest is there.
#
# - **a.** After the restart the loss begins at 2.3 again.
# - **b.** Ten epochs were asked for and six were done; after the restart, ten more are done.
# - **c.** Everything goes well; but the weights at the end, about as good, differ from those of a training without a stop,
#   even with plain SGD. With `shuffle=False` they would not.
# - **d.** With plain SGD and a fixed $\eta$ nothing is lost. With momentum, the first steps are too short, and the loss
#   goes another way.
# - **e.** Adam begins again without its averages of the squared gradients.

# %% [markdown] lang="fr"
# Que manque-t-il dans le point de reprise ? Choisissez `"model"`, `"optim"`, `"epoch"` ou `"random"`. Tout le reste y est.
#
# - **a.** Après la reprise, le coût repart de 2,3.
# - **b.** On a demandé dix époques et six étaient faites ; après la reprise, dix autres sont faites.
# - **c.** Tout se passe bien ; mais les poids à la fin, à peu près aussi bons, diffèrent de ceux d'un entraînement sans
#   arrêt, même avec SGD simple. Avec `shuffle=False`, ce seraient les mêmes.
# - **d.** Avec SGD simple et un $\eta$ fixe, rien n'est perdu. Avec de l'inertie, les premiers pas sont trop courts, et le
#   coût suit un autre chemin.
# - **e.** Adam recommence sans ses moyennes des gradients au carré.


# %% answer="missing"
def missing():
    """Return a dict from each letter, "a" to "e", to "model", "optim", "epoch" or "random"."""
    ### BEGIN SOLUTION
    return {"a": "model", "b": "epoch", "c": "random", "d": "optim", "e": "optim"}
    ### END SOLUTION


# %% check="missing_choices" points=2 ids=["S-ckpt"]
check.letters(missing, "abcde", options=("model", "optim", "epoch", "random"))
### BEGIN HIDDEN TESTS
check.choices(
    missing(),
    {"a": "model", "b": "epoch", "c": "random", "d": "optim", "e": "optim"},
    because={
        "a": "2.3 is the loss of weights that have learnt nothing: those of a new model.",
        "b": "without the number of epochs done, the loop starts at 0.",
        "c": "other random numbers shuffle the examples into other batches.",
        "d": "the momentum is kept by the optimiser, and it starts from nothing.",
        "e": "the averages of Adam are in the state of the optimiser.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 4 · What it has learnt, and what not · about 12 minutes
#
# Each hidden unit $k$ has 784 weights, one for each pixel: its row of $W_h$ is itself an image. To draw it, 0.5 stands for
# a weight of 0 (white in the figure below, grey in TensorBoard), and one scale serves for all the units,
# $m = \max |W_h|$, the largest absolute value of all these weights:
#
# $$\text{image}_{kj} = \frac{1}{2} + \frac{(W_h)_{kj}}{2m}$$
#
# so all the values are between 0 and 1. Write `first_layer`, in the shape in which PyTorch stores images: number of images,
# channels (1: no colours), height, width. The image is square; the result has no graph.

# %% [markdown] lang="fr"
# ## 4 · Ce qu'il a appris, et ce qu'il n'a pas appris · environ 12 minutes
#
# Chaque unité cachée $k$ a 784 poids, un par pixel : sa ligne de $W_h$ est elle-même une image. Pour la dessiner, 0,5
# représente un poids nul (en blanc dans la figure ci-dessous, en gris dans TensorBoard), et une même échelle sert à toutes
# les unités, $m = \max |W_h|$, la plus grande valeur absolue de tous ces poids :
#
# $$\text{image}_{kj} = \frac{1}{2} + \frac{(W_h)_{kj}}{2m}$$
#
# si bien que toutes les valeurs sont entre 0 et 1. Écrivez `first_layer`, dans la forme sous laquelle PyTorch range les
# images : nombre d'images, canaux (1 : pas de couleurs), hauteur, largeur. L'image est carrée ; le résultat n'a pas de
# graphe.


# %% answer="first_layer"
def first_layer(model):
    """Turn the weights of the first layer into images.

    model: a Sequential whose first module is a Linear with nh outputs; its nx inputs are the pixels of a square image.
    Returns a tensor (nh, 1, side, side), side being the square root of nx, without a graph: 0.5 for a weight of 0,
    0 and 1 for the weights -m and m, m being the largest absolute value of all these weights.
    """
    ### BEGIN SOLUTION
    W = model[0].weight.detach()
    side = round(W.shape[1] ** 0.5)
    return (0.5 + W / (2 * W.abs().max())).reshape(-1, 1, side, side)
    ### END SOLUTION


# %% [markdown] hint="first_layer" lang="en"
# ### The idea
#
# The weights of the first module, without their graph; one scale for all of them; one reshape at the end.
#
# ### The shapes
#
# `model[0].weight` is $(n_h, n_x)$, and $n_x$ is a square: its root is the side. Round it, since a root is a float. `detach()`
# gives the same numbers without a graph. In `reshape`, a $-1$ stands for whatever is left.
#
# ### The code, with blanks
#
# ```python
# W = model[0].weight...
# side = round(...)
# return (0.5 + ...).reshape(-1, ...)
# ```

# %% [markdown] hint="first_layer" lang="fr"
# ### L'idée
#
# Les poids du premier module, sans leur graphe ; une même échelle pour tous ; un `reshape` à la fin.
#
# ### Les tailles
#
# `model[0].weight` est de taille $(n_h, n_x)$, et $n_x$ est un carré : sa racine est le côté. Arrondissez-la, car une racine
# est un nombre à virgule. `detach()` donne les mêmes nombres sans graphe. Dans `reshape`, un $-1$ remplace ce qui reste.
#
# ### Le code, à trous
#
# ```python
# W = model[0].weight...
# side = round(...)
# return (0.5 + ...).reshape(-1, ...)
# ```



# %% check="first_layer_images" points=2 ids=["P-2.5"]
def verify(side, nh):
    """Compare the images with the weights of a model made here."""
    values = [torch.randn(shape) for shape in ((nh, side * side), (nh,), (3, nh), (3,))]
    layers = [["Linear", side * side, nh], ["Tanh"], ["Linear", nh, 3]]
    got = probes.on_model(first_layer, layers, check.copies(values)[0])
    W = values[0].reshape(nh, 1, side, side)
    each = W.flatten(1).abs().max(1).values.reshape(nh, 1, 1, 1)
    check.close(
        got,
        0.5 + W / (2 * W.abs().max()),
        "first_layer(model)",
        unless={
            "each unit has a scale of its own: take one m for all of them": 0.5 + W / (2 * each),
            "the smallest weight is made 0 and the largest 1, so 0.5 no longer stands for 0: divide by 2m and add one half": (
                (W - W.min()) / (W.max() - W.min())
            ),
            "these are the weights themselves; bring them between 0 and 1": W,
            "the weight 0 is not 0.5: divide by 2m and add one half": W / W.abs().max(),
            "the rows are not turned into images of side x side pixels: reshape them": (
                (0.5 + W / (2 * W.abs().max())).flatten(1)
            ),
            "the images have the shape (nh, side, side): a dimension for the channels is missing": (
                (0.5 + W / (2 * W.abs().max()))[:, 0]
            ),
            "m is the largest of the absolute values: the weight furthest from 0 may be negative": 0.5
            + W / (2 * W.max()),
        },
    )
    check.that(
        not got.requires_grad, "the images still hang on a graph, and cannot be drawn: detach them"
    )


verify(3, 5)
### BEGIN HIDDEN TESTS
verify(4, 7)
verify(6, 2)
verify(28, 6)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# And where is the network wrong? Most interesting are the mistakes of which it was *sure*: those to which it gave a large
# probability, $\max_i \hat{y}_i$, with $\hat{y} = \text{SoftMax}(\tilde{y})$. Mind that the model gives the scores
# $\tilde{y}$: a large score is no probability.
#
# Write `mistakes`. It returns the indices of the mistakes, rows of $X$, the surest first, in a tensor of one dimension.
#
# > **Before you run it.** The network reads some 97 % of 10 000 images right. Of all its mistakes, the surest: what
# > probability did it give to its wrong answer? Put a number between 0 and 1 in the place of `None`.

# %% [markdown] lang="fr"
# Et où le réseau se trompe-t-il ? Les plus intéressantes sont les erreurs dont il était *sûr* : celles auxquelles il a
# donné une grande probabilité, $\max_i \hat{y}_i$, avec $\hat{y} = \text{SoftMax}(\tilde{y})$. Attention, le modèle donne
# les scores $\tilde{y}$ : un grand score n'est pas une probabilité.
#
# Écrivez `mistakes`. La fonction renvoie les indices des erreurs, c'est-à-dire des lignes de $X$, la plus sûre d'abord,
# dans un tenseur à une dimension (vide s'il n'y en a pas).
#
# > **Avant d'exécuter.** Le réseau lit correctement quelque 97 % des 10 000 images. De toutes ses erreurs, prenons la
# > plus sûre : quelle probabilité a-t-il donnée à sa mauvaise réponse ? Écrivez un nombre entre 0 et 1 à la place de
# > `None`.

# %% predict="surest_mistake"
surest_mistake = None


# %% answer="mistakes"
def mistakes(model, X, Y):
    """Find the examples whose class is predicted wrong, the surest mistake first.

    model: gives scores (n, ny). X: inputs (n, nx). Y: one-hot targets (n, ny).
    Returns their indices, rows of X, whole numbers in a tensor of one dimension (empty if there is none), ordered
    by the probability of the class that was predicted, from the largest.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        probabilities = torch.softmax(model(X), 1)
    sure, predicted = probabilities.max(1)
    wrong = (predicted != Y.argmax(1)).nonzero().flatten()
    return wrong[sure[wrong].argsort(descending=True)]
    ### END SOLUTION


# %% [markdown] hint="mistakes" lang="en"
# ### The idea
#
# Three questions in a row. Which class is predicted, and how surely? Where is it not the true one? In which order do these
# places come, by sureness?
#
# ### The shapes
#
# SoftMax over the classes, dimension 1, gives $(n, n_y)$; its maximum over the same dimension gives two tensors $(n,)$,
# values and places. `nonzero()` of a mask $(n,)$ is $(m, 1)$: flatten it to $(m,)$, the rows of the $m$ mistakes. Their
# order `argsort` counts from 0 to $m - 1$: it says which of the *mistakes* comes first, and picks from their rows.
#
# ### The code, with blanks
#
# ```python
# with torch.no_grad():
#     probabilities = ...
# sure, predicted = ...
# wrong = ...
# return wrong[...]
# ```

# %% [markdown] hint="mistakes" lang="fr"
# ### L'idée
#
# Trois questions de suite. Quelle classe est prédite, et avec quelle assurance ? Où n'est-ce pas la vraie ? Dans quel ordre
# viennent ces places, selon l'assurance ?
#
# ### Les tailles
#
# Le SoftMax sur les classes, la dimension 1, donne $(n, n_y)$ ; son maximum sur la même dimension donne deux tenseurs
# $(n,)$, les valeurs et leurs places. `nonzero()` d'un masque $(n,)$ est de taille $(m, 1)$ : aplatissez-le en $(m,)$, les
# lignes des $m$ erreurs. Leur ordre, `argsort`, compte de 0 à $m - 1$ : il dit laquelle des *erreurs* vient d'abord, et
# choisit parmi leurs lignes.
#
# ### Le code, à trous
#
# ```python
# with torch.no_grad():
#     probabilities = ...
# sure, predicted = ...
# wrong = ...
# return wrong[...]
# ```



# %% check="mistakes_indices" points=2 ids=["P-2.5"]
def verify(n, nx, ny, allright=False):
    """Look for the mistakes of an affine map."""
    W, b, x = 0.7 * torch.randn(ny, nx), torch.randn(ny), torch.randn(nx, n).T
    scores = torch.nn.functional.linear(x, W, b)
    best = scores.max(1).indices
    c = best.clone() if allright else torch.where(torch.rand(n) < 0.5, best, (best + 1) % ny)
    got = probes.on_model(mistakes, [["Linear", nx, ny]], *check.copies([W, b], x, torch.eye(ny)[c]))
    check.that(
        isinstance(got, torch.Tensor | list | tuple), "mistakes(model, X, Y) is not a tensor of indices"
    )
    if isinstance(got, torch.Tensor):
        check.that(
            got.dtype != torch.bool, "this is a mask; the indices were asked for: .nonzero().flatten()"
        )
        check.that(
            got.ndim == 1, "the indices have the shape {shape}; one dimension was asked for", shape=tuple(got.shape)
        )
        got = got.tolist()
    sure = scores.double().softmax(1).max(1).values
    chances = scores.softmax(0)  # over the wrong dimension
    wrong = [i for i in range(n) if best[i] != c[i]]
    ordered = sorted(wrong, key=lambda i: -float(sure[i]))
    check.same(
        list(got),
        ordered,
        "mistakes(model, X, Y)",
        unless={
            "these are the examples that are predicted right": sorted(
                set(range(n)) - set(wrong), key=lambda i: -float(sure[i])
            ),
            "the mistakes come in the order of the data; the surest was asked for first": wrong,
            "the least sure mistake comes first; turn the order round": ordered[::-1],
            "they are ordered by score: take the probability, after SoftMax": sorted(
                wrong, key=lambda i: -float(scores[i].max())
            ),
            "they are ordered by the probability of the true class; take that of the class that was predicted": sorted(
                wrong, key=lambda i: -float(scores[i].double().softmax(0)[c[i]])
            ),
            "these are places among the mistakes; the rows of X were asked for: wrong[order], not order": [
                wrong.index(i) for i in ordered
            ],
            "SoftMax is taken over the examples; take it over the classes, dim=1": [
                i for i in chances.max(1).values.argsort(descending=True).tolist() if chances[i].argmax() != c[i]
            ],
            "these are all the examples; keep those that are predicted wrong": sorted(
                range(n), key=lambda i: -float(sure[i])
            ),
        }
        if len(wrong) > 1
        else {},
    )


verify(16, 4, 3)
### BEGIN HIDDEN TESTS
verify(40, 5, 4)
verify(25, 3, 6)
verify(8, 4, 3, allright=True)
verify(1, 4, 3)
### END HIDDEN TESTS

# %% demo
model, _ = trained(train_digits)
found = mistakes(model, data.Xtest, data.Ytest)
with torch.no_grad():
    chances, guesses = torch.softmax(model(data.Xtest[found]), 1).max(1)
truth = data.Ytest[found].argmax(1)
print(say("{n} mistakes on 10 000 test images; the surest: what it says, its probability, (what it is)").format(n=len(found)))
figures.digits(
    data.Xtest[found[:20]],
    titles=[f"{g} {p:.0%} ({t})" for g, p, t in zip(guesses[:20].tolist(), chances[:20].tolist(), truth[:20].tolist())],
)
print(say("the first layer: what 40 hidden units look for (blue: negative weights, orange: positive)"))
figures.digits(first_layer(model)[:40], signed=True)
reveal(surest_mistake, round(float(chances[0]), 4))

# %% claim="its surest mistakes it makes with near certainty; weights of pixels without ink keep their start, others have moved"
assert 200 < len(found) < 450
assert chances[0] > 0.99 and chances[19] > 0.9
blank = data.Xtrain.max(0).values == 0
W = model[0].weight.detach()
assert blank.reshape(28, 28)[[0, 0, -1, -1], [0, -1, 0, -1]].all()
assert W[:, blank].abs().max() <= 1 / 28
assert W[:, ~blank].abs().max() > 3 / 28

# %% [markdown] lang="en"
# Some mistakes you would forgive. But look at the numbers above them: the network is all but certain of its worst answers.
# A large probability is no proof. And the units? Blobs and strokes rather than digits. In the corners, where no training
# image has ink, nothing was learnt: a weight whose input is always 0 has a gradient of 0, and keeps the small random value
# that it had at the start.

# %% [markdown] lang="fr"
# Certaines erreurs sont bien pardonnables. Mais regardez les nombres au-dessus : le réseau est presque certain de ses pires
# réponses. Une grande probabilité n'est pas une preuve. Et les unités ? Des taches et des traits plutôt que des chiffres.
# Dans les coins, où aucune image d'apprentissage n'a d'encre, rien n'a été appris : un poids dont l'entrée vaut toujours 0 a un
# gradient nul, et garde la petite valeur aléatoire qu'il avait au départ.

# %% [markdown] lang="en"
# When do these images appear? The next cell trains a new network on 2000 images for 19 epochs, and keeps a picture of
# twenty of its units after each, all on one scale.
#
# > **Before you play it.** How far have the weights come from their start when the training ends? Call that 100 percent.
# > What part of the way do they go in the first two epochs of the nineteen? Put a number, in percent, in the place of
# > `None`.

# %% [markdown] lang="fr"
# Quand ces images apparaissent-elles ? La cellule suivante entraîne un nouveau réseau sur 2000 images pendant 19 époques,
# et garde après chacune une image de vingt de ses unités, toutes à la même échelle.
#
# > **Avant de les faire défiler.** À la fin de l'apprentissage, les poids se sont éloignés de leur départ d'une certaine
# > distance : disons 100 pour cent. Quelle part de ce chemin font-ils pendant les deux premières des dix-neuf époques ?
# > Écrivez un nombre, en pour cent, à la place de `None`.

# %% predict="way_of_two_epochs"
way_of_two_epochs = None

# %% demo
torch.manual_seed(0)
model, loss, _ = init_model(784, 100, 10, eta=0.1)
optim = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
loader = make_loader(Digits(data.Xtrain[:2000], data.Ytrain[:2000]), 100, True)
grown = [model[0].weight.detach().clone()]
for epoch in range(19):
    train_epoch(model, loss, optim, loader)
    grown.append(model[0].weight.detach().clone())
scale = max(float(W.abs().max()) for W in grown)
ways = [float((W - grown[0]).norm() / (grown[-1] - grown[0]).norm()) for W in grown]
sizes = [float(W.norm(dim=1).mean()) for W in (grown[0], grown[-1])]
figures.moving_images(
    {say("epoch {n}").format(n=n): (0.5 + W[:20] / (2 * scale)).reshape(20, 28, 28) for n, W in enumerate(grown)},
    columns=10,
    alt=say("The weights of twenty hidden units as images, negative ones blue, positive ones orange."),
    ends=(
        say("Faint noise: the weights of a unit have the length {n:.2f} on average.").format(n=sizes[0]),
        say("Blobs and strokes in the middle, faint noise at the rim: their length is {n:.2f}.").format(n=sizes[1]),
    ),
)
reveal(way_of_two_epochs, round(100 * ways[2]))

# %% claim="half of the way is gone in three epochs; the weights grow, those of pixels without ink stay as they were"
assert ways[3] > 0.5
assert sizes[1] > 1.2 * sizes[0]
dark = data.Xtrain[:2000].max(0).values == 0
assert torch.equal(grown[0][:, dark], grown[-1][:, dark]) and dark.sum() > 100

# %% [markdown] lang="en"
# Half of the way is gone after two or three epochs: at first all examples pull alike, later most are read right and pull
# no more, and only the weights for the few others go on growing. At the rim the noise of the start stands still.
#
# ## 5 · TensorBoard · about 10 minutes
#
# In `03_autograd` you wrote scalars for TensorBoard. It takes images too:
#
# ```python
# writer.add_scalar("loss/train", 0.31, 1)           # name, value, step
# writer.add_images("weights", images, 4)            # name, images (n, 1, height, width) from 0 to 1, step
# ```
#
# A `/` in a name makes a group: `loss/train` and `loss/test` stand side by side under *loss*. So `loss_train` in the
# history becomes `loss/train`.
#
# Write `log_run`: all the curves of a history, step by step from epoch 1; and pictures, at the last epoch, each group under
# its name, by one call of `add_images`. All goes into `folder`. Close the `SummaryWriter` at the end: otherwise points may
# be missing in the file.

# %% [markdown] lang="fr"
# La moitié du chemin est faite au bout de deux ou trois époques : au début, tous les exemples tirent dans le même sens ;
# ensuite, la plupart sont bien lus et ne tirent plus, et seuls les poids utiles aux quelques autres continuent de croître.
# Au bord, le bruit du départ ne bouge pas.
#
# ## 5 · TensorBoard · environ 10 minutes
#
# Dans `03_autograd`, vous avez écrit des scalaires pour TensorBoard. Il accepte aussi des images :
#
# ```python
# writer.add_scalar("loss/train", 0.31, 1)           # nom, valeur, abscisse
# writer.add_images("weights", images, 4)            # nom, images (n, 1, hauteur, largeur) de 0 à 1, abscisse
# ```
#
# Un `/` dans un nom forme un groupe : `loss/train` et `loss/test` apparaissent côte à côte sous *loss*. Ainsi, le
# `loss_train` de l'historique devient `loss/train`.
#
# Écrivez `log_run` : toutes les courbes d'un historique, pas à pas à partir de l'époque 1 ; et des images, à la dernière
# époque, chaque groupe sous son nom, en un seul appel de `add_images`. Tout va dans le dossier `folder`. Fermez le
# `SummaryWriter` à la fin : sans cela, des points peuvent manquer dans le fichier.


# %% answer="log_run"
def log_run(history, pictures, folder):
    """Write the curves of a training, and pictures, into event files for TensorBoard.

    history: dict of lists of numbers, one an epoch, all of the same length, under names such as "loss_train".
    pictures: dict from names to images (n, 1, height, width), values from 0 to 1.
    folder: where to write, a string.
    Each list becomes a curve of scalars, its name with "/" in the place of "_", at the steps 1, 2, 3…; each entry of
    pictures becomes one picture of its n images, by add_images, under its name, at the step of the last epoch.
    The writer is closed at the end. Returns nothing.
    """
    ### BEGIN SOLUTION
    writer = SummaryWriter(folder)
    for name, values in history.items():
        for epoch, value in enumerate(values, start=1):
            writer.add_scalar(name.replace("_", "/"), value, epoch)
    for name, images in pictures.items():
        writer.add_images(name, images, epoch)
    writer.close()
    ### END SOLUTION


# %% [markdown] hint="log_run" lang="en"
# ### The idea
#
# A writer for the folder; a loop over the curves, with a loop over their points inside; a loop over the pictures, with one
# call each; and the writer is closed.
#
# ### The tools
#
# `history.items()` gives names and lists. `enumerate(values, start=1)` counts along with a list, from 1. A string has
# `replace(old, new)`. The last epoch is the length of the lists.
#
# ### The code, with blanks
#
# ```python
# writer = SummaryWriter(...)
# for name, values in history.items():
#     for epoch, value in enumerate(values, start=1):
#         writer.add_scalar(..., value, ...)
# for name, images in pictures.items():
#     writer.add_images(..., images, ...)
# writer...
# ```

# %% [markdown] hint="log_run" lang="fr"
# ### L'idée
#
# Un `SummaryWriter` pour le dossier ; une boucle sur les courbes, qui en contient une autre sur leurs points ; une boucle
# sur les images, un appel chacune ; puis on ferme.
#
# ### Les outils
#
# `history.items()` donne les noms et les listes. `enumerate(values, start=1)` compte le long d'une liste, à partir de 1. Une
# chaîne de caractères a `replace(ancien, nouveau)`. La dernière époque est la longueur des listes.
#
# ### Le code, à trous
#
# ```python
# writer = SummaryWriter(...)
# for name, values in history.items():
#     for epoch, value in enumerate(values, start=1):
#         writer.add_scalar(..., value, ...)
# for name, images in pictures.items():
#     writer.add_images(..., images, ...)
# writer...
# ```



# %% check="log_run_scalars" points=2 ids=["S-board"]
def verify(log):
    """Have the curves written, and read the event files back."""
    found = probes.events_written(log_run, log, {})["scalars"]
    check.that(
        found,
        "there is no scalar in the event files of the folder: create SummaryWriter(folder), call add_scalar, and close the writer",
    )
    names = {name: name.replace("_", "/") for name in log}
    check.that(
        not set(names.values()) - set(found) or set(log) - set(found),
        "the curves are named as in history; write / in the place of _, so that TensorBoard groups them",
    )
    lacking = [name for name in names.values() if name not in found]
    check.that(
        not lacking,
        "TensorBoard would not show {missing}, but it would show {found}",
        missing=", ".join(map(repr, lacking)),
        found=", ".join(map(repr, found)),
    )
    for name, values in log.items():
        steps, numbers = zip(*found[names[name]])
        check.same(
            list(steps),
            list(range(1, len(values) + 1)),
            f'add_scalar("{names[name]}", …, global_step)',
            unless={
                "every point is at step 0: the third argument of add_scalar is the epoch": [0] * len(values),
                "count the epochs from 1, not from 0": list(range(len(values))),
                "only the last point is there: call add_scalar for each of them": [len(values)],
            },
        )
        check.close(torch.tensor(numbers), values, names[name])


verify({"loss_train": [0.9, 0.5, 0.25], "acc_test": [0.5, 0.75, 0.875]})
### BEGIN HIDDEN TESTS
verify({f"{what}_{part}": torch.rand(5).tolist() for what in ("loss", "acc") for part in ("train", "test")})
### END HIDDEN TESTS


# %% check="log_run_images" points=2 ids=["S-board"]
def verify(epochs, pictures):
    """Have the pictures written, decode them, and look for each image in its place."""
    log = {"loss_train": torch.rand(epochs).tolist(), "loss_test": torch.rand(epochs).tolist()}
    try:
        found = probes.events_written(log_run, log, check.copies(pictures)[0])["images"]
    except AssertionError as error:
        check.that(
            "input format" not in str(error), "add_image writes one image; add_images writes n at once, (n, 1, height, width)"
        )
        raise
    check.that(
        found, "there is no image in the event files of the folder: add_images, then close the writer"
    )
    check.that(
        not set(pictures) - set(found),
        "TensorBoard would not show {missing}, but it would show {found}",
        missing=", ".join(sorted(set(pictures) - set(found))),
        found=", ".join(map(repr, found)),
    )
    for name, images in pictures.items():
        n, _, height, width = images.shape
        steps = [step for step, _ in found[name]]
        check.same(
            steps,
            [epochs],
            f'add_images("{name}", …, global_step)',
            unless={
                "the picture is at step 0: the third argument of add_images is the epoch": [0],
                "count the epochs from 1: the last one is the length of the lists": [epochs - 1],
                "the picture is written at every epoch; once, at the last one, was asked for": list(range(1, epochs + 1)),
                "each image is written as a picture of its own; add_images takes them all at once": [epochs] * n,
            },
        )
        pixels = found[name][0][1].double() / 255
        pixels = pixels[..., 0] if pixels.ndim == 3 else pixels
        columns = min(n, 8)  # as add_images lays them out
        rows = -(-n // columns)
        check.same(
            list(pixels.shape),
            [rows * height, columns * width],
            f"{name}.shape",
            unless={"there is one image only: add_images takes all of them": [height, width]} if n > 1 else {},
        )
        for k in range(n):
            top, left = height * (k // columns), width * (k % columns)
            check.close(
                pixels[top : top + height, left : left + width],
                images[k, 0],
                f"{name}: images[{k}]",
                atol=0.01,
                unless={
                    "the image is all white: its values were multiplied, keep them from 0 to 1": torch.ones(height, width)
                },
            )


verify(3, {"digits": torch.rand(2, 1, 5, 5).clamp(0.1, 0.9)})
### BEGIN HIDDEN TESTS
verify(4, {"weights": torch.rand(11, 1, 6, 4).clamp(0.1, 0.9), "mistakes": torch.rand(3, 1, 7, 7).clamp(0.1, 0.9)})
verify(2, {"one": torch.rand(1, 1, 4, 4).clamp(0.1, 0.9)})
### END HIDDEN TESTS

# %% demo
model, history = trained(train_digits)
found = mistakes(model, data.Xtest, data.Ytest)[:40]
pictures = {"weights": first_layer(model)[:40], "mistakes": data.Xtest[found].reshape(-1, 1, 28, 28)}
shutil.rmtree("runs/06_mnist", ignore_errors=True)
log_run(history, pictures, "runs/06_mnist/first")
written = sorted(Path("runs/06_mnist").rglob("*tfevents*"))
for path in written:
    print(say("written: {folder}, {size} kB").format(folder=path.parent.as_posix(), size=path.stat().st_size // 1000))

# %% claim="the curves and both pictures are in the event files"
assert written and sum(path.stat().st_size for path in written) > 20_000

# %% [markdown] lang="en"
# Look at it: add a cell here with these two lines. It works in JupyterLab and on Colab.
#
# ```python
# %load_ext tensorboard
# %tensorboard --logdir runs/06_mnist
# ```
#
# TensorBoard opens under the cell: *Scalars* (or *Time Series*) has the two groups of curves, *Images* the weights and the
# mistakes. If the frame stays empty (a JupyterHub, a machine far away), run `tensorboard --logdir runs/06_mnist` in a
# terminal and open the address that it prints. Delete the cell before you submit: a server has no place in a graded
# notebook.
#
# ## 6 · Choose without cheating · about 17 minutes
#
# How many hidden units? Which $\eta$? These *hyper-parameters* are not learnt by descent: one tries several, and keeps the
# best. **Best on what?**
#
# - On the training images: then the largest network always wins, it can learn them by heart.
# - On the test images: then you have *chosen* by them, and their error tells no longer how the network does on images that
#   had no part in making it. The best of many tries is partly the luckiest; part 7 measures by how much. (In part 1, did
#   you change $\eta$ until 96 % came out? That was choosing on the test images.)
# - So a third part is needed: the **validation set**, taken from the training images.
#
# | part | what it is for | how often one looks |
# |---|---|---|
# | training | the descent | all the time |
# | validation | choosing among settings | once for each setting |
# | test | the number that you report | **once**, at the end |
#
# `train` needs no change for that. It measures on `data.Xtest`: give it data whose "test" half *is* the validation set.
# Write `hold_out`. The images to hold out are drawn at random (data can come sorted: remember the circles), but the same
# seed gives the same ones, so that all settings meet the same conditions. `torch.randperm(n, generator=g)` with
# `g = torch.Generator().manual_seed(seed)` does both; `SimpleNamespace(Xtrain=…, …)` makes an object of four tensors. The
# function returns such an object: `Xtrain`, `Ytrain` are the examples that remain, `Xtest`, `Ytest` those held out. It
# leaves `data` as it is.

# %% [markdown] lang="fr"
# Pour regarder : ajoutez ici une cellule avec ces deux lignes. Cela marche dans JupyterLab et sur Colab.
#
# ```python
# %load_ext tensorboard
# %tensorboard --logdir runs/06_mnist
# ```
#
# TensorBoard s'ouvre sous la cellule : *Scalars* (ou *Time Series*) montre les deux groupes de courbes ; *Images*, les poids
# et les erreurs. Si le cadre reste vide (un JupyterHub, une machine distante), lancez `tensorboard --logdir runs/06_mnist`
# dans un terminal et ouvrez l'adresse qu'il affiche. Supprimez la cellule avant de rendre : un serveur n'a pas sa place
# dans un notebook noté.
#
# ## 6 · Choisir sans tricher · environ 17 minutes
#
# Combien d'unités cachées ? Quel $\eta$ ? Ces *hyperparamètres* ne s'apprennent pas par descente : on en essaie plusieurs,
# et on garde le meilleur. **Meilleur sur quoi ?**
#
# - Sur les images d'apprentissage : c'est alors toujours le plus grand réseau qui gagne, il peut les apprendre par cœur.
# - Sur les images de test : elles ont alors servi à *choisir*, et leur erreur ne dit plus ce que fait le réseau sur des
#   images qui n'ont pris aucune part à sa fabrication. Le meilleur de nombreux essais est en partie le plus chanceux ; la
#   partie 7 mesure de combien. (Dans la partie 1, avez-vous changé $\eta$ jusqu'à obtenir 96 % ? C'était choisir sur les
#   images de test.)
# - Il faut donc une troisième partie : l'**ensemble de validation**, pris parmi les images d'apprentissage.
#
# | partie | à quoi elle sert | combien de fois on la regarde |
# |---|---|---|
# | apprentissage | la descente | tout le temps |
# | validation | choisir parmi les réglages | une fois par réglage |
# | test | le nombre que l'on annonce | **une seule fois**, à la fin |
#
# `train` n'a pas besoin de changer pour autant. Elle mesure sur `data.Xtest` : donnez-lui des données dont la moitié
# « test » *est* l'ensemble de validation. Écrivez `hold_out`. Les images mises de côté sont tirées au hasard (les données
# peuvent être triées : souvenez-vous des cercles), mais la même graine donne les mêmes, pour que tous les réglages soient
# dans les mêmes conditions. `torch.randperm(n, generator=g)` avec `g = torch.Generator().manual_seed(seed)` fait l'un et
# l'autre ; `SimpleNamespace(Xtrain=…, …)` fabrique un objet avec quatre tenseurs. La fonction renvoie un tel objet :
# `Xtrain`, `Ytrain` sont les exemples qui restent, `Xtest`, `Ytest` ceux mis de côté. Elle laisse `data` inchangé.


# %% answer="hold_out"
def hold_out(data, held, seed):
    """Split the training examples into a training and a validation part.

    data: holds Xtrain (n, nx), Ytrain (n, ny), Xtest, Ytest; it is left as it is, and its test half is not used.
    held: how many examples to hold out, drawn at random. seed: the same seed gives the same ones, another others.
    Returns an object with Xtrain, Ytrain, the n - held examples that remain, and Xtest, Ytest, those held out.
    """
    ### BEGIN SOLUTION
    order = torch.randperm(len(data.Xtrain), generator=torch.Generator().manual_seed(seed))
    validation, rest = order[:held], order[held:]
    return SimpleNamespace(
        Xtrain=data.Xtrain[rest],
        Ytrain=data.Ytrain[rest],
        Xtest=data.Xtrain[validation],
        Ytest=data.Ytrain[validation],
    )
    ### END SOLUTION


# %% [markdown] hint="hold_out" lang="en"
# ### The idea
#
# One random order of all the training examples, cut in two: no example can then be in both parts. The same places are
# taken in $X$ and in $Y$, so that images and targets stay together.
#
# ### The tools
#
# `torch.randperm(n, generator=g)` is such an order of 0 to $n - 1$. `order[:held]` is its beginning, `order[held:]` the
# rest. A tensor of places picks rows: `X[places]`.
#
# ### The code, with blanks
#
# ```python
# order = torch.randperm(..., generator=...)
# validation, rest = ..., ...
# Xtrain=data.Xtrain[...],
# Xtest=...,
# ```

# %% [markdown] hint="hold_out" lang="fr"
# ### L'idée
#
# Un seul ordre aléatoire de tous les exemples d'apprentissage, coupé en deux : aucun exemple ne peut alors être des deux
# côtés. On prend les mêmes places dans $X$ et dans $Y$, pour que images et cibles restent ensemble.
#
# ### Les outils
#
# `torch.randperm(n, generator=g)` est un tel ordre de 0 à $n - 1$. `order[:held]` en est le début, `order[held:]` le reste.
# Un tenseur de places choisit des lignes : `X[places]`.
#
# ### Le code, à trous
#
# ```python
# order = torch.randperm(..., generator=...)
# validation, rest = ..., ...
# Xtrain=data.Xtrain[...],
# Xtest=...,
# ```



# %% check="hold_out_parts" points=3 ids=["S-hyper"]
def verify(n, held, nx, ny):
    """Split examples whose rows are all different, and find each of them again."""
    x, y = torch.rand(nx, n + 9).T, torch.eye(ny)[torch.randint(ny, (n + 9,))]
    given = {"Xtrain": x[:n], "Ytrain": y[:n], "Xtest": x[n:], "Ytest": y[n:]}
    run = probes.halves_of(hold_out, given, held, 3)
    for name in given:
        check.that(
            isinstance(run["given"][name], torch.Tensor) and torch.equal(run["given"][name], given[name]),
            "data.{name} is not what it was: leave data as it is, and put the parts into an object of their own",
            name=name,
        )
        check.that(
            isinstance(run["halves"][name], torch.Tensor),
            "hold_out(data, held, seed) is a {kind} without a tensor {name}: return an object with four attributes, such as a SimpleNamespace",
            kind=run["kind"],
            name=name,
        )
    place = {tuple(row.tolist()): i for i, row in enumerate(x)}
    rows = {}
    for half in ("train", "test"):
        part = run["halves"][f"X{half}"]
        rows[half] = [place.get(tuple(row.tolist())) for row in part]
        check.that(None not in rows[half], "the examples of X{half} are none of data.Xtrain", half=half)
        check.that(
            all(i < n for i in rows[half]),
            "X{half} holds test images: take the validation set from the training images, and leave the test set alone",
            half=half,
        )
    both = set(rows["train"]) & set(rows["test"])
    check.that(
        not both,
        "the validation set overlaps the training set: {n} examples are in both",
        n=len(both),
    )
    check.same(
        len(rows["test"]),
        held,
        "len(Xtest)",
        unless={
            "the two parts are swapped: held is the number of examples that are held out": n - held,
        },
    )
    check.that(
        len(set(rows["train"])) == len(rows["train"]) and len(set(rows["test"])) == len(rows["test"]),
        "some examples are taken twice: cut a random order, torch.randperm, in two",
    )
    check.same(len(rows["train"]), n - held, "len(Xtrain)")
    for half in ("train", "test"):
        check.that(
            torch.equal(run["halves"][f"Y{half}"], y[rows[half]]),
            "the rows of X and Y do not belong together: pick both with the same indices",
        )


verify(12, 4, 3, 3)
### BEGIN HIDDEN TESTS
verify(41, 9, 5, 4)
verify(20, 13, 2, 3)
### END HIDDEN TESTS

# %% check="hold_out_seed" points=1 ids=["S-hyper"]
x, y = torch.rand(60, 3), torch.eye(2)[torch.arange(60) % 2]
given = {"Xtrain": x[:50], "Ytrain": y[:50], "Xtest": x[50:], "Ytest": y[50:]}
first, again, other = (probes.halves_of(hold_out, given, 20, seed)["halves"]["Xtest"] for seed in (3, 3, 4))
check.that(
    all(isinstance(part, torch.Tensor) for part in (first, again, other)),
    "hold_out returns no tensor Xtest",
)
kept = {tuple(row.tolist()) for row in first}
check.that(
    kept not in ({tuple(row.tolist()) for row in x[30:50]}, {tuple(row.tolist()) for row in x[:20]}),
    "the first or the last examples are held out: draw them at random, data can come sorted",
)
check.that(torch.equal(first, again), "two calls with the same seed hold out other examples: use seed")
check.that(
    not torch.equal(first, other), "two calls with other seeds hold out the same examples: use seed"
)

# %% [markdown] lang="en"
# Now try several settings. `search` gets data whose test half is the validation set, and trains once for each pair
# $(n_h, \eta)$. For each it notes a dict of `"nh"`, `"eta"` and, after the last epoch, the accuracies `"acc_train"` and
# `"acc_val"`, which are read in the history that `train` returns. Write it. `choose`, which picks the winner, is given.

# %% [markdown] lang="fr"
# Essayons maintenant plusieurs réglages. `search` reçoit des données dont la moitié test est l'ensemble de validation, et
# entraîne une fois pour chaque couple $(n_h, \eta)$. Pour chacun, elle note un dictionnaire : `"nh"`, `"eta"` et, après la
# dernière époque, les taux de réussite `"acc_train"` (apprentissage) et `"acc_val"` (validation), qui se lisent dans
# l'historique que renvoie `train`. Elle renvoie la liste de ces dictionnaires. Écrivez-la. `choose`, qui désigne le
# gagnant, est donnée.


# %% setup
def choose(results):
    """Pick from the results of search the one with the largest accuracy on the validation set."""
    return max(results, key=lambda result: result["acc_val"])


# %% answer="search"
def search(data, settings, epochs, batch):
    """Train once for each setting, and note how it does.

    data: as hold_out returns it. settings: list of pairs (nh, eta). epochs, batch: for all of them.
    Uses train. Returns a list of dicts, one for each setting in order: "nh", "eta", and from the history of train,
    after the last epoch, "acc_train" and "acc_val", the accuracies on the training and on the validation part.
    """
    ### BEGIN SOLUTION
    results = []
    for nh, eta in settings:
        _, history = train(data, nh, epochs, batch, eta)
        results.append(
            {
                "nh": nh,
                "eta": eta,
                "acc_train": history["acc_train"][-1],
                "acc_val": history["acc_test"][-1],
            }
        )
    return results
    ### END SOLUTION


# %% [markdown] hint="search" lang="en"
# ### The idea
#
# One training for each pair, and from each history two numbers: the last of two of its lists. The test half of these data
# is the validation set, so what `train` calls "test" is "validation" here.
#
# ### What to watch
#
# Make a new dict in each turn of the loop: one dict, changed each time, would be in the list several times over. `train`
# wants its arguments in the order `data, nh, epochs, batch, eta`.
#
# ### The code, with blanks
#
# ```python
# for nh, eta in settings:
#     _, history = train(...)
#     "nh": ...,
#     "acc_train": ...,
#     "acc_val": ...,
# ```

# %% [markdown] hint="search" lang="fr"
# ### L'idée
#
# Un entraînement par couple, et de chaque historique deux nombres : les derniers de deux de ses listes. La moitié test de
# ces données est l'ensemble de validation : ce que `train` appelle « test » est ici « validation ».
#
# ### Ce à quoi il faut veiller
#
# Créez un nouveau dictionnaire à chaque tour : un seul, modifié chaque fois, serait plusieurs fois dans la liste. `train`
# attend ses arguments dans l'ordre `data, nh, epochs, batch, eta`.
#
# ### Le code, à trous
#
# ```python
# for nh, eta in settings:
#     _, history = train(...)
#     "nh": ...,
#     "acc_train": ...,
#     "acc_val": ...,
# ```



# %% check="search_results" points=2 ids=["S-hyper"]
def verify(settings, epochs, size):
    """Have a train that learns nothing give made-up histories, whose ends agree with the models beside them."""
    c = torch.tensor([0] * 6 + [1] * 3 + [2] + [2] * 5 + [0] * 2 + [1])  # classes of 10 training, 8 test examples
    x, y = torch.rand(18, 4), torch.eye(3)[c]
    given = {"Xtrain": x[:10], "Ytrain": y[:10], "Xtest": x[10:], "Ytest": y[10:]}
    names = ("loss_train", "loss_test", "acc_train", "acc_test")
    logs = [{name: torch.rand(epochs).tolist() for name in names} for _ in settings]
    for k, log in enumerate(logs):  # the model of call k always guesses class k
        log["acc_train"][-1], log["acc_test"][-1] = (float((half == k).double().mean()) for half in c.split([10, 8]))
    run = probes.trainings_of(search, given, logs, settings, epochs, size)
    check.that(run["calls"], "search does not call train")
    check.same(
        len(run["calls"]),
        len(settings),
        "search(data, settings, epochs, batch): train",
        unless={"train is called for the first setting only: return stands in the loop": 1},
    )
    for (nh, eta), call in zip(settings, run["calls"]):
        check.same(
            [call["nh"], call["eta"]],
            [nh, eta],
            "train(data, nh, epochs, batch, eta): [nh, eta]",
            unless={"nh and eta are swapped": [eta, nh]},
        )
        check.same(
            [call["epochs"], call["batch"]],
            [epochs, size],
            "train(data, nh, epochs, batch, eta): [epochs, batch]",
            unless={"epochs and batch are swapped": [size, epochs]},
        )
        for name in given:
            check.same(call["halves"][name], given[name], f"data.{name}")
    got = run["result"]
    check.that(
        isinstance(got, list | tuple) and len(got) == len(settings),
        "search returns no list with one dict for each setting",
    )
    for k, (nh, eta) in enumerate(settings):
        check.keys(got[k], ["nh", "eta", "acc_train", "acc_val"], f"search(data, settings, epochs, batch)[{k}]")
        check.same(
            [got[k]["nh"], got[k]["eta"]],
            [nh, eta],
            f"search(…)[{k}]: [nh, eta]",
            unless={
                "every entry is that of the last setting: make a new dict for each": list(settings[-1]),
                "nh and eta are swapped": [eta, nh],
            },
        )
        for name, key, other in (("acc_val", "acc_test", "acc_train"), ("acc_train", "acc_train", "acc_test")):
            check.close(
                got[k][name],
                logs[k][key][-1],
                f'search(…)[{k}]["{name}"]',
                unless={
                    "acc_val and acc_train are mixed up: the test half of these data is the validation set": logs[k][other][-1],
                    "this is the best epoch; the accuracy after the last one was asked for": max(logs[k][key]),
                    "this is the first epoch; the accuracy after the last one was asked for": logs[k][key][0],
                    "this is a loss; the accuracy was asked for": logs[k][key.replace("acc", "loss")][-1],
                },
            )


verify([(5, 0.1), (8, 0.5)], 3, 4)
### BEGIN HIDDEN TESTS
verify([(7, 0.25), (20, 0.125), (3, 2.0)], 5, 6)
verify([(4, 0.5)], 2, 3)
### END HIDDEN TESTS


# %% [markdown] lang="en"
# The choice is made. One may now train once more, with the chosen setting, on *all* the training images: the held-out ones
# have done their duty, and more examples can only help. Then, for the first and last time, the test set speaks.
#
# Write `final_error`. It gives the error in **percent**, as tables do, after the **last** epoch: to pick the epoch with the
# smallest test error would be to choose on the test set. `train` has measured already: the accuracy is read in the
# history.

# %% [markdown] lang="fr"
# Le choix est fait. On peut alors entraîner une dernière fois, avec le réglage choisi, sur *toutes* les images
# d'apprentissage : celles mises de côté ont rempli leur office, et davantage d'exemples ne peut qu'aider. Puis, pour la
# première et la dernière fois, on interroge l'ensemble de test.
#
# Écrivez `final_error`. Elle donne l'erreur en **pour cent**, comme dans les tableaux, après la **dernière** époque :
# prendre l'époque où l'erreur de test est la plus petite, ce serait choisir sur l'ensemble de test. `train` a déjà
# mesuré : le taux de réussite se lit dans l'historique.


# %% answer="final_error"
def final_error(data, best, epochs, batch):
    """Train with the chosen setting on all the training examples, and measure once on the test examples.

    data: the whole data, with Xtrain, Ytrain, Xtest, Ytest. best: a dict with "nh" and "eta", as choose returns it.
    Uses train, once. Returns, from its history, the share of test examples predicted wrong after the last epoch, in
    percent.
    """
    ### BEGIN SOLUTION
    _, history = train(data, best["nh"], epochs, batch, best["eta"])
    return 100 * (1 - history["acc_test"][-1])
    ### END SOLUTION


# %% [markdown] hint="final_error" lang="en"
# One call of `train`, on `data` as it is, with the setting in `best`. Its history holds the accuracy on the test images
# after each epoch, and `[-1]` is the last entry of a list. What is missing to 1 is the share of errors; percent comes last.

# %% [markdown] hint="final_error" lang="fr"
# Un seul appel de `train`, sur `data` telles quelles, avec le réglage de `best`. Son historique contient le taux de réussite
# sur les images de test après chaque époque, et `[-1]` est le dernier élément d'une liste. Ce qui manque pour arriver à 1
# est la proportion d'erreurs ; le pour cent vient en dernier.



# %% check="final_error_value" points=2 ids=["S-hyper"]
def verify(best, epochs, size):
    """Have a train that learns nothing give a made-up history, whose end agrees with the model beside it."""
    c = torch.tensor([0, 1, 1, 0, 1, 2, 1, 1] + [0, 1, 0, 0, 2, 0, 0, 1, 0, 0])  # the model guesses class 0: 70 % of the test
    x, y = torch.rand(18, 4), torch.eye(3)[c]
    given = {"Xtrain": x[:8], "Ytrain": y[:8], "Xtest": x[8:], "Ytest": y[8:]}
    log = {name: torch.rand(epochs).tolist() for name in ("loss_train", "loss_test", "acc_train", "acc_test")}
    log["acc_train"][-1] = 0.25
    log["acc_test"] = [0.6, 0.9, *torch.rand(max(epochs - 3, 0)).mul(0.8).tolist(), 0.7][:epochs]
    run = probes.trainings_of(final_error, given, [log], best, epochs, size)
    check.that(run["calls"], "final_error does not call train")
    check.that(
        len(run["calls"]) == 1,
        "train is called {n} times, and each time the test images are looked at: once was asked for",
        n=len(run["calls"]),
    )
    (call,) = run["calls"]
    check.that(
        len(call["halves"]["Xtrain"]) >= 8,
        "only a part of the training examples is used: the choice is made, train on all of them",
    )
    for name in given:
        check.same(
            call["halves"][name],
            given[name],
            f"data.{name}",
            unless={
                "test images are used for training: the data go to train as they are": torch.cat(
                    [given[f"{name[0]}train"], given[f"{name[0]}test"]]
                )
            },
        )
    check.same([call["nh"], call["eta"]], [best["nh"], best["eta"]], "train(data, nh, epochs, batch, eta): [nh, eta]")
    check.same([call["epochs"], call["batch"]], [epochs, size], "train(data, nh, epochs, batch, eta): [epochs, batch]")
    rates = log["acc_test"]
    check.close(
        run["result"],
        100 * (1 - rates[-1]),
        "final_error(data, best, epochs, batch)",
        unless={
            "this is the epoch with the smallest test error: to pick it is to choose on the test set; take the last one": 100
            * (1 - max(rates)),
            "this is the error on the training set": 100 * (1 - log["acc_train"][-1]),
            "this is the share of right predictions; the errors were asked for": 100 * rates[-1],
            "this is a rate; the error was asked for in percent": 1 - rates[-1],
            "this is the accuracy; the error was asked for, in percent": rates[-1],
            "this is the loss; the share of wrong predictions was asked for": log["loss_test"][-1],
            "a rate is taken from 100: multiply it by 100 first": 100 - rates[-1],
            "this is the mean over the epochs: take the last one": 100 * (1 - sum(rates) / len(rates)),
        },
    )


verify({"nh": 50, "eta": 0.25, "acc_train": 0.99, "acc_val": 0.97}, 3, 4)
### BEGIN HIDDEN TESTS
verify({"nh": 31, "eta": 0.75, "acc_train": 0.9, "acc_val": 0.8}, 5, 7)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# The whole protocol, with 10 000 images held out. (About ten seconds.) `report` keeps what it found: whatever asks for it
# again gets the same number, and the test set is not looked at a second time.
#
# > **Before you run it.** Which of the settings $(n_h, \eta)$ will win: (10, 0.5), (100, 0.1), (100, 0.5) or (100, 3)?
# > Put it in the place of `None`, as a pair.

# %% [markdown] lang="fr"
# Tout le protocole, avec 10 000 images mises de côté. (Une dizaine de secondes.) `report` garde ce qu'elle a trouvé : qui
# le redemande reçoit le même nombre, et l'ensemble de test n'est pas regardé une seconde fois.
#
# > **Avant d'exécuter.** Lequel de ces réglages $(n_h, \eta)$ va gagner : (10, 0.5), (100, 0.1), (100, 0.5) ou (100, 3) ?
# > Écrivez-le à la place de `None`, comme un couple, avec des points décimaux.

# %% predict="winner"
winner = None


# %% setup
@lru_cache(1)
def report(hold_out, search, final_error):
    """Choose among settings on held-out images, then measure once on the test images; return what came out."""
    torch.manual_seed(0)
    settings = [(10, 0.5), (100, 0.1), (100, 0.5), (100, 3.0)]
    results = search(hold_out(data, 10_000, seed=0), settings, epochs=2, batch=100)
    best = choose(results)
    return SimpleNamespace(results=results, best=best, error=final_error(data, best, epochs=4, batch=100))


# %% demo
found = report(hold_out, search, final_error)
print("  nh   eta   " + "   ".join((say("train"), say("validation"))))
for result in found.results:
    rates = "   ".join(number(100 * result[name], ".2f") + " %" for name in ("acc_train", "acc_val"))
    print(f"{result['nh']:4}  {number(result['eta'], '4.1f')}   {rates}")
print(say("chosen: {best}").format(best=(found.best["nh"], found.best["eta"])))
print(say("error on the test images, measured once: {error:.2f} %").format(error=found.error))
reveal(winner, (found.best["nh"], found.best["eta"]))

# %% claim="neither the smallest network wins, nor the shortest steps, nor the longest; the test error is below 4 %"
assert (found.best["nh"], found.best["eta"]) == (100, 0.5)
assert 0 < found.error < 4
assert all(result["acc_val"] < found.best["acc_val"] - 0.005 for result in found.results if result is not found.best)

# %% [markdown] lang="en"
# Ten units are too few, steps of 0.1 too short for two epochs, steps of 3 too long: the validation set says so, and the
# test set was not asked.

# %% [markdown] lang="fr"
# Dix unités, c'est trop peu ; des pas de 0,1 sont trop courts pour deux époques, des pas de 3 trop longs : c'est
# l'ensemble de validation qui le dit, et l'on n'a rien demandé à l'ensemble de test.

# %% [markdown] lang="en"
# Sort these statements on choosing into true and false.
#
# - **a.** The validation set is taken from the training images.
# - **b.** After the choice, one may train again on all the training images, those of the validation set included.
# - **c.** If the error of the chosen setting on the test set disappoints, one may try other values of $n_h$ until it is
#   better, and report the last one.
# - **d.** The best of fifty validation accuracies is, on average, a little too good: the winner was also lucky.
# - **e.** One may stop the descent at the epoch where the accuracy on the validation set is best.
# - **f.** A setting that gets 97.9 % on 10 000 validation images is surely better than one that gets 97.8 %.
# - **g.** To standardise the pixels, the means should be computed on training and test images together.

# %% [markdown] lang="fr"
# Pour chaque affirmation sur le choix des réglages, dites si elle est vraie ou fausse.
#
# - **a.** L'ensemble de validation est pris parmi les images d'apprentissage.
# - **b.** Le choix une fois fait, on peut réentraîner sur toutes les images d'apprentissage, y compris celles de validation.
# - **c.** Si l'erreur du réglage choisi déçoit sur l'ensemble de test, on peut essayer d'autres valeurs de $n_h$ jusqu'à ce
#   qu'elle soit meilleure, et annoncer la dernière.
# - **d.** Le meilleur de cinquante taux de réussite en validation est, en moyenne, un peu trop bon : le gagnant a aussi eu
#   de la chance.
# - **e.** On peut arrêter la descente à l'époque où le taux de réussite en validation est le meilleur.
# - **f.** Un réglage qui obtient 97,9 % sur 10 000 images de validation est à coup sûr meilleur qu'un réglage qui obtient
#   97,8 %.
# - **g.** Pour centrer et réduire les pixels, il faut calculer les moyennes sur les images d'apprentissage et de test
#   réunies.


# %% answer="honest"
def honest():
    """Return a dict from each letter, "a" to "g", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": True, "c": False, "d": True, "e": True, "f": False, "g": False}
    ### END SOLUTION


# %% check="honest_sorted" points=2 ids=["S-hyper"]
check.letters(honest, "abcdefg")
### BEGIN HIDDEN TESTS
check.choices(
    honest(),
    {"a": True, "b": True, "c": False, "d": True, "e": True, "f": False, "g": False},
    because={
        "a": "the test set must have no part in the choice, so the validation set can only come from the training images.",
        "b": "once the choice is made, the validation images are training images like any others.",
        "c": "the test set would then have chosen: its error is no longer that on new images.",
        "d": "the largest of many measurements is the largest partly by chance.",
        "e": "the number of epochs is a hyper-parameter: the validation set is there to choose it.",
        "f": "10 images of 10 000: chance alone moves such a count by about 14 (part 8 computes it).",
        "g": "whatever is computed from the test images makes them part of the training; use the training images alone.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## 7 · The luckiest of many · about 24 minutes
#
# The best of many tries is partly the luckiest. How much of it is luck? You will measure it.
#
# `crowd` trains $k = 50$ small networks. All have 10 hidden units, the same $\eta$, the same number of steps; they differ
# by their starting weights and by the 2000 images that they learn from. So they are nearly equal: each deserves about the
# same error. Each then reads $N = 10\,000$ images from which none of them has learnt. (All are training images: the test
# set has no part in this.) What is kept is a table of True and False, `wrong`, $(k, N)$: is network $j$ wrong on image $i$?
#
# With so many images we know the true error of each network, nearly. Now put yourself in the place of somebody who does
# not. They have only $n$ of the $N$ images, their validation set. They choose the network with the fewest mistakes on
# these, and report its error there. What is the error of this network on all the other images?
#
# Write `best_of`. Its argument `rows` holds the indices of the $n$ validation images. It returns two errors in percent,
# both of the network chosen: on the validation images, and on all the other images.

# %% [markdown] lang="fr"
# ## 7 · Le plus chanceux de tous · environ 24 minutes
#
# Le meilleur de nombreux essais est en partie le plus chanceux. Quelle est la part de la chance ? Vous allez la mesurer.
#
# `crowd` entraîne $k = 50$ petits réseaux. Tous ont 10 unités cachées, le même $\eta$, le même nombre de pas ; ils
# diffèrent par leurs poids de départ et par les 2000 images dont ils apprennent. Ils se valent donc, ou presque : chacun
# mérite à peu près la même erreur. Chacun lit ensuite $N = 10\,000$ images dont aucun n'a appris. (Ce sont toutes des
# images d'apprentissage : l'ensemble de test n'y est pour rien.) On garde un tableau de True et de False, `wrong`,
# $(k, N)$ : le réseau $j$ se trompe-t-il sur l'image $i$ ?
#
# Avec autant d'images, nous connaissons la vraie erreur de chaque réseau, ou presque. Mettez-vous maintenant à la place
# d'une personne qui ne la connaît pas. Elle n'a que $n$ des $N$ images, son ensemble de validation. Elle choisit le réseau
# qui y fait le moins d'erreurs, et annonce l'erreur qu'il y fait. Quelle est l'erreur de ce réseau sur toutes les autres
# images ?
#
# Écrivez `best_of`. Son argument `rows` contient les indices des $n$ images de validation. La fonction renvoie deux
# erreurs en pour cent, toutes deux du réseau choisi : sur les images de validation, puis sur toutes les autres images.


# %% setup
@lru_cache(1)
def crowd(k=50):
    """Train k small networks, each on 2000 images of its own; return where they are wrong on 10 000 others, (k, 10000)."""
    X, c = data.Xtrain[50_000:], data.Ytrain[50_000:].argmax(1)
    rows = []
    for _ in range(k):
        own = torch.randint(50_000, (2000,))
        part = SimpleNamespace(Xtrain=data.Xtrain[own], Ytrain=data.Ytrain[own], Xtest=X[:1], Ytest=data.Ytrain[:1])
        model, _history = train(part, nh=10, epochs=5, batch=100, eta=0.5)
        with torch.no_grad():
            rows.append(model(X).argmax(1) != c)
    return torch.stack(rows)


# %% answer="best_of"
def best_of(wrong, rows):
    """Choose the network with the fewest mistakes on the validation images; return its error there, and elsewhere.

    wrong: truth values (k, N); is network j wrong on image i? rows: indices (n,) of the validation images, n < N.
    Returns two errors of the network chosen, in percent: on the images of rows; on all the others.
    """
    ### BEGIN SOLUTION
    chosen = wrong[wrong[:, rows].sum(1).argmin()]
    others = torch.ones(wrong.shape[1], dtype=torch.bool)
    others[rows] = False
    return 100 * chosen[rows].float().mean(), 100 * chosen[others].float().mean()
    ### END SOLUTION


# %% [markdown] hint="best_of" lang="en"
# ### The idea
#
# First the choice, then the two numbers. The choice may look only at the columns of `rows`. The two numbers come from one
# row of the table, that of the network chosen.
#
# ### The shapes
#
# `wrong[:, rows]` is $(k, n)$: a sum over the images leaves one number of mistakes for each network, $(k,)$. For the other
# images, a mask $(N,)$ helps: True everywhere, then False at `rows`. The mean of True and False is a rate, once they are
# made numbers with `.float()`.
#
# ### The code, with blanks
#
# ```python
# chosen = wrong[...]
# others = ...
# others[...] = ...
# return ..., ...
# ```

# %% [markdown] hint="best_of" lang="fr"
# ### L'idée
#
# D'abord le choix, puis les deux nombres. Le choix ne doit regarder que les colonnes de `rows`. Les deux nombres viennent
# d'une seule ligne du tableau, celle du réseau choisi.
#
# ### Les tailles
#
# `wrong[:, rows]` est de taille $(k, n)$ : une somme sur les images laisse un nombre d'erreurs par réseau, $(k,)$. Pour les
# autres images, un masque $(N,)$ est utile : True partout, puis False aux places `rows`. La moyenne de True et de False est
# un taux, une fois qu'ils sont devenus des nombres par `.float()`.
#
# ### Le code, à trous
#
# ```python
# chosen = wrong[...]
# others = ...
# others[...] = ...
# return ..., ...
# ```


# %% check="best_of_errors" points=3 ids=["S-hyper"]
def verify(k, N, n):
    """Compare with counts made one by one, on a table where the best on rows is not the best elsewhere."""
    rows = torch.randperm(N)[:n].sort().values
    rest = [i for i in range(N) if i not in rows.tolist()]
    wrong = torch.rand(k, N) < 0.5
    lucky, good, bad = torch.randperm(k)[:3].tolist()  # lucky has the fewest mistakes on rows, good elsewhere
    wrong[:, rows[:2]] = True
    wrong[lucky, rows] = torch.arange(n) < 1
    wrong[lucky, rest] = torch.arange(N - n) % 3 > 0
    wrong[good, rest], wrong[bad] = torch.arange(N - n) < 1, True
    on_rows, elsewhere, everywhere = (
        [sum(line) for line in wrong[:, part].tolist()] for part in (rows, rest, torch.arange(N))
    )
    best = on_rows.index(min(on_rows))
    peeked = everywhere.index(min(everywhere))
    try:
        pair = check.pair(check.fits(best_of, *check.copies(wrong, rows)), "best_of(wrong, rows)")
    except IndexError:
        check.that(False, "rows holds indices of images, the second dimension of wrong: wrong[:, rows]")
    first, second = (check.number(one, f"best_of(wrong, rows)[{place}]") for place, one in enumerate(pair))
    right = 100 * on_rows[best] / n, 100 * elsewhere[best] / (N - n)

    def near(one, other):
        return abs(float(one) - other) < 1e-3 * (1 + other)

    check.that(
        not (near(first, right[1]) and near(second, right[0])),
        "the two errors are swapped: first the one on the validation images",
    )
    check.that(
        not (near(first, right[0] / 100) and near(second, right[1] / 100)),
        "these are rates; the errors were asked for in percent",
    )
    check.that(
        not (near(first, 100 - right[0]) and near(second, 100 - right[1])),
        "these are the shares of right answers; wrong is True where a network is wrong",
    )
    check.close(
        first,
        right[0],
        "best_of(wrong, rows)[0]",
        unless={
            "this is the mean over the networks; choose the one with the fewest mistakes on rows": 100 * sum(on_rows) / n / k,
            "this is the network with the most mistakes; choose the one with the fewest": 100 * max(on_rows) / n,
            "this is a number of mistakes; divide it by the number of validation images": on_rows[best],
            "the mistakes on rows are divided by the number of all the images": 100 * on_rows[best] / N,
            "the network is chosen by its mistakes on all the images: only those of rows may choose": 100 * on_rows[peeked] / n,
            "the network is chosen by its mistakes on all the images, and measured on all: only those of rows are known": (
                100 * everywhere[peeked] / N
            ),
            "the network is chosen by the other images: only those of rows may choose": (
                100 * on_rows[elsewhere.index(min(elsewhere))] / n
            ),
            "this is the error of the network chosen on all the images; the first number is that on rows": 100 * everywhere[best] / N,
            "this is the index of the network chosen; its error on rows was asked for": best,
        },
    )
    check.close(
        second,
        right[1],
        "best_of(wrong, rows)[1]",
        unless={
            "this is the error on all the images, those of rows too; they took part in the choice, leave them out": (
                100 * everywhere[best] / N
            ),
            "this is the smallest error elsewhere, that of another network; take the network that was chosen on rows": (
                100 * min(elsewhere) / (N - n)
            ),
            "this is the error on the validation images again; take all the others": right[0],
            "this is the mean over the networks; take the one that was chosen": 100 * sum(elsewhere) / (N - n) / k,
            "the mistakes on the other images are divided by the number of all the images": 100 * elsewhere[best] / N,
            "the mistakes on the other images are divided by n; divide by how many the others are": 100 * elsewhere[best] / n,
            "this is the index of the network chosen; its error on the other images was asked for": best,
            "these are the images after the first n: leave out those of rows": 100 * float(wrong[best, n:].double().mean()),
        },
    )


verify(5, 40, 10)
### BEGIN HIDDEN TESTS
verify(7, 61, 14)
verify(4, 30, 18)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# One choice of validation images is itself luck. So repeat it: write `many_draws`. It draws $n$ of the $N$ images at
# random, all different, anew each time, and calls `best_of` on them, `times` times. It returns the list of what `best_of`
# returned. (`torch.randperm(N)` is a random order of 0 to $N - 1$. Set no seed.)

# %% [markdown] lang="fr"
# Le tirage des images de validation est lui-même une affaire de chance. Répétez-le donc : écrivez `many_draws`. Elle tire
# au hasard $n$ des $N$ images, toutes différentes, à nouveau chaque fois, et appelle `best_of` sur elles, `times` fois.
# Elle renvoie la liste de ce que `best_of` a renvoyé. (`torch.randperm(N)` est un ordre aléatoire de 0 à $N - 1$. Ne fixez
# pas de graine.)


# %% answer="many_draws"
def many_draws(wrong, n, times):
    """Draw n validation images at random, `times` times, and choose a network with each draw.

    wrong: truth values (k, N), as for best_of. n: images in a draw, all different; each draw is a new one.
    Calls best_of once for each draw. Returns the list of the pairs that it returned.
    """
    ### BEGIN SOLUTION
    return [best_of(wrong, torch.randperm(wrong.shape[1])[:n]) for _ in range(times)]
    ### END SOLUTION


# %% [markdown] hint="many_draws" lang="en"
# The first few places of a random order are a random draw without repetition: how many do you need, and how long must the
# order be? The number of images is the second dimension of `wrong`. The order must be drawn inside the loop.

# %% [markdown] hint="many_draws" lang="fr"
# Les premières places d'un ordre aléatoire forment un tirage sans répétition : combien en faut-il, et quelle doit être la
# longueur de l'ordre ? Le nombre d'images est la seconde dimension de `wrong`. L'ordre doit être tiré dans la boucle.


# %% check="many_draws_rows" points=2 ids=["S-hyper"]
def verify(k, N, n, times):
    """Have a best_of that chooses nothing take the calls, and look at the images drawn."""
    wrong = torch.rand(k, N) < 0.3
    run = probes.draws_of(many_draws, wrong.clone(), n, times)
    check.that(run["calls"], "many_draws does not call best_of")
    check.same(
        len(run["calls"]),
        times,
        "many_draws(wrong, n, times): best_of",
        unless={
            "best_of is called for the first draw only: return stands in the loop": 1,
            "there is a draw for each of the n images; `times` draws of n images were asked for": n,
        },
    )
    draws = []
    for call in run["calls"]:
        check.same(call["wrong"], wrong, "best_of(wrong, rows): wrong")
        rows = check.indices(call["rows"], "best_of(wrong, rows): rows")
        check.same(
            len(rows),
            n,
            "best_of(wrong, rows): len(rows)",
            unless={"all the images are drawn: take the first n of a random order": N},
        )
        check.that(all(0 <= i < N for i in rows), "there is no image {i}: they count from 0 to N - 1", i=max(rows))
        check.that(
            len(set(rows)) == n, "some images are drawn twice: the first n of torch.randperm(N) are all different"
        )
        draws.append(sorted(rows))
    check.that(
        any(draw != list(range(n)) for draw in draws),
        "the first n images are taken each time: draw them at random",
    )
    check.that(
        any(draw != draws[0] for draw in draws), "each draw has the same images: draw anew each time, and set no seed"
    )
    check.that(
        max(draw[-1] for draw in draws) >= 3 * N // 4,
        "only the first images are ever drawn: the number of images is wrong.shape[1]",
    )
    again = probes.draws_of(many_draws, wrong.clone(), n, times)["calls"]
    check.that(
        [sorted(check.indices(call["rows"], "rows")) for call in again] != draws,
        "a second call draws the same images again: set no seed",
    )


verify(4, 60, 9, 12)
### BEGIN HIDDEN TESTS
verify(7, 90, 15, 10)
verify(3, 50, 20, 17)
### END HIDDEN TESTS


# %% check="many_draws_pairs" points=1 ids=["S-hyper"]
def verify(k, N, n, times):
    """Compare what is returned with what a best_of that chooses nothing has returned."""
    run = probes.draws_of(many_draws, torch.rand(k, N) < 0.3, n, times)
    check.that(run["calls"], "many_draws does not call best_of")
    pairs = run["pairs"]
    got = check.plain(run["result"])
    got = got.tolist() if isinstance(got, torch.Tensor) else got
    check.that(got is not None, "many_draws(wrong, n, times) is None: return the list, after the loop")
    check.that(isinstance(got, list | tuple), "many_draws(wrong, n, times) is not a list of pairs")
    means = [sum(one) / len(pairs) for one in zip(*pairs)]
    check.same(
        [list(one) if isinstance(one, list | tuple) else one for one in got],
        [list(one) for one in pairs],
        "many_draws(wrong, n, times)",
        unless={
            "these are means over the draws; return the whole list of pairs": means,
            "this is the last pair only: append each to a list": list(pairs[-1]),
            "these are the first numbers alone; keep the pairs": [one for one, _ in pairs],
            "these are the second numbers alone; keep the pairs": [other for _, other in pairs],
            "the numbers stand one after the other; keep the pairs": [one for pair in pairs for one in pair],
            "these are two lists; one list of pairs was asked for": [list(one) for one in zip(*pairs)],
        },
    )


verify(4, 60, 9, 5)
### BEGIN HIDDEN TESTS
verify(6, 70, 12, 8)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# Now the experiment. For $k$ = 1, 2, 5, … of the networks and for validation sets of 100 and of 1000 images, the next cell
# chooses 200 times, and draws two means: the error that is reported, and the error that the chosen network really has.
# Each grey dot is the true error of one of the 50 networks. (Training the crowd takes some seconds.)
#
# > **Before you run it.** 50 networks, 100 validation images: by how many percent is the reported error smaller than the
# > true one, on average? Put your number in the place of `None`.

# %% [markdown] lang="fr"
# Place à l'expérience. Pour $k$ = 1, 2, 5, … de ces réseaux et pour des ensembles de validation de 100 et de 1000 images,
# la cellule suivante choisit 200 fois et dessine deux moyennes : l'erreur annoncée, et la véritable erreur du réseau
# choisi. Chaque point gris est la véritable erreur de l'un des 50 réseaux. (L'entraînement de tous ces réseaux prend
# quelques secondes.)
#
# > **Avant d'exécuter.** 50 réseaux, 100 images de validation : de combien de pour cent l'erreur annoncée est-elle plus
# > petite que la vraie, en moyenne ? Écrivez votre nombre à la place de `None`.

# %% predict="too_small_by"
too_small_by = None

# %% demo
torch.manual_seed(0)
wrong = crowd()
counts, sizes = [1, 2, 5, 10, 20, 50], (100, 1000)
errors = 100 * wrong.float().mean(1)


def mean_errors(k, n):
    """Take k of the networks and 10 draws, 20 times; return the mean of what is reported, and of the truth."""
    draws = (many_draws(wrong[torch.randperm(len(wrong))[:k]], n, 10) for _ in range(20))
    return torch.tensor([[float(error) for error in pair] for pairs in draws for pair in pairs]).mean(0)


curves = {n: torch.stack([mean_errors(k, n) for k in counts]) for n in sizes}
fig, axes = plt.subplots(ncols=2, figsize=(8.4, 3.4), sharey=True, layout="constrained")
for ax, n in zip(axes, sizes):
    ax.plot(torch.full((len(errors),), 70), errors, ".", color="#999999", alpha=0.5)
    ax.plot(counts, curves[n][:, 1], "o-", color="#0072B2", label=say("true error of the network chosen"))
    ax.plot(counts, curves[n][:, 0], "s--", color="#D55E00", label=say("its error on the validation images: reported"))
    ax.set(xscale="log", xlabel=say("networks to choose from"), xticks=counts, xticklabels=counts)
    ax.set_title(say("{n} validation images").format(n=n), fontsize=10)
    ax.minorticks_off()
    ax.grid(alpha=0.3)
axes[0].set(ylabel=say("error, in percent"), ylim=(0, None))
axes[0].legend(fontsize=8, loc="lower left")
figures.show(
    fig,
    say(
        "The error of the best of more and more networks, as it is and as it is reported, chosen with 100 and "
        "with 1000 validation images; grey points are the errors of all."
    ),
)
gaps = {n: curves[n][:, 1] - curves[n][:, 0] for n in sizes}
reveal(too_small_by, round(float(gaps[100][-1]), 1))

# %% claim="of one network the report is honest; the more there are to choose from, and the fewer images, the more it is too small"
assert errors.std() < 1.5
assert abs(gaps[100][0]) < 1.2 and abs(gaps[1000][0]) < 0.5
assert gaps[100][-1] > 3 and gaps[100][-1] > gaps[100][2] + 0.5 > 1
assert 0.3 < gaps[1000][-1] < 0.5 * gaps[100][-1]

# %% claim="the best of 50 on 100 images promises an error that none of the networks has; choosing on 1000 images finds better ones"
assert curves[100][-1, 0] < errors.min()
assert curves[1000][-1, 1] < curves[100][-1, 1] < errors.mean()

# %% [markdown] lang="en"
# **Too good to be true.** Read your two pictures; take your numbers from them. Why is the reported error right for $k = 1$,
# and too small for $k = 50$? What do more networks change, and what do more validation images? Was the choice worth
# anything, all the same? And now somebody trains 200 networks, measures each on the 10 000 test images of MNIST, and
# reports the smallest error, 1.9 %. What is wrong with this number, and what should they have done? Eight lines are enough.

# %% [markdown] lang="fr"
# **Trop beau pour être vrai.** Lisez vos deux figures ; tirez-en vos nombres. Pourquoi l'erreur annoncée est-elle juste
# pour $k = 1$, et trop petite pour $k = 50$ ? Que changent davantage de réseaux, et davantage d'images de validation ? Le
# choix a-t-il malgré tout servi à quelque chose ? Et maintenant, quelqu'un entraîne 200 réseaux, mesure chacun sur les
# 10 000 images de test de MNIST, et annonce la plus petite erreur, 1,9 %. Qu'est-ce qui cloche dans ce nombre, et
# qu'aurait-il fallu faire ? Huit lignes suffisent.

# %% [markdown] open="too_good" points=3 ids=["S-hyper"]
# **English.** Each measured error is the true one plus luck. With one network nothing is chosen, and the luck is 0 on
# average. The smallest of 50 measurements is likely to be one with good luck, so it is too small. In my left picture (100
# validation images) the reported error of the best of 50 is several percent below its true one, and below that of *every*
# network. The more networks, the more luck there is to choose from. The more images, the less luck: with 1000 the gap is
# about a third as large, because luck shrinks as $1 / \sqrt{n}$. The choice did serve: the true error of the chosen one is
# a little below the mean of all, more so with 1000 images; only its reported error is no measure of it. With 1.9 % it is the
# same: the test images have chosen, so they are no longer new to the winner, and on fresh images it will probably do worse,
# if only a little with 10 000. They should have chosen on a validation set taken from the training images, and measured
# that one network once on the test images, whatever came out.
#
# **Français.** Chaque erreur mesurée est la vraie, plus de la chance. Avec un seul réseau, rien n'est choisi, et la chance
# vaut 0 en moyenne. La plus petite de 50 mesures a probablement eu de la chance : elle est donc trop petite. Dans ma figure
# de gauche (100 images de validation), l'erreur annoncée du meilleur des 50 est de plusieurs pour cent au-dessous de sa
# vraie erreur, et au-dessous de celle de *tous* les réseaux. Plus il y a de réseaux, plus il est probable que l'un d'eux ait eu
# beaucoup de chance. Plus il y a d'images, plus la part de chance est petite : avec 1000, l'écart est environ trois fois moindre, car
# la chance diminue comme $1 / \sqrt{n}$. Le choix a tout de même servi : la vraie erreur du réseau choisi est un peu
# au-dessous de la moyenne de tous, surtout avec 1000 images ; mais l'erreur annoncée ne la mesure pas. Il en va de même des
# 1,9 % : les images de test ont choisi, elles ne sont donc plus nouvelles pour le gagnant, et sur des images nouvelles il
# fera sans doute moins bien, même si c'est de peu avec 10 000. Il aurait fallu choisir sur un ensemble de validation pris
# parmi les images d'apprentissage, puis mesurer ce seul réseau une seule fois sur les images de test, quel que soit le
# résultat.

# %% [markdown] marking="too_good"
# - 1 point: the smallest of many measurements is partly the luckiest, so the reported error is too small; with $k = 1$
#   nothing is chosen. Numbers or a comparison from the student's own picture.
# - 1 point: the gap grows with the number of networks and shrinks with the number of images (a law is not required); the
#   true error of the chosen one is no worse than that of the others, or a little better.
# - 1 point: the test images took part in the choice; choose on a validation set taken from the training images, and
#   measure on the test set once, for the chosen network only.
# - "The networks over-fit the training set" earns nothing by itself: here the choice fits the validation set. "Use
#   cross-validation on the training images" earns the last point.
# - see `reveal(too_small_by`

# %% [markdown] lang="en"
# ## 8 · Beside the others · about 9 minutes
#
# In 1998, LeCun, Bottou, Bengio and Haffner compared classifiers on MNIST (*Gradient-based learning applied to document
# recognition*, Proceedings of the IEEE 86). Some of their errors on the test images, in percent:

# %% [markdown] lang="fr"
# ## 8 · À côté des autres · environ 9 minutes
#
# En 1998, LeCun, Bottou, Bengio et Haffner ont comparé des classifieurs sur MNIST (*Gradient-based learning applied to
# document recognition*, Proceedings of the IEEE 86). Voici quelques-unes de leurs erreurs sur les images de test, en pour
# cent :

# %% setup
LECUN_1998 = {
    say("linear classifier"): 12.0,
    say("K nearest neighbours"): 5.0,
    say("300 hidden units"): 4.7,
    say("1000 hidden units"): 4.5,
    say("two hidden layers, 300 and 100"): 3.05,
    say("two hidden layers, 500 and 150"): 2.95,
    say("LeNet-1, convolutions, on 16 × 16 pixels"): 1.7,
    say("support vector machine of degree 4, on deslanted digits"): 1.1,
    say("LeNet-5, convolutions"): 0.95,
    say("LeNet-5, trained on distorted images too"): 0.8,
}

# %% [markdown] lang="en"
# How sure is such a number? Of $n$ test images, a classifier with the true error rate $p$ gets a number wrong that depends
# on chance: the share of wrong ones has the standard deviation $\sqrt{p(1-p)/n}$. Nineteen times in twenty, what is
# measured is within 1.96 standard deviations of the truth. In percent, with the rate $p$ that was measured:
#
# $$\text{margin} = 100 \times 1.96 \, \sqrt{\frac{p \, (1 - p)}{n}}$$
#
# Write `margin`. It gets the error in percent, while $p$ is a rate, between 0 and 1. The picture below it puts the number
# that you reported in part 6 beside the others.

# %% [markdown] lang="fr"
# Quelle confiance accorder à un tel nombre ? Sur $n$ images de test, un classifieur dont le vrai taux d'erreur est $p$ en
# rate un nombre qui dépend du hasard : la proportion d'images ratées a pour écart-type $\sqrt{p(1-p)/n}$. Dix-neuf fois
# sur vingt, ce que l'on mesure est à moins de 1,96 écart-type de la vérité. En pour cent, avec le taux $p$ mesuré :
#
# $$\text{marge} = 100 \times 1{,}96 \, \sqrt{\frac{p \, (1 - p)}{n}}$$
#
# Écrivez `margin`. Elle reçoit l'erreur en pour cent, alors que $p$ est un taux, entre 0 et 1. La figure qui suit place à
# côté des autres le nombre que vous avez annoncé dans la partie 6.


# %% answer="margin"
def margin(error, n):
    """Say how far chance may have moved an error that was measured on n examples.

    error: in percent, from 0 to 100. n: number of test examples.
    Returns the half-width of the interval, 1.96 standard deviations, in percent.
    """
    ### BEGIN SOLUTION
    p = error / 100
    return 100 * 1.96 * (p * (1 - p) / n) ** 0.5
    ### END SOLUTION


# %% [markdown] hint="margin" lang="en"
# First the rate $p$: the error divided by 100. Then the formula as it stands; a root is a power of 0.5. The factor 100 at
# its front makes percent of the result.

# %% [markdown] hint="margin" lang="fr"
# D'abord le taux $p$ : l'erreur divisée par 100. Puis la formule telle quelle ; une racine est une puissance 0,5. Le facteur
# 100 placé devant met le résultat en pour cent.



# %% check="margin_value" points=1 ids=["X-table"]
def verify(error, n):
    """Compare with the standard deviation of a binomial count."""
    rate = torch.tensor(error / 100, dtype=torch.float64)
    spread = torch.distributions.Binomial(n, rate).stddev / n
    check.close(
        margin(error, n),
        100 * 1.96 * spread,
        f"margin({error}, {n})",
        unless={
            "p is a rate: divide the error by 100": 196 * max(error * (1 - error), 0) ** 0.5 / n**0.5,
            "this is one standard deviation; multiply by 1.96": 100 * spread,
            "this is a rate; the margin was asked for in percent": 1.96 * spread,
            "this is the width of the whole interval; the half of it was asked for": 200 * 1.96 * spread,
            "the square root is missing": 100 * 1.96 * spread**2,
            "this is the margin of the count of errors: divide it by n, and take it in percent": 1.96 * spread * n,
            "the standard deviation is divided by n: divide the variance, under the root": 100 * 1.96 * spread / n**0.5,
            "you rounded the factor: take 1.96, not 2": 200 * spread,
        },
    )


verify(0.8, 2500)
verify(4.7, 10000)
### BEGIN HIDDEN TESTS
verify(2.0, 2500)
verify(12.0, 800)
verify(0.0, 100)
### END HIDDEN TESTS

# %% demo
own = say("100 hidden units, yours")
table = LECUN_1998 | {own: report(hold_out, search, final_error).error}
rows = sorted(table.items(), key=lambda row: row[1])
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
names, errors = zip(*rows)
colours = ["#D55E00" if name == own else "#0072B2" for name in names]
margins = [margin(error, 10_000) for error in errors]
ax.barh(names, errors, xerr=margins, color=colours, ecolor="#222222", capsize=3)
for k, (error, half) in enumerate(zip(errors, margins)):
    ax.text(error + half + 0.1, k, number(error, ".2f"), va="center")
ax.set(xlim=(0, 15))
ax.set_xlabel(say("error on the 10 000 test images, in percent"), loc="right")
ax.grid(axis="x", alpha=0.3)
figures.show(
    fig,
    say("Errors of {n} methods in bars, with their margins: {errors}.").format(n=len(rows), errors="; ".join(f"{name}, {number(error, '.2f')}" for name, error in rows)),
)

# %% claim="100 hidden units of today err less than 300 of 1998, and more than the convolutions"
assert LECUN_1998[say("LeNet-5, convolutions")] + 0.3 < table[own] < LECUN_1998[say("300 hidden units")] - 0.5
assert 0.2 < margins[names.index(own)] < 0.4

# %% [markdown] lang="en"
# Sort these statements about the table into true and false; all the errors were measured on the same 10 000 images.
#
# - **a.** The linear classifier is wrong on 1200 of the test images.
# - **b.** That 1000 hidden units do better than 300 (4.5 % against 4.7 %) is beyond doubt: the difference is larger than
#   the margins.
# - **c.** That LeNet-5 does better than 300 hidden units is beyond doubt.
# - **d.** A network with 100 hidden units that makes 2.3 % of mistakes today shows that the table is wrong: it should not be
#   better than 300 hidden units in 1998.
# - **e.** In the table, LeNet-5 errs less when it has also seen distorted copies; the margins alone, though, do not rule
#   out chance.
# - **f.** If the 784 columns of $X$ were shuffled, in the same way for all images, our network would learn less well.

# %% [markdown] lang="fr"
# Pour chaque affirmation sur le tableau, dites si elle est vraie ou fausse ; toutes les erreurs ont été mesurées sur les
# mêmes 10 000 images.
#
# - **a.** Le classifieur linéaire se trompe sur 1200 des images de test.
# - **b.** Que 1000 unités cachées fassent mieux que 300 (4,5 % contre 4,7 %) ne fait aucun doute : la différence dépasse les
#   marges.
# - **c.** Que LeNet-5 fasse mieux que 300 unités cachées ne fait aucun doute.
# - **d.** Un réseau à 100 unités cachées qui fait aujourd'hui 2,3 % d'erreurs montre que le tableau est faux : il ne
#   devrait pas être meilleur que 300 unités cachées en 1998.
# - **e.** Dans le tableau, LeNet-5 se trompe moins s'il a aussi vu des copies déformées ; les marges seules, pourtant,
#   n'excluent pas le hasard.
# - **f.** Si l'on mélangeait les 784 colonnes de $X$, de la même façon pour toutes les images, notre réseau apprendrait
#   moins bien.


# %% answer="read_table"
def read_table():
    """Return a dict from each letter, "a" to "f", to True or False."""
    ### BEGIN SOLUTION
    return {"a": True, "b": False, "c": True, "d": False, "e": True, "f": False}
    ### END SOLUTION


# %% check="read_table_sorted" points=2 ids=["X-table"]
check.letters(read_table, "abcdef")
### BEGIN HIDDEN TESTS
check.choices(
    read_table(),
    {"a": True, "b": False, "c": True, "d": False, "e": True, "f": False},
    because={
        "a": "12 % of 10 000.",
        "b": "each of the two has a margin of about 0.4: chance alone could make this difference.",
        "c": "4.7 and 0.95 are far apart, their margins are 0.4 and 0.2.",
        "d": "the number of units is not all: the loss, the descent and the number of epochs count too; theirs was trained on the squared error.",
        "e": "0.8 against 0.95, but their margins are both nearly 0.2: the two intervals overlap.",
        "f": "each pixel has a weight of its own in every unit, wherever it stands: only convolutions ask which pixels are neighbours.",
    },
)
### END HIDDEN TESTS

# %% [markdown] lang="en"
# ## What you have built
#
# The network of the first notebook reads handwriting: the same equations, the same descent, other sizes. Around it you
# have put what any training needs: data from a loader, checkpoints, curves and pictures, an honest choice and one honest
# number. In the next notebook you will take the engine apart, and write your own small torch, in numpy.
#
# **Before you submit.** Restart the kernel and run all the cells from the top: each check should print its `✓`, or
# `◦` where the answer is a choice. `✓` means that the check holds for the inputs that you see; `◦` promises only that
# the form is right, so read those questions once more. Have you written what your pictures of part 7 show? Is the
# TensorBoard cell gone? Save, and hand in this file without renaming it.

# %% [markdown] lang="fr"
# ## Ce que vous avez construit
#
# Le réseau du premier notebook lit l'écriture manuscrite : les mêmes équations, la même descente, d'autres tailles.
# Autour de lui, vous avez placé ce qu'il faut à tout entraînement : des données fournies par un chargeur, des points de
# reprise, des courbes et des images, un choix honnête et un seul nombre, honnête lui aussi. Dans le prochain notebook,
# vous démonterez le moteur, et vous écrirez votre propre petit torch, en numpy.
#
# **Avant de rendre.** Redémarrez le noyau et exécutez toutes les cellules depuis le début : chaque vérification doit
# afficher son `✓`, ou `◦` si la réponse est un choix. `✓` signifie que la vérification tient pour les entrées que
# vous voyez ; `◦` ne promet que la forme : relisez donc ces questions-là. Avez-vous écrit ce que montrent vos figures
# de la partie 7 ? La cellule de TensorBoard a-t-elle disparu ? Enregistrez, puis rendez ce fichier sans le renommer.
