"""What Portuguese writes around figures: 2 horas, 200 mulheres, 1º, 2ª. For ``pt.py``."""

from collections.abc import Callable, Sequence

from dragoman.voicing.spoken_text.gender import Nouns, agreement_rule
from dragoman.voicing.spoken_text.ordinal_marks import ordinal_mark_rules
from dragoman.voicing.spoken_text.rules import Rule

_ONES = ("", *"primeir segund terceir quart quint sext sétim oitav non".split())
_TENS = (
    "",
    *"décim vigésim trigésim quadragésim quinquagésim sexagésim septuagésim octogésim nonagésim".split(),
)
_NOUNS = Nouns(
    feminine=frozenset(
        "hora libra pessoa semana vida casa coisa pergunta mulher vez noite mãe mão voz luz cor flor lei rede "
        "classe fase base frase crise série espécie morte chave torre ponte tarde raiz página palavra letra "
        "criança menina moça empresa escola equipe língua tonelada milha milhas xícara colher década mulheres vezes "
        "noites partes mães mãos vozes luzes cores flores leis redes classes fases bases frases crises séries espécies "
        "mortes chaves torres pontes tardes raízes atrizes irmãs manhãs maçãs mentes sedes fontes colheres "
        "equipes".split()
    ),
    feminine_endings=("as", "ções", "sões", "dades", "gens", "ção", "são", "dade", "gem"),
    masculine=frozenset(
        "dias dia mapas planetas cometas problemas sistemas programas temas poemas idiomas dramas diplomas esquemas "
        "telefonemas teoremas climas traumas sintomas aromas cromossomas dilemas gramas quilogramas miligramas "
        "panoramas fantasmas pijamas emblemas prismas corações".split()
    ),
    others=frozenset(
        "apenas mas das nas pelas elas delas nelas atletas artistas turistas colegas jornalistas dentistas "
        "especialistas personagens motoristas economistas cientistas poetas guias policias são razão".split()
    ),
)


def portuguese_rules(count: Callable[[int, bool], str], months: Sequence[str]) -> list[Rule]:
    return [
        agreement_rule(count, _NOUNS, up_to="a", joints="a|ou|e", thousand="mil"),
        *ordinal_mark_rules(
            _ordinal,
            {"º": "o", ".º": "o", "ª": "a", ".ª": "a"},
            largest=99,
            before_months=months,
        ),
    ]


def _ordinal(number: int, ending: str) -> str:
    """Read 21 with "a" as "vigésima primeira"; from 1 to 99."""
    tens, ones = divmod(number, 10)
    return " ".join(f"{stem}{ending}" for stem in (_TENS[tens], _ONES[ones]) if stem)
