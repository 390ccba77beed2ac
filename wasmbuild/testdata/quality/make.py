"""Writes samples.tsv: identifiers that python-stdnum 2.1 holds for valid.

    pip install python-stdnum==2.1 && python3 make.py > samples.tsv

A line is a detective type, a kind and a text. None of them is anybody's: they
are random, and kept when the library accepts them.
"""
import random
import re
import string

from stdnum import bic, bitcoin, cusip, figi, iban, imei, isin, lei, numdb
from stdnum.au import abn
from stdnum.br import cnpj, cpf
from stdnum.ca import sin
from stdnum.de import idnr
from stdnum.es import nif
from stdnum.eu import vat
from stdnum.gb import nhs
from stdnum.in_ import pan
from stdnum.it import codicefiscale
from stdnum.us import ein, itin, rtn, ssn

COUNT = 40
rnd = random.Random(20260801)
DIGITS, UPPER = string.digits, string.ascii_uppercase
CLASSES = {"9": DIGITS, "A": UPPER, "X": DIGITS + UPPER, "n": DIGITS, "a": UPPER, "c": DIGITS + UPPER}


def fill(form):
    return "".join(rnd.choice(CLASSES.get(c, c)) for c in form)


def emit(typ, kind, form, valid, look=lambda s: s, prefixes=("",)):
    n = 0
    while n < COUNT:
        s = rnd.choice(prefixes) + fill(form() if callable(form) else form)
        if valid(s):
            print(typ, kind, look(s), sep="\t")
            n += 1


def date_form(before, after):
    return lambda: before + "%02d%s%02d" % (rnd.randrange(30, 99), rnd.choice("ABCDEHLMPRST"), rnd.randrange(1, 28)) + after


def in_district(n):
    return n <= 12 or 21 <= n <= 32 or 61 <= n <= 72 or n == 80


emit("PII_SSN", "SSN", "999-99-9999", ssn.is_valid)
emit("PII_BANK_ROUTING_NUMBER", "ABA", "999999999", lambda s: rtn.is_valid(s) and in_district(int(s[:2])))
emit("CANADA_SIN", "SIN", "999999999", sin.is_valid)
emit("CANADA_SIN", "SIN in groups", "999999999", sin.is_valid, lambda s: s[:3] + " " + s[3:6] + " " + s[6:])
for country in ["DE", "US", "GB", "FR", "JP", "BR", "ZA", "IN", "CH", "AT", "NL", "XK", "AE", "SG", "AU", "CA", "SE", "KE"]:
    for tail in ["XX", "XXXXX"]:
        s = fill("AAAA") + country + fill(tail)
        if bic.is_valid(s):
            print("PII_SWIFT_BIC", "BIC", s, sep="\t")
emit("PII_SERIAL_NUMBER", "IMEI", "35999999" + "9999999", imei.is_valid)
emit("PII_SERIAL_NUMBER", "IMEI in groups", "86999999" + "9999999", imei.is_valid, lambda s: "-".join([s[:2], s[2:8], s[8:14], s[14:]]))
emit("PII_TAXPAYER_ID", "US ITIN", "999-99-9999", itin.is_valid)
emit("PII_TAXPAYER_ID", "US EIN", "99-9999999", ein.is_valid)
emit("PII_TAXPAYER_ID", "Brazilian CPF", "99999999999", cpf.is_valid)
emit("PII_TAXPAYER_ID", "Brazilian CPF, formatted", "99999999999", cpf.is_valid, cpf.format)
emit("PII_TAXPAYER_ID", "Brazilian CNPJ", "99999999999999", cnpj.is_valid, cnpj.format)
emit("PII_TAXPAYER_ID", "German IdNr", lambda: "".join(rnd.sample(DIGITS, 9)) + "99", idnr.is_valid)
emit("PII_TAXPAYER_ID", "Spanish NIF", "99999999A", nif.is_valid)
emit("PII_TAXPAYER_ID", "Spanish NIE", "9999999A", nif.is_valid, prefixes=["X", "Y", "Z"])
emit("PII_TAXPAYER_ID", "Italian codice fiscale", date_form("AAAAAA", "A999A"), codicefiscale.is_valid)
emit("PII_TAXPAYER_ID", "Indian PAN", "AAAPA9999A", pan.is_valid)
emit("PII_TAXPAYER_ID", "Australian ABN", "99999999999", abn.is_valid)
for form in ["ATU99999999", "BE0999999999", "DE999999999", "DK99999999", "EL999999999", "FI99999999", "FR99999999999", "HU99999999",
             "IT99999999999", "LU99999999", "NL999999999B99", "PL9999999999", "PT999999999", "SE999999999901", "SI99999999", "ES99999999A"]:
    emit("PII_TAXPAYER_ID", "VAT " + form[:2], form[2:], vat.is_valid, prefixes=[form[:2]])
emit("PII_FINANCIAL", "ISIN", "9999999999", isin.is_valid, prefixes=["US", "DE", "GB", "JP", "XS"])
emit("PII_FINANCIAL", "ISIN with letters", "9XX9XX9X99", isin.is_valid, prefixes=["US", "GB", "KY"])
emit("PII_FINANCIAL", "CUSIP", "999XX9X99", lambda s: not s.isdigit() and cusip.is_valid(s))
emit("PII_FINANCIAL", "FIGI", "BBG999X9X999", figi.is_valid)
emit("PII_FINANCIAL", "LEI", "999900XXXXXXXXXXXX99", lei.is_valid)
emit("PII_HEALTH", "NHS", "9999999999", lambda s: s[0] in "467" and nhs.is_valid(s))
emit("PII_HEALTH", "NHS in groups", "9999999999", lambda s: s[0] in "467" and nhs.is_valid(s), nhs.format)

registry = numdb.get("iban")
countries = ("AD AE AL AT AZ BA BE BG BH BI BR BY CH CR CY CZ DE DJ DK DO EE EG ES FI FK FO FR GB GE GI GL GR GT HN HR HU IE IL IQ IS IT JO KW KZ "
             "LB LC LI LT LU LV LY MC MD ME MK MN MR MT MU NI NL NO OM PK PL PS PT QA RO RS RU SA SC SD SE SI SK SM SO ST SV TL TN TR UA VA VG XK YE").split()
for cc in countries:
    bban = registry.info(cc)[0][1]["bban"]
    form = "".join(kind * int(n) for n, kind in re.findall(r"(\d+)!?([nac])", bban))
    for _ in range(4):
        s = fill(form)
        s = cc + iban.calc_check_digits(cc + "00" + s) + s
        if iban.is_valid(s, check_country=False):
            print("PII_IBAN", "IBAN " + cc, s if rnd.random() < 0.5 else iban.format(s), sep="\t")
