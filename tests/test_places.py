"""Places as people write them: what is read, what is refused with both names, and what an address settles."""

from __future__ import annotations

import pytest

from agreementgen.core import places
from agreementgen.core.places import code_in_address, name_of_region, read_home_of_company, read_law, read_venue
from agreementgen.core.values import Unreadable


def refusal(text: str, address: str | None = None) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_law(text) if address is None else read_home_of_company(text, address)
    return caught.value


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("US-DC", "Washington DC|Washington, D.C.|washington dc|D.C.|DC|District of Columbia|the District of Columbia"),
        ("US-OH", "Ohio law|the laws of Ohio|USA - Ohio|Columbus OH|State of Ohio|the State of Ohio|Ohio|ohio|OH|US-OH|Columbus, Ohio|Ohio, USA|Dayton, OH"),
        ("US-NY", "N.Y.|NY|N. Y.|New York State|State of New York|New York, New York|Albany, N.Y."),
        ("US-MA", "Mass|Mass.|mass|Commonwealth of Massachusetts|Boston, Massachusetts|Boston, MA, USA"),
        ("US-CA", "Calif.|Calif|Cal.|California, USA"),
        ("US-PA", "Pa.|Penn.|Pennsylvania"),
        ("US-LA", "La.|Louisiana"),
        ("US-IN", "Ind.|Indiana"),
        ("US-WA", "Washington|Washington State|State of Washington|Wash.|Seattle, Washington"),
        ("US-NC", "N.C.|N. Carolina|North Carolina|Raleigh, N.C."),
        ("US-WV", "W. Va.|W.Va.|West Virginia"),
        ("US-TX", "Tex.|Tex|TX|texas|Paris, Texas"),
        ("US-GA", "Georgia|Ga.|Georgia, USA"),
        ("US-PR", "PR|Puerto Rico|P.R.|PRI|San Juan, Puerto Rico"),
        ("US-GU", "GU|Guam"),
        ("US-VI", "VI|V.I.|U.S. Virgin Islands|Virgin Islands|US-VI"),
        ("US-AS", "AS|American Samoa"),
        ("GE", "Georgia (country)|GEO"),
        ("CA-ON", "Ontario, Canada|Ontario|ON|Ont.|Toronto, Ontario|Toronto, Ontario, Canada|Toronto, ON|Province of Ontario"),
        ("CA-BC", "B.C.|BC|British Columbia, Canada|Vancouver, BC, Canada"),
        ("CA-QC", "Québec|Quebec, Canada|QC|Que."),
        ("CA-NL", "Newfoundland|Nfld.|St. John's, NL, Canada|N.L."),
        ("CA-PE", "PEI|P.E.I.|Charlottetown, PE, Canada"),
        ("AU-NSW", "New South Wales AU|Sydney, NSW, Australia|NSW|N.S.W.|New South Wales|New South Wales, Australia"),
        ("AU-WA", "Perth, WA, Australia|Western Australia"),
        ("AU-SA", "S.A.|Adelaide, SA, Australia"),
        ("GB-EAW", "London, England|England|England and Wales|Wales|Cardiff, Wales|London, England, UK"),
        ("GB-SCT", "Scotland|Edinburgh, Scotland|Glasgow, Scotland, UK"),
        ("GB-NIR", "Northern Ireland|Belfast, Northern Ireland"),
        ("DE", "Germany|Munich, Germany|Berlin, Germany|DEU"),
        ("NL", "Netherlands|the Netherlands|Holland|Amsterdam, Netherlands"),
        ("IE", "Ireland|Republic of Ireland|Dublin, Ireland"),
    ],
)  # fmt: skip
def test_spellings_of_a_place(code: str, spellings: str) -> None:
    assert {spelled: read_law(spelled).code for spelled in spellings.split("|")} == dict.fromkeys(
        spellings.split("|"), code
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("DE", "Delaware|Germany"), ("CA", "California"), ("MA", "Massachusetts|Morocco"),
        ("NL", "Netherlands|Newfoundland and Labrador"), ("PE", "Peru|Prince Edward Island"), ("NU", "Niue|Nunavut"),
        ("SK", "Slovakia|Saskatchewan"), ("YT", "Mayotte|Yukon"), ("SA", "Saudi Arabia|South Australia"),
        ("WA", "Washington|Western Australia"), ("GA", "Georgia|Gabon"), ("Ind", "India|Indiana"),
        ("St. John's, NL", "Netherlands|Newfoundland and Labrador"), ("Salem, MA", "Massachusetts|Morocco"),
        ("UK", "England and Wales|Scotland|Northern Ireland"), ("U.K.", "England and Wales|Scotland|Northern Ireland"),
        ("United Kingdom", "England and Wales|Scotland|Northern Ireland"), ("Vermnt", "Vermont"),
        ("Deleware", "Delaware"), ("Massachusets", "Massachusetts"),
    ],
)  # fmt: skip
def test_what_may_be_several_places_is_refused_with_their_names(text: str, names: str) -> None:
    error = refusal(text)
    assert set(error.readings) == set(names.split("|"))
    for name in error.readings:
        assert f'"{name}"' in error.hint
        assert read_law(name)


