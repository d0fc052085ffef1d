"""What the tree of a sentence tells of who says, does and suffers what. Pure: who draws the tree is a parser's business."""
