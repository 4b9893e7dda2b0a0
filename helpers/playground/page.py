"""A trial as HTML: the picture with its alt text, and its numbers."""

from html import escape

from helpers.messages import _
from helpers.playground.picture import SHOWN, png
from helpers.playground.trial import Trial
from helpers.words import Picture


def picture(trial: Trial) -> str:
    """Return a trial as HTML: the picture, which has an alt text, and its numbers."""
    image = Picture(png(trial), SHOWN, said_of(trial))._repr_html_()
    image = image.replace("<img", '<img decoding="sync"')  # or the page would flicker
    return f'{image}<div style="line-height: 1.4">{escape(numbers_of(trial))}</div>'


def numbers_of(trial: Trial) -> str:
    """Say how far a trial is, in one line."""
    if not trial.epochs:
        return _("epoch 0: the network as it starts")
    last = {name: values[-1] for name, values in trial.history.items()}
    return _(
        "epoch {n}: loss {loss_train:.3f} train, {loss_test:.3f} test; "
        "accuracy {acc_train:.1%} train, {acc_test:.1%} test"
    ).format(n=trial.epochs, **last)


def said_of(trial: Trial) -> str:
    """Say what the picture shows."""
    Yhat = trial.seen.Yhat
    share = float((Yhat[:, 1] > Yhat[:, 0]).mean())
    units = 0 if trial.seen.hidden is None else trial.seen.hidden.shape[1]
    return _(
        "Points of two classes ({data}) over the probabilities that the network gives; class 1 has {share:.0%} of "
        "the square. Beside it one map for each of {units} hidden units, below it the curves of loss and accuracy. "
        "{numbers}"
    ).format(data=str(trial.settings["data"]), share=share, units=units, numbers=numbers_of(trial))
