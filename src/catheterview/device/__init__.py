"""Metal bodies in CT: the pump, and what is not one."""