@pytest.mark.parametrize("text", ["Uşak", "the moon", "Narnia", "Wxyz", "", ",", "n/a", "our state", "x" * 500])
def test_nothing_is_suggested_that_is_far(text: str) -> None:
    assert refusal(text).readings == ()


@pytest.mark.parametrize("text", ["United States", "USA", "U.S.", "Canada", "Toronto, Canada", "Australia", "US"])
def test_a_country_of_several_laws_is_no_law(text: str) -> None:
    assert "has several laws" in refusal(text).message
    assert "name the" in refusal(text).hint


@pytest.mark.parametrize(
    ("text", "address", "code"),
    [
        ("NL", "5 Water Street, St. John's, NL A1C 1A1", "CA-NL"),
        ("NL", "Keizersgracht 10, 1015 CS Amsterdam, Netherlands", "NL"),
        ("PE", "12 Queen Street, Charlottetown, PE C1A 4A2", "CA-PE"),
        ("WA", "10 Pike Street, Seattle, WA 98101", "US-WA"),
        ("WA", "1 Hay Street, Perth WA 6000", "AU-WA"),
        ("MA", "14 Harbor Street, Salem, MA 01970", "US-MA"),
        ("DE", "1 Market Street, Philadelphia, PA 19103", "US-DE"),
        ("DE", "Hauptstrasse 1, 80331 München, Germany", "DE"),
        ("Canada", "12 Queen Street, Charlottetown, PE C1A 4A2", "CA"),
        ("England", "", "GB-EAW"),
    ],
)
def test_an_address_settles_where_a_company_is_formed(text: str, address: str, code: str) -> None:
    assert read_home_of_company(text, address).code == code


def test_an_address_elsewhere_settles_nothing() -> None:
    assert refusal("NL", "14 Harbor Street, Salem, MA 01970").readings == ("Netherlands", "Newfoundland and Labrador")
    assert refusal("US", "14 Harbor Street, Salem, MA 01970").hint == 'name the state, as in "Massachusetts"'


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("Essex County, Massachusetts", "Essex County, Massachusetts"), ("Cook County, IL", "Cook County, IL"),
        ("Toronto, Ontario", "Toronto, Ontario"), ("Toronto, ON", "Toronto, ON"), ("München", "München"),
        ("the courts of Cook County, Illinois", "Cook County, Illinois"), ("Washington DC", "Washington DC"),
        ("courts of the State of Delaware", "State of Delaware"), ("City of Boston", "City of Boston"),
        ("State and federal courts in Boston, Massachusetts", "Boston, Massachusetts"), ("Scotland", "Scotland"),
        ("Circuit Court of Cook County, Illinois", "Circuit Court of Cook County, Illinois"),
        ("High Court in London", "High Court in London"), ("St. John's", "St. John's"),
        ("Sydney, NSW, Australia", "Sydney, NSW, Australia"), ("Lane County, OR", "Lane County, OR"),
    ],
)  # fmt: skip
def test_places_of_courts(text: str, venue: str) -> None:
    assert read_venue(text) == venue


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("dayton", "Dayton"), ("new york", "New York"), ("cook county, illinois", "Cook County, Illinois"),
        ("lane county, or", "Lane County, OR"), ("Cuyahoga county", "Cuyahoga County"),
        ("Orleans parish, Louisiana", "Orleans Parish, Louisiana"), ("Salem, MA", "Salem, Massachusetts|Salem, Morocco"),
        ("NL", "Netherlands|Newfoundland and Labrador"),
        ("St. John's, NL", "St. John's, Netherlands|St. John's, Newfoundland and Labrador"),
        ("n/a", ""), ("our", ""), ("our office", ""), ("here", ""), ("online", ""), ("United States", ""), ("12", ""),
        ("Court", ""), ("The High Court", ""), ("any court", ""), ("?", ""), ("dana@northshore.example", ""),
    ],
)  # fmt: skip
def test_what_is_no_place_of_courts(text: str, readings: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_venue(text)
    assert caught.value.readings == tuple(filter(None, readings.split("|")))
    assert caught.value.hint
    assert [read_venue(reading) for reading in caught.value.readings] == list(caught.value.readings)


def test_a_court_is_known_by_its_name() -> None:
    assert places.names_a_court("Circuit Court of Cook County, Illinois")
    assert places.names_a_court("Amtsgericht München")
    assert not places.names_a_court("Harcourt County, Massachusetts")


def test_names_of_codes_are_read_as_those_codes() -> None:
    for code in ("US-GA", "GE", "US-VI", "VG", "GB-EAW", "CA-NL", "NL", "AU-SA", "CD"):
        assert places.read_region(name_of_region(code)).code == code
    assert code_in_address("1 Main Street, Dublin, Ireland") == "IE"
    assert code_in_address("somewhere") == ""


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("VG", "British Virgin Islands"),
        ("CD", "The Democratic Republic of the Congo"),
        ("SH", "Saint Helena, Ascension and Tristan da Cunha"),
        ("BQ", "Bonaire, Sint Eustatius and Saba"),
    ],
)
def test_names_are_in_the_order_people_say_them(code: str, name: str) -> None:
    assert read_law(code).name == name
