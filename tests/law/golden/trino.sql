WITH step0 AS (
  SELECT
    *,
    CONTAINS("marks", 'red') AS "n2",
    CASE
      WHEN NOT "fragile" IS NULL
      THEN "fragile"
      WHEN (
        "kind" = 'barrel'
      )
      THEN TRUE
    END AS "n6",
    (
      DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), "packed_on") + 719163
    ) AS "n8",
    CAST("mass_g" AS DECIMAL(38, 0)) AS "n21"
  FROM past
), step1 AS (
  SELECT
    *,
    n2 AND n6 AS "n7",
    (
      (
        (
          (
            (
              n21 * (
                CAST(1 AS DECIMAL(38, 0))
              )
            ) - (
              (
                n21 * (
                  CAST(1 AS DECIMAL(38, 0))
                )
              ) % 3 + 3
            ) % 3
          ) / 3
        )
      ) <= (
        (
          (
            (
              (
                CAST((
                  n21 - (
                    CAST(20 AS DECIMAL(38, 0))
                  )
                ) AS DECIMAL(38, 0))
              ) * (
                CAST(333 AS DECIMAL(38, 0))
              )
            ) - (
              (
                (
                  CAST((
                    n21 - (
                      CAST(20 AS DECIMAL(38, 0))
                    )
                  ) AS DECIMAL(38, 0))
                ) * (
                  CAST(333 AS DECIMAL(38, 0))
                )
              ) % 1000 + 1000
            ) % 1000
          ) / 1000
        )
      )
    )
    OR (
      NOT "alive"
    ) AS "n37",
    n2
    AND n6
    AND (
      NOT (
        CONTAINS(COALESCE("held", CAST(ARRAY[] AS ARRAY(VARCHAR))), 'stamp')
      )
    ) AS "n43"
  FROM step0
), step2 AS (
  SELECT
    *,
    (
      CASE WHEN NOT n8 IS NULL THEN TRUE WHEN "packed_on_none" THEN FALSE END
    )
    AND (
      (
        (
          DATE_DIFF(
            'DAY',
            CAST('1970-01-01' AS DATE),
            DATE_ADD(
              'MONTH',
              CAST(3 AS INTEGER),
              DATE_ADD('DAY', CAST(n8 - 719163 AS INTEGER), CAST('1970-01-01' AS DATE))
            )
          ) + 719163
        )
      ) < (
        DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), "on") + 719163
      )
    )
    AND (
      NOT n7
    ) AS "n16",
    COALESCE(n43, TRUE) AS "n44",
    NOT (
      NOT COALESCE(n37, FALSE)
    ) AS "n47",
    NOT (
      NOT COALESCE(n43, FALSE)
    ) AS "n48"
  FROM step1
), step3 AS (
  SELECT
    *,
    COALESCE(n16, TRUE) AS "n17",
    NOT COALESCE(n16, FALSE) AS "n18"
  FROM step2
), step4 AS (
  SELECT
    *,
    NOT n18 AS "n46",
    n17 OR (
      COALESCE(n37, TRUE)
    ) AS "n51",
    n17 OR n44 AS "n55",
    NOT n17 AS "n79"
  FROM step3
), step5 AS (
  SELECT
    *,
    n46 OR n47 AS "n49",
    n51 OR n44 AS "n52",
    n46 OR n48 AS "n54"
  FROM step4
), step6 AS (
  SELECT
    *,
    n49 OR n48 AS "n50",
    NOT n49 AS "n58"
  FROM step5
), step7 AS (
  SELECT
    *,
    NOT n50 AS "n56"
  FROM step6
), step8 AS (
  SELECT
    *,
    (
      (
        n52 AND n56
      ) OR (
        n51 AND n58
      )
    ) OR (
      n17 AND n18
    ) AS "n62"
  FROM step7
), step9 AS (
  SELECT
    *,
    (
      NOT n62
    )
    AND (
      (
        (
          (
            (
              n50 AND (
                NOT n54
              )
            ) OR (
              n54 AND n56
            )
          )
          OR (
            (
              n49 AND n18
            ) OR (
              n46 AND n58
            )
          )
        )
        OR (
          n46 AND n18
        )
      )
      OR (
        (
          (
            (
              n52 AND (
                NOT n55
              )
            ) OR (
              n55 AND (
                NOT n52
              )
            )
          )
          OR (
            (
              n51 AND n79
            ) OR (
              n17 AND (
                NOT n51
              )
            )
          )
        )
        OR (
          n17 AND n79
        )
      )
    ) AS "n88"
  FROM step8
), step10 AS (
  SELECT
    *,
    NOT (
      n62 OR n88
    ) AS "n90"
  FROM step9
), step11 AS (
  SELECT
    *,
    CASE
      WHEN (
        n90 AND n56
      )
      THEN 'clear'
      WHEN (
        (
          n90 AND n50
        ) AND n58
      )
      THEN 'conditional'
      WHEN (
        n90 AND n46
      )
      THEN 'forbidden'
      WHEN (
        n88 OR (
          (
            n90 AND n49
          ) AND n18
        )
      )
      THEN 'refer'
      ELSE 'unknown'
    END AS "n98"
  FROM step10
)
SELECT
  "case",
  n98 AS "outcome",
  n98 AS "outcome_ml",
  (
    CASE
      WHEN TRUE
      THEN 'clear'
      WHEN FALSE
      THEN 'conditional'
      WHEN FALSE
      THEN 'forbidden'
      WHEN FALSE
      THEN 'refer'
      ELSE 'unknown'
    END
  ) AS "outcome_hk",
  (
    NOT (
      NOT COALESCE(n7, FALSE)
    )
  ) AS "holds A",
  n46 AS "holds B",
  n47 AS "holds C"
FROM step11
