"""What the columns of a class's lists are called, by platforms and by people, in their languages."""

import re

# What headers say, as `plain` gives them, in English, French and German; the first that a table has is taken.
HEADERS = {
    "id": (
        *("id", "studentid", "idnumber", "studentnumber", "orgdefinedid", "sid", "sisuserid", "identifier"),
        *("numerodidentification", "numeroetudiant", "numetudiant", "netudiant", "noetudiant", "codeetudiant"),
        *("matricule", "matriculationnumber", "identifiant", "idnummer", "matrikelnummer", "matrikelnr"),
    ),
    "login": (
        *("username", "sisloginid", "login", "netid", "nomdutilisateur", "identifiantutilisateur", "anmeldename"),
        "benutzername",
    ),
    "given": ("firstname", "givenname", "given", "forename", "prenom", "prenoms"),
    "family": ("lastname", "surname", "familyname", "family", "nomdefamille", "nom"),
    "name": (
        *("fullname", "name", "names", "studentname", "student", "students", "displayname"),
        *("nomcomplet", "etudiant", "etudiants", "eleve", "eleves", "vollstandigername"),
    ),
    "email": (
        *("email", "emailaddress", "mail", "adressedecourriel", "courriel", "adresseemail", "adressemail"),
        *("adresseelectronique", "adressedemessagerie", "emailadresse"),
    ),
    "github": ("githubusername",),
}
# What headers are made of, in the languages of most lists: of one name alone, or both in their order; of a number.
GIVEN = r"(?:student)?(?:first|given|fore)names?|prenoms?(?:usuel|dusage)?|nombres?|vornamen?"
FAMILY = (
    r"(?:student)?(?:last|family|sur)names?|noms?(?:defamille|famille|usuel|dusage|patronymique|denaissance|marital"
    r"|deletudiante?)?|apellidos?|nachnamen?|familienname"
)
AND = "(?:et|and|y|und)?"
NAMES = {
    "given": re.compile(GIVEN),
    "family": re.compile(FAMILY),
    "name": re.compile(f"(?:{GIVEN}){AND}(?:{FAMILY})|nombrecompleto|vorundnachname"),
    "family first": re.compile(f"(?:{FAMILY}){AND}(?:{GIVEN})|nachundvorname"),
    "id": re.compile(
        r"(?:n|no|nr|num|numero|code|id|identifiant)(?:de?l?)?(?:etudiante?|eleve|inscription|carte(?:de)?(?:etudiant)?)"
        r"|(?:student|university|campus|registration|matriculation|enrol?l?ment|candidate|roll|sis)"
        r"s?(?:id|number|num|no|nr|code)|uid|nip"
    ),
}
# Moodle's own headers of a grading worksheet. A German one calls the number ID, as other lists do that of a student.
NUMBER = ("identifier", "identifiant", "id")
NAME = ("fullname", "nomcomplet", "vollstandigername")
EMAIL = ("emailaddress", "adressedecourriel", "adressemail", "email", "emailadresse")
STUDENT_ID = ("idnumber", "numerodidentification", "numeroetudiant", "idnummer", "matrikelnummer")
GROUP = ("group", "groupe", "gruppe")
HANDED_IN = re.compile(
    r"lastmodifiedsubmission|dernieremodification(travail|devoir|remise|soumission|envoi)"
    r"|zuletztgeandert(abgabe|einreichung)"
)
ALL = {*(header for headers in HEADERS.values() for header in headers), *NUMBER, *NAME, *EMAIL, *STUDENT_ID, *GROUP}


def is_known(header: str) -> bool:
    """Whether a header, as `plain` gives it, is one of those that tell of people."""
    return header in ALL or any(pattern.fullmatch(header) for pattern in NAMES.values())
