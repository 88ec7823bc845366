"""Pages of people: registering, logging in, a new password."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.accounts import identity_views, organisation_views
from marketplace.accounts import login as sessions
from marketplace.accounts.forms import AskResetForm, LoginForm, NewPasswordForm, RegistrationForm
from marketplace.accounts.services import people
from marketplace.errors import Invalid
from marketplace.extensions import limiter
from marketplace.permissions import Permission
from marketplace.web import context
from marketplace.web.access import for_permission, public, signed_in

bp = Blueprint("accounts", __name__)
organisation_views.attach(bp)
identity_views.attach(bp)


def register(app: Flask) -> None:
    """Attach the pages and the loading of the person."""
    sessions.register(app)
    app.register_blueprint(bp)


def _address_typed() -> str:
    """Rate limits count per account tried, too, so that many machines do not help."""
    return request.form.get("address", "").strip().lower()[:254]


def _refused(answer: Response) -> bool:
    """Only failures count: a whole institute may log in from one address on a Monday morning."""
    return answer.status_code != 302


@bp.route("/login", methods=["GET", "POST"])
@public
@limiter.limit("30 per 10 minutes", methods=["POST"], deduct_when=_refused)
@limiter.limit("10 per 10 minutes", methods=["POST"], key_func=_address_typed, deduct_when=_refused)
def login():
    """Log in, and go on to where the person wanted to go."""
    form = LoginForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
    if form.validate_on_submit():
        user = people.authenticate(
            context.session(), form.address.data, form.password.data, now=context.now()
        )
        if user is not None:
            sessions.enter(user)
            return redirect(_own_path(form.next.data) or url_for("portal.workbench"))
        form.password.errors = [gettext("账号或密码不对，请检查后再试；连续多次不对会暂停一会儿。")]
    return render_template("accounts/login.html", form=form), 422 if form.errors else 200


@bp.post("/logout")
@signed_in
def logout():
    """Log out."""
    sessions.leave()
    return redirect(url_for("portal.home"))


@bp.route("/register", methods=["GET", "POST"])
@public
@limiter.limit("20 per hour", methods=["POST"])
def register_person():
    """A new account. The answer is the same whether the address was free or not."""
    form = RegistrationForm()
    if form.validate_on_submit():
        try:
            people.register(
                context.session(),
                name=form.name.data,
                address=form.address.data,
                password=form.password.data,
                consent=form.consent.data,
                now=context.now(),
                locale="en" if request.cookies.get("locale") == "en" else "zh_CN",
            )
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("注册已受理，请登录。如果这个账号早已注册，请用原来的密码登录。"), "done")
            return redirect(url_for("accounts.login"))
    return render_template("accounts/register.html", form=form), 422 if form.errors else 200


@bp.route("/accounts/reset", methods=["GET", "POST"])
@public
@limiter.limit("10 per hour", methods=["POST"])
def ask_reset():
    """Ask for a link to set a new password; the answer does not tell whether the account exists."""
    form = AskResetForm()
    if form.validate_on_submit():
        people.ask_reset(context.session(), form.address.data, current_app.secret_key, now=context.now())
        flash(
            gettext(
                "如果有这个账号，重设密码的链接已发到它的邮箱，1 小时内有效。只用手机号的请联系客服核实后重设。"
            ),
            "told",
        )
        return redirect(url_for("accounts.login"))
    return render_template("accounts/ask_reset.html", form=form), 422 if form.errors else 200


@bp.route("/accounts/reset/<token>", methods=["GET", "POST"])
@public
@limiter.limit("20 per hour", methods=["POST"])
def reset(token: str):
    """Set a new password with the link that was mailed; all open sessions end."""
    user = people.user_of_token(context.session(), token, current_app.secret_key)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            people.set_password(
                context.session(), user, form.password.data, actor=context.actor(), now=context.now()
            )
        except Invalid as problems:
            form.take(problems)
        else:
            flash(gettext("新密码已生效，请登录。"), "done")
            return redirect(url_for("accounts.login"))
    return render_template("accounts/new_password.html", form=form), 422 if form.errors else 200


@bp.route("/staff/reset-password", methods=["GET", "POST"])
@for_permission(Permission.USER_RESET_PASSWORD)
def reset_for_person():
    """The operator makes a link for a person without e-mail, after checking who asks."""
    form = AskResetForm()
    link = None
    if form.validate_on_submit():
        path = people.reset_by_operator(
            context.session(), context.actor(), form.address.data, current_app.secret_key, now=context.now()
        )
        link = context.settings().base_url + path
    return render_template(
        "accounts/reset_for_person.html", form=form, link=link
    ), 422 if form.errors else 200


@bp.get("/account")
@signed_in
def profile():
    """The person's organisations and invitations."""
    return redirect(url_for("accounts.my_organisations"))


def _own_path(target: str | None) -> str | None:
    """The path to go on to, if it is one of ours: no host, no scheme, no way out by backslash."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    return None if parts.netloc or parts.scheme else target
