"""The words of the shop: what stands on its shelves, what it costs and when it sells."""

# One row a shelf keeps the table readable.
# ruff: noqa: E501

from typing import NamedTuple

__all__ = ["BUNDLES", "RANGES", "SEQUENCES", "SHELVES", "VARIANTS", "Shelf"]


class Shelf(NamedTuple):
    """One category.

    Attributes
    ----------
    department, category : str
        Its place in the hierarchy.
    nouns : tuple of str
        What its products are.
    low, high : float
        Range of list prices.
    margin : float
        Usual share of the price that is margin.
    weight : float
        How often the average customer buys here.
    staple : float
        How readily a product becomes a habit; 0 = bought once in a while.
    peak : int
        Month in which it sells best, 0 = no season.
    strength : float
        How many times more than in its quiet months it sells in the peak month.
    """

    department: str
    category: str
    nouns: tuple[str, ...]
    low: float
    high: float
    margin: float
    weight: float
    staple: float
    peak: int = 0
    strength: float = 1.0


def _nouns(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


_FOOD, _FINE, _HOUSE = "Groceries", "Wine and Fine Food", "Household"
_BEAUTY, _CHILD, _HOME = "Health and Beauty", "Baby and Toys", "Home and Kitchen"
_GARDEN, _OFFICE, _SPORT, _GIFT = "Garden and DIY", "Office and Tech", "Sport", "Gifts and Books"

SHELVES: tuple[Shelf, ...] = (
    Shelf(_FOOD, "Coffee and Tea", _nouns("Ground Coffee, Coffee Beans, Black Tea, Green Tea, Instant Coffee"), 2.5, 9, 0.30, 3.0, 3.0),
    Shelf(_FOOD, "Breakfast", _nouns("Muesli, Corn Flakes, Porridge Oats, Honey, Strawberry Jam"), 1.5, 6, 0.26, 2.6, 3.0),
    Shelf(_FOOD, "Pasta and Rice", _nouns("Spaghetti, Penne, Basmati Rice, Egg Noodles, Lasagne Sheets"), 0.9, 4, 0.24, 2.6, 2.5),
    Shelf(_FOOD, "Sauces", _nouns("Tomato Sauce, Basil Pesto, Curry Sauce, Soy Sauce, Olive Oil"), 1.2, 8, 0.28, 2.0, 2.0),
    Shelf(_FOOD, "Snacks", _nouns("Crisps, Salted Nuts, Pretzels, Popcorn, Oat Biscuits"), 0.9, 4, 0.33, 2.8, 2.5),
    Shelf(_FOOD, "Baking", _nouns("Plain Flour, Cane Sugar, Baking Powder, Cake Mix, Vanilla Extract"), 0.8, 5, 0.27, 1.4, 1.0, 12, 2.2),
    Shelf(_FINE, "Wine", _nouns("Rioja, Chianti, Riesling, Sauvignon Blanc, Prosecco"), 6, 28, 0.34, 1.3, 1.5, 12, 1.8),
    Shelf(_FINE, "Cheese", _nouns("Cheddar, Brie, Manchego, Blue Cheese, Goat's Cheese"), 2.5, 11, 0.31, 1.4, 1.8),
    Shelf(_FINE, "Chocolate", _nouns("Dark Chocolate, Milk Chocolate, Truffles, Pralines, Hot Chocolate"), 1.8, 14, 0.42, 1.5, 1.2, 12, 2.4),
    Shelf(_FINE, "Delicatessen", _nouns("Olives, Serrano Ham, Smoked Salmon, Crackers, Fig Chutney"), 2.5, 16, 0.36, 0.9, 1.0, 12, 1.6),
    Shelf(_HOUSE, "Cleaning", _nouns("All-purpose Cleaner, Bathroom Spray, Washing-up Liquid, Sponges, Descaler"), 1, 6, 0.35, 2.2, 2.0),
    Shelf(_HOUSE, "Laundry", _nouns("Washing Powder, Liquid Detergent, Fabric Softener, Stain Remover, Laundry Capsules"), 3, 14, 0.29, 1.8, 2.2),
    Shelf(_HOUSE, "Paper Goods", _nouns("Kitchen Roll, Toilet Tissue, Napkins, Facial Tissues, Baking Paper"), 1.2, 9, 0.25, 2.2, 2.4),
    Shelf(_BEAUTY, "Skin Care", _nouns("Day Cream, Night Cream, Hand Cream, Body Lotion, Sun Cream"), 3.5, 28, 0.52, 1.3, 1.2, 7, 1.7),
    Shelf(_BEAUTY, "Hair Care", _nouns("Shampoo, Conditioner, Hair Mask, Styling Gel, Hair Spray"), 2.5, 13, 0.45, 1.3, 1.6),
    Shelf(_BEAUTY, "Vitamins", _nouns("Vitamin C, Vitamin D, Multivitamins, Magnesium, Fish Oil"), 4, 20, 0.50, 0.8, 1.4, 1, 2.0),
    Shelf(_BEAUTY, "Make-up", _nouns("Mascara, Lipstick, Foundation, Nail Polish, Brow Pencil"), 4, 26, 0.55, 0.8, 0.7),
    Shelf(_CHILD, "Nappies", _nouns("Newborn Nappies, Crawler Nappies, Walker Nappies, Baby Wipes, Swim Nappies"), 3, 24, 0.22, 0.8, 3.0),
    Shelf(_CHILD, "Baby Food", _nouns("Carrot Puree, Follow-on Milk, Rice Cereal, Fruit Pouches, Teething Rusks"), 1, 16, 0.27, 0.8, 2.6),
    Shelf(_CHILD, "Toys", _nouns("Building Blocks, Toy Train, Doll, Soft Bear, Modelling Clay"), 5, 45, 0.46, 0.9, 0.1, 12, 4.0),
    Shelf(_CHILD, "Games and Puzzles", _nouns("Board Game, Card Game, Jigsaw Puzzle, Dice Game, Quiz Game"), 5, 35, 0.45, 0.6, 0.1, 12, 3.5),
    Shelf(_HOME, "Cookware", _nouns("Frying Pan, Saucepan, Casserole, Baking Tin, Wok"), 9, 85, 0.44, 0.6, 0.0, 11, 1.5),
    Shelf(_HOME, "Tableware", _nouns("Dinner Plate, Wine Glass, Mug, Cereal Bowl, Cutlery Set"), 3, 45, 0.50, 0.7, 0.1),
    Shelf(_HOME, "Bedding", _nouns("Duvet, Pillow, Fitted Sheet, Duvet Cover, Blanket"), 9, 95, 0.48, 0.5, 0.0, 10, 1.9),
    Shelf(_HOME, "Candles and Decor", _nouns("Scented Candle, Tea Lights, Picture Frame, Vase, Lantern"), 3, 30, 0.58, 0.8, 0.5, 11, 2.5),
    Shelf(_HOME, "Coffee Machines", _nouns("Espresso Machine, Filter Machine, Capsule Machine, Milk Frother, Coffee Grinder"), 19, 240, 0.30, 0.25, 0.0, 12, 2.0),
    Shelf(_GARDEN, "Seeds and Bulbs", _nouns("Tomato Seeds, Wildflower Seeds, Tulip Bulbs, Herb Seeds, Lawn Seed"), 1.5, 12, 0.52, 0.8, 0.4, 4, 6.0),
    Shelf(_GARDEN, "Garden Care", _nouns("Potting Compost, Plant Feed, Watering Can, Secateurs, Hose Pipe"), 3.5, 40, 0.40, 0.8, 0.4, 5, 5.0),
    Shelf(_GARDEN, "Barbecue", _nouns("Charcoal, Kettle Barbecue, Grill Tongs, Firelighters, Smoker Chips"), 3, 130, 0.38, 0.5, 0.2, 7, 7.0),
    Shelf(_GARDEN, "Paint and Brushes", _nouns("Wall Paint, Wood Varnish, Paint Brush, Paint Roller, Masking Tape"), 2.5, 48, 0.39, 0.6, 0.1, 5, 1.8),
    Shelf(_GARDEN, "Tools", _nouns("Cordless Drill, Screwdriver Set, Hammer, Drill Bits, Wall Plugs"), 3, 120, 0.36, 0.5, 0.0),
    Shelf(_OFFICE, "Printers and Ink", _nouns("Inkjet Printer, Black Ink, Colour Ink, Laser Toner, Photo Paper"), 6, 150, 0.27, 0.5, 0.8),
    Shelf(_OFFICE, "Headphones and Audio", _nouns("Headphones, Earbuds, Bluetooth Speaker, Radio, Audio Cable"), 8, 170, 0.28, 0.4, 0.0, 11, 2.6),
    Shelf(_OFFICE, "Stationery", _nouns("Ballpoint Pens, Notebook, Sticky Notes, Folder, Desk Diary"), 1, 14, 0.53, 1.0, 0.8, 9, 2.2),
    Shelf(_OFFICE, "School", _nouns("School Bag, Pencil Case, Exercise Books, Lunch Box, Calculator"), 1.5, 48, 0.47, 0.5, 0.2, 8, 7.0),
    Shelf(_SPORT, "Running", _nouns("Running Shoes, Running Socks, Running Shirt, Head Torch, Energy Gel"), 3, 125, 0.43, 0.5, 0.5, 4, 1.7),
    Shelf(_SPORT, "Cycling", _nouns("Cycle Helmet, Inner Tube, Cycle Light, Chain Oil, Cycle Gloves"), 4, 80, 0.42, 0.4, 0.3, 5, 2.2),
    Shelf(_SPORT, "Yoga and Fitness", _nouns("Yoga Mat, Dumbbell, Resistance Band, Foam Roller, Protein Bar"), 2, 60, 0.44, 0.5, 0.6, 1, 2.8),
    Shelf(_GIFT, "Books", _nouns("Crime Novel, Cookery Book, Picture Book, Travel Guide, Biography"), 5, 32, 0.38, 1.1, 0.2, 12, 2.4),
    Shelf(_GIFT, "Cards and Wrap", _nouns("Birthday Card, Gift Wrap, Gift Bag, Ribbon, Thank-you Cards"), 1, 8, 0.60, 0.9, 0.6, 12, 2.5),
    Shelf(_GIFT, "Christmas", _nouns("Christmas Baubles, Fairy Lights, Advent Calendar, Christmas Crackers, Tree Stand"), 2.5, 42, 0.55, 0.5, 0.0, 12, 30.0),
)  # fmt: skip

RANGES: dict[str, tuple[str, ...]] = {
    _FOOD: _nouns("Everyday, Organic, Classic, Farmhouse, Fairtrade, Harbour, Golden, Village, Pure, Hearty"),
    _FINE: _nouns("Reserve, Estate, Artisan, Heritage, Cellar, Alpine, Riviera, Harvest, Vintage, Select"),
    _HOUSE: _nouns("Brightway, Eco, Power, Fresh, Lemon, Lavender, Sensitive, Ultra, Value, Pro"),
    _BEAUTY: _nouns("Aloe, Rose, Sensitive, Intense, Natural, Argan, Daily, Repair, Marine, Silk"),
    _CHILD: _nouns("Little Star, Happy Bee, Rainbow, Sunny, Tiny Steps, Jungle, Moonbeam, Hedgehog, Dino, Bluebell"),
    _HOME: _nouns("Nordic, Copper, Stoneware, Cotton, Studio, Linen, Country, Oslo, Provence, Essential"),
    _GARDEN: _nouns("Greenfield, Oak, Pro, Cottage, Meadow, Robust, Terrace, Craftsman, Heavy-duty, Handy"),
    _OFFICE: _nouns("Nova, Compact, Executive, Smart, Basic, Metro, Premium, Recycled, Vivid, Campus"),
    _SPORT: _nouns("Trail, Sprint, Summit, Flex, Core, Active, Urban, Endurance, Light, Tempo"),
    _GIFT: _nouns("Botanical, Vintage, Festive, Paper Lane, Starry, Illustrated, Golden, Winter, Floral, Keepsake"),
}  # fmt: skip

VARIANTS: tuple[tuple[str, float], ...] = (("", 1.0), (" (small)", 0.65), (" (large)", 1.6))
"""What is added to a name, and what it does to the price."""

BUNDLES: tuple[tuple[str, str], ...] = (
    ("Spaghetti", "Tomato Sauce"),
    ("Rioja", "Manchego"),
    ("Wall Paint", "Paint Roller"),
    ("Crawler Nappies", "Fruit Pouches"),
    ("Picture Book", "Birthday Card"),
    ("Tomato Seeds", "Potting Compost"),
    ("Ground Coffee", "Oat Biscuits"),
    ("School Bag", "Pencil Case"),
    ("Liquid Detergent", "Fabric Softener"),
    ("Plain Flour", "Baking Powder"),
    ("Shampoo", "Conditioner"),
    ("Building Blocks", "Jigsaw Puzzle"),
    ("Running Shoes", "Running Socks"),
    ("Wine Glass", "Tea Lights"),
    ("Smoked Salmon", "Crackers"),
    ("Cordless Drill", "Drill Bits"),
)
"""Products that are bought together."""

SEQUENCES: tuple[tuple[str, str, int], ...] = (
    ("Espresso Machine", "Descaler", 42),
    ("Inkjet Printer", "Colour Ink", 28),
    ("Kettle Barbecue", "Grill Tongs", 14),
    ("Newborn Nappies", "Teething Rusks", 56),
    ("Lawn Seed", "Hose Pipe", 35),
    ("Frying Pan", "Cookery Book", 21),
    ("Running Shirt", "Energy Gel", 28),
    ("Foundation", "Night Cream", 35),
    ("Cycle Helmet", "Inner Tube", 49),
)
"""A product that is followed by another one, after about that many days."""
