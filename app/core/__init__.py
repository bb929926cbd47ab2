"""What every feature stands on: database, time, text, access, forms, mail, files, ticks and the registries.

It never knows a feature: features register with it, and the factory does the registering.
"""
