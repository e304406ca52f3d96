"""Raw values to class ids: the only place that touches the values of a batch."""
