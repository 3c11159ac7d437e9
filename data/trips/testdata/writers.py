# Writes the same trips with every writer that docs/formats.md names, for TestWriters:
#   pip install pyarrow==26.0.1 fastparquet==2026.9.0 polars==2.1.0 duckdb==2.0.1 pandas==3.1.1 pyspark==4.3.0
#   python3 data/trips/testdata/writers.py FOLDER
#   TAXI_WRITERS=FOLDER go test ./data/trips -run TestWriters -v
# Files whose names begin with bad are to be refused; rough ones have amounts of less than double precision.
# Needs Java for Spark, and zstd, pzstd, xz, bzip2, lz4 and zip. What is missing is said and passed over.
import datetime, decimal, glob, os, shutil, subprocess, sys, tempfile

import duckdb, fastparquet, pandas as pd, polars as pl, pyarrow as pa, pyarrow.parquet as pq

OUT = sys.argv[1]
TIMES = ["tpep_pickup_datetime", "tpep_dropoff_datetime"]
PLACES = ["pickup_longitude", "pickup_latitude", "dropoff_longitude", "dropoff_latitude"]


def write(name, f):
    try:
        f(os.path.join(OUT, name))
    except Exception as e:
        print("cannot write", name, type(e).__name__, str(e).splitlines()[0][:120])


start = datetime.datetime(2015, 7, 9, 13, 24, 8)
df = pd.DataFrame([
    [start + datetime.timedelta(seconds=61 * i), start + datetime.timedelta(seconds=2152 + 37 * i),
     round(-73.9901 + i / 1e4, 4), round(40.7501 + i / 1e4, 4), -73.78, 40.645, round(12.3 + i / 4, 2)]
    for i in range(60)
], columns=TIMES + PLACES + ["total_amount"]).astype({t: "datetime64[us]" for t in TIMES})
utc = df.copy()
for t in TIMES:
    utc[t] = utc[t].dt.tz_localize("America/New_York").dt.tz_convert("UTC")
zones = df[TIMES + ["total_amount"]].assign(PULocationID=[i % 40 + 4 for i in range(60)], DOLocationID=[i % 30 + 5 for i in range(60)])
os.makedirs(OUT, exist_ok=True)
df.to_csv(OUT + "/base.csv", index=False)
zones.to_csv(OUT + "/zone-base.csv", index=False)


def table(of=df, **types):
    t = pa.Table.from_pandas(of, preserve_index=False)
    for name, kind in types.items():
        i, column = t.schema.get_field_index(name), t.column(name)
        if pa.types.is_decimal(kind):
            column = pa.array([decimal.Decimal(str(x)) for x in column.to_pylist()]).cast(kind)
        t = t.set_column(i, name, column if column.type == kind else column.cast(kind))
    return t


def arrow():
    for unit in "s", "ms", "us", "ns":
        for version in "1.0", "2.6":
            local, instants = table(**{t: pa.timestamp(unit) for t in TIMES}), table(utc, **{t: pa.timestamp(unit, "UTC") for t in TIMES})
            write(f"pyarrow-{unit}-{version}.parquet", lambda p: pq.write_table(local, p, version=version))
            write(f"pyarrow-utc-{unit}-{version}.parquet", lambda p: pq.write_table(instants, p, version=version))
    for name, t in ("local", table()), ("utc", table(utc)), ("utc-without-pandas", table(utc).replace_schema_metadata(None)):
        for page in "1.0", "2.0":
            write(f"pyarrow-int96-{name}-{page}.parquet", lambda p: pq.write_table(t, p, use_deprecated_int96_timestamps=True, data_page_version=page))
    for kind in pa.decimal32(9, 2), pa.decimal64(18, 4), pa.decimal128(7, 2), pa.decimal128(38, 9), pa.decimal256(76, 38):
        for integer in False, True:
            write(f"pyarrow-{kind}-{integer}.parquet", lambda p: pq.write_table(table(total_amount=kind), p, store_decimal_as_integer=integer))
    write("pyarrow-places-decimal.parquet", lambda p: pq.write_table(table(**{c: pa.decimal128(9, 6) for c in PLACES}), p, store_decimal_as_integer=True))
    write("rough-pyarrow-float.parquet", lambda p: pq.write_table(table(total_amount=pa.float32()), p))
    write("rough-pyarrow-float16.parquet", lambda p: pq.write_table(table(total_amount=pa.float16()), p))
    for kind in pa.string(), pa.large_string(), pa.binary():
        text = table(**{c: pa.string() for c in df.columns})
        write(f"pyarrow-{kind}.parquet", lambda p: pq.write_table(text.cast(pa.schema([(c, kind) for c in df.columns])), p))
    for codec in "none", "snappy", "gzip", "brotli", "zstd", "lz4":
        for page in "1.0", "2.0":
            write(f"pyarrow-{codec}-{page}.parquet", lambda p: pq.write_table(table(), p, compression=codec, data_page_version=page))
    encodings = {**{t: "DELTA_BINARY_PACKED" for t in TIMES}, **{c: "BYTE_STREAM_SPLIT" for c in PLACES}}
    write("pyarrow-encodings.parquet", lambda p: pq.write_table(table(), p, use_dictionary=False, column_encoding=encodings))
    write("pyarrow-row-groups.parquet", lambda p: pq.write_table(table(), p, row_group_size=7))
    write("pyarrow-required.parquet", lambda p: pq.write_table(table().cast(pa.schema([pa.field(f.name, f.type, False) for f in table().schema])), p))
    for kind in "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32":
        typed = table(zones, **{c: getattr(pa, kind)() for c in ("PULocationID", "DOLocationID")}) if "float" not in kind else \
            table(zones, **{c: pa.float64() for c in ("PULocationID", "DOLocationID")}).cast(pa.schema(
                [(n, getattr(pa, kind)() if n.endswith("ID") else t) for n, t in zip(table(zones).schema.names, table(zones).schema.types)]))
        write(f"zone-pyarrow-{kind}.parquet", lambda p: pq.write_table(typed, p))
    write("bad-date.parquet", lambda p: pq.write_table(table(**{TIMES[0]: pa.date32()}), p))
    write("bad-epoch.parquet", lambda p: pq.write_table(table(**{TIMES[0]: pa.int64()}), p))
    write("bad-list.parquet", lambda p: pq.write_table(table().set_column(6, "total_amount", pa.array([[x] for x in df.total_amount])), p))


