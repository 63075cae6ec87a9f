"""Indonesian: dots between thousands, rupiah before the number, pukul 14.30."""

from dragoman.voicing.spoken_text.language import Money, Noun, SpokenLanguage
from dragoman.voicing.spoken_text.malay_numbers import malay_cardinal, malay_rules

_DIGITS = "nol satu dua tiga empat lima enam tujuh delapan sembilan".split()
_SCALES = ("ribu", "juta", "miliar", "triliun")
_MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()


def cardinal(number: int) -> str:
    """Read a whole number from 0: 1,118 is "seribu seratus delapan belas"."""
    return malay_cardinal(number, _DIGITS, _SCALES)


def _date(day: int, month: int, year: str) -> str:
    said = f"{cardinal(day)} {_MONTHS[month - 1]}"
    return f"{said} {year}" if year else said


def _clock(hour: int, minute: int, second: int | None) -> str:
    said = cardinal(hour)
    if minute or second is not None:
        said += f" lewat {cardinal(minute)} menit"
    return said if second is None else f"{said} {cardinal(second)} detik"


def _noun(word: str) -> Noun:
    return Noun(one=word, many=word)


_CENT = _noun("sen")
_RUPIAH, _RINGGIT = Money(whole=_noun("rupiah"), hundredth=_CENT), Money(whole=_noun("ringgit"), hundredth=_CENT)
_DOLLAR, _EURO = Money(whole=_noun("dolar"), hundredth=_CENT), Money(whole=_noun("euro"), hundredth=_CENT)
_POUND, _YEN, _DONG = (Money(whole=_noun(word)) for word in ("pound", "yen", "dong"))

INDONESIAN = SpokenLanguage(
    cardinal=cardinal,
    count=lambda number, _: cardinal(number),
    year=cardinal,
    own=malay_rules(cardinal, _clock, hour_cue="pukul|jam"),
    thousands=r"\.",
    decimals="[,.]",
    decimal_word="koma",
    minus="minus",
    plus="plus",
    percent="persen",
    up_to="sampai",
    point="titik",
    at="at",
    slash="garis miring",
    ampersand="dan",
    date=_date,
    clock=_clock,
    units={
        mark: _noun(word)
        for mark, word in {
            "km": "kilometer", "m": "meter", "cm": "sentimeter", "mm": "milimeter", "km/jam": "kilometer per jam",
            "km/h": "kilometer per jam", "m/s": "meter per detik", "km²": "kilometer persegi",
            "km2": "kilometer persegi", "m²": "meter persegi", "m2": "meter persegi", "m³": "meter kubik",
            "m3": "meter kubik", "ha": "hektare", "kg": "kilogram", "g": "gram", "gr": "gram", "mg": "miligram",
            "t": "ton", "l": "liter", "L": "liter", "ml": "mililiter", "mL": "mililiter", "°C": "derajat Celsius",
            "°F": "derajat Fahrenheit", "°": "derajat", "h": "jam", "min": "menit", "s": "detik", "ms": "milidetik",
            "W": "watt", "kW": "kilowatt", "MW": "megawatt", "kWh": "kilowatt jam", "V": "volt", "Hz": "hertz",
            "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "KB": "kilobita", "MB": "megabita",
            "GB": "gigabita", "TB": "terabita",
        }.items()
    },
    money={
        "Rp": _RUPIAH, "Rp.": _RUPIAH, "IDR": _RUPIAH, "rupiah": _RUPIAH, "$": _DOLLAR, "US$": _DOLLAR,
        "USD": Money(whole=_noun("dolar Amerika"), hundredth=_CENT), "€": _EURO, "EUR": _EURO, "£": _POUND,
        "GBP": _POUND, "¥": _YEN, "JPY": _YEN, "RM": _RINGGIT, "MYR": _RINGGIT, "₫": _DONG, "VND": _DONG,
        "CNY": Money(whole=_noun("yuan")), "₩": Money(whole=_noun("won")), "₹": Money(whole=_noun("rupee")),
    },
    money_before=("Rp", "Rp.", "IDR", "USD", "RM", "EUR"),
    hundredths="{whole} {hundredth}",
    magnitudes={
        "ribu": "ribu", "rb": "ribu", "juta": "juta", "jt": "juta", "miliar": "miliar", "M": "miliar",
        "triliun": "triliun", "T": "triliun",
    },
    abbreviations={
        "Jl. ": "Jalan ", "No. HP": "nomor HP", "No. Hp": "nomor HP", "No. WA": "nomor WA", "No. KTP": "nomor KTP",
        "No. Rek.": "nomor rekening", "No. Rek": "nomor rekening", "No. Rekening": "nomor rekening",
        "No. Telp.": "nomor telepon", "No. Telp": "nomor telepon", "No. Tlp": "nomor telepon",
        "No. Telepon": "nomor telepon", "No. Polisi": "nomor polisi", "No. Induk": "nomor induk",
        "No. Urut": "nomor urut", "No. Resi": "nomor resi", "No. NPWP": "nomor NPWP", "No. Paspor": "nomor paspor",
        "Dr. ": "Doktor ", "dr. ": "dokter ", "Prof. ": "Profesor ",
        "dll.": "dan lain-lain", "dll": "dan lain-lain", "dsb.": "dan sebagainya", "dsb": "dan sebagainya",
        "dst.": "dan seterusnya", "yg": "yang", "tgl. ": "tanggal ", "tgl ": "tanggal ", "hlm. ": "halaman ",
        "a.n.": "atas nama", "s.d.": "sampai dengan", "s/d": "sampai dengan",
    },
    before_figures={"No. ": "nomor "},
    month_cue="bulan",
    month_year=lambda month, year: f"{_MONTHS[month - 1]} {year}",
    date_cues=("tanggal",),
)  # fmt: skip
