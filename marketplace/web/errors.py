"""Every error becomes a helpful page, or problem+json for the API, in this one place."""

import structlog
from flask import Flask, jsonify, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from marketplace.errors import N_, Conflict, Invalid, MarketError, StaleEdit
from marketplace.extensions import db

log = structlog.get_logger(__name__)

TITLES = {
    400: N_("这个请求看不懂"),
    403: N_("没有权限"),
    404: N_("没有找到"),
    405: N_("这个地址不能这样打开"),
    409: N_("与现在的状态冲突"),
    413: N_("上传的内容太大"),
    422: N_("有内容需要修改"),
    429: N_("操作太频繁"),
    500: N_("系统出错了"),
    503: N_("暂时不能提供服务"),
}
_PAGES = frozenset({400, 403, 404, 409, 413, 429, 500})


def register(app: Flask) -> None:
    """Attach the handlers."""
    app.register_error_handler(MarketError, market_error)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(IntegrityError, _clash)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def market_error(error: MarketError):
    """The page of a domain error: its own sentence, translated."""
    db.session.rollback()
    return answer(error.status, say(error), error=error)


def say(error: MarketError) -> str:
    """The sentence of a domain error in the reader's language."""
    if isinstance(error, Invalid):
        sentences = [gettext(s) for group in error.problems.values() for s in group]
        return " ".join([gettext(error.message), *sentences])
    params = {
        name: gettext(value) if isinstance(value, str) and value else value
        for name, value in error.params.items()
    }
    text = gettext(error.message)
    return text % params if params else text


def answer(status: int, sentence: str, error: Exception | None = None):
    """A page or a problem document with this status."""
    title = gettext(TITLES.get(status, TITLES[500 if status >= 500 else 400]))
    if wants_json():
        response = jsonify(type="about:blank", title=title, status=status, detail=sentence)
        response.mimetype = "application/problem+json"
        return response, status
    page = status if status in _PAGES else (500 if status >= 500 else 400)
    stale = error if isinstance(error, StaleEdit) else None
    return (
        render_template(f"errors/{page}.html", title=title, sentence=sentence, status=status, conflict=stale),
        status,
    )


def wants_json() -> bool:
    """Whether the caller is a program: the API, or somebody who asks for JSON rather than HTML."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best != "text/html" and best is not None


def _stale(_error: StaleDataError):
    return market_error(StaleEdit())


def _clash(error: IntegrityError):
    log.warning("integrity error", error=str(error.orig))
    return market_error(Conflict(N_("同样的内容已经有一份了，或者刚刚被别人改动。请刷新页面后再试。")))


def _csrf(_error: CSRFError):
    return answer(
        400, gettext("页面打开太久，安全凭证已过期。请返回上一页刷新后重新提交，您填的内容可先复制保存。")
    )


def _http(error: HTTPException):
    sentences = {
        400: N_("请求的内容不完整或格式不对，请返回上一页检查后再试。"),
        403: N_("您的账号没有办理这件事的权限。"),
        404: N_("没有找到您要看的内容，可能已被移走或编号有误。"),
        405: N_("这个地址不能直接打开，请从页面上的按钮进入。"),
        413: N_("上传的内容太大：每个文件不超过 20 MB，一次提交不超过 60 MB。"),
        429: N_("操作太频繁，请过一会儿再试。"),
    }
    if error.code is None or error.code < 400:
        return error
    return answer(error.code, gettext(sentences.get(error.code, N_("请求未能完成，请稍后再试。"))))


def _unexpected(error: Exception):
    log.error("unexpected error", path=request.path, exc_info=error)
    db.session.rollback()
    return answer(500, gettext("系统出错了，您的数据没有受影响。请稍后再试；如一直这样，请联系客服。"))
