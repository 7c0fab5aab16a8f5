BIAS: float = 0.0
STANDARD: dict[str, tuple[float, float]] = {}
TERMS: tuple[tuple[str, str, float], ...] = ()
STANDARD = {"log area":(0.,1.),"log length":(0.,1.),"log relative area":(0.,1.),"ribbon":(0.,1.),"radius":(0.,1.),"ends":(0.,1.),"bend":(0.,1.),"turning":(0.,1.),"fill":(0.,1.),"outer cuts":(0.,1.),"outer length":(0.,1.),"outer notches":(0.,1.),"outer paleness":(0.,1.),"inner cuts":(0.,1.),"inner strength":(0.,1.),"inner paleness":(0.,1.),"inner notches":(0.,1.),"shared":(0.,1.),"core depth":(0.,1.),"alone":(0.,1.),"depth":(0.,1.),"spread":(0.,1.)}
TERMS=(("ribbon","",1.),)
