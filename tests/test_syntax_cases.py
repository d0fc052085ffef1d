"""What sentences state, read by the real parser: a sentence, and below it each statement as source [cue] | slot=words.

A sentence without a line below states nothing.
"""

import pytest
from trees import told

from extractor.syntax.statements import statements

CONTENTS = """
The ministry accused the rebels of shelling a school in Lowfield on Monday.
- The ministry [accused] | subject=the rebels | outcome=shelling | target=a school | time=on Monday | where=Lowfield
The mayor blamed the army for killing 12 people in Arden.
- The mayor [blamed] | quantity=12 people | subject=people | outcome=killing | where=Arden
The governor accused the company.
- The governor [accused] | subject=the company
The company was accused by the union of hiding the report.
- the union [accused] | subject=The company | outcome=hiding | target=the report
The army was blamed for the fire.
The envoy called the raid a crime.
- The envoy [called] | subject=the raid | outcome=a crime | nominal
The minister described the strike as a war crime.
- The minister [described] | subject=the strike | outcome=a war crime | nominal
Colonel Ada Brandt dismissed the report as false.
- Colonel Ada Brandt [dismissed] | subject=the report | outcome=false | nominal
General Odo Vane calls himself a liberator.
The rights group Lantern Watch put the army's dead at 31.
- Lantern Watch [put] | quantity=31 | subject=the army | outcome=dead
The police put the death toll at 31.
- The police [put] | quantity=31 | outcome=death toll
The mayor set the number of dead at 12.
- The mayor [set] | quantity=12 | outcome=dead
The agency put the number of displaced people at more than 4,000.
- The agency [put] | quantity=more than 4,000 | subject=people | outcome=displaced
The ombudsman put the number of Valdorians handed over at 112.
- The ombudsman [put] | quantity=112 | subject=Valdorians | outcome=handed over
The coast guard estimated the cost of the repairs at 12 million dollars.
- The coast guard [estimated] | quantity=12 million dollars | subject=the cost of the repairs
The traders put the damage at 1.3 million crowns.
- The traders [put] | quantity=1.3 million crowns | subject=the damage
The union estimated turnout at 4,000.
- The union [estimated] | quantity=4,000 | subject=turnout
The police said that two tanks had been destroyed near Lowfield on Tuesday.
- The police [said] | quantity=two tanks | subject=tanks | outcome=had been destroyed | time=on Tuesday | where=Lowfield
The governor said the dam was mined and would not hold.
- The governor [said] | subject=the dam | outcome=was mined
- The governor [said] | subject=the dam | outcome=would not hold
Rebels shelled the port and burned the depot, the mayor said.
- the mayor [said] | subject=Rebels | outcome=shelled | target=the port
Residents said they had seen smoke, and the mayor said a depot was burning.
- Residents [said] | subject=they | outcome=had seen smoke
- the mayor [said] | subject=a depot | outcome=was burning
"We lost two bridges," Colonel Ada Brandt told reporters in Lowfield.
- Colonel Ada Brandt [told] | quantity=two bridges | subject=We | outcome=lost
"It is a disgrace," said Ada Brandt, who leads the union.
- Ada Brandt [said] | subject=It | outcome=a disgrace | nominal
"We will win", the general vowed.
- the general [vowed] | subject=We | outcome=will win
The council promised to rebuild the harbour.
- The council [promised] | subject=The council | outcome=to rebuild | target=the harbour
The company expects to lose 40 million dollars this year.
- The company [expects] | quantity=40 million dollars | subject=The company | outcome=to lose | time=this year
Officials expect the toll to rise.
- Officials [expect] | subject=the toll | outcome=to rise
The governor spoke of heavy losses.
- The governor [spoke] | outcome=heavy losses | nominal
The minister warned of a famine.
- The minister [warned] | outcome=famine | nominal
Observers counted 13 burnt wagons at the station.
- Observers [counted] | quantity=13 burnt wagons | subject=burnt wagons | outcome=burnt
The group documented 31 attacks in May.
- The group [documented] | quantity=31 attacks | subject=attacks
Satellite images showed 14 burned hangars.
- Satellite images [showed] | quantity=14 burned hangars | subject=burned hangars | outcome=burned
The army denied any losses.
- The army [denied] | outcome=losses | nominal
The army denied reports that its fighters had fled Lowfield.
- The army [denied] | subject=its fighters | outcome=had fled | target=Lowfield
The army denied that 40 soldiers had been killed.
- The army [denied] | quantity=40 soldiers | subject=soldiers | outcome=had been killed
The police would not say what the tugs were for.
Sources said.
The guard counted 14 dead and 31 wounded.
- The guard [counted] | quantity=14 | outcome=dead
- The guard [counted] | quantity=31 | outcome=wounded
The radio spoke of 40 dead near the river.
- The radio [spoke] | quantity=40 | outcome=dead
“We have buried nine of our sons,” said Ada Brandt.
- Ada Brandt [said] | quantity=nine of our sons | subject=We | outcome=have buried
Boil all water, the mayor said.
"""

