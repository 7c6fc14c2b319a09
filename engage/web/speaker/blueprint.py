"""The blueprint of this audience."""

from flask import Blueprint

bp = Blueprint("speaker", __name__)
