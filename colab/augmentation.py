"""`from augmentation import augment_data` beside the notebook. The function lives in the
package.
"""

from vocation import augment_data as augment_data
