"""The blueprint of this audience."""

from flask import Blueprint

bp = Blueprint("member", __name__)