def others():
    for codec in "UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "BROTLI", "LZ4", "LZ4_RAW":
        write(f"fastparquet-{codec}.parquet", lambda p: fastparquet.write(p, df, compression=codec))
    for unit in "ms", "us", "ns":
        local, instants = df.astype({t: f"datetime64[{unit}]" for t in TIMES}), utc.astype({t: f"datetime64[{unit}, UTC]" for t in TIMES})
        for times in "int64", "int96":
            write(f"fastparquet-{times}-{unit}.parquet", lambda p: fastparquet.write(p, local, times=times))
            write(f"fastparquet-{times}-utc-{unit}.parquet", lambda p: fastparquet.write(p, instants, times=times))
    for nulls in True, False:
        write(f"fastparquet-text-{nulls}.parquet", lambda p: fastparquet.write(p, df.astype(str), has_nulls=nulls))
    write("rough-fastparquet-float.parquet", lambda p: fastparquet.write(p, df.astype({"total_amount": "float32"})))
    b, u = pl.from_pandas(df), pl.from_pandas(utc)
    for unit in "ms", "us", "ns":
        write(f"polars-{unit}.parquet", lambda p: b.with_columns([pl.col(t).cast(pl.Datetime(unit)) for t in TIMES]).write_parquet(p))
        write(f"polars-utc-{unit}.parquet", lambda p: u.with_columns([pl.col(t).cast(pl.Datetime(unit, "UTC")) for t in TIMES]).write_parquet(p))
    for digits in 18, 38:
        write(f"polars-decimal-{digits}.parquet", lambda p: b.with_columns([pl.col(c).cast(pl.Decimal(digits, 6)) for c in PLACES]).write_parquet(p))
    write("polars-categorical.parquet", lambda p: b.with_columns([pl.col(c).cast(pl.String).cast(pl.Categorical) for c in df.columns]).write_parquet(p))
    for codec in "lz4", "snappy", "gzip", "brotli", "zstd", "uncompressed":
        write(f"polars-{codec}.parquet", lambda p: b.write_parquet(p, compression=codec))
    db = duckdb.connect()
    db.execute("set timezone = 'America/New_York'")
    db.register("t", df)
    db.register("z", zones)

    def duck(name, columns, source="t", form="format parquet"):
        write(name, lambda p: db.execute(f"copy (select {columns} from {source}) to '{p}' ({form})"))

    places, times = ",".join(PLACES), ",".join(TIMES)
    for kind in "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMPTZ", "VARCHAR":
        duck(f"duckdb-{kind}.parquet", ",".join(f"{t}::{kind} {t}" for t in TIMES) + f",{places},total_amount")
    for kind in "DECIMAL(4,2)", "DECIMAL(9,2)", "DECIMAL(18,6)", "DECIMAL(38,9)", "VARCHAR":
        duck(f"duckdb-{kind}.parquet", f"{times},{places},total_amount::{kind} total_amount")
    for codec in "uncompressed", "snappy", "gzip", "zstd", "lz4", "lz4_raw", "brotli":
        for version in "v1", "v2":
            duck(f"duckdb-{codec}-{version}.parquet", "*", form=f"format parquet, compression {codec}, parquet_version {version}")
    for kind in "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT", "DOUBLE", "DECIMAL(4,0)", "VARCHAR":
        duck(f"zone-duckdb-{kind}.parquet", f"{times},PULocationID::{kind} PULocationID,DOLocationID::{kind} DOLocationID,total_amount", "z")
    duck("duckdb.json", "*", form="format json")
    duck("duckdb-array.json", "*", form="format json, array true")
    duck("duckdb.csv", "*", form="format csv, header true")
    duck("duckdb-quoted.csv", "*", form="format csv, header true, force_quote *, delimiter ';'")
    duck("duckdb-zone.csv", ",".join(f"{t}::TIMESTAMPTZ {t}" for t in TIMES) + f",{places},total_amount", form="format csv, header true")
    write("pandas.json", lambda p: df.to_json(p, orient="records", date_format="iso"))
    write("pandas-lines.json", lambda p: df.to_json(p, orient="records", lines=True, date_format="iso"))
    write("pandas-tab.csv", lambda p: df.to_csv(p, sep="\t", index=False, lineterminator="\r\n", encoding="utf-8-sig"))
    write("pandas-quoted.csv", lambda p: df.to_csv(p, index=False, quoting=1, encoding="utf-16"))


