"""Where a visitor arrives: landing page, dashboard, public profiles, and ceremonies that cross all features."""