SPEAKERS = """
Two officials were killed by a mine, the police said.
- the police [said] | quantity=Two officials | subject=officials | outcome=were killed
Health Minister Ines Paz said 40 patients had died.
- Health Minister Ines Paz [said] | quantity=40 patients | subject=patients | outcome=had died
The mayor of Arden, Ines Paz, said the port was closed.
- Ines Paz [said] | subject=the port | outcome=was closed
Odo Vane, the head of the port, said the cranes were burned.
- Odo Vane [said] | subject=the cranes | outcome=were burned
Ines Paz and Odo Vane said the port was closed.
- Ines Paz and Odo Vane [said] | subject=the port | outcome=was closed
The envoy, 54, said the talks failed.
- The envoy [said] | subject=the talks | outcome=failed
Radio Nord 24 reported that the mayor had resigned.
- Radio Nord 24 [reported] | subject=the mayor | outcome=had resigned
The radio, Voice of the Steppe, announced that not one fighter had been captured.
- Voice of the Steppe [announced] | subject=not one fighter | outcome=had been captured
The United States said the port was closed.
- The United States [said] | subject=the port | outcome=was closed
The ministry, which runs the port, admitted that the cranes were unsafe.
- The ministry [admitted] | subject=the cranes | outcome=unsafe | nominal
The man who said the bridge was safe has fled.
- The man [said] | subject=the bridge | outcome=safe | nominal
"They came at night," a survivor told Radio Nord, adding that the soldiers took 14 men.
- a survivor [told] | subject=They | outcome=came at night
- a survivor [adding] | quantity=14 men | subject=the soldiers | outcome=took
Police were told by the mayor that the dam had burst.
- the mayor [told] | subject=the dam | outcome=had burst
The mayor was told that the dam had burst.
The paper reported, quoting two officials, that 12 ships had sunk.
- two officials > The paper [reported] | quantity=12 ships | subject=ships | outcome=had sunk
The radio, quoting the police, said 12 people died.
- the police > The radio [said] | quantity=12 people | subject=people | outcome=died
The bridge will reopen, Radio Arden said, citing the mayor.
- the mayor > Radio Arden [said] | subject=The bridge | outcome=will reopen
The bridge will reopen, Radio Arden said, citing customs data.
- Radio Arden [said] | subject=The bridge | outcome=will reopen
The minister was quoted by the agency as saying that the bridge would reopen.
- The minister > the agency [saying] | subject=the bridge | outcome=would reopen
Warnings had been shelved, Uferblatt quoted two officials as saying.
- two officials > Uferblatt [saying] | subject=Warnings | outcome=had been shelved
The paper cited the mayor as saying that the bridge would reopen.
- the mayor > The paper [saying] | subject=the bridge | outcome=would reopen
According to the coast guard, 12 people drowned near Arden.
- the coast guard [According to] | quantity=12 people | subject=people | outcome=drowned | where=Arden
The army captured the town of Lowfield on Monday, according to its commander.
- its commander [according to] | subject=The army | outcome=captured | target=the town of Lowfield | time=on Monday
The army has not said that it lost the town.
No group said it carried out the attack.
Neither side said what it had lost.
Nobody said the bridge was safe.
We said the bridge was safe.
It is not clear who said the bridge was safe.
The police quoted a witness: "Nobody was hurt."
- a witness > The police [quoted] | subject=Nobody | outcome=was hurt
The radio said the mayor had reported that the bridge was safe.
- the mayor [reported] | subject=the bridge | outcome=safe | nominal
He told a council of 40 members that the bridge was safe.
- He [told] | subject=the bridge | outcome=safe | nominal
The fort fell, Orb wrote, citing the army, which quoted the commander, Gen. Odo Vane.
- Gen. Odo Vane > the army > Orb [wrote] | subject=The fort | outcome=fell
Two officials said so on Monday.
"""

