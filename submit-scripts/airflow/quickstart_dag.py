"""The quickstart's first tasks as an Airflow DAG: copy this file and dapt_stream.py to the folder of your DAGs and adapt it.

Airflow only looks at files in which the words airflow and dag occur.
"""

from dapt_stream import dapt_stream_dag

dag = dapt_stream_dag(
    "dapt_quickstart",
    tasks=[
        "task429_senteval_tense",
        "task274_overruling_legal_classification",
        "task1434_head_qa_classification",
    ],
    home="/opt/dapt",
    config="/opt/dapt/conf/quickstart.conf",
    runs="/var/lib/dapt/runs",
    settings={"train.epochs": 5, "train.max-steps": 0, "train.ranks": 0},
    spark={"driver_memory": "2g"},
)
