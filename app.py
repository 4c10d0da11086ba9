"""The app's front door: which pages there are, in which order. The rest is in pages/ and cs_models/.

`streamlit run app.py` imports this file once as the server starts (there it finds `app`), and runs it for
every visit.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.shared import door, downloads, polls, session, turns, unsent, who, work
from server import front


def show_page() -> None:
    """One run for one visitor: the page the address asks for, with its title, icon and place in the menu."""
    st.set_page_config(page_title="Perennial", page_icon="assets/favicon.png", layout="wide")
    if not who.admitted():
        door.closed()

    page = st.navigation(
        [
            st.Page(
                "pages/overview/page.py",
                title="Overview",
                default=True,
                help="Where things stand: what a customer is worth and how many stay.",
            ),
            st.Page(
                "pages/data/page.py",
                title="Data",
                url_path="data",
                help="Load a billing export, check how it was read, and see what became of every row.",
            ),
            st.Page(
                "pages/retention/page.py",
                title="Retention",
                url_path="retention",
                help="How long customers stay, by group and by sign-up month.",
            ),
            st.Page(
                "pages/drivers/page.py",
                title="Drivers",
                url_path="drivers",
                help="Who leaves faster, what a price change did, and annual against monthly payers.",
            ),
            st.Page(
                "pages/lifetime_value/page.py",
                title="Lifetime value",
                url_path="lifetime_value",
                help="What a new customer and the customers of today are worth, with ranges.",
            ),
            st.Page(
                "pages/scenarios/page.py",
                title="Scenarios",
                url_path="scenarios",
                help="Ask what-if: annual plans, prices, old prices kept, less churn.",
            ),
            st.Page(
                "pages/saved/page.py",
                title="Saved",
                url_path="saved",
                help="Scenarios of the team: open, comment, compare up to six, and what came of them since.",
            ),
            st.Page(
                "pages/playbook/page.py",
                title="Playbook",
                url_path="playbook",
                help="Twelve tactics ranked on these customers, each ready to open as a scenario.",
            ),
            st.Page(
                "pages/segments/page.py",
                title="Segments",
                url_path="segments",
                help="VIP, core, secondary and potential customers; where growth comes from; what each channel brings.",
            ),
            st.Page(
                "pages/customers/page.py",
                title="Customers",
                url_path="customers",
                help="Whom to call this week, who is likely to leave and why, and what comes up for renewal.",
            ),
            st.Page(
                "pages/backtest/page.py",
                title="Back-test",
                url_path="backtest",
                help="Would this model have been right? The forecast of an earlier day beside what came.",
            ),
            st.Page(
                "pages/methods/page.py",
                title="Methods",
                url_path="methods",
                help="How every number is made: formulas, levers with their evidence, models, definitions.",
            ),
        ],
        position="hidden" if session.presenting() else "top",
    )

    with session.visit(page.title):
        door.way_out()
        work.ahead(page.title)
        if session.presenting() and page.title in ("Overview", "Scenarios") and not session.scenario_lost():
            from pages.scenarios import story

            story.show(page.title)
        else:
            page.run()


if __name__ == "__main__":
    show_page()
else:
    # The folder pages/ makes Streamlit take the first visit of a server's life for an app of the older kind,
    # where every address but "/" is unknown: whoever opened a link to a page was told "Page not found". Said
    # in time, it does not.
    PagesManager.uses_pages_directory = False
    downloads.install()
    polls.install()
    turns.install()
    unsent.install()
    app = st.App(__file__, middleware=front.middleware(), routes=front.routes(), lifespan=front.lifespan)
