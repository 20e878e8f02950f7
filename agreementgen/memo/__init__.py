"""The review memo: what a lawyer has to know of a deal before anybody signs its agreement."""