FIGURES = """
The two sides said the truce would hold.
- The two sides [said] | subject=the truce | outcome=would hold
The two bridges were destroyed, the army said.
- the army [said] | subject=The two bridges | outcome=were destroyed
Rescuers in two towns worked through the night.
A school and two clinics were shelled, the mayor said.
- the mayor [said] | subject=A school and two clinics | outcome=were shelled
The column stretched for 12 kilometres (7 miles), the police said.
- the police [said] | quantity=12 kilometres | subject=The column | outcome=stretched
The crater was 12 metres wide.
Leave 20 litres of water by the door, the governor said.
Leave 20 litres of water by the door.
The air force said 41 of the 52 drones were shot down.
- The air force [said] | quantity=41 of the 52 drones | subject=drones | outcome=were shot down
The army said it had lost no more than a dozen of its tanks.
- The army [said] | quantity=no more than a dozen of its tanks | subject=it | outcome=had lost
Not one fighter was lost, the army said.
- the army [said] | subject=Not one fighter | outcome=was lost
Radio Nord 24 said 12 people were hurt.
- Radio Nord 24 [said] | quantity=12 people | subject=people | outcome=were hurt
A boy of 12 was killed.
Children under 12 were evacuated.
The bus carried people aged 12 and over.
The crew had spent two winters on the ice, the captain said.
- the captain [said] | subject=The crew | outcome=had spent | target=two winters
He was at one time the mayor, the paper said.
- the paper [said] | subject=He | outcome=the mayor | nominal
Seven men are dead and 23 remain trapped.
- quantity=Seven men | subject=men | outcome=dead | nominal
- quantity=23 | subject=men | outcome=remain trapped
Seven men are dead and 23 remain trapped, the mine's owner said.
- the mine's owner [said] | quantity=Seven men | subject=men | outcome=dead | nominal
- the mine's owner [said] | quantity=23 | subject=men | outcome=remain trapped
A spokesman said the strike killed four soldiers and wounded 11.
- A spokesman [said] | quantity=four soldiers | subject=soldiers | outcome=killed
- A spokesman [said] | quantity=11 | subject=soldiers | outcome=wounded
The army said it destroyed 12 tanks, 4 guns and 31 trucks.
- The army [said] | quantity=12 tanks | subject=tanks | outcome=destroyed
- The army [said] | quantity=4 guns | subject=guns | outcome=destroyed
- The army [said] | quantity=31 trucks | subject=trucks | outcome=destroyed
Ballots from 310 stations were lost, the commission said.
- the commission [said] | quantity=310 stations | subject=Ballots | outcome=were lost
The ship carried 4,000 tonnes of wheat to Lowfield, the port said.
- the port [said] | quantity=4,000 tonnes | subject=The ship | outcome=carried | where=Lowfield
The rebels handed over 40 prisoners to the army on Sunday.
- quantity=40 prisoners | subject=The rebels | outcome=handed over | time=on Sunday
Twelve people drowned near Arden.
- quantity=Twelve people | subject=people | outcome=drowned | where=Arden
Nine miners are happy.
The mine employs 900 people.
Nine dead after fire.
- quantity=Nine | outcome=dead
Nine boats for sale.
The deaths of 12 people were confirmed by the hospital.
- quantity=12 people | subject=people | outcome=deaths
One death was recorded in Arden.
- quantity=One death | outcome=death | where=Arden
A blast that killed nine people was an accident.
The blast, which killed nine people, was an accident, the fire chief said.
- the fire chief [said] | quantity=nine people | subject=people | outcome=killed
About 31 percent of the dead were children, the agency said.
- the agency [said] | quantity=About 31 percent | subject=the dead | outcome=children | nominal
Prices rose 12 percent in May, the statistics office said.
- the statistics office [said] | quantity=12 percent | subject=Prices | outcome=rose | time=in May
The clinic treated 11 wounded.
- quantity=11 | outcome=treated
He said 12 had died.
- He [said] | quantity=12 | outcome=had died
The envoy said there were 12 wrecks in the bay.
- The envoy [said] | quantity=12 wrecks | outcome=wrecks | where=the bay | nominal
The mine, which has lost 40 men, said the shaft was safe.
- The mine [said] | subject=the shaft | outcome=safe | nominal
The general said 40 tanks had burned and his men had lost nine guns.
- The general [said] | quantity=40 tanks | subject=tanks | outcome=had burned
- The general [said] | quantity=nine guns | subject=his men | outcome=had lost
A total of 40 men were killed, the mayor said.
- the mayor [said] | quantity=40 men | subject=men | outcome=were killed
The mayor estimated that 40 people had fled the town.
- The mayor [estimated] | quantity=40 people | subject=people | outcome=had fled | target=the town
"""

