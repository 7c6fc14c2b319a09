"""The blueprint of this audience."""

from flask import Blueprint

bp = Blueprint("public", __name__)
