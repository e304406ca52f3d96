"""What is doubtful in a rule set that can be run: findings about its logic, its cost and its style."""