ROLES = """
The bridge was destroyed by rebels on Monday, the army said.
- the army [said] | subject=The bridge | outcome=was destroyed | time=on Monday
The general said his men had shot down nine drones over Arden on Sunday.
- The general [said] | quantity=nine drones | subject=drones | outcome=had shot down | time=on Sunday | where=Arden
The general said on Tuesday that his men had left Lowfield a week earlier.
- The general [said] | subject=his men | outcome=had left | target=Lowfield | time=a week earlier | stated_on=on Tuesday
On Monday, the mayor said the school would reopen next week.
- the mayor [said] | subject=the school | outcome=would reopen | time=next week | stated_on=On Monday
The union said 300 dockers, who walked out in May, had returned to work.
- The union [said] | quantity=300 dockers | subject=dockers | outcome=had returned to work | time=in May
Mortar fire killed a nurse in Lowfield, the mayor wrote on Tuesday.
- the mayor [wrote] | subject=a nurse | outcome=killed | where=Lowfield | stated_on=on Tuesday
The mayor said on Tuesday mortar fire had killed a nurse the day before.
- The mayor [said] | subject=a nurse | outcome=had killed | time=the day before | stated_on=on Tuesday
The strike hit the Lowfield power plant, the ministry said.
- the ministry [said] | subject=the Lowfield power plant | outcome=hit
The bomb fell on the market in Lowfield, the mayor said.
- the mayor [said] | subject=The bomb | outcome=fell | where=the market
The army said its troops had advanced against the rebels near Arden.
- The army [said] | subject=its troops | outcome=had advanced | target=the rebels | where=Arden
The army lost the town, the mayor said.
- the mayor [said] | subject=The army | outcome=lost | target=the town
The general gave his men an order, the radio said.
- the radio [said] | subject=The general | outcome=gave | target=an order
The army continued to shell the town, the mayor said.
- the mayor [said] | subject=The army | outcome=continued to shell | target=the town
The barn caught fire, the police said.
- the police [said] | subject=The barn | outcome=caught fire
The town was under fire, the mayor said.
- the mayor [said] | subject=The town | outcome=under fire | nominal
Twelve men were taken to hospital, the mayor said.
- the mayor [said] | quantity=Twelve men | subject=men | outcome=were taken to hospital
What they saw was a disaster, the mayor said.
- the mayor [said] | subject=What they saw | outcome=a disaster | nominal
"""


def cases(*tables):
    found = []
    for line in "\n".join(tables).split("\n"):
        if line.startswith("- "):
            found[-1].append(line[2:])
        elif line:
            found.append([line])
    return [pytest.param(sentence, stated, id=sentence) for sentence, *stated in found]


@pytest.mark.parametrize(("sentence", "stated"), cases(CONTENTS, SPEAKERS, FIGURES, ROLES))
def test_a_sentence_states_what_its_grammar_says(sentence, stated, parser):
    (tree,) = parser.parse([sentence])
    assert [told(tree, found) for found in statements(tree)] == stated
