"""What Spanish writes around figures: 21 libras, 200 personas, 1.º, 2.ª, 1.er. For ``es.py``."""

from collections.abc import Callable, Sequence

from dragoman.voicing.spoken_text.gender import Nouns, agreement_rule
from dragoman.voicing.spoken_text.ordinal_marks import ordinal_mark_rules
from dragoman.voicing.spoken_text.rules import Rule

_ONES = ("", *"primer segund tercer cuart quint sext séptim octav noven".split())
_TENS = (
    "",
    *"décim vigésim trigésim cuadragésim quincuagésim sexagésim septuagésim octogésim nonagésim".split(),
)
_NOUNS = Nouns(
    feminine=frozenset(
        "hora libra persona semana vida casa cosa pregunta mujer vez noche madre mano voz luz flor ley red "
        "clase fase base frase crisis serie especie muerte llave torre calle tarde raíz página palabra letra niña "
        "chica empresa escuela lengua tonelada milla taza cuchara década mujeres veces noches partes madres manos "
        "voces luces flores leyes redes clases fases bases frases series especies muertes llaves torres calles tardes "
        "raíces naves imágenes sedes fuentes mentes".split()
    ),
    feminine_endings=("as", "ciones", "siones", "dades", "tudes", "ción", "sión", "dad", "tud", "trices"),
    masculine=frozenset(
        "día días mapas planetas cometas problemas sistemas programas temas poemas idiomas dramas diplomas esquemas "
        "teoremas climas traumas síntomas aromas cromosomas dilemas kilogramas panoramas fantasmas pijamas emblemas "
        "año mes minuto segundo millón litro kilómetro metro euro dólar hombre niño punto vaso kilo gramo grado siglo "
        "país libro hijo voto gol".split()
    ),
    masculine_endings=("os", "es"),
    others=frozenset(
        "apenas mas más las nos los otros ellos menos entonces pues antes después además eres cientos miles artistas "
        "turistas atletas colegas periodistas dentistas especialistas guías policías poetas jóvenes estudiantes "
        "pacientes agentes juntos todos ambos tras lunes martes miércoles jueves viernes".split()
    ),
)


def spanish_rules(count: Callable[[int, bool], str], months: Sequence[str]) -> list[Rule]:
    return [
        agreement_rule(count, _NOUNS, up_to="a", joints="a|o|u|y", thousand="mil"),
        *ordinal_mark_rules(
            _ordinal,
            {"º": "o", ".º": "o", "ª": "a", ".ª": "a", "er": "", ".er": "", ".ᵉʳ": ""},
            largest=99,
            before_months=months,
        ),
    ]


def _ordinal(number: int, ending: str) -> str:
    """Read 21 with "a" as "vigésima primera", 1 with nothing as "primer"; from 1 to 99."""
    tens, ones = divmod(number, 10)
    if number in (11, 12):
        return f"{'un' if number == 11 else 'duo'}décim{ending or 'o'}"
    if tens == 1 and ones:
        return f"decimo{_ONES[ones].replace('é', 'e')}{ending}"
    if not ending and ones not in (1, 3):
        ending = "o"
    said = [f"{_TENS[tens]}{ending or 'o'}"] if tens else []
    return " ".join([*said, f"{_ONES[ones]}{ending}"] if ones else said)