def packed():
    def run(name, command):
        write(name, lambda p: subprocess.run(["bash", "-c", f"set -e; cd {OUT}; {command} > {name}"], check=True, capture_output=True))

    run("zstd.zst", "zstd -c base.csv")
    run("zstd-long.zst", "zstd --long=27 -c base.csv")
    run("pzstd.zst", "pzstd -p 4 -c base.csv")
    run("gzip.gz", "(head -c 1000 base.csv | gzip; tail -c +1001 base.csv | gzip; head -c 512 /dev/zero)")
    run("lz4.lz4", "lz4 -c base.csv")
    run("lz4-legacy.lz4", "lz4 -l -c base.csv")
    run("bzip2.bz2", "(head -c 1000 base.csv | bzip2; tail -c +1001 base.csv | bzip2)")
    run("xz.xz", "xz -T4 --block-size=1000 -c base.csv")
    run("zip.zip", "zip - base.csv")
    run("streamed.zip", "(cat base.csv | zip - -)")


def spark():
    from pyspark.sql import SparkSession, functions as F
    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "America/New_York").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    raw = session.read.option("header", True).csv(OUT + "/base.csv").coalesce(1)

    def save(name, frame, form="parquet", **options):
        def to(p):
            with tempfile.TemporaryDirectory() as folder:
                frame.write.options(**options).mode("overwrite").format(form).save(folder)
                shutil.copy(glob.glob(folder + "/part-*")[0], p)
        write(name, to)

    def typed(times="timestamp_ntz", places="double", amount="double"):
        return raw.select(*[F.col(c).cast(times).alias(c) for c in TIMES], *[F.col(c).cast(places).alias(c) for c in PLACES], F.col("total_amount").cast(amount).alias("total_amount"))

    for kind in "INT96", "TIMESTAMP_MICROS", "TIMESTAMP_MILLIS":
        session.conf.set("spark.sql.parquet.outputTimestampType", kind)
        save(f"spark-{kind}.parquet", typed("timestamp"))
    save("spark-ntz.parquet", typed())
    save("spark-text.parquet", raw)
    save("rough-spark-float.parquet", typed(amount="float"))
    for old in "false", "true":
        session.conf.set("spark.sql.parquet.writeLegacyFormat", old)
        for kind in "decimal(9,6)", "decimal(18,6)", "decimal(38,10)":
            save(f"spark-{kind}-{old}.parquet", typed(places=kind, amount=kind))
    session.conf.set("spark.sql.parquet.writeLegacyFormat", "false")
    for codec in "none", "snappy", "gzip", "zstd", "lz4", "lz4_raw":
        save(f"spark-{codec}.parquet", typed(), compression=codec)
    save("spark-v2.parquet", typed(), **{"parquet.writer.version": "PARQUET_2_0"})
    save("spark-plain.parquet", typed(), **{"parquet.enable.dictionary": "false"})
    save("spark.csv", raw, "csv", header=True)
    save("spark-quoted.csv", raw, "csv", header=True, quoteAll=True)
    save("spark.csv.gz", raw, "csv", header=True, compression="gzip")
    save("spark.csv.bz2", raw, "csv", header=True, compression="bzip2")
    save("bad-spark.csv.snappy", raw, "csv", header=True, compression="snappy")
    save("bad-spark.orc", typed(), "orc")
    save("spark.json", typed("timestamp"), "json")


arrow()
others()
packed()
try:
    spark()
except Exception as e:
    print("no Spark:", e)
