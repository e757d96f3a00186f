"""The API of the records service, one blueprint for each noun."""
